import { afterEach, describe, expect, test } from 'vitest'
import { AGENT_SESSION_TRANSITIONS } from '../../src/agent/phase-table.ts'
import { PROVIDER_SESSION_TRANSITIONS } from '../../src/provider/phase-table.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

const tables = { provider: PROVIDER_SESSION_TRANSITIONS, agent: AGENT_SESSION_TRANSITIONS }
/** How far a session is: it never goes back. */
const ORDER = ['open', 'frozen', 'ending', 'closed', 'paid']

for (const [who, rows] of Object.entries(tables)) {
  describe(`the table of a session at its ${who}`, () => {
    test('behavior: has each row once, never goes back, and leads from every phase to paid', () => {
      const names = rows.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
      for (const { name, from, on, to } of rows) {
        expect(name).toBe(`${from}/${on}`)
        expect(ORDER.indexOf(to)).toBeGreaterThan(ORDER.indexOf(from))
      }
      const ends = new Set(rows.map(({ from }) => from))
      expect([...ends].toSorted()).toEqual(ORDER.slice(0, -1).toSorted())
    })
  })
}

describe('every row taken is told', () => {
  let rig: TimedRig
  afterEach(() => rig.stop())

  function rowsOf(who: string): string[] {
    const mine = rig.logged('sessionPhase').filter((one) => one.who === who)
    return mine.map(({ fields }) => `${String(fields['from'])}/${String(fields['on'])}`)
  }

  test('behavior: of a session that is frozen, ended, closed and paid; a Notice that comes twice changes nothing', async () => {
    rig = await startTimedRig()
    await rig.agent.run('echo', {})
    const [key = ''] = rig.coordinator.sessions.keys()
    for (const state of ['FROZEN', 'FROZEN', 'ENDING', 'SETTLING', 'CLOSING'] as const) {
      rig.coordinator.tell(key, state)
      await rig.time.settle()
    }
    await rig.coordinator.close(key)
    await rig.time.settle()
    for (let twice = 0; twice < 2; twice++) rig.coordinator.tell(key, 'PAID')
    await rig.time.settle()
    expect(rowsOf('provider')).toEqual(['open/frozen', 'frozen/ended', 'ending/closed', 'closed/paid'])
    expect(rowsOf('agent')).toEqual(['open/frozen', 'frozen/over', 'ending/closed', 'closed/paid'])
  })
})
