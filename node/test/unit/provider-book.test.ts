import {
  hex,
  micros,
  OrienError,
  Payout,
  peekDocument,
  Refusal,
  signDocument,
  type SessionState,
} from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PROTOCOLS } from '../../src/network/protocols.ts'
import { keys } from '../../src/provider/records.ts'
import { scope } from '../helpers/parties.ts'
import { RawAgent } from '../helpers/raw-agent.ts'
import type { RigOptions } from '../helpers/rig.ts'
import { echoProgram } from '../helpers/rig-parts.ts'
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
  const policy = { maxCallMicros: micros(10_000n), windowCalls: 4, ...options.policy }
  rig = await startTimedRig({ programs: { slow: tool.program, echo: echoProgram }, ...options, policy })
}

/** One call that runs so long. */
async function run(ms: number): Promise<void> {
  const runs = tool.runs
  const call = rig.agent.run('slow', {})
  await rig.time.until(() => tool.runs > runs)
  await rig.time.advance(ms)
  tool.exit()
  await call
}

function key(): string {
  return [...rig.coordinator.sessions.keys()][0] ?? ''
}

function phase(): string | undefined {
  return [...rig.provider.sessions()].find((one) => one.key === key())?.phase
}

describe('a provider that is paid', () => {
  test('behavior: keeps the Statement at the close and the Payout that proves it', async () => {
    await start()
    await run(1_000)
    await rig.agent.sessions()[0]?.end()
    await rig.time.until(() => rig.coordinator.only.final && rig.coordinator.only.acks.length > 0)
    const { statement, payout } = await rig.coordinator.close(key())
    await rig.time.until(() => rig.logged('sessionClosed').length === 1, 'the close')
    rig.coordinator.tell(key(), 'PAID')
    await rig.time.until(() => rig.logged('sessionPaid').length === 1, 'the payout')
    expect(rig.providerDisk.values.get(keys.statement(key(), 1))).toEqual(statement.bytes)
    const { payoutId, transaction } = payout!.value
    expect(rig.providerDisk.values.get(keys.payout(hex(payoutId), transaction))).toEqual(payout?.bytes)
    expect([...rig.provider.sessions()]).toEqual([])
    expect(rig.files.peek(`/work/${key()}`)).toBeUndefined()
  })

  test('behavior: keeps every Payout of a set that was paid in several transactions, as its agent does', async () => {
    await start()
    await run(1_000)
    await rig.agent.sessions()[0]?.end()
    await rig.time.until(() => rig.coordinator.only.final && rig.coordinator.only.acks.length > 0)
    const settled = await rig.coordinator.close(key())
    const payouts = ['1', '2'].map((digit) => {
      const value = { ...settled.payout!.value, transaction: `0x${digit.repeat(64)}` }
      return signDocument(scope, rig.coordinatorParty.signer, Payout, value)
    })
    rig.coordinator.only.settled = { ...settled, later: payouts }
    rig.coordinator.tell(key(), 'PAID')
    await rig.time.until(() => rig.logged('sessionPaid').length === 1, 'the payout')
    await rig.time.settle()
    const all = [settled.payout!, ...payouts].map(({ bytes }) => hex(bytes)).toSorted()
    for (const disk of [rig.providerDisk, rig.agentDisk])
      expect(
        disk.keys
          .filter((one) => one.startsWith('payout/'))
          .map((one) => hex(disk.values.get(one)!))
          .toSorted(),
      ).toEqual(all)
  })

  test('behavior: brings receipts, Acks, cheque and Final again to a coordinator that forgot them', async () => {
    for (const before of ['ending', 'closed'] as const) {
      await start()
      for (let call = 0; call < 3; call++) await run(1_000)
      await rig.agent.sessions()[0]?.end()
      await rig.time.until(() => rig.coordinator.only.final && rig.coordinator.only.acks.length > 0)
      if (before === 'closed') {
        rig.coordinator.tell(key(), 'CLOSED')
        await rig.time.until(() => phase() === 'closed', 'the close')
      }
      const { ceiling } = rig.coordinator.only
      rig.coordinator.forget(key(), 1)
      // The provider connects again after a pause.
      await rig.time.advance(1_000)
      await rig.time.until(() => rig.coordinator.only.final, `the Final again after ${before}`)
      expect(rig.coordinator.only.receipts).toHaveLength(3)
      expect(rig.coordinator.only.acks.at(-1)?.throughSeq).toBe(3)
      expect(rig.coordinator.only.ceiling).toBe(ceiling)
      if (before === 'ending') await rig.stop()
    }
  })

  test('behavior: lets an agent run further ahead after a session that paid, and not after one that cost nothing', async () => {
    const firstWindow = { windowMicros: micros(20_000n), windowCalls: 1 }
    await start({ provider: { firstWindow } })
    const paySession = async (ms: number): Promise<bigint> => {
      await run(ms)
      const [newest] = [...rig.coordinator.sessions.keys()].toReversed()
      const seen = rig.coordinator.sessions.get(newest ?? '')
      await rig.time.until(() => (seen?.acks.length ?? 0) > 0)
      await rig.coordinator.close(newest ?? '')
      await rig.time.settle()
      rig.coordinator.tell(newest ?? '', 'PAID')
      await rig.time.settle()
      const [found] = await rig.agent.find('slow')
      return found?.windows.windowMicros ?? 0n
    }
    expect(await paySession(0)).toBe(20_000n)
    expect(await paySession(500)).toBe(40_000n)
    await rig.restartProvider()
    expect((await rig.agent.find('slow'))[0]?.windows).toEqual({ windowMicros: 40_000n, windowCalls: 2 })
  })

  test('behavior: asks again for a Statement that it could not fetch', async () => {
    await start()
    await run(100)
    await rig.time.until(() => rig.coordinator.only.acks.length > 0)
    const { network } = rig.coordinator.parts
    await network.unhandle(PROTOCOLS.statement)
    await rig.coordinator.close(key())
    rig.coordinator.tell(key(), 'PAID')
    await rig.time.until(() => rig.logged('settlementNotThere').some(({ who }) => who === 'provider'))
    expect(phase()).toBe('closed')
    await rig.restartProvider()
    await rig.coordinator.serveStatements()
    await rig.time.advance(20_000)
    expect(rig.logged('sessionPaid')).toHaveLength(1)
  })
})

