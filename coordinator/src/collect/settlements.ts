import { numerator, uncontestedOf, type Numerator } from '@orien/protocol'
import type { Transition } from '../metrics.ts'
import type { Brief } from '../sessions/live.ts'

/** What can decide on a receipt. Acceptances were checked before. */
export type ReceiptEvent =
  /** The first Ack over it, and what it accepts of the receipt. */
  | { readonly type: 'ack'; readonly accepted: Numerator; readonly excepted: boolean }
  /** Another one; `byOthers`: a ruling that is no Ack decided what it settled at. */
  | {
      readonly type: 'secondAck'
      readonly accepted: Numerator
      readonly settled: Numerator
      readonly byOthers: boolean
    }
  /** Contested long enough without an Ack. */
  | { readonly type: 'silence' }
  /** The provider signed another receipt for its place. */
  | { readonly type: 'twin'; readonly claim: Numerator }

/** One row of PROTOCOL's rule on receipts. */
export interface ReceiptRow extends Transition {
  readonly on: ReceiptEvent['type']
  /** True when the receipt is settled by it and was not before. */
  readonly settles: boolean
  fits(brief: Brief, event: ReceiptEvent): boolean
  /** What A grows by. */
  adds(brief: Brief, event: ReceiptEvent): bigint
}

type EventOf<T extends ReceiptEvent['type']> = Extract<ReceiptEvent, { readonly type: T }>

function row<T extends ReceiptEvent['type']>(
  name: string,
  on: T,
  settles: boolean,
  fits: (brief: Brief, event: EventOf<T>) => boolean,
  adds: (brief: Brief, event: EventOf<T>) => bigint,
): ReceiptRow {
  // settlementOf hands a row only events of its own type.
  return { machine: 'receipt', row: name, on, settles, fits, adds }
}

const always = (): boolean => true
const nothing = (): bigint => 0n

/** Tried in order; the first that fits is taken. */
export const RECEIPT_ROWS: readonly ReceiptRow[] = [
  // What a contest settled stands; the agent's word came too late.
  row('ackedLate', 'ack', false, ({ ruled }) => ruled !== undefined, nothing),
  row(
    'excepted',
    'ack',
    true,
    (_brief, { excepted }) => excepted,
    (_brief, { accepted }) => accepted,
  ),
  row('acked', 'ack', true, always, (_brief, { accepted }) => accepted),
  row(
    'higherAck',
    'secondAck',
    false,
    (_brief, { accepted, settled, byOthers }) => !byOthers && accepted > settled,
    (_brief, { accepted, settled }) => accepted - settled,
  ),
  row('lowerAck', 'secondAck', false, always, nothing),
  // Without the agent's signature there is nothing the agent owes.
  row('unauthorised', 'silence', true, ({ authorised }) => !authorised, nothing),
  row('uncontested', 'silence', true, always, uncontested),
  row('twoReceipts', 'twin', true, always, (brief, { claim }) => {
    const least = brief.authorised ? uncontested(brief) : 0n
    return claim < least ? claim : least
  }),
]

/** What an event settles a receipt at, as what A grows by. Pure: same receipt and event, same answer. */
export function settlementOf(
  brief: Brief,
  event: ReceiptEvent,
): { readonly row: ReceiptRow; readonly adds: Numerator } {
  const row = RECEIPT_ROWS.find((one) => one.on === event.type && one.fits(brief, event))
  // The last row of each event fits always.
  if (row === undefined) throw new TypeError(`no row for ${event.type}`)
  return { row, adds: numerator(row.adds(brief, event)) }
}

function uncontested(brief: Brief): Numerator {
  return uncontestedOf(brief, brief.priceMicrosPerMin)
}
