import { hex, keccak, micros, recoverAddress, utf8, type Address, type Micros } from '@orien/protocol'
import type { Allocations, Movement } from '../channel.ts'
import { sameAllocations, sumOf } from '../single-paper.ts'
import { idOf, participantsOf, quorumOf, unwrap, type MemoryMessage } from './words.ts'

/** Why the ledger refused. Words of this rail alone: nothing outside its adapter sees them. */
export type Refused =
  | 'exists'
  | 'late'
  | 'signatures'
  | 'hijacked'
  | 'funds'
  | 'version'
  | 'moved'
  | 'absent'
  | 'closed'
  | 'malformed'
  | 'seen'

export interface LedgerChannel {
  readonly definition: string
  readonly participants: readonly Address[]
  status: 'open' | 'closed'
  version: number
  allocations: Allocations
}

/** A channel as it was before a change. */
interface Past {
  readonly untilMs: number
  readonly channel: LedgerChannel | undefined
}

/** What the ledger asks of its owner. */
export interface LedgerRules {
  readonly debitMovesBase: boolean
  readonly landingMs: number
  /** Undefined: nothing is ever too late. */
  nowMs(): number | undefined
  signerOf(bytes: Uint8Array, signature: Uint8Array): Address | undefined
}

/** One ledger of channels and wallets, all in memory. Each method is one atomic request, as a node serves it. */
export class Ledger {
  readonly balances = new Map<string, bigint>()
  readonly movements = new Map<string, Movement[]>()
  readonly channels = new Map<string, LedgerChannel>()
  /** What each channel was before its last change. */
  readonly #past = new Map<string, Past>()
  readonly hijacked = new Set<string>()
  readonly #rules: LedgerRules
  /** Drafts of transfers so far: makes each one's bytes its own. */
  drafts = 0
  readonly #seen = new Set<string>()
  #lastId = 0

  constructor(rules: LedgerRules) {
    this.#rules = rules
  }