describe('a coordinator that pays less than was countersigned', () => {
  test('error: is trusted with that much less, also after a restart', async () => {
    await start({ provider: { maxUnpaidMicros: micros(12_000n) } })
    await run(1_500)
    await rig.time.until(() => rig.coordinator.only.acks.length > 0)
    await rig.coordinator.close(key(), 500n)
    await rig.time.settle()
    rig.coordinator.tell(key(), 'PAID')
    await rig.time.settle()
    // 90 % of 1 500 were owed, 90 % of 500 came.
    expect(rig.logged('sessionShort')[0]?.fields['shortMicros']).toBe('900')
    expect([...rig.provider.sessions()]).toEqual([])
    const refused = async (cost: string) => (await failureOf(rig.agent.run('echo', {}, { maxCost: cost }))).code
    await rig.restartProvider()
    expect(await refused('0.0112')).toBe('exposureFull')
    expect((await rig.agent.run('echo', {}, { maxCost: '0.0111' })).outcome).toBe('ok')
  })
})

describe('a book restored from an older back-up', () => {
  test('error: takes no call in a session whose coordinator holds receipts that it lost, and signs nothing in that chain', async () => {
    await start({ start: { agent: false } })
    const agent = await RawAgent.open(rig)
    const before = await agent.attach()
    before.call(agent.authorise({ toolId: 'echo' }))
    await before.receipt()
    const older = new Map(rig.providerDisk.values)
    before.call(agent.authorise({ toolId: 'echo' }))
    await before.receipt()
    await rig.time.until(() => rig.coordinator.only.receipts.length === 2)
    const { values, keys: order } = rig.providerDisk
    for (const one of [...values.keys()]) if (!older.has(one)) values.delete(one)
    for (const [one, value] of older) values.set(one, value)
    order.splice(0, order.length, ...[...values.keys()].toSorted())
    await rig.crashProvider()
    await rig.time.until(() => rig.logged('bookBehind').length > 0)
    const stream = await agent.attach()
    stream.call(agent.authorise({ callSeq: 5_000 }))
    expect(peekDocument(scope, Refusal, await stream.next('refusal')).value.code).toBe('storeCorrupt')
    await rig.provider.revoke(key(), 'done')
    await rig.time.advance(5_000)
    expect(rig.coordinator.only).toMatchObject({ final: false, ends: [] })
    expect(rig.coordinator.only.receipts).toHaveLength(2)
    await agent.network.stop()
  })
})

