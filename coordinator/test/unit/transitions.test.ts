import { expect, test } from 'vitest'
import { LEG_ROWS, flightRow, legRow } from '../../src/payout/steps.ts'
import { TRANSITIONS } from '../../src/transitions.ts'
import { worlds } from '../helpers/suite.ts'

const make = worlds()
const names = TRANSITIONS.map(({ machine, row }) => `${machine}/${row}`)

test('behavior: every row has a name of its own', () => {
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThan(50)
})

test('behavior: the rows a session takes are counted, by names of the list', async () => {
  const w = make()
  const session = await w.begin({ windowMicros: 1_000n })
  await w.call(session, 1_500)
  await w.time.advance(5_000)
  await w.finish(session)
  await w.time.advance(30_000)
  const taken = w.coordinator.transitions()
  for (const name of Object.keys(taken)) expect(names).toContain(name)
  expect(taken).toMatchObject({
    'channel/opened': 1,
    'receipt/acked': 1,
    'debit/debitSigned': 1,
    'settlement/closed': 1,
    'payout/launched': 1,
    'payout/flight.mined': 1,
    'payout/leg.paid': 3,
    'session/paid': 1,
  })
})

test('behavior: a leg that is paid has no row that leaves it', () => {
  for (const { on } of LEG_ROWS) expect(legRow('paid', on)).toBeUndefined()
  for (const { from, to } of LEG_ROWS) expect([from, to].includes('sent') && to === 'sent').toBe(false)
})

test('behavior: a flight is followed by the first row that fits', () => {
  const young = { mined: false, lostTurns: 0, superseded: false, ageMs: 1, feeBumpMs: 10, gap: false }
  expect(flightRow(young).effect).toBe('wait')
  expect(flightRow({ ...young, mined: true, lostTurns: 9 }).effect).toBe('book')
  expect(flightRow({ ...young, superseded: true, lostTurns: 2, ageMs: 99 }).effect).toBe('wait')
  expect(flightRow({ ...young, superseded: true, lostTurns: 3 }).effect).toBe('drop')
  expect(flightRow({ ...young, ageMs: 10, gap: true }).effect).toBe('redraft')
  expect(flightRow({ ...young, ageMs: 10 }).effect).toBe('raise')
})
