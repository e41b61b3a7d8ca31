import {
  Ack,
  Authorisation,
  cosignRequests,
  hex,
  isOrienError,
  numerator,
  openDocument,
  peekDocument,
  Receipt,
  receiptsRequests,
  signDocument,
  type CollectedReceipt,
  type Outgoing,
} from '@orien/protocol'
import { bendNetwork, type Bent, type FrameBends } from '../bend.ts'
import { UNAUTHORISED } from '../patches.ts'
import type { Liar, Strategy } from '../strategy.ts'

/** A receipt that no agent asked for, and its agent's word for it: an Ack that does not add up, so that only the vouching is left. */
interface Vouched {
  readonly collected: Outgoing<CollectedReceipt>
  readonly ack: Uint8Array
}

/** The first receipt of each session as one for a call that was never authorised; the agent's Acks, and everything behind it, stay away. */
class Voucher {
  readonly #liar: Liar
  readonly #said = new Set<string>()
  readonly #honest = new Set<string>()
  /** What sessions settled at in which nothing was authorised. */
  readonly paid: string[] = []

  constructor(liar: Liar) {
    this.#liar = liar
  }

  readonly provider: FrameBends = {
    out: (frame, { protocol }) => (protocol === 'receipts' ? this.#bent(frame) : frame),
  }

  /** What is contested is never heard of, so silence decides. */
  readonly agent: FrameBends = {
    in: (frame, { protocol }) =>
      protocol === 'cosign' && cosignRequests.decode(frame).contest !== undefined ? undefined : frame,
    out: (frame, { protocol }) => {
      if (protocol !== 'receipts') return frame
      const request = receiptsRequests.decode(frame)
      return receiptsRequests.encode({ ...request, acks: [] })
    },
  }

  closed(session: string, totalMicros: unknown): void {
    if (this.#said.has(session) && totalMicros !== '0')
      this.paid.push(`${session.slice(0, 8)} settled at ${String(totalMicros)}`)
  }

  #bent(frame: Uint8Array): Bent {
    const request = receiptsRequests.decode(frame)
    const key = hex(request.sessionId ?? new Uint8Array())
    if (request.receipts.length > 0 && !this.#said.has(key) && !this.#isOurs(request.receipts)) this.#honest.add(key)
    if (this.#honest.has(key) || (request.receipts.length === 0 && !this.#said.has(key))) return frame
    const vouched = this.#said.has(key) ? undefined : this.#vouchedOf(request.receipts)
    if (vouched !== undefined) this.#said.add(key)
    const { final: _final, ...rest } = request
    return receiptsRequests.encode({
      ...rest,
      receipts: vouched === undefined ? [] : [vouched.collected],
      acks: vouched === undefined ? [] : [vouched.ack],
    })
  }

  /** True for calls of the agent that lies too; others have honest agents. */
  #isOurs([first]: readonly CollectedReceipt[]): boolean {
    const { ground, me } = this.#liar
    if (first === undefined) return false
    try {
      openDocument(ground.cast.scope, Authorisation, first.authorisation, me.peer)
      return true
    } catch (error) {
      if (isOrienError(error)) return false
      throw error
    }
  }

  #vouchedOf(receipts: readonly CollectedReceipt[]): Vouched | undefined {
    const [first] = receipts
    const { cast } = this.#liar.ground
    const [anvil] = cast.providers
    if (first === undefined || anvil === undefined) return undefined
    const { value } = peekDocument(cast.scope, Receipt, first.receipt)
    const asked = peekDocument(cast.scope, Authorisation, first.authorisation).value
    const forged = signDocument(cast.scope, anvil.signer, Authorisation, asked)
    const receipt = signDocument(cast.scope, anvil.signer, Receipt, { ...value, authId: forged.id })
    const ack = signDocument(cast.scope, this.#liar.me.signer, Ack, {
      sessionId: value.sessionId,
      fromSeq: value.receiptSeq,
      throughSeq: value.receiptSeq,
      headId: receipt.id,
      exceptions: [{ receiptSeq: value.receiptSeq, acceptedMs: 0, code: 'unknown' }],
      acceptedNumerator: numerator(1n),
    })
    return { collected: { authorisation: forged.bytes, receipt: receipt.bytes }, ack: ack.bytes }
  }
}

export const VOUCHED_LIES: readonly Strategy[] = [
  {
    name: 'vouched-then-silent',
    party: 'agent and provider',
    story:
      'the agent vouches for receipts of calls that it never signed for, and then says nothing more; what no agent authorised settles at nothing',
    without: UNAUTHORISED,
    play: (liar) => {
      const voucher = new Voucher(liar)
      const { ground, me } = liar
      const [anvil] = ground.cast.providers
      return {
        agent: (of, party) =>
          party === me ? { ...of, parts: { ...of.parts, network: bendNetwork(of.parts.network, voucher.agent) } } : of,
        provider: (of, party) =>
          party === anvil
            ? { ...of, parts: { ...of.parts, network: bendNetwork(of.parts.network, voucher.provider) } }
            : of,
        start() {
          const before = ground.witness.onLog
          ground.witness.onLog = (line) => {
            before(line)
            if (line.event === 'sessionClosed')
              voucher.closed(String(line.fields['session']), line.fields['totalMicros'])
          }
        },
        check: () =>
          voucher.paid.map((detail) => ({
            invariant: 'unauthorisedIsFree',
            detail: `${detail} for what nobody asked`,
          })),
      }
    },
  },
]
