import type { Address, Micros } from '@orien/protocol'
import type { ChannelRail, Lane, Wallet } from '../../../src/rails/channel.ts'

/** One running node of a rail, and what its test can do to it. */
export interface ChannelWorld {
  /** A fresh wallet with a rail of its own. */
  party(): Promise<Party>
  fund(wallet: Address, amount: Micros): Promise<void>
  /** The clock of the rails and of the node, Unix ms. */
  nowMs(): number
  /** Moves that clock on. */
  advance(ms: number): void
  /** The next request of this wallet that could move money is lost, or its answer is. */
  lose(wallet: Address, what: 'request' | 'answer'): void
  /** Where somebody can: makes the node stop counting this wallet's signatures; the result undoes it. */
  hijack(wallet: Wallet): Promise<() => Promise<void>>
  /** Where somebody can: takes the id of a channel to come by creating it empty. */
  squat(lane: Lane): Promise<void>
  /** What a Grant says of the rail. */
  readonly grantUrl: string
  readonly asset: string
  stop(): Promise<void>
}

export interface Party {
  readonly wallet: Wallet
  readonly rail: ChannelRail
}

/** Attacks that exist on some generations of a rail only. */
export interface ChannelAttacks {
  readonly hijack: boolean
  readonly squat: boolean
}
