import {
  Ack,
  Authorisation,
  Final,
  Grant,
  hex,
  NO_RECEIPT,
  numerator,
  peekDocument,
  Receipt,
  receiptsRequests,
  signDocument,
  workAnswers,
  workRequests,
  type DocumentType,
  type Done,
  type Id,
  type Outgoing,
  type Scope,
  type Signed,
} from '@orien/protocol'
import { bendNetwork, type Bent, type FrameBends } from '../bend.ts'
import { gullible } from '../gullible.ts'
import type { Liar, Play } from '../strategy.ts'

/** A receipt with what it is for, as one audience gets it. */
export interface Forged {
  readonly receipt: Receipt
  /** In place of the agent's; its own when absent. */
  readonly authorisation?: Uint8Array
}

export interface Forgery {
  /** What is said instead of a true receipt; chain fields are put right afterwards. */
  change?(receipt: Receipt, authorisation: Authorisation): Receipt
  /** One more receipt behind a true one. */
  extra?(receipt: Receipt, authorisation: Signed<Authorisation>): Forged | undefined
  /** Receipts sent to the coordinator that the agent never saw. */
  toCoordinator?(receipt: Receipt, authorisation: Authorisation): Receipt
  /** Acks are not passed on. */
  readonly holdsAcks?: boolean
}

/** One place of a chain as it is told. */
interface Entry {
  readonly receipt: Signed<Receipt>
  readonly authorisation: Uint8Array
  /** The true receipt it stands for; none for an extra one. */
  readonly trueSeq: number | undefined
}

/** One session's chain as it is told to each, beside the true one of the provider's own logic. */
interface Chain {
  readonly told: Entry[]
  readonly coordinator: Entry[]
}

/** The places that stand for a true receipt. */
interface Places {
  readonly chain: Chain
  readonly at: number
  readonly count: number
}

/**
 * The real provider behind a forger: its receipts are replaced by others, its chain by another, for agent and coordinator; what they answer is
 * turned back, so that its own logic goes on. It believes every signature.
 */
export function forgingProvider(liar: Liar, forgery: Forgery): Pick<Play, 'provider'> {
  const forger = new Forger(liar, forgery)
  return {
    provider: ({ config, parts }) => ({
      config,
      parts: { ...parts, scope: gullible(parts.scope), network: bendNetwork(parts.network, forger.bends) },
    }),
  }
}

class Forger {
  readonly #liar: Liar
  readonly #forgery: Forgery
  readonly #chains = new Map<string, Chain>()
  readonly #places = new Map<string, Places>()
  /** Of the true chain: ids and sums by session and receiptSeq. */
  readonly #trueIds = new Map<string, Id>()
  readonly #trueSums = new Map<string, bigint>()
  /** The agent's own Acks, by the id of what the logic was shown. */
  readonly #acks = new Map<string, Uint8Array>()
  readonly #authorisations = new Map<string, Uint8Array>()

  constructor(liar: Liar, forgery: Forgery) {
    this.#liar = liar
    this.#forgery = forgery
  }

  readonly bends: FrameBends = {
    in: (frame, { protocol }) => (protocol === 'work' ? this.#fromAgent(frame) : frame),
    out: (frame, { protocol }) =>
      protocol === 'work' ? this.#toAgent(frame) : protocol === 'receipts' ? this.#toCoordinator(frame) : frame,
  }

  get #scope(): Scope {
    return this.#liar.ground.cast.scope
  }

  #sign<T>(type: DocumentType<T>, value: T): Signed<T> {
    return signDocument(this.#scope, this.#liar.me.signer, type, value)
  }

