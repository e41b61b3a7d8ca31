import { utf8Text } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunOptions, RunResult } from '../../src/agent/agent.ts'
import type { RigOptions } from '../helpers/rig.ts'
import { echoProgram, toolNamed } from '../helpers/rig-parts.ts'
import { steered, type Steered } from '../helpers/steered.ts'
import { failureOf, startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
let tool: Steered
beforeEach(() => {
  tool = steered()
})
afterEach(async () => {
  await rig.stop()
})

async function start(options: RigOptions = {}): Promise<void> {
  rig = await startTimedRig({ programs: { slow: tool.program, echo: echoProgram }, ...options })
}

/** Starts a call of the steered tool and waits until it runs. */
async function begin(options: RunOptions = {}): Promise<{ readonly result: Promise<RunResult> }> {
  const runs = tool.runs
  const result = rig.agent.run('slow', {}, options)
  result.catch(() => undefined)
  await rig.time.until(() => tool.runs > runs, 'the call')
  await rig.time.settle()
  return { result }
}

/** A later call works, and costs what it costs. */
async function expectAlive(): Promise<void> {
  const { output } = await rig.agent.run('echo', { still: 'here' })
  expect(utf8Text(output)).toBe('{"still":"here"}')
}

describe('a running call', () => {
  test('behavior: stops at its cap and is billed up to it', async () => {
    await start()
    const { result } = await begin({ maxCost: '0.002' })
    await rig.time.advance(10_000)
    const { outcome, effectiveMs, costNumerator } = await result
    expect({ outcome, effectiveMs, costNumerator }).toEqual({
      outcome: 'cap',
      effectiveMs: 2_000,
      costNumerator: 2_000n * 60_000n,
    })
    await expectAlive()
  })

  test("behavior: stops at the tool's limit", async () => {
    await start({ tools: [toolNamed('slow', { maxMs: 7_000 }), toolNamed('echo')] })
    const { result } = await begin()
    await rig.time.advance(7_000)
    expect(await result).toMatchObject({ outcome: 'maxMs', effectiveMs: 7_000 })
    await expectAlive()
  })

  test('behavior: stops when the agent cancels, and is billed for what ran', async () => {
    await start()
    const abort = new AbortController()
    const { result } = await begin({ signal: abort.signal })
    await rig.time.advance(1_500)
    abort.abort()
    const error = await failureOf(result)
    expect(error).toMatchObject({ code: 'cancelled', money: { where: 'owed', minMicros: 1_500n, maxMicros: 1_500n } })
    await expectAlive()
  })

  test('behavior: stops when the agent ends the session, is billed for what ran, and nobody waits for more', async () => {
    await start()
    const { result } = await begin()
    await rig.time.advance(1_000)
    await rig.agent.sessions()[0]?.end()
    expect(await result).toMatchObject({ outcome: 'ended', effectiveMs: 1_000 })
    const { only } = rig.coordinator
    await rig.time.until(() => only.final && only.ends.length > 0 && only.acks.length > 0, 'Final, End and Ack')
    expect(only.acks.at(-1)?.acceptedNumerator).toBe(1_000n * 60_000n)
  })

  test('behavior: stops when the provider revokes the session, and the agent learns it', async () => {
    await start()
    const { result } = await begin()
    const { key } = [...rig.provider.sessions()][0] ?? { key: '' }
    await rig.time.advance(500)
    await rig.provider.revoke(key, 'revoked')
    expect(await result).toMatchObject({ outcome: 'ended', effectiveMs: 500 })
    await rig.time.until(() => rig.agent.sessions()[0]?.open === false, 'the end at the agent')
  })

  test('behavior: stops when the session expires', async () => {
    await start({
      policy: { sessionMs: 20_000 },
      tools: [toolNamed('slow', { maxMs: 3_600_000 }), toolNamed('echo')],
    })
    const { result } = await begin({ maxCost: '0.2' })
    await rig.time.advance(20_000)
    expect(await result).toMatchObject({ outcome: 'expired', effectiveMs: 20_000 })
    expect(rig.agent.sessions()[0]?.open).toBe(false)
  })

  test('behavior: stops 30 s after the last word of an agent that went away, and no sooner', async () => {
    await start()
    const { result } = await begin({ maxCost: '0.2' })
    await rig.time.advance(12_000)
    rig.hub.vanish(rig.agentParty.peer)
    result.catch(() => undefined)
    // The last tick that was acknowledged said 10 000 ms.
    await rig.time.advance(28_000)
    expect(rig.logged('receipt')).toHaveLength(0)
    await rig.time.advance(2_100)
    expect(rig.logged('receipt')[0]?.fields).toMatchObject({ outcome: 'tickAck', effectiveMs: 40_001 })
  })

  test('behavior: goes on past any tick while its agent is there', async () => {
    await start()
    const { result } = await begin({ maxCost: '0.2' })
    await rig.time.advance(59_000)
    tool.exit()
    expect(await result).toMatchObject({ outcome: 'ok', effectiveMs: 59_000 })
  })

  test('behavior: stops when it prints more than it may', async () => {
    const limits = { ...toolNamed('slow').limits, outputBytes: 100 }
    await start({ tools: [toolNamed('slow', { limits }), toolNamed('echo')] })
    const { result } = await begin()
    await tool.print('x'.repeat(101))
    const { outcome, output } = await result
    expect({ outcome, printed: output.length }).toEqual({ outcome: 'output', printed: 100 })
    await expectAlive()
  })

  test('behavior: that exits non-zero is billed and says so', async () => {
    await start()
    const { result } = await begin()
    await tool.print('broken', 'stderr')
    await rig.time.advance(300)
    tool.exit(3)
    const { outcome, exitCode, logs, costNumerator } = await result
    expect({ outcome, exitCode, logs: utf8Text(logs), costNumerator }).toEqual({
      outcome: 'exitNonZero',
      exitCode: 3,
      logs: 'broken',
      costNumerator: 300n * 60_000n,
    })
  })
})

describe('what is not billed', () => {
  test('error: a failure of the provider costs nothing', async () => {
    await start({ tools: [toolNamed('slow'), toolNamed('echo'), toolNamed('gone')] })
    const error = await failureOf(rig.agent.run('gone', {}))
    expect(error.code).toBe('providerError')
    expect(error.money).toMatchObject({ where: 'reserved', minMicros: 0n })
    await expectAlive()
  })

  test('behavior: waiting in the queue costs nothing, and is told', async () => {
    await start({ provider: { capacity: 1 }, policy: { windowCalls: 4, maxCallMicros: 10_000n as never } })
    const first = await begin()
    const second = rig.agent.run('echo', {})
    await rig.time.advance(5_000)
    tool.exit()
    await first.result
    const { receipt, effectiveMs } = await second
    expect({ queuedMs: receipt.value.queuedMs, effectiveMs }).toEqual({ queuedMs: 5_000, effectiveMs: 0 })
  })

  test('error: a call that could not start in time costs nothing', async () => {
    await start({
      provider: { capacity: 1 },
      policy: { windowCalls: 4, maxCallMicros: 10_000n as never },
      tools: [toolNamed('slow', { maxMs: 120_000, priceMicrosPerMin: 1_000n as never }), toolNamed('echo')],
    })
    await begin()
    const late = rig.agent.run('echo', {})
    late.catch(() => undefined)
    await rig.time.advance(60_000)
    const error = await failureOf(late)
    expect(error).toMatchObject({ code: 'late', money: { where: 'reserved', minMicros: 0n } })
  })

  test('error: a full provider says so, and takes calls again when there is room', async () => {
    await start({ provider: { capacity: 1, queue: 0 }, policy: { windowCalls: 4, maxCallMicros: 10_000n as never } })
    const first = await begin()
    expect((await failureOf(rig.agent.run('echo', {}))).code).toBe('busy')
    tool.exit()
    await first.result
    await expectAlive()
  })

  test('behavior: a call that is aborted before it was sent never runs', async () => {
    await start({ policy: { windowCalls: 1, maxCallMicros: 10_000n as never } })
    const first = await begin()
    const abort = new AbortController()
    const second = rig.agent.run('slow', {}, { signal: abort.signal })
    second.catch(() => undefined)
    await rig.time.settle()
    abort.abort()
    expect((await failureOf(second)).code).toBe('cancelled')
    tool.exit()
    await first.result
    await rig.time.settle()
    expect(tool.runs).toBe(1)
    const gone = new AbortController()
    gone.abort()
    expect((await failureOf(rig.agent.run('slow', {}, { signal: gone.signal }))).code).toBe('cancelled')
  })
})

describe('calls that wait for room', () => {
  test('error: are turned away with the session, never left hanging', async () => {
    await start({ policy: { windowCalls: 1, maxCallMicros: 10_000n as never } })
    const first = await begin()
    const waiting = [rig.agent.run('slow', {}), rig.agent.run('slow', {})]
    for (const one of waiting) one.catch(() => undefined)
    await rig.time.settle()
    await rig.agent.sessions()[0]?.end()
    for (const one of waiting) {
      expect(await failureOf(one)).toMatchObject({ code: 'sessionClosed', money: { where: 'reserved' } })
    }
    expect((await first.result).outcome).toBe('ended')
  })

  test('error: are turned away when the session expires', async () => {
    await start({ policy: { windowCalls: 1, maxCallMicros: 100_000n as never, sessionMs: 10_000 } })
    await begin()
    const waiting = rig.agent.run('slow', {})
    waiting.catch(() => undefined)
    await rig.time.advance(10_000)
    expect((await failureOf(waiting)).code).toBe('sessionClosed')
  })

  test('error: are turned away when the agent stops', async () => {
    await start({ policy: { windowCalls: 1, maxCallMicros: 10_000n as never } })
    const { result } = await begin()
    const waiting = rig.agent.run('slow', {})
    waiting.catch(() => undefined)
    await rig.time.settle()
    await rig.agent.stop()
    expect((await failureOf(waiting)).code).toBe('stopped')
    expect(await failureOf(result)).toMatchObject({ code: 'stopped', money: { where: 'running', maxMicros: 10_000n } })
  })
})
