import {
  DEFAULT_SPLIT,
  micros,
  NO_RECEIPT,
  numerator,
  SESSION_STATES,
  splitTotal,
  type Grant,
  type SessionState,
} from '@orien/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { duesOf, tickDue } from '../../src/sessions/actions.ts'
import type { SessionEvent } from '../../src/sessions/events.ts'
import { step } from '../../src/sessions/machine.ts'
import { ROWS } from '../../src/sessions/rows.ts'
import { isOver, type Session } from '../../src/sessions/session.ts'
import { DEFAULT_COORDINATOR_TIMES } from '../../src/settings.ts'
import { partyOf, walletOf } from '../helpers/parties.ts'

const grant = {
  agent: partyOf(1).peer,
  provider: partyOf(2).peer,
  allowanceMicros: micros(1_000n),
  windowMicros: micros(100n),
  expiresAtMs: 1_000,
  collectMs: 100,
  contestMs: 40,
  chequeTsMs: 5_000,
  payoutWallet: walletOf(5).address,
  splitBps: DEFAULT_SPLIT,
} as unknown as Grant

const none = micros(0n)
const session: Session = {
  sessionId: new Uint8Array(32),
  agent: grant.agent,
  provider: grant.provider,
  grant: new Uint8Array(),
  state: 'FUNDING',
  opening: { attempt: 1, messages: [], tsMs: 0, validUntilMs: 60, again: false },
  noticeSeq: 0,
  version: 0,
  base: 0,
  debitedMicros: none,
  ceilingHeldMicros: none,
  newestCheque: { base: 0, seq: 1, ceilingMicros: micros(100n) },
  collectedThrough: 0,
  headId: NO_RECEIPT,
  claimedNumerator: numerator(0n),
  ackedThrough: 0,
  ackedNumerator: numerator(0n),
  settledNumerator: numerator(0n),
  unsettled: 0,
  evidence: 0,
  final: false,
  closedByOthers: false,
  lastDebitMs: 0,
  stuck: false,
  payoutFromMs: 0,
}
const cheque = { base: 0, seq: 2, ceilingMicros: micros(200n) }
const facts = {
  version: 2,
  settledNumerator: numerator(0n),
  totalMicros: none,
  receivedMicros: none,
  inChannelMicros: none,
  split: splitTotal(none, DEFAULT_SPLIT),
  statementSeq: 1,
  statementId: new Uint8Array(32),
}

const run = (from: Partial<Session>, ...events: SessionEvent[]): Session =>
  events.reduce((one, event) => step(one, event, { grant }).session, { ...session, ...from })

test('behavior: each row of the table leads where PROTOCOL says', () => {
  const opened: SessionEvent = { type: 'opened', nowMs: 1, version: 1, base: 0, ceilingHeldMicros: micros(100n) }
  const ended: SessionEvent = { type: 'ended', nowMs: 5, reason: 'done' }
  const frozen: SessionEvent = { type: 'frozen', nowMs: 5, why: 'equivocation' }
  const chosen: SessionEvent = {
    type: 'chosen',
    nowMs: 6,
    base: 0,
    choice: { cheque: new Uint8Array(), ceilingMicros: none, exact: true },
  }
  const table: readonly [Partial<Session>, SessionEvent[], SessionState][] = [
    [{}, [opened], 'OPEN'],
    [{}, [{ type: 'openVoid', mayLand: false, nowMs: 1 }], 'FUNDING'],
    [{}, [{ type: 'openVoid', mayLand: false, nowMs: 60 }], 'VOID'],
    [{ opening: { ...session.opening, attempt: 5 } }, [{ type: 'openVoid', mayLand: false, nowMs: 1 }], 'VOID'],
    [{}, [{ type: 'openVoid', mayLand: true, nowMs: 60 }], 'FUNDING'],
    [{}, [{ type: 'notOpen', nowMs: 1 }], 'VOID'],
    [{}, [opened, frozen], 'FROZEN'],
    [{}, [opened, { type: 'probed', nowMs: 2, base: 0, ceilingMicros: none, alive: false }], 'FROZEN'],
    [{}, [opened, { type: 'debitRefused', nowMs: 2, why: 'x' }], 'FROZEN'],
    [{}, [opened, ended], 'ENDING'],
    [{}, [opened, frozen, ended], 'ENDING'],
    [{}, [opened, { type: 'tick', nowMs: 1_000 }], 'ENDING'],
    [{}, [opened, { type: 'final', nowMs: 2 }], 'OPEN'],
    [{}, [opened, frozen, { type: 'final', nowMs: 2 }], 'SETTLING'],
    [{}, [opened, { type: 'moved', nowMs: 2, version: 9, closed: true }], 'ENDING'],
    [{}, [opened, ended, { type: 'final', nowMs: 6 }], 'SETTLING'],
    [{}, [opened, ended, { type: 'tick', nowMs: 104 }], 'ENDING'],
    [{}, [opened, ended, { type: 'tick', nowMs: 105 }], 'SETTLING'],
    [{ state: 'SETTLING' }, [chosen], 'CLOSING'],
    [{ state: 'CLOSING' }, [{ type: 'superseded', nowMs: 7, version: 3, base: 0 }], 'CLOSING'],
    [{ state: 'CLOSING' }, [{ type: 'closed', nowMs: 7, ...facts }], 'PAID'],
    [{ state: 'CLOSING' }, [{ type: 'closed', nowMs: 7, ...facts, receivedMicros: micros(1n) }], 'CLOSED'],
    [{ state: 'CLOSING' }, [{ type: 'neverClosed', nowMs: 7, ...facts }], 'CLOSED'],
    [{ state: 'SETTLING' }, [{ type: 'closed', nowMs: 7, ...facts, settledNumerator: numerator(1n) }], 'SETTLING'],
  ]
  for (const [from, events, to] of table)
    expect([events.map(({ type }) => type), run(from, ...events).state]).toEqual([events.map(({ type }) => type), to])
})

