import type { Network } from '@orien/node/network'
import {
  End,
  Final,
  floorMicros,
  NO_RECEIPT,
  numerator,
  Receipt,
  signDocument,
  type Authorisation,
  type Id,
  type Outgoing,
  type PeerText,
  type ReceiptsAnswer,
  type ReceiptsRequest,
  type Signed,
} from '@orien/protocol'
import type { AgentSession } from './agent.ts'
import { openLink, type ReceiptsLink } from './link.ts'
import { PRICE, scope, type Party } from './parties.ts'

export interface Collected {
  readonly authorisation: Uint8Array
  readonly receipt: Uint8Array
  readonly tickAck?: Uint8Array
}

interface Chain {
  readonly collected: Collected[]
  seq: number
  head: Id
  claimed: bigint
}

/** A provider that does exactly what a test tells it to, with real documents. */
export class ScriptedProvider {
  readonly party: Party
  readonly network: Network
  readonly coordinator: PeerText
  readonly #chains = new Map<AgentSession, Chain>()
  #link: ReceiptsLink | undefined

  constructor(party: Party, network: Network, coordinator: PeerText) {
    this.party = party
    this.network = network
    this.coordinator = coordinator
  }

  /** The next receipt of a session's chain, for `ms` of work; the agent sees it at once. */
  receipt(
    session: AgentSession,
    authorisation: Signed<Authorisation>,
    ms: number,
    more: Partial<Receipt> = {},
  ): Collected {
    const chain = this.#chainOf(session)
    const cap = authorisation.value.capMicros * 60_000n
    const claim = PRICE * BigInt(ms)
    const receipt = this.sign({
      sessionId: session.sessionId,
      authId: authorisation.id,
      callSeq: authorisation.value.callSeq,
      receiptSeq: chain.seq + 1,
      prevId: chain.head,
      effectiveMs: ms,
      numerator: numerator(claim < cap ? claim : cap),
      ...more,
    })
    chain.seq = receipt.value.receiptSeq
    chain.head = receipt.id
    chain.claimed += receipt.value.numerator
    session.receipts.push(receipt)
    const collected = { authorisation: authorisation.bytes, receipt: receipt.bytes }
    chain.collected.push(collected)
    return collected
  }

  /** Everything it ever collected of a session, as its outbox keeps it until PAID. */
  again(session: AgentSession): readonly Collected[] {
    return [...this.#chainOf(session).collected]
  }

  sign(more: Partial<Receipt>): Signed<Receipt> {
    return signDocument(scope, this.party.signer, Receipt, {
      sessionId: NO_RECEIPT,
      authId: NO_RECEIPT,
      callSeq: 1,
      receiptSeq: 1,
      prevId: NO_RECEIPT,
      outcome: 'ok',
      exitCode: 0,
      startedAtMs: 1,
      queuedMs: 0,
      effectiveMs: 0,
      cpuMs: 0,
      throttledMs: 0,
      maxRssBytes: 0,
      outputHash: NO_RECEIPT,
      logHash: NO_RECEIPT,
      numerator: numerator(0n),
      ...more,
    })
  }

  final(session: AgentSession): Uint8Array {
    const { seq, head, claimed } = this.#chainOf(session)
    const value = { sessionId: session.sessionId, lastSeq: seq, headId: head, claimedNumerator: numerator(claimed) }
    return signDocument(scope, this.party.signer, Final, value).bytes
  }

  end(session: AgentSession, reason = 'done'): Uint8Array {
    return signDocument(scope, this.party.signer, End, { sessionId: session.sessionId, reason }).bytes
  }

  /** What the receipts claim, in whole micro-USDC. */
  claimed(session: AgentSession): bigint {
    return floorMicros(numerator(this.#chainOf(session).claimed))
  }

  async send(session: AgentSession, batch: Partial<Outgoing<ReceiptsRequest>>): Promise<ReceiptsAnswer | undefined> {
    const link = await this.link()
    return link.send({ sessionId: session.sessionId, ...batch })
  }

  async link(): Promise<ReceiptsLink> {
    this.#link ??= await openLink(this.network, this.coordinator)
    return this.#link
  }

  unlink(): void {
    this.#link = undefined
  }

  #chainOf(session: AgentSession): Chain {
    const known = this.#chains.get(session) ?? { collected: [], seq: 0, head: NO_RECEIPT, claimed: 0n }
    this.#chains.set(session, known)
    return known
  }
}
