import { utf8, utf8Text } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunResult } from '../../src/agent/agent.ts'
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

function cut(): void {
  rig.hub.disconnect(rig.agentParty.peer, rig.providerParty.peer)
}

async function begin(): Promise<{ readonly result: Promise<RunResult> }> {
  const runs = tool.runs
  const result = rig.agent.run('slow', {})
  result.catch(() => undefined)
  await rig.time.until(() => tool.runs > runs, 'the call')
  await rig.time.settle()
  return { result }
}

/** Time enough for a dropped stream to be attached again. */
async function reattach(): Promise<void> {
  await rig.time.advance(1_000)
}

async function expectPaidOnce(calls: number): Promise<void> {
  const { only } = rig.coordinator
  await rig.time.until(() => only.receipts.length === calls && (only.acks.at(-1)?.throughSeq ?? 0) === calls)
  expect(only.receipts.map(({ value }) => value.receiptSeq)).toEqual(Array.from({ length: calls }, (_, at) => at + 1))
  expect(new Set(only.receipts.map(({ value }) => value.callSeq)).size).toBe(calls)
}

describe('a stream that drops', () => {
  test('behavior: while a call waits for its folder runs it once', async () => {
    await start()
    const gate = Promise.withResolvers<void>()
    const makeFolder = rig.files.makeFolder.bind(rig.files)
    let waiting = 0
    Object.assign(rig.files, {
      makeFolder: async (path: string) => {
        if (/\/\d+(\/|$)/.test(path)) {
          waiting += 1
          await gate.promise
        }
        return makeFolder(path)
      },
    })
    const result = rig.agent.run('slow', {}, { files: { 'a.txt': utf8('a') } })
    await rig.time.until(() => waiting > 0, 'the folder')
    cut()
    await reattach()
    gate.resolve()
    await rig.time.until(() => tool.runs > 0, 'the call')
    await reattach()
    tool.exit()
    await result
    expect(tool.runs).toBe(1)
    await expectPaidOnce(1)
  })

  test('behavior: in the middle of the output loses nothing and repeats nothing', async () => {
    await start()
    const { result } = await begin()
    await tool.print('one ')
    await rig.time.settle()
    cut()
    await tool.print('two ')
    await reattach()
    await tool.print('three')
    tool.exit()
    expect(utf8Text((await result).output)).toBe('one two three')
    await expectPaidOnce(1)
  })

  test('behavior: while the call ends, brings its receipt later', async () => {
    await start()
    const { result } = await begin()
    cut()
    await tool.print('done', 'stderr')
    tool.exit()
    await reattach()
    const { logs, outcome } = await result
    expect([outcome, utf8Text(logs)]).toEqual(['ok', 'done'])
    await expectPaidOnce(1)
  })

  test('behavior: again and again, with output larger than any buffer, gives the whole output', async () => {
    const limits = { ...toolNamed('slow').limits, outputBytes: 16 << 20 }
    await start({ tools: [toolNamed('slow', { limits })] })
    const { result } = await begin()
    const text = 'x'.repeat(3 << 20)
    for (const part of ['a', 'b', 'c', 'd']) {
      void tool.print(part + text)
      await rig.time.settle()
      cut()
      await reattach()
    }
    tool.exit()
    const { output } = await result
    expect(output.length).toBe(4 * (text.length + 1))
    expect(utf8Text(output.filter((byte) => byte !== 0x78))).toBe('abcd')
  })

  test('behavior: with many calls in flight loses none, whenever it drops', async () => {
    for (let at = 1; at <= 24; at += 3) {
      rig = await startTimedRig({ policy: { windowCalls: 8, maxCallMicros: 10_000n as never } })
      await rig.agent.run('echo', { warm: true })
      const calls = Array.from({ length: 20 }, (_, call) => rig.agent.run('echo', { call }))
      for (let turn = 0; turn < at; turn++) await new Promise((resolve) => setImmediate(resolve))
      cut()
      await reattach()
      await reattach()
      const results = await Promise.all(calls)
      expect(results.map(({ output }) => utf8Text(output))).toEqual(results.map((_, call) => `{"call":${call}}`))
      await expectPaidOnce(21)
      if (at + 3 <= 24) await rig.stop()
    }
  })

  test('error: for good rejects the call with its money running, and ends the session at the coordinator', async () => {
    await start({ policy: { maxCallMicros: 20_000n as never } })
    const { result } = await begin()
    rig.hub.vanish(rig.providerParty.peer)
    await rig.time.advance(10_000)
    const error = await failureOf(result)
    expect(error.money).toEqual({ where: 'running', minMicros: 0n, maxMicros: 20_000n, delivered: false })
    expect(error.code).toBe('unreachable')
    await rig.time.until(() => rig.coordinator.only.ends.includes('unreachable'), 'the End')
    expect((await failureOf(rig.agent.run('echo', {}))).code).toBe('notFound')
  })

  test('behavior: a cancel that was sent into a dropped stream is sent again', async () => {
    await start()
    const abort = new AbortController()
    const result = rig.agent.run('slow', {}, { signal: abort.signal })
    result.catch(() => undefined)
    await rig.time.until(() => tool.runs > 0)
    await rig.time.settle()
    cut()
    abort.abort()
    await reattach()
    expect((await failureOf(result)).code).toBe('cancelled')
    expect(rig.logged('receipt')[0]?.fields['outcome']).toBe('cancelled')
  })
})