test('behavior: a debit is pending until a reading decides, one at a time', () => {
  const open = run({ state: 'OPEN', version: 1 })
  const debit = { version: 2, totalMicros: micros(50n), tsMs: 1, signatures: [] }
  const signed = run(open, { type: 'debitSigned', nowMs: 1, debit, nextCheque: cheque })
  expect(signed.debit?.version).toBe(2)
  expect(
    run(signed, { type: 'debitSigned', nowMs: 2, debit: { ...debit, version: 3 }, nextCheque: cheque }).debit?.version,
  ).toBe(2)
  expect(
    run(open, { type: 'debitSigned', nowMs: 1, debit: { ...debit, version: 3 }, nextCheque: cheque }).debit,
  ).toBeUndefined()
  const landed = run(signed, { type: 'debitLanded', nowMs: 2, version: 2, base: 2 })
  expect(landed).toMatchObject({ debitedMicros: 50n, version: 2, base: 2, newestCheque: cheque })
  expect(landed.debit).toBeUndefined()
  expect(run(signed, { type: 'debitExpired', nowMs: 2 })).toMatchObject({ state: 'OPEN', debitedMicros: 0n })
})

test('behavior: whatever happens, entries balance, debits never fall, and over is over', () => {
  const event = fc.oneof(
    ...(
      [
        { type: 'tick' },
        { type: 'opened', version: 1, base: 0, ceilingHeldMicros: micros(1n) },
        { type: 'openVoid', mayLand: false },
        { type: 'notOpen' },
        { type: 'fundedAgain', attempt: 2, messages: [], tsMs: 1 },
        { type: 'probed', base: 0, ceilingMicros: micros(90n), alive: true },
        { type: 'frozen', why: 'x' },
        { type: 'ended', reason: 'x' },
        { type: 'final' },
        {
          type: 'debitSigned',
          debit: { version: 2, totalMicros: micros(5n), tsMs: 1, signatures: [] },
          nextCheque: cheque,
        },
        { type: 'debitLanded', version: 2, base: 0 },
        { type: 'debitExpired' },
        { type: 'debitRefused', why: 'x' },
        { type: 'moved', version: 7, closed: false },
        { type: 'contested', throughSeq: 1 },
        { type: 'chosen', base: 0, choice: { cheque: new Uint8Array(), ceilingMicros: none, exact: true } },
        { type: 'superseded', version: 3, base: 0 },
        { type: 'closed', ...facts, receivedMicros: micros(3n) },
        { type: 'neverClosed', ...facts },
        { type: 'lateClosed', ...facts, statementSeq: 2 },
        { type: 'refundDrafted', bytes: new Uint8Array(1) },
        { type: 'refundPaid' },
        { type: 'refundDead' },
        { type: 'payoutDone', statementId: facts.statementId },
      ] as const
    ).map((one) => fc.constant(one)),
  )
  const events = fc.array(fc.tuple(event, fc.integer({ min: 0, max: 300 })), { maxLength: 40 })
  fc.assert(
    fc.property(events, (all) => {
      let one = session
      let nowMs = 0
      for (const [event, gapMs] of all) {
        nowMs += gapMs
        const next = step(one, { ...event, nowMs }, { grant })
        for (const { moves } of next.postings)
          expect(moves.reduce((sum, { micros: amount }) => sum + amount, 0n)).toBe(0n)
        if (isOver(one.state)) expect(next.session).toBe(one)
        expect(next.session.debitedMicros).toBeGreaterThanOrEqual(one.debitedMicros)
        expect(SESSION_STATES.indexOf(next.session.state)).toBeGreaterThanOrEqual(SESSION_STATES.indexOf(one.state))
        one = next.session
        // What is not over is always waited for: by an action, a time, or a party's next word.
        const waits =
          duesOf(one, { grant, times: DEFAULT_COORDINATOR_TIMES }).length > 0 || tickDue(one, grant) !== undefined
        const silent = isOver(one.state) || one.state === 'CLOSED'
        expect(waits || silent).toBe(true)
      }
    }),
  )
})

test('behavior: every state but the last two has rows, and the last two have none', () => {
  const from = new Set(ROWS.flatMap((row) => row.from))
  for (const state of SESSION_STATES) expect([state, from.has(state)]).toEqual([state, !isOver(state)])
})