  /** A channel as a reader saw it `agoMs` ago, at most one change back. */
  channelBefore(id: string, agoMs: number): LedgerChannel | undefined {
    const past = this.#past.get(id)
    const thenMs = (this.#rules.nowMs() ?? 0) - agoMs
    return past === undefined || past.untilMs <= thenMs ? this.channels.get(id) : past.channel
  }

  /** Remembers how a channel stands, before it changes. */
  remember(id: string): void {
    const channel = this.channels.get(id)
    this.#past.set(id, {
      untilMs: this.#rules.nowMs() ?? 0,
      channel: channel === undefined ? undefined : { ...channel },
    })
  }

  /** An opening: the agent alone signs, and its whole amount moves in. */
  open(bytes: Uint8Array): 'ok' | Refused {
    const message = unwrap(bytes)
    if (message === undefined) return 'malformed'
    const { definition, agent, tsMs } = message.fields
    if (typeof definition !== 'string' || typeof agent !== 'string' || typeof tsMs !== 'number') return 'malformed'
    const id = idOf(definition)
    const participants = participantsOf(definition)
    const [wallet] = participants
    const why = this.#late(tsMs) ?? (this.channels.has(id) ? 'exists' : this.#signers(message, participants))
    if (typeof why === 'string') return why
    if (wallet === undefined || !why.has(wallet)) return 'signatures'
    const amount = micros(BigInt(agent))
    if ((this.balances.get(wallet) ?? 0n) < amount) return 'funds'
    this.remember(id)
    this.#move(wallet, 0n - amount, id, 'open')
    this.channels.set(id, {
      definition,
      participants,
      status: 'open',
      version: 1,
      allocations: vectorOf([amount, 0n, 0n]),
    })
    return 'ok'
  }

  /** An operate: quorum 3, the next version, the same sum. */
  operate(bytes: Uint8Array): 'ok' | Refused {
    const found = this.#quorum(bytes)
    if (typeof found === 'string') return found
    const { channel, fields, allocations } = found
    const { version, tsMs } = fields
    if (typeof tsMs !== 'number' || typeof version !== 'number') return 'malformed'
    const late = this.#late(tsMs)
    if (late !== undefined) return late
    if (version !== channel.version + 1) return 'version'
    this.remember(found.id)
    channel.version = version
    channel.allocations = allocations
    return 'ok'
  }

  /** A close: quorum 3 and the same sum; where debits move the base, also drawn on the version that stands. */
  close(bytes: Uint8Array): 'ok' | Refused {
    const found = this.#quorum(bytes)
    if (typeof found === 'string') return found
    this.pay(found.id, found.channel, found.allocations)
    return 'ok'
  }

  /** What a close with these signatures would answer; nothing moves. */
  probe(bytes: Uint8Array): 'ok' | Refused {
    const found = this.#quorum(bytes, true)
    return typeof found === 'string' ? found : 'ok'
  }

  /** A transfer between wallets; the same bytes never move twice. */
  transfer(bytes: Uint8Array): 'ok' | Refused {
    const message = unwrap(bytes)
    if (message === undefined) return 'malformed'
    const { from, to, micros: amount, tsMs } = message.fields
    if (typeof from !== 'string' || typeof to !== 'string' || typeof amount !== 'string' || typeof tsMs !== 'number')
      return 'malformed'
    const id = transferId(bytes)
    if (this.#seen.has(id)) return 'seen'
    const why = this.#late(tsMs) ?? this.#signers(message, [from as Address])
    if (typeof why === 'string') return why
    if (!why.has(from) || BigInt(amount) <= 0n) return 'signatures'
    if ((this.balances.get(from) ?? 0n) < BigInt(amount)) return 'funds'
    this.#seen.add(id)
    this.#move(from, -BigInt(amount), to, 'transfer', id)
    this.#move(to, BigInt(amount), from, 'transfer', id)
    return 'ok'
  }

  /** Closes a channel without asking for signatures: what a close does, or what others did. */
  pay(id: string, channel: LedgerChannel, allocations: Allocations): void {
    this.remember(id)
    channel.status = 'closed'
    channel.version += 1
    channel.allocations = allocations
    const shares = [allocations.agentMicros, allocations.coordinatorMicros, allocations.providerMicros]
    channel.participants.forEach((wallet, at) => this.#move(wallet, shares[at] ?? 0n, id, 'close'))
  }

  /** Money from nowhere: a deposit, or a stranger's gift. */
  credit(wallet: Address, amount: Micros, account: string): void {
    this.#move(wallet, amount, account, 'credit')
  }

  #quorum(bytes: Uint8Array, withoutQuorum = false) {
    const message = unwrap(bytes)
    const id = message?.fields['id']
    if (message === undefined || typeof id !== 'string') return 'malformed'
    const channel = this.channels.get(id)
    if (channel === undefined) return 'absent'
    if (channel.status === 'closed') return 'closed'
    const signers = this.#signers(message, channel.participants)
    if (typeof signers === 'string') return signers
    const { weights, quorum } = quorumOf(channel.definition)
    const weight = channel.participants.reduce(
      (sum, wallet, at) => sum + (signers.has(wallet) ? (weights[at] ?? 0) : 0),
      0,
    )
    if (!withoutQuorum && weight < quorum) return 'signatures'
    const { fields } = message
    const allocations = vectorOf((fields['vector'] as readonly string[]).map(BigInt))
    if (this.#rules.debitMovesBase && fields['kind'] === 'close' && !isDrawnOn(channel, fields['base'], allocations))
      return 'moved'
    return sumOf(allocations) === sumOf(channel.allocations) ? { id, channel, fields, allocations } : ('moved' as const)
  }

  #signers(message: MemoryMessage, participants: readonly Address[]): ReadonlySet<string> | Refused {
    const signers = new Set<string>()
    for (const signature of message.signatures) {
      const signer = this.#rules.signerOf(utf8(message.text), signature)
      if (signer === undefined) return 'signatures'
      if (this.hijacked.has(signer)) return 'hijacked'
      if (!participants.includes(signer)) return 'signatures'
      signers.add(signer)
    }
    return signers
  }

  #late(tsMs: number): 'late' | undefined {
    const now = this.#rules.nowMs()
    return now !== undefined && now - tsMs > this.#rules.landingMs ? 'late' : undefined
  }

  #move(wallet: string, amount: bigint, account: string, kind: string, id?: string): void {
    if (amount === 0n) return
    this.#lastId += 1
    this.balances.set(wallet, (this.balances.get(wallet) ?? 0n) + amount)
    const all = this.movements.get(wallet) ?? []
    this.movements.set(wallet, all)
    all.push({ id: id ?? `m${this.#lastId}`, micros: amount, account, kind, atMs: this.#rules.nowMs() ?? 0 })
  }
}

/** A close is two steps: one whose first step is how the channel stands needs only the second. */
function isDrawnOn(
  { version, allocations: standing }: LedgerChannel,
  base: unknown,
  allocations: Allocations,
): boolean {
  return base === version || (base === version - 1 && sameAllocations(standing, allocations))
}

/** The id a transfer has in the ledger. */
function transferId(bytes: Uint8Array): string {
  return hex(keccak(bytes))
}

export function ecdsaSigner(bytes: Uint8Array, signature: Uint8Array): Address | undefined {
  return recoverAddress(keccak(bytes), signature)
}

function vectorOf([agent = 0n, coordinator = 0n, provider = 0n]: readonly bigint[]): Allocations {
  return { agentMicros: micros(agent), coordinatorMicros: micros(coordinator), providerMicros: micros(provider) }
}
