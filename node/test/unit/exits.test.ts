import { decodeExit, micros } from '@orien/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { echoProgram } from '../helpers/rig-parts.ts'
import type { RigOptions } from '../helpers/rig.ts'
import { steered } from '../helpers/steered.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

const HOUR_MS = 3_600_000
let rig: TimedRig

/** A session with so many µ countersigned: a call costs one a millisecond. */
async function start(owedMicros = 3_000, more: RigOptions = {}): Promise<void> {
  const tool = steered()
  rig = await startTimedRig({
    programs: { slow: tool.program, echo: echoProgram },
    policy: { maxCallMicros: micros(10_000n), sessionMs: 60_000, reattachMs: 4 * HOUR_MS },
    ...more,
  })
  const call = rig.agent.run('slow', {})
  await rig.time.until(() => tool.runs === 1)
  await rig.time.advance(owedMicros)
  tool.exit()
  await call
  await rig.time.until(() => rig.coordinator.only.acks.length === 1)
}

afterEach(async () => {
  await rig.stop()
})

describe('a channel that closed while the coordinator was away', () => {
  // Others may have moved a part to the provider before.
  for (const providerMicros of [0n, 500n])
    test(`behavior: by a cheque is no Exit, with ${providerMicros} for the provider: both wait for the Statement`, async () => {
      await start()
      await rig.coordinator.stop()
      const { lane } = rig.coordinator.only
      rig.ledger.closeByOthers(lane.id, {
        agentMicros: micros(lane.capacity - 10_000n - providerMicros),
        coordinatorMicros: micros(10_000n),
        providerMicros: micros(providerMicros),
      })
      await rig.time.advance(2 * HOUR_MS)
      expect(rig.agent.sessions().map(({ session }) => session.phase)).toEqual(['ending'])
      // What came back may be spent again.
      expect(rig.agent.sessions().map(({ session }) => session.paidAway)).toEqual([10_000n + providerMicros])
      const moves = rig.logged('sessionPhase').filter(({ who }) => who === 'provider')
      expect(moves.at(-1)?.fields).toMatchObject({ to: 'closed' })
      expect(rig.logged('sessionExited').filter(({ who }) => who === 'agent')).toEqual([])
    })

  test('behavior: at no more than was countersigned is over for the agent: nothing is owed to it', async () => {
    await start()
    await rig.coordinator.stop()
    const { lane } = rig.coordinator.only
    rig.ledger.closeByOthers(lane.id, {
      agentMicros: micros(lane.capacity - 3_000n),
      coordinatorMicros: micros(3_000n),
      providerMicros: micros(0n),
    })
    await rig.time.advance(2 * HOUR_MS)
    expect(rig.agent.sessions()).toEqual([])
  })

  for (const owedMicros of [3_000, 0])
    test(`behavior: by an Exit at ${owedMicros} is over for the agent, although nobody told it`, async () => {
      await start(owedMicros)
      await rig.coordinator.stop()
      await rig.provider.stop()
      // It proposed this Exit.
      await rig.time.advance(2 * HOUR_MS)
      const { lane } = rig.coordinator.only
      rig.ledger.closeByOthers(lane.id, {
        agentMicros: micros(lane.capacity - BigInt(owedMicros)),
        coordinatorMicros: micros(0n),
        providerMicros: micros(BigInt(owedMicros)),
      })
      await rig.time.advance(HOUR_MS)
      expect(rig.agent.sessions()).toEqual([])
    })
})