  #fromAgent(frame: Uint8Array): Bent {
    const request = workRequests.decode(frame)
    const { call } = request
    if (call !== undefined)
      this.#authorisations.set(hex(peekDocument(this.#scope, Authorisation, call.authorisation).id), call.authorisation)
    if (request.ack !== undefined) {
      const ack = this.#translated(request.ack)
      return ack === undefined ? undefined : workRequests.encode({ ...request, ack })
    }
    if (request.attach === undefined) return frame
    const { ack: shown, ...rest } = request.attach
    const ack = shown === undefined ? undefined : this.#translated(shown)
    // Its own logic counts the true ones alone.
    const { told } = this.#chainOf(hex(peekDocument(this.#scope, Grant, rest.grant).id))
    const lastReceiptSeq = told.slice(0, rest.lastReceiptSeq).filter(({ trueSeq }) => trueSeq !== undefined).length
    const attach = { ...rest, lastReceiptSeq, ...(ack === undefined ? {} : { ack }) }
    return workRequests.encode({ ...request, attach })
  }

  #toAgent(frame: Uint8Array): Bent {
    const answer = workAnswers.decode(frame)
    const { done } = answer
    if (done === undefined) return frame
    const { authId } = peekDocument(this.#scope, Receipt, done.receipt).value
    const authorisation = done.authorisation ?? this.#authorisations.get(hex(authId))
    if (authorisation === undefined) return frame
    const { chain, at, count } = this.#placesOf(done.receipt, authorisation)
    return chain.told.slice(at, at + count).map(({ receipt, authorisation: shown, trueSeq }) => {
      const other: Outgoing<Done> = { ...done, receipt: receipt.bytes, authorisation: shown }
      return workAnswers.encode(trueSeq === undefined ? { done: other } : { ...answer, done: other })
    })
  }

  #toCoordinator(frame: Uint8Array): Bent {
    const request = receiptsRequests.decode(frame)
    const receipts = request.receipts.flatMap(({ receipt, authorisation, tickAck }) => {
      const { chain, at, count } = this.#placesOf(receipt, authorisation)
      return chain.coordinator.slice(at, at + count).map((entry) => ({
        ...{ receipt: entry.receipt.bytes, authorisation: entry.authorisation },
        ...(tickAck === undefined ? {} : { tickAck }),
      }))
    })
    const passed = this.#forgery.holdsAcks === true ? [] : request.acks
    return receiptsRequests.encode({
      ...request,
      receipts,
      acks: passed.map((ack) => this.#acks.get(hex(peekDocument(this.#scope, Ack, ack).id)) ?? ack),
      ...(request.final === undefined ? {} : { final: this.#finalOf(request.final) }),
    })
  }

  #chainOf(session: string): Chain {
    const chain = this.#chains.get(session) ?? { told: [], coordinator: [] }
    this.#chains.set(session, chain)
    return chain
  }

  /** The places of a true receipt, made the first time that it leaves. */
  #placesOf(bytes: Uint8Array, authorisation: Uint8Array): Places {
    const { id, value } = peekDocument(this.#scope, Receipt, bytes)
    const known = this.#places.get(hex(id))
    if (known !== undefined) return known
    const session = hex(value.sessionId)
    const chain = this.#chainOf(session)
    const auth = peekDocument(this.#scope, Authorisation, authorisation)
    this.#trueIds.set(`${session} ${value.receiptSeq}`, id)
    const sumBefore = this.#trueSums.get(`${session} ${value.receiptSeq - 1}`) ?? 0n
    this.#trueSums.set(`${session} ${value.receiptSeq}`, sumBefore + value.numerator)
    const at = chain.told.length
    const forgery = this.#forgery
    const told = forgery.change?.(value, auth.value) ?? value
    this.#append(chain.told, told, authorisation, value.receiptSeq)
    this.#append(chain.coordinator, forgery.toCoordinator?.(value, auth.value) ?? told, authorisation, value.receiptSeq)
    const more = forgery.extra?.(told, auth)
    if (more !== undefined)
      for (const list of [chain.told, chain.coordinator])
        this.#append(list, more.receipt, more.authorisation ?? authorisation, undefined)
    const places = { chain, at, count: chain.told.length - at }
    this.#places.set(hex(id), places)
    return places
  }

  #append(list: Entry[], receipt: Receipt, authorisation: Uint8Array, trueSeq: number | undefined): void {
    const prevId = list.at(-1)?.receipt.id ?? NO_RECEIPT
    const value = { ...receipt, receiptSeq: list.length + 1, prevId }
    list.push({ receipt: this.#sign(Receipt, value), authorisation, trueSeq })
  }

  /** An Ack over what was told, as one over the true receipts; undefined when it covers none. */
  #translated(bytes: Uint8Array): Uint8Array | undefined {
    const { value } = peekDocument(this.#scope, Ack, bytes)
    const session = hex(value.sessionId)
    const covered = this.#chainOf(session)
      .told.slice(value.fromSeq - 1, value.throughSeq)
      .filter(({ trueSeq }) => trueSeq !== undefined)
    const fromSeq = covered[0]?.trueSeq
    const throughSeq = covered.at(-1)?.trueSeq
    if (fromSeq === undefined || throughSeq === undefined) return undefined
    const headId = this.#trueIds.get(`${session} ${throughSeq}`)
    if (headId === undefined) return bytes
    const acceptedNumerator = numerator(this.#trueSums.get(`${session} ${throughSeq}`) ?? 0n)
    const { sessionId } = value
    const other = this.#sign(Ack, { sessionId, fromSeq, throughSeq, headId, exceptions: [], acceptedNumerator })
    this.#acks.set(hex(other.id), bytes)
    return other.bytes
  }

  #finalOf(bytes: Uint8Array): Uint8Array {
    const { sessionId } = peekDocument(this.#scope, Final, bytes).value
    const list = this.#chainOf(hex(sessionId)).coordinator
    const claimed = list.reduce((sum, { receipt }) => sum + receipt.value.numerator, 0n)
    const headId = list.at(-1)?.receipt.id ?? NO_RECEIPT
    const final = { sessionId, lastSeq: list.length, headId, claimedNumerator: numerator(claimed) }
    return this.#sign(Final, final).bytes
  }
}