describe('Notices', () => {
  const cases: readonly [SessionState, string | undefined, boolean][] = [
    ['OPEN', 'open', true],
    ['FROZEN', 'frozen', false],
    ['ENDING', 'ending', false],
    ['SETTLING', 'ending', false],
    ['CLOSING', 'ending', false],
  ]
  for (const [state, expected, takesCalls] of cases) {
    test(`behavior: ${state} makes a session ${expected} on both sides`, async () => {
      await start()
      await rig.agent.run('echo', {})
      rig.coordinator.tell(key(), state)
      await rig.time.settle()
      expect(phase()).toBe(expected)
      expect(rig.agent.sessions()[0]?.open).toBe(takesCalls)
    })
  }

  test('behavior: FROZEN lets a running call finish and be paid', async () => {
    await start()
    const call = rig.agent.run('slow', {})
    await rig.time.until(() => tool.runs === 1)
    rig.coordinator.tell(key(), 'FROZEN')
    await rig.time.advance(700)
    tool.exit()
    expect((await call).outcome).toBe('ok')
    const { only } = rig.coordinator
    await rig.time.until(() => only.final && only.acks.length > 0, 'Final and Ack')
    expect(only.acks.at(-1)?.acceptedNumerator).toBe(700n * 60_000n)
  })

  test('behavior: survive a restart', async () => {
    await start()
    await run(100)
    rig.coordinator.tell(key(), 'FROZEN')
    await rig.time.settle()
    await run(0).catch(() => undefined)
    await rig.crashProvider()
    await rig.time.settle()
    expect(phase()).not.toBe('open')
  })
})

describe('a book that cannot be written', () => {
  test('error: stops admission, says so once, sends no receipt, and bills nothing', async () => {
    let full = false
    await start({
      onProviderCommit: () => {
        if (full) throw new OrienError('storeFull', { message: 'the disk is full' })
      },
    })
    await rig.agent.run('echo', {})
    const running = rig.agent.run('slow', {})
    running.catch(() => undefined)
    await rig.time.until(() => tool.runs === 1)
    full = true
    tool.exit()
    const error = await failureOf(running)
    expect(error).toMatchObject({ code: 'storeFull', money: { where: 'running', maxMicros: 10_000n } })
    expect(rig.logged('bookFailed')).toHaveLength(1)
    expect(rig.coordinator.only.receipts).toHaveLength(1)
    // The daemon lives, and refuses.
    expect((await failureOf(rig.agent.run('echo', {}))).code).toBe('notFound')
    full = false
    await rig.crashProvider()
    await rig.time.advance(2_000)
    expect((await rig.agent.run('echo', {})).outcome).toBe('ok')
  })
})

describe('receipts', () => {
  test('behavior: are on disk before they are sent, to the agent and to the coordinator', async () => {
    const onDisk = new Set<number>()
    await start({
      onProviderCommit: (ops) => {
        for (const op of ops) if (op.key.startsWith('done/')) onDisk.add(Number(op.key.slice(-16)))
      },
    })
    for (let at = 0; at < 20; at++) {
      const { receipt } = await rig.agent.run('echo', { at })
      expect(onDisk.has(receipt.value.receiptSeq)).toBe(true)
    }
    for (const { value } of rig.coordinator.only.receipts) expect(onDisk.has(value.receiptSeq)).toBe(true)
  })

  test('behavior: reach a coordinator that was away when they were written', async () => {
    await start()
    await rig.agent.run('echo', {})
    rig.coordinator.script.silent = true
    await rig.agent.run('echo', {})
    await rig.agent.run('echo', {})
    expect(rig.coordinator.only.receipts.length).toBeLessThan(3)
    rig.coordinator.script.silent = false
    await rig.time.advance(60_000)
    expect(rig.coordinator.only.receipts).toHaveLength(3)
    expect(rig.coordinator.only.acks.at(-1)?.throughSeq).toBe(3)
  })

  test('behavior: of a thousand calls come in order, each once', async () => {
    await start({ policy: { windowCalls: 64, maxCallMicros: micros(1_000n) } })
    await Promise.all(Array.from({ length: 1_000 }, (_, at) => rig.agent.run('echo', { at })))
    const { only } = rig.coordinator
    await rig.time.until(() => only.receipts.length === 1_000 && only.acks.at(-1)?.throughSeq === 1_000)
    expect(new Set(only.receipts.map(({ value }) => value.callSeq)).size).toBe(1_000)
    // One signature covers many: far fewer Acks than receipts.
    expect(only.acks.length).toBeLessThan(500)
  })
})