describe('an Exit', () => {
  test('behavior: is drawn on the channel as it stands, when a debit landed and its Notice never came', async () => {
    await start(3_000, { debitMovesBase: true })
    const { lane } = rig.coordinator.only
    rig.ledger.moveByOthers(lane.id, {
      agentMicros: micros(lane.capacity - 1_000n),
      coordinatorMicros: micros(1_000n),
      providerMicros: micros(0n),
    })
    await rig.coordinator.stop()
    await rig.time.advance(HOUR_MS)
    expect(rig.logged('exitCashed').map(({ fields }) => fields['outcome'])).toEqual(['settled'])
    expect(rig.ledger.balance(rig.providerParty.wallet.address)).toBe(3_000n)
  })

  for (const fate of ['requestLost', 'late'] as const)
    test(`behavior: that both signed is brought to the ledger again although its agent went away (${fate})`, async () => {
      await start()
      await rig.coordinator.stop()
      rig.ledger.onRequest(({ kind }) => (kind === 'close' ? fate : 'served'))
      for (let at = 0; at < 400 && rig.logged('exitCashed').length === 0; at++) await rig.time.advance(10_000)
      expect(rig.logged('exitCashed')[0]?.fields['outcome']).toBe('unknown')
      await rig.agent.stop()
      rig.ledger.onRequest(undefined)
      await rig.crashProvider()
      await rig.time.advance(HOUR_MS)
      rig.ledger.landLate()
      expect(rig.ledger.balance(rig.providerParty.wallet.address)).toBe(3_000n)
      expect([...rig.provider.sessions()]).toEqual([])
    })

  test('behavior: whose first half landed is finished although its agent went away', async () => {
    await start(3_000, { debitMovesBase: true })
    await rig.coordinator.stop()
    rig.ledger.onRequest(({ kind }) => (kind === 'close' ? 'requestLost' : 'served'))
    for (let at = 0; at < 400 && rig.logged('exitCashed').length === 0; at++) await rig.time.advance(10_000)
    await rig.agent.stop()
    const { lane } = rig.coordinator.only
    rig.ledger.moveByOthers(lane.id, {
      agentMicros: micros(lane.capacity - 3_000n),
      coordinatorMicros: micros(0n),
      providerMicros: micros(3_000n),
    })
    rig.ledger.onRequest(undefined)
    await rig.time.advance(HOUR_MS)
    expect(rig.ledger.balance(rig.providerParty.wallet.address)).toBe(3_000n)
  })

  test('behavior: that both signed is kept before it is brought to the ledger, and good for a day', async () => {
    await start()
    await rig.coordinator.stop()
    const isKept: boolean[] = []
    rig.ledger.onRequest(({ kind }) => {
      if (kind === 'close') isKept.push(rig.providerDisk.keys.some((one) => one.startsWith('signedexit/')))
      return 'served'
    })
    await rig.time.advance(HOUR_MS)
    expect(isKept).toEqual([true])
    const [, bytes] = [...rig.providerDisk.values].find(([one]) => one.startsWith('signedexit/')) ?? []
    expect(decodeExit(bytes ?? new Uint8Array()).tsMs).toBeGreaterThan(rig.clock.wallMs() + 22 * HOUR_MS)
  })
})

describe('a coordinator that says that a channel is closed which stands open', () => {
  const said = () => [...rig.coordinator.sessions.keys()][0] ?? ''
  const wallets = () => [rig.agentParty, rig.providerParty].map(({ wallet }) => rig.ledger.balance(wallet.address))
  const phases = () => [rig.agent.sessions()[0]?.session, [...rig.provider.sessions()][0]].map((one) => one?.phase)
  const ALL = 10_000_000n

  for (const state of ['CLOSED', 'PAID'] as const)
    for (const receivedMicros of [0n, 3_000n])
      test(`behavior: (${state}, ${receivedMicros} received) and is gone then is left behind, also after a restart`, async () => {
        await start()
        rig.coordinator.giveUp(said(), state, receivedMicros)
        await rig.time.advance(10_000)
        expect(phases()).toEqual(['ending', 'closed'])
        await rig.coordinator.stop()
        await rig.crashAgent()
        await rig.crashProvider()
        await rig.time.advance(2 * HOUR_MS)
        expect(wallets()).toEqual([ALL - 3_000n, 3_000n])
        expect(phases()).toEqual([undefined, undefined])
      })

  test('behavior: and is there is left when it received nothing and no cheque can land any more', async () => {
    await start()
    rig.coordinator.giveUp(said(), 'CLOSED', 0n)
    await rig.time.advance(2 * HOUR_MS)
    rig.time.jump(30 * 24 * HOUR_MS - 2 * HOUR_MS)
    await rig.time.advance(180_000)
    expect(rig.logged('exitProposed')).toEqual([])
    expect(phases()).toEqual(['ending', 'closed'])
    await rig.time.advance(600_000)
    expect(wallets()).toEqual([ALL - 3_000n, 3_000n])
    expect(phases()).toEqual([undefined, undefined])
  })

  test('error: and that it received something is not left while it is there: it pays of that', async () => {
    await start()
    rig.coordinator.giveUp(said(), 'CLOSED', 3_000n)
    rig.time.jump(31 * 24 * HOUR_MS)
    await rig.time.advance(3 * HOUR_MS)
    expect(rig.logged('exitProposed')).toEqual([])
    await rig.coordinator.close(said())
    await rig.time.advance(60_000)
    rig.coordinator.tell(said(), 'PAID')
    await rig.time.advance(60_000)
    expect(phases()).toEqual([undefined, undefined])
    expect(rig.ledger.balance(rig.providerParty.wallet.address)).toBe(0n)
  })

  test('behavior: is believed when the ledger says so a moment later', async () => {
    await start()
    const { grant } = rig.coordinator.only
    const dueMs = grant.expiresAtMs + grant.collectMs + grant.contestMs
    await rig.time.advance(dueMs - rig.clock.wallMs() - 1_000)
    await rig.coordinator.close(said())
    await rig.coordinator.stop()
    rig.ledger.onRequest(({ kind }) => (kind === 'read' ? 'stale' : 'served'))
    await rig.time.advance(HOUR_MS)
    expect(rig.logged('exitProposed')).toEqual([])
    expect(rig.logged('exitCashed')).toEqual([])
  })
})