describe('a provider that restarts', () => {
  test('behavior: gives a running call its receipt of 0, and goes on', async () => {
    await start({ policy: { windowCalls: 4, maxCallMicros: 20_000n as never } })
    const { result } = await begin()
    // Another call's receipt brings the record of this one to disk.
    await rig.agent.run('echo', { first: 1 })
    await rig.time.advance(3_000)
    await rig.crashProvider()
    await reattach()
    const error = await failureOf(result)
    expect(error.code).toBe('providerError')
    expect(utf8Text((await rig.agent.run('echo', { on: 1 })).output)).toBe('{"on":1}')
    await expectPaidOnce(3)
    expect(rig.coordinator.only.receipts[1]?.value).toMatchObject({ outcome: 'providerError', numerator: 0n })
    expect(tool.runs).toBe(1)
  })

  test('behavior: without the record of a call never ran it, and runs it under a new number', async () => {
    await start()
    await rig.agent.run('echo', { first: 1 })
    // The admission record of the next call waits for a flush that never comes.
    const { result } = await begin()
    await rig.crashProvider()
    await reattach()
    await rig.time.until(() => tool.runs === 2, 'the second run')
    tool.exit()
    expect((await result).outcome).toBe('ok')
    await expectPaidOnce(2)
  })

  test('behavior: that lost the last Acks gets them again', async () => {
    await start({ policy: { windowCalls: 4, maxCallMicros: 10_000n as never } })
    for (let call = 0; call < 6; call++) await rig.agent.run('echo', { call })
    await rig.time.settle()
    await rig.crashProvider()
    await reattach()
    for (let call = 0; call < 6; call++) await rig.agent.run('echo', { call })
    await expectPaidOnce(12)
    expect([...rig.provider.sessions()][0]?.unacked.size).toBe(0)
  })
})

describe('an agent that restarts', () => {
  test('behavior: takes its session up again and pays on in it', async () => {
    await start()
    await rig.agent.run('echo', { first: 1 })
    await rig.crashAgent()
    await rig.time.settle()
    const { session } = await rig.agent.run('echo', { second: 2 })
    expect(rig.coordinator.sessions.size).toBe(1)
    expect(rig.coordinator.sessions.has(session)).toBe(true)
    await expectPaidOnce(2)
  })

  test('behavior: countersigns a call that it lost in a crash by its own signature', async () => {
    await start()
    await begin()
    await rig.time.advance(12_000)
    await rig.crashAgent()
    await rig.time.settle()
    await rig.time.advance(1_000)
    await tool.print('nobody hears this')
    tool.exit()
    await expectPaidOnce(1)
    // 10 s were seen running, and the tick rule covers the rest.
    expect(rig.coordinator.only.acks[0]).toMatchObject({ exceptions: [], acceptedNumerator: 13_000n * 60_000n })
  })

  test('behavior: waits for room that a call of its earlier run still takes', async () => {
    await start({ policy: { windowCalls: 1, maxCallMicros: 40_000n as never } })
    await begin()
    await rig.crashAgent()
    await rig.time.settle()
    const next = rig.agent.run('echo', { next: 1 })
    next.catch(() => undefined)
    await rig.time.advance(2_000)
    tool.exit()
    await rig.time.advance(10_000)
    expect((await next).output).toEqual(utf8('{"next":1}'))
    await expectPaidOnce(2)
  })

  test('behavior: after the session expired opens a new one', async () => {
    await start({ policy: { sessionMs: 60_000 } })
    await rig.agent.run('echo', {})
    await rig.restartAgent()
    await rig.time.advance(60_000)
    const { session } = await rig.agent.run('echo', {})
    expect([...rig.coordinator.sessions.keys()].indexOf(session)).toBe(1)
  })
})
