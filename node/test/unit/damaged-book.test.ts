import { isOrienError, micros } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MemoryDisk } from '../../src/store/memory.ts'
import { echoProgram } from '../helpers/rig-parts.ts'
import { steered } from '../helpers/steered.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

type Who = 'agent' | 'provider'

let rig: TimedRig
const sent: Who[] = []
let flushes = 0

/** Both have a session with countersigned receipts, a newer cheque, and a call that runs. */
beforeEach(async () => {
  const tool = steered()
  rig = await startTimedRig({
    programs: { echo: echoProgram, slow: tool.program },
    policy: { maxCallMicros: micros(10_000n), windowCalls: 4 },
    onFrame: (who) => void sent.push(who),
    onAgentCommit: () => void flushes++,
    onProviderCommit: () => void flushes++,
  })
  rig.agent.run('slow', {}).catch(() => undefined)
  await rig.time.until(() => tool.runs === 1)
  await rig.time.advance(4_000)
  // What is not collected is still to be sent: there every bit counts.
  rig.coordinator.script.silent = true
  for (let at = 0; at < 3; at++) await rig.agent.run('echo', { at })
  await rig.time.settle()
})
afterEach(async () => {
  await rig.stop()
})

const damages: Readonly<Record<string, (value: Uint8Array) => Uint8Array>> = {
  'cut short': (value) => value.slice(0, Math.floor(value.length / 2)),
  emptied: () => new Uint8Array(),
  'of other bytes': (value) => value.map((byte) => byte ^ 0x55),
  'with one bit flipped': (value) => value.map((byte, at) => (at === Math.floor(value.length / 2) ? byte ^ 1 : byte)),
}

/** Starts it on the disk as it is; the code it fails with. */
async function startOn(who: Who): Promise<string> {
  const starting = who === 'agent' ? rig.crashAgent() : rig.crashProvider()
  return starting.then(
    () => 'started',
    (error: unknown) => (isOrienError(error) ? error.code : String(error)),
  )
}

/** Entries that are read at a start: everything else is evidence. */
const READ: Readonly<Record<Who, readonly string[]>> = {
  provider: ['session/', 'meta/', 'notice/', 'cheque/', 'open/', 'done/', 'ack/', 'offer/seq'],
  agent: ['run', 'session/', 'meta/', 'notice/', 'cheque/', 'ack/', 'receipt/'],
}

for (const who of ['provider', 'agent'] as const) {
  describe(`${who === 'agent' ? 'an' : 'a'} ${who} whose book is damaged`, () => {
    for (const [what, damage] of Object.entries(damages)) {
      test(`error: does not start on an entry ${what}, says which, and says and writes nothing else`, async () => {
        const disk: MemoryDisk = who === 'agent' ? rig.agentDisk : rig.providerDisk
        const started: string[] = []
        for (const prefix of READ[who]) {
          const keys = disk.keys.filter((key) => key.startsWith(prefix))
          expect({ prefix, found: keys.length > 0 }).toEqual({ prefix, found: true })
          for (const key of keys) {
            const whole = disk.values.get(key)!
            disk.values.set(key, damage(whole))
            sent.length = 0
            flushes = 0
            const code = await startOn(who)
            if (code === 'started') started.push(prefix)
            else
              expect({ key, code, sent: sent.filter((one) => one === who), flushes }).toEqual({
                key,
                code: 'storeCorrupt',
                sent: [],
                flushes: 0,
              })
            rig.hub.vanish((who === 'agent' ? rig.agentParty : rig.providerParty).peer)
            disk.values.set(key, whole)
          }
        }
        // A bit that makes other JSON of JSON is found by no check of ours: LevelDB's own are all there is.
        const unseen = what === 'with one bit flipped' ? ['meta/', 'offer/seq', 'run'] : []
        expect(started.filter((prefix) => !unseen.includes(prefix))).toEqual([])
        expect(await startOn(who)).toBe('started')
      })
    }
  })
}
