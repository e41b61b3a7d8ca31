import type { StoreOp } from '@orien/node/store'
import {
  bindingDigest,
  micros,
  recoverAddress,
  TIMES,
  type Address,
  type Micros,
  type PeerText,
  type WalletBinding,
  type WindowLimits,
} from '@orien/protocol'
import { decodeRecord, encodeRecord } from '../codec.ts'
import type { Core } from '../core.ts'
import { after, keys } from '../keys.ts'

/** What is known of a peer by its own sessions here. Nothing of it ranks anybody; it only sizes windows. */
export interface Standing {
  readonly completed: number
  readonly paid: number
  readonly disputes: number
  readonly paidMicros: Micros
  /** A provider's payout wallet, and from when it may be paid. */
  readonly payout?: PayoutFrom
  /** Its payout wallets before that: whoever shows an old Offer again must not make the newest one wait anew. */
  readonly earlier?: readonly PayoutFrom[]
}

interface PayoutFrom {
  readonly wallet: Address
  readonly fromMs: number
}

/** Standings of all peers. Changes return what to write; the caller writes it with its own decision. */
export interface Standings {
  of(peer: PeerText): Standing
  all(): Iterable<readonly [PeerText, Standing]>
  /** Windows of an agent: the first ones, doubled with every paid session, up to the most anyone gets. */
  windowsOf(agent: PeerText): WindowLimits
  /** A dispute counts for both sides: who was right is not known here. */
  disputed(peers: readonly PeerText[]): readonly StoreOp[]
  paid(peers: readonly PeerText[], amount: Micros): readonly StoreOp[]
  /** Remembers that the wallet before it signed a provider's new payout wallet. */
  prove(binding: WalletBinding): void
  /** From when a provider's payout wallet may be paid: a new one that the old one did not sign waits 72 h. */
  payoutFrom(
    provider: PeerText,
    wallet: Address,
    nowMs: number,
  ): { readonly fromMs: number; readonly ops: readonly StoreOp[] }
}

/** The payout wallet that can vouch for this one: the newest, or the one before it when this one is the newest already. */
function beforeOf({ payout, earlier = [] }: Standing, wallet: Address): PayoutFrom | undefined {
  return payout?.wallet === wallet ? earlier.at(-1) : payout
}

const NEW: Standing = { completed: 0, paid: 0, disputes: 0, paidMicros: micros(0n) }
const PROVEN_MAX = 1_024
const EARLIER_MAX = 8
/** 2^40 times the first window is beyond every maximum. */
const MAX_DOUBLINGS = 40

export async function openStandings(core: Pick<Core, 'store' | 'config'>): Promise<Standings> {
  const known = new Map<PeerText, Standing>()
  const proven = new Map<PeerText, Address>()
  for await (const [key, value] of core.store.scan({ gte: keys.standings, lt: after(keys.standings) })) {
    known.set(key.slice(keys.standings.length) as PeerText, decodeRecord<Standing>(value, key))
  }
  const of = (peer: PeerText): Standing => known.get(peer) ?? NEW
  const change = (peer: PeerText, next: (standing: Standing) => Standing): StoreOp => {
    const standing = next(of(peer))
    known.set(peer, standing)
    return { type: 'put', key: keys.standing(peer), value: encodeRecord(standing) }
  }
  return {
    of,
    all: () => known.entries(),
    windowsOf(agent) {
      const { first, max } = core.config.windows
      const doublings = Math.min(of(agent).paid, MAX_DOUBLINGS)
      const raised = first.windowMicros << BigInt(doublings)
      return {
        windowMicros: raised < max.windowMicros ? micros(raised) : max.windowMicros,
        windowCalls: Math.min(max.windowCalls, first.windowCalls * 2 ** doublings),
      }
    },
    disputed: (peers) => peers.map((peer) => change(peer, (one) => ({ ...one, disputes: one.disputes + 1 }))),
    paid: (peers, amount) =>
      peers.map((peer) =>
        change(peer, (one) => ({
          ...one,
          completed: one.completed + 1,
          // A session nobody paid for proves nothing.
          paid: one.paid + (amount > 0n ? 1 : 0),
          paidMicros: micros(one.paidMicros + amount),
        })),
      ),
    prove(binding) {
      const { oldWalletSignature } = binding
      const before = beforeOf(of(binding.peer), binding.wallet)
      if (before === undefined || oldWalletSignature === undefined) return
      if (recoverAddress(bindingDigest(binding, core.config.chainId), oldWalletSignature) !== before.wallet) return
      if (proven.size >= PROVEN_MAX) proven.clear()
      proven.set(binding.peer, binding.wallet)
    },
    payoutFrom(provider, wallet, nowMs) {
      const { payout, earlier = [] } = of(provider)
      const known = earlier.find((one) => one.wallet === wallet)
      if (known !== undefined) return { fromMs: known.fromMs, ops: [] }
      const newest = payout?.wallet === wallet ? payout : undefined
      const before = beforeOf(of(provider), wallet)
      const isProven = before === undefined || proven.get(provider) === wallet
      // Who may not be paid yet vouches for nobody sooner: a chain of new wallets waits as long as its first.
      const fromMs = isProven ? (before?.fromMs ?? 0) : nowMs + TIMES.newPayoutWalletMs
      if (newest !== undefined && fromMs >= newest.fromMs) return { fromMs: newest.fromMs, ops: [] }
      const replaced = payout === undefined || newest !== undefined ? earlier : [...earlier, payout].slice(-EARLIER_MAX)
      const next = (one: Standing): Standing => ({ ...one, payout: { wallet, fromMs }, earlier: replaced })
      return { fromMs, ops: [change(provider, next)] }
    },
  }
}
