import {
  Ack,
  Authorisation,
  cosignAnswers,
  decodeCheque,
  End,
  Final,
  hex,
  NUMERATOR_PER_MICRO,
  peekDocument,
  Receipt,
  receiptsRequests,
  workAnswers,
  workRequests,
  type Cheque,
} from '@orien/protocol'
import { agentKeys } from '../../src/agent/records.ts'
import { PROTOCOLS } from '../../src/network/protocols.ts'
import { decodeDone, keys } from '../../src/provider/records.ts'
import type { MemoryDisk } from '../../src/store/memory.ts'
import { scope } from './parties.ts'

/** What one party has on its disk at this moment. */
type DiskOf = (who: 'agent' | 'provider') => MemoryDisk

/**
 * Sees every frame that leaves agent and provider, over all their lives, and keeps its own account: nothing signed for one place twice, nothing
 * shown before it is on its signer's disk, nothing falling that must not fall. It asks neither party.
 */
export class Witness {
  readonly problems: string[] = []
  /** Receipts that left the provider, by session and place. */
  readonly receipts = new Map<string, Receipt>()
  readonly #diskOf: DiskOf
  /** What was signed for a place: the first id stands. */
  readonly #places = new Map<string, string>()
  readonly #highest = new Map<string, bigint>()
  readonly #finals = new Map<string, number>()

  constructor(diskOf: DiskOf) {
    this.#diskOf = diskOf
  }

  readonly see = (who: 'agent' | 'provider', protocol: string, frame: Uint8Array): void => {
    if (who === 'provider') this.#seeProvider(protocol, frame)
    else this.#seeAgent(protocol, frame)
  }

