import { fromHex, hex, keccak, OrienError, utf8, utf8Text, type Address } from '@orien/protocol'
import type { ChannelCapabilities, ChannelPaper, Lane, LaneParties } from '../channel.ts'
import { checkDefinition, singlePaper, type PaperWords } from '../single-paper.ts'
import { cheapSigner } from './cheap-wallet.ts'

/** What two memory rails must agree on to share a channel. */
export interface MemoryPaperOptions {
  /** Default `usdc`. */
  readonly asset?: string
  /** Default false. True gives the shape of Yellow v1: every debit voids the cheques before it. */
  readonly debitMovesBase?: boolean
  /** `ecdsa` as on a real rail (default), or `cheap` for simulator seeds, with `cheapWallet`. */
  readonly signatures?: 'ecdsa' | 'cheap'
  /** Default 60 000. */
  readonly landingMs?: number
}

/** The rail's name in a Grant. */
export const MEMORY_RAIL = 'memory'

const VECTOR = ['agentMicros', 'coordinatorMicros', 'providerMicros'] as const

/** The words of the memory rail: JSON texts with fixed key order. */
export function memoryWords(options: MemoryPaperOptions): PaperWords {
  const { asset = 'usdc', debitMovesBase = false, signatures = 'ecdsa', landingMs = 60_000 } = options
  const capabilities: ChannelCapabilities = { rail: MEMORY_RAIL, debitMovesBase, landingMs }
  const about = (lane: Lane) => ({ id: lane.id, session: hex(lane.sessionId), asset })
  return {
    capabilities,
    asset,
    define,
    nonceOf: (definition) => fromHex(/"nonce":"([0-9a-f]{16})"}$/.exec(definition)?.[1] ?? 'none'),
    open: (lane, tsMs) =>
      JSON.stringify({
        kind: 'open',
        ...about(lane),
        definition: lane.definition,
        agent: lane.capacity.toString(),
        tsMs,
      }),
    close: (lane, { base, seq, allocations, tsMs }) =>
      JSON.stringify({
        kind: 'close',
        ...about(lane),
        base,
        seq,
        vector: VECTOR.map((share) => allocations[share].toString()),
        tsMs,
      }),
    operate: (lane, { version, allocations, tsMs }) =>
      JSON.stringify({
        kind: 'operate',
        ...about(lane),
        version,
        vector: VECTOR.map((share) => allocations[share].toString()),
        tsMs,
      }),
    wrap: (text, all) => utf8(JSON.stringify({ text, signatures: all.map(hex) })),
    unwrapOpen,
    ...(signatures === 'cheap' ? { signerOf: cheapSigner } : {}),
  }
}

/** The memory rail's pure half alone. */
export function memoryPaper(options: MemoryPaperOptions = {}): ChannelPaper {
  return singlePaper(memoryWords(options))
}

/** Definition and id: what everybody must know of a channel. */
function define(parties: LaneParties, nonce: Uint8Array): { definition: string; id: string } {
  checkDefinition(parties, nonce)
  const { agentWallet, coordinatorWallet, providerWallet } = parties
  const participants = [agentWallet, coordinatorWallet, providerWallet]
  const definition = JSON.stringify({ participants, weights: [2, 1, 1], quorum: 3, nonce: hex(nonce) })
  return { definition, id: idOf(definition) }
}

/** A channel's id: the hash of its definition. */
export function idOf(definition: string): string {
  return `0x${hex(keccak(utf8(definition)))}`
}

function unwrapOpen(bytes: Uint8Array): { tsMs: number; signature: Uint8Array } | undefined {
  const message = unwrap(bytes)
  const tsMs = message?.fields['tsMs']
  const [signature] = message?.signatures ?? []
  return typeof tsMs !== 'number' || signature === undefined ? undefined : { tsMs, signature }
}

/** A message taken apart; undefined when it is none. */
export interface MemoryMessage {
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly signatures: readonly Uint8Array[]
}

/** Reads a wrapped message; undefined when it is not one. */
export function unwrap(bytes: Uint8Array): MemoryMessage | undefined {
  const outer = record(bytes)
  const { text, signatures } = outer ?? {}
  if (typeof text !== 'string' || !Array.isArray(signatures)) return undefined
  const fields = record(utf8(text))
  const all = signatures.map((one) => (typeof one === 'string' ? fromHex(one) : undefined))
  if (fields === undefined || !all.every((one) => one !== undefined)) return undefined
  return { text, fields, signatures: all }
}

function record(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(utf8Text(bytes))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

/** Wallets of a definition, in order; throws for a text that `define` did not make. */
export function participantsOf(definition: string): readonly Address[] {
  const { participants } = record(utf8(definition)) ?? {}
  if (Array.isArray(participants) && participants.length === 3) return participants as Address[]
  throw new OrienError('badDocument', { message: 'not a definition of the memory rail' })
}

/** What each participant of a definition weighs, and what a move needs: the ledger asks nothing else of who signed. */
export function quorumOf(definition: string): { readonly weights: readonly number[]; readonly quorum: number } {
  const { weights, quorum } = record(utf8(definition)) ?? {}
  if (Array.isArray(weights) && typeof quorum === 'number') return { weights: weights as number[], quorum }
  throw new OrienError('badDocument', { message: 'not a definition of the memory rail' })
}
