import { OUTCOMES } from '@orien/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { CALL_TRANSITIONS, callTransition } from '../../src/provider/call-table.ts'
import type { RigOptions } from '../helpers/rig.ts'
import { steered, type Steered } from '../helpers/steered.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

describe('the table of a call', () => {
  test('behavior: has each row once, ends every state, and says with which outcome', () => {
    const names = CALL_TRANSITIONS.map((one) => one.name)
    expect(new Set(names).size).toBe(names.length)
    for (const { name, from, on, to, outcome } of CALL_TRANSITIONS) {
      expect(name).toBe(`${from}/${on}`)
      expect(from).not.toBe('done')
      expect(outcome !== undefined).toBe(to === 'done')
      if (to !== 'done') expect(CALL_TRANSITIONS.some((next) => next.from === to)).toBe(true)
    }
  })

  test('behavior: can say every outcome that a receipt has', () => {
    expect(new Set(CALL_TRANSITIONS.flatMap(({ outcome }) => outcome ?? []))).toEqual(new Set(OUTCOMES))
  })

  test('behavior: bills nothing that was not handed to the runner', () => {
    const free = CALL_TRANSITIONS.filter(({ from, to }) => from !== 'running' && to === 'done')
    expect(new Set(free.map(({ outcome }) => outcome))).toEqual(new Set(['notStarted', 'providerError']))
  })

  test('error: has no row for what cannot happen', () => {
    expect(() => callTransition('done', 'exitZero')).toThrowError(expect.objectContaining({ code: 'internal' }))
    expect(() => callTransition('queued', 'exitZero')).toThrowError(expect.objectContaining({ code: 'internal' }))
  })
})

describe('every row taken is told', () => {
  let rig: TimedRig
  let tool: Steered
  afterEach(() => rig.stop())

  async function start(options: RigOptions = {}): Promise<void> {
    tool = steered()
    rig = await startTimedRig({ programs: { slow: tool.program }, policy: { windowCalls: 2 }, ...options })
  }

  /** Rows taken by one call, in order. */
  function rowsOf(callSeq: number): string[] {
    return rig
      .logged('callState')
      .filter(({ fields }) => fields['callSeq'] === callSeq)
      .map(({ fields }) => `${String(fields['from'])}/${String(fields['on'])}`)
  }

  async function begin(): Promise<void> {
    const runs = tool.runs
    rig.agent.run('slow', {}).catch(() => undefined)
    await rig.time.until(() => tool.runs > runs)
    await rig.time.settle()
  }

  test('behavior: of a call that runs and exits', async () => {
    await start()
    await begin()
    tool.exit()
    await rig.time.until(() => rowsOf(1).length === 3)
    expect(rowsOf(1)).toEqual(['queued/slot', 'starting/job', 'running/exitZero'])
  })

  test('behavior: of a call that waits until the session ends, and of the one that runs', async () => {
    await start({ provider: { capacity: 1 } })
    await begin()
    void rig.agent.run('slow', {}).catch(() => undefined)
    await rig.time.settle()
    await rig.agent.sessions()[0]?.end()
    await rig.time.until(() => rowsOf(2).length === 1)
    expect(rowsOf(2)).toEqual(['queued/ended'])
    expect(rowsOf(1).at(-1)).toBe('running/ended')
  })

  test('behavior: of a call that a restart finds without its receipt', async () => {
    await start()
    await begin()
    await begin()
    tool.exit()
    // The second call's receipt brought the first one's record to the disk.
    await rig.time.until(() => rowsOf(2).length === 3)
    await rig.time.settle()
    await rig.crashProvider()
    expect(rowsOf(1)).toEqual(['queued/slot', 'starting/job', 'running/restart'])
  })
})