  #seeProvider(protocol: string, frame: Uint8Array): void {
    if (protocol === PROTOCOLS.work.id) {
      const { done, end, accepted } = workAnswers.decode(frame)
      if (done !== undefined) this.#receipt(done.receipt)
      if (end !== undefined) this.#end('provider', end)
      if (accepted !== undefined) this.#accepted(accepted.callSeq)
    } else if (protocol === PROTOCOLS.receipts.id) {
      const { receipts, acks, final, ends } = receiptsRequests.decode(frame)
      for (const { receipt } of receipts) this.#receipt(receipt)
      for (const ack of acks) {
        const { sessionId, throughSeq } = peekDocument(scope, Ack, ack).value
        this.#mustHold('provider', keys.ack(hex(sessionId), throughSeq), ack, 'an Ack passed on')
      }
      if (final !== undefined) this.#final(final)
      for (const end of ends) this.#end('provider', end)
    }
  }

  #seeAgent(protocol: string, frame: Uint8Array): void {
    if (protocol === PROTOCOLS.work.id) {
      const { call, ack, cheque, attach } = workRequests.decode(frame)
      if (call !== undefined) this.#authorisation(call.authorisation)
      for (const one of [ack, attach?.ack]) if (one !== undefined) this.#ack(one)
      for (const one of [cheque, attach?.cheque]) if (one !== undefined) this.#cheque(decodeCheque(one), true)
    } else if (protocol === PROTOCOLS.cosign.id) {
      const { ack, cheque, signatures } = cosignAnswers.decode(frame)
      if (ack !== undefined) this.#ack(ack)
      // A cheque that comes without a debit's signature is the exact close: its ceiling is the total.
      if (cheque !== undefined) this.#cheque(decodeCheque(cheque), signatures.length > 0)
    } else if (protocol === PROTOCOLS.receipts.id) {
      for (const ack of receiptsRequests.decode(frame).acks) this.#ack(ack)
    }
  }

  #receipt(bytes: Uint8Array): void {
    const { id, value } = peekDocument(scope, Receipt, bytes)
    const sid = hex(value.sessionId)
    const key = keys.done(sid, value.receiptSeq)
    const stored = this.#diskOf('provider').values.get(key)
    const kept = stored === undefined ? undefined : peekDocument(scope, Receipt, decodeDone(key, stored).receipt)
    if (kept === undefined || hex(kept.id) !== hex(id))
      this.problems.push(`receipt ${value.receiptSeq} left before it was on disk`)
    this.#once(`receipt ${sid} at ${value.receiptSeq}`, hex(id))
    this.#once(`receipt ${sid} of call ${value.callSeq}`, hex(id))
    if (value.receiptSeq > (this.#finals.get(sid) ?? Number.POSITIVE_INFINITY))
      this.problems.push(`receipt ${value.receiptSeq} came after the Final`)
    this.receipts.set(`${sid}/${value.receiptSeq}`, value)
  }

  /** Sessions of a test use different numbers or are alone: the newest block on disk must cover it. */
  #accepted(callSeq: number): void {
    const { values } = this.#diskOf('provider')
    const ends = [...values]
      .filter(([key]) => key.startsWith('meta/'))
      .map(([, value]) => JSON.parse(new TextDecoder().decode(value)) as { readonly blockEnd: number })
    if (!ends.some(({ blockEnd }) => blockEnd >= callSeq))
      this.problems.push(`call ${callSeq} was accepted before its block was on disk`)
  }

  #final(bytes: Uint8Array): void {
    const { id, value } = peekDocument(scope, Final, bytes)
    const sid = hex(value.sessionId)
    this.#once(`Final ${sid}`, hex(id))
    this.#finals.set(sid, value.lastSeq)
    for (const receipt of this.receipts.values())
      if (hex(receipt.sessionId) === sid && receipt.receiptSeq > value.lastSeq)
        this.problems.push('the Final forgets a receipt')
    this.#over(sid, 'the Final')
  }

  #end(who: 'provider', bytes: Uint8Array): void {
    const { value } = peekDocument(scope, End, bytes)
    this.#over(hex(value.sessionId), `the End of the ${who}`)
  }

  #over(sid: string, what: string): void {
    const meta = this.#diskOf('provider').values.get(keys.meta(sid))
    const phase =
      meta === undefined ? 'open' : (JSON.parse(new TextDecoder().decode(meta)) as { readonly phase: string }).phase
    if (phase === 'open') this.problems.push(`${what} left while the disk says that the session is open`)
  }

  #authorisation(bytes: Uint8Array): void {
    const { id, value } = peekDocument(scope, Authorisation, bytes)
    const sid = hex(value.sessionId)
    this.#once(`authorisation ${sid} ${value.callSeq}`, hex(id))
    const { blockEnd } = this.#agentMeta(sid)
    if (blockEnd < value.callSeq)
      this.problems.push(`call ${value.callSeq} was authorised before its number was on disk`)
  }

  #ack(bytes: Uint8Array): void {
    const { id, value } = peekDocument(scope, Ack, bytes)
    const sid = hex(value.sessionId)
    this.#once(`Ack ${sid} from ${value.fromSeq}`, hex(id))
    this.#once(`Ack ${sid} through ${value.throughSeq}`, hex(id))
    this.#mustHold('agent', agentKeys.ack(sid, value.throughSeq), bytes, 'an Ack')
  }

  #cheque({ sessionId, chequeSeq, base, ceilingMicros }: Cheque, isPayment: boolean): void {
    const sid = hex(sessionId)
    this.#once(`cheque ${sid} ${chequeSeq}`, `${base} ${ceilingMicros}`)
    const { chequeSeq: kept } = this.#agentMeta(sid)
    if (kept < chequeSeq) this.problems.push(`cheque ${chequeSeq} left before its number was on disk`)
    if (!isPayment) return
    const highest = this.#highest.get(`${sid} ${base}`) ?? 0n
    const older = `${sid} ${base} ${chequeSeq}`
    if (ceilingMicros < highest && !this.#highest.has(older)) this.problems.push(`the ceiling fell to ${ceilingMicros}`)
    this.#highest.set(older, ceilingMicros)
    if (ceilingMicros > highest) this.#highest.set(`${sid} ${base}`, ceilingMicros)
  }

  #agentMeta(sid: string): { readonly blockEnd: number; readonly chequeSeq: number } {
    const bytes = this.#diskOf('agent').values.get(agentKeys.meta(sid))
    // Cheque 1 travels in the Fund, before there is a session.
    if (bytes === undefined) return { blockEnd: 0, chequeSeq: 1 }
    return JSON.parse(new TextDecoder().decode(bytes)) as { readonly blockEnd: number; readonly chequeSeq: number }
  }

  #mustHold(who: 'agent' | 'provider', key: string, bytes: Uint8Array, what: string): void {
    const stored = this.#diskOf(who).values.get(key)
    if (stored === undefined || hex(stored) !== hex(bytes))
      this.problems.push(`${what} left the ${who} before it was on disk`)
  }

  #once(place: string, content: string): void {
    const before = this.#places.get(place)
    if (before === undefined) this.#places.set(place, content)
    else if (before !== content) this.problems.push(`two contents: ${place}`)
  }

  /** What the provider claimed by receipts that left it, whole micro-USDC. */
  claimedMicros(sid: string): bigint {
    let sum = 0n
    for (const receipt of this.receipts.values()) if (hex(receipt.sessionId) === sid) sum += receipt.numerator
    return sum / NUMERATOR_PER_MICRO
  }
}
