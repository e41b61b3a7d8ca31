// A store as it is after very many receipts, without the hours of making them.
import { nodeCrypto, systemRandom } from '@orien/node/crypto'
import type { Store, StoreOp } from '@orien/node/store'
import { floorMicros, micros, numerator, type Numerator } from '@orien/protocol'
import { decodeRecord, earn, encodeRecord, keys, openBook } from '../built.mjs'

/** One decision, as a provider's outbox fills it; and so many decisions handed in before one is waited for. */
const BATCH = 64
const AHEAD = 64
/** Envelopes as they are signed one by one. */
const AUTHORISATION_BYTES = 260
const RECEIPT_BYTES = 350
const CLAIM = numerator(60_000n)
const PRICE = micros(60_000n)

/** What of a session's record receipts and Acks move. */
interface Collected {
  readonly collectedThrough: number
  readonly ackedThrough: number
  readonly headId: Uint8Array
  readonly usedCalls?: readonly (readonly [number, number])[]
  readonly claimedNumerator: Numerator
  readonly ackedNumerator: Numerator
  readonly settledNumerator: Numerator
}

/**
 * Puts `count` receipts into open sessions of a coordinator that is stopped: the records, Acks and journal entries that collecting them would have
 * written, through the book. Envelopes are random bytes of the usual length: nothing reads those of an acknowledged receipt before its session ends.
 */
export async function fillReceipts(store: Store, sessions: readonly string[], count: number): Promise<void> {
  const book = await openBook(store, nodeCrypto)
  const noise = noisy()
  const each = Math.ceil(count / sessions.length)
  for (const sid of sessions) {
    const record = await store.get(keys.session(sid))
    if (record === undefined) throw new Error(`no session ${sid}`)
    let session = decodeRecord<Collected>(record)
    let ahead: Promise<void>[] = []
    for (let left = each; left > 0; left -= BATCH) {
      const before = session
      const ops: StoreOp[] = []
      session = collect(sid, session, Math.min(BATCH, left), noise, ops)
      ops.push({ type: 'put', key: keys.session(sid), value: encodeRecord(session) })
      const earned = floorMicros(session.settledNumerator) - floorMicros(before.settledNumerator)
      ahead.push(book.commit({ nowMs: Date.now(), postings: [earn(sid, micros(earned))], ops }))
      if (ahead.length === AHEAD) await Promise.all(ahead.splice(0))
    }
    await Promise.all(ahead)
    ahead = []
  }
}

/** Copies the records of sessions, so that receipts can be put into them elsewhere. */
export async function copySessions(from: Store, to: Store, sessions: readonly string[]): Promise<void> {
  for (const sid of sessions) {
    const value = await from.get(keys.session(sid))
    if (value === undefined) throw new Error(`no session ${sid}`)
    await to.commit([{ type: 'put', key: keys.session(sid), value }])
  }
}

function collect(sid: string, from: Collected, count: number, noise: Noise, ops: StoreOp[]): Collected {
  const first = from.collectedThrough + 1
  const last = from.collectedThrough + count
  let headId = from.headId
  for (let seq = first; seq <= last; seq++) {
    headId = Uint8Array.from(noise(32))
    const stored = {
      id: headId,
      receiptSeq: seq,
      callSeq: seq,
      priceMicrosPerMin: PRICE,
      numerator: CLAIM,
      firstSeenMs: Date.now(),
      authorised: true,
      authorisation: noise(AUTHORISATION_BYTES),
      receipt: noise(RECEIPT_BYTES),
    }
    ops.push({ type: 'put', key: keys.receipt(sid, seq), value: encodeRecord(stored) })
  }
  const ack = { id: noise(32), fromSeq: first, throughSeq: last, exceptions: [], ack: noise(RECEIPT_BYTES) }
  ops.push({ type: 'put', key: keys.ack(sid, first), value: encodeRecord(ack) })
  const more = CLAIM * BigInt(count)
  return {
    ...from,
    collectedThrough: last,
    ackedThrough: last,
    headId,
    usedCalls: [[1, last]],
    claimedNumerator: numerator(from.claimedNumerator + more),
    ackedNumerator: numerator(from.ackedNumerator + more),
    settledNumerator: numerator(from.settledNumerator + more),
  }
}

type Noise = (length: number) => Uint8Array

/** Bytes that no compression shortens, at no cost: windows on a mebibyte of random ones. */
function noisy(): Noise {
  const all = systemRandom.bytes(1 << 20)
  let at = 0
  return (length) => {
    at = (at + 397) % (all.length - length)
    return all.subarray(at, at + length)
  }
}
