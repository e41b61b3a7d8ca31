import { hex, utf8Text } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agentKeys } from '../../src/agent/records.ts'
import { PROTOCOLS } from '../../src/network/protocols.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { bundleOf } from '../../src/verify/bundle.ts'
import { scope } from '../helpers/parties.ts'
import { echoProgram } from '../helpers/rig-parts.ts'
import { steered } from '../helpers/steered.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
let key: string
/** Phases that came to the agent's disk before a Statement did. */
let bare: string[]

beforeEach(async () => {
  bare = []
  const tool = steered()
  rig = await startTimedRig({
    programs: { slow: tool.program },
    onAgentCommit: (ops) => {
      for (const op of ops) {
        if (op.type !== 'put' || !op.key.startsWith('meta/')) continue
        const { phase } = JSON.parse(utf8Text(op.value)) as { readonly phase: string }
        const statement = agentKeys.statement(op.key.slice('meta/'.length), 1)
        const isHere = rig.agentDisk.values.has(statement) || ops.some((one) => one.key === statement)
        if ((phase === 'closed' || phase === 'paid') && !isHere) bare.push(phase)
      }
    },
  })
  const call = rig.agent.run('slow', {})
  await rig.time.until(() => tool.runs === 1)
  await rig.time.advance(1_000)
  tool.exit()
  await call
  key = [...rig.coordinator.sessions.keys()][0] ?? ''
  await rig.time.until(() => rig.coordinator.only.acks.length === 1)
})
afterEach(async () => {
  await rig.stop()
})

function phaseOnDisk(): string {
  const meta = rig.agentDisk.values.get(agentKeys.meta(key)) ?? new Uint8Array()
  return (JSON.parse(utf8Text(meta)) as { readonly phase: string }).phase
}

async function kept(): Promise<readonly string[]> {
  const { statements, payouts } = await bundleOf(scope, memoryStore({ disk: rig.agentDisk }), key)
  return [...statements, ...payouts].map(hex)
}

describe('an agent that is told that its session is over', () => {
  for (const last of ['CLOSED', 'PAID'] as const) {
    test(`behavior: keeps Statement and Payout although it is killed between the Notice ${last} and its answer`, async () => {
      await rig.coordinator.parts.network.unhandle(PROTOCOLS.statement)
      const { statement, payout } = await rig.coordinator.close(key)
      rig.coordinator.tell(key, last)
      await rig.time.until(() => rig.logged('settlementNotThere').some(({ who }) => who === 'agent'))
      expect(rig.agent.sessions()[0]?.open).toBe(false)
      expect(phaseOnDisk()).toBe('ending')
      await rig.crashAgent()
      await rig.coordinator.serveStatements()
      await rig.time.advance(5_000)
      expect(phaseOnDisk()).toBe(last.toLowerCase())
      rig.coordinator.tell(key, 'PAID')
      await rig.time.until(() => phaseOnDisk() === 'paid', 'the payout')
      expect(await kept()).toEqual([hex(statement.bytes), hex(payout!.bytes)])
      expect(bare).toEqual([])
    })
  }

  test('behavior: takes no Exit when the coordinator has closed the channel: its Statement is still to come', async () => {
    const { parts } = rig.coordinator
    await parts.network.unhandle(PROTOCOLS.statement)
    await rig.coordinator.close(key)
    await rig.time.settle()
    rig.coordinator.script.silent = true
    // Long after its time, the coordinator away: the channel reads closed, and that is no Exit.
    await rig.time.advance(3 * 3_600_000)
    expect(phaseOnDisk()).toBe('ending')
    expect(rig.logged('sessionExited').filter(({ who }) => who === 'agent')).toEqual([])
    rig.coordinator.script.silent = false
    await rig.coordinator.serveStatements()
    await rig.time.advance(60_000)
    rig.coordinator.tell(key, 'PAID')
    await rig.time.until(() => phaseOnDisk() === 'paid', 'the payout')
    expect(phaseOnDisk()).toBe('paid')
    expect(await kept()).toHaveLength(2)
  })
})

describe('an agent with two sessions at one coordinator, and no provider to tell it anything', () => {
  /** Phases of the two, the first asked for first; undefined for one that is over. */
  async function phasesAfter(forgets: boolean): Promise<readonly (string | undefined)[]> {
    const two = await startTimedRig({ programs: { echo: echoProgram } })
    for (let at = 0; at < 2; at++) {
      await two.agent.run('echo', {})
      await two.time.until(() => [...two.coordinator.sessions.values()][at]?.acks.length === 1)
      await two.agent.sessions().at(-1)?.end()
    }
    const asked = two.agent.sessions().map(({ session }) => session.key)
    two.coordinator.script.silent = true
    await two.provider.stop()
    const { sessions } = two.coordinator
    for (const [key, session] of sessions) {
      await two.coordinator.close(key)
      session.state = 'PAID'
    }
    if (forgets) sessions.delete(asked[0] ?? '')
    two.coordinator.script.silent = false
    two.coordinator.dropStreams()
    await two.time.advance(60_000)
    const phases = asked.map((one) => two.agent.sessions().find(({ session }) => session.key === one)?.session.phase)
    await two.stop()
    return phases
  }

  test('behavior: hears that both were paid meanwhile', async () => {
    expect(await phasesAfter(false)).toEqual([undefined, undefined])
  })

  test('behavior: hears that one was paid although the other is not known there any more', async () => {
    expect(await phasesAfter(true)).toEqual(['ending', undefined])
  })
})
