import { OrienError, utf8, type Cheque, type Clock, type Exit, type Random, type Timers } from '@orien/protocol'
import type { ChannelPaper, ChannelRail, Lane, Reading, SignedDebit, Wallet } from '../channel.ts'
import {
  closeOf,
  isExit,
  operateOf,
  paperAllocations,
  sameAllocations,
  singlePaper,
  type PaperWords,
} from '../single-paper.ts'
import { YellowClient, type Outcome, type YellowEvent } from './client.ts'
import { YELLOW_LIMITS, type YellowLimits } from './limits.ts'
import type { Refusal } from './refusals.ts'
import { findSession, readLane } from './reading.ts'
import { draftPayout, holdings, pay, type TransferDesk } from './transfers.ts'
import { CREATE_ID, EXIT_ID, textOf, wrapText, yellowWords, type YellowPaperOptions } from './words.ts'

export interface YellowRailOptions extends YellowPaperOptions {
  /** The node's WebSocket. */
  readonly url: string
  readonly wallet: Wallet
  readonly clock: Clock
  readonly timers: Timers
  /** Spreads the reconnections of many wallets after a restart of the node. */
  readonly random: Random
  readonly onEvent?: (event: YellowEvent) => void
  /** For tests. */
  readonly limits?: Partial<YellowLimits>
}

/** What the rail's requests work with. */
interface Desk extends TransferDesk {
  readonly words: PaperWords
  readonly paper: ChannelPaper
  readonly clock: Clock
  /** Channel id → monotonic time until which nothing that moves its money is sent. */
  readonly quiet: Map<string, number>
  /** Until then, monotonic, an Exit that an earlier process sent may still be at work. */
  readonly exitQuietMs: number
}

/** Wallets whose queue lives in this process, by node: a second queue could pay twice. */
const live = new Set<string>()

/**
 * The Yellow v0 rail of one wallet: connects and logs in, so that nobody else can claim the wallet at the node. Throws
 * `unreachable`, `railRefused` (the wallet is claimed by somebody), `locked` (this process has a rail of that wallet).
 */
export async function createYellowRail(options: YellowRailOptions): Promise<ChannelRail> {
  const { url, wallet, clock, timers, random, asset, application = 'orien', onEvent = () => undefined } = options
  const key = `${url} ${wallet.address}`
  if (live.has(key))
    throw new OrienError('locked', { message: 'this wallet already has a rail to this node: use that one' })
  live.add(key)
  const limits = { ...YELLOW_LIMITS, ...options.limits }
  const client = new YellowClient({ url, wallet, application, clock, timers, random, limits, onEvent })
  try {
    await client.connect()
  } catch (error) {
    live.delete(key)
    await client.stop()
    throw error
  }
  const words = yellowWords(options)
  const paper = singlePaper(words)
  const desk: Desk = {
    ...{ client, wallet, asset, limits, words, paper, clock, unsent: new Set(), quiet: new Map() },
    exitQuietMs: clock.monoMs() + limits.quietMs,
  }
  return {
    ...paper,
    ...requestsOf(desk),
    walletState: () => Promise.resolve({ version: 0 }),
    secure: () => Promise.resolve(),
    stop: async () => {
      await client.stop()
      live.delete(key)
    },
  }
}

/** Everything that touches the node, one after another. */
function requestsOf(desk: Desk): Omit<ChannelRail, keyof ChannelPaper | 'walletState' | 'secure' | 'stop'> {
  const { client } = desk
  return {
    open: (lane, messages) => client.run(() => open(desk, lane, messages)),
    read: (lane) => client.run(() => readLane(desk, lane)),
    probe: (lane, cheque) => client.run(() => probe(desk, lane, cheque)),
    checkpoint: (lane, debit, nextCheque) => client.run(() => checkpoint(desk, lane, debit, nextCheque)),
    cash: (lane, one) => client.run(() => cash(desk, lane, one)),
    holdings: (address, sinceId) => client.run(() => holdings(desk, address, sinceId)),
    draftPayout: (to, amount, tsMs) => client.run(() => draftPayout(desk, to, amount, tsMs)),
    pay: (bytes) => client.run(() => pay(desk, bytes)),
  }
}

/** Sends the agent's own bytes, exactly. The same create twice moves nothing twice, so it may be repeated. */
async function open(desk: Desk, lane: Lane, messages: readonly Uint8Array[]): Promise<'open' | 'void' | 'unknown'> {
  const [message, ...more] = messages
  const text = message === undefined || more.length > 0 ? undefined : textOf(message)
  if (text === undefined) throw new OrienError('badDocument', { message: 'an opening is one message of text' })
  const outcome = await desk.client.submit(text, CREATE_ID)
  if (outcome.kind === 'done') return 'open'
  const reading = await tryRead(desk, lane)
  if (reading?.status === 'open' && reading.allocations.agentMicros === lane.capacity) return 'open'
  return outcome.kind === 'refused' && reading !== undefined ? 'void' : 'unknown'
}

/** The cheque with the agent's signature alone: never enough to close, and the node's refusal tells what it lacks. */
async function probe(desk: Desk, lane: Lane, cheque: Cheque): Promise<'alive' | 'dead' | 'unknown'> {
  desk.paper.verify(lane, cheque)
  const text = desk.words.close(lane, closeOf(lane, cheque))
  const outcome = await desk.client.submit(wrapText(text, cheque.signatures), cheque.chequeSeq)
  if (outcome.kind === 'done') return 'dead'
  if (outcome.kind !== 'refused') return 'unknown'
  if (outcome.why === 'quorum') return 'alive'
  return DEAD.has(outcome.why) ? 'dead' : 'unknown'
}

/** Refusals that a cheque's probe cannot outlive as it stands. */
const DEAD: ReadonlySet<Refusal> = new Set<Refusal>(['unknownSigner', 'signature', 'notOpen', 'stale'])

async function checkpoint(
  desk: Desk,
  lane: Lane,
  debit: SignedDebit,
  nextCheque: Cheque,
): Promise<Lane | 'refused' | 'unknown'> {
  const { paper, words } = desk
  paper.verifyDebit(lane, debit)
  paper.verify(lane, nextCheque)
  if (nextCheque.ceilingMicros < debit.totalMicros) {
    throw new OrienError('badCheque', { message: 'the next cheque is below the debit' })
  }
  const operate = operateOf(lane, debit)
  const text = words.operate(lane, operate)
  const own = await desk.wallet.sign({ scheme: 'keccak', bytes: utf8(text) })
  const outcome = await submitQuietly(desk, lane, wrapText(text, [...debit.signatures, own]), debit.version)
  if (outcome.kind === 'done') return lane
  const reading = await tryRead(desk, lane)
  const landed = reading?.version === debit.version && sameAllocations(reading.allocations, operate.allocations)
  if (landed && reading.status === 'open') return lane
  return outcome.kind === 'refused' ? 'refused' : 'unknown'
}

async function cash(
  desk: Desk,
  lane: Lane,
  one: Cheque | Exit,
): Promise<'settled' | 'superseded' | 'refused' | 'unknown'> {
  const before = await tryFind(desk, lane)
  if (before === 'unknown') return 'unknown'
  if (before === undefined) return 'refused'
  if (before.status === 'closed') return settledBy(desk, lane, one)
  // Each look at a session may bring another Exit: one that was sent before a restart is not known again by its bytes.
  if (isExit(one) && desk.clock.monoMs() < desk.exitQuietMs) return 'unknown'
  const text = desk.words.close(lane, closeOf(lane, one))
  const signatures = isExit(one)
    ? [...one.agentSignatures, ...one.providerSignatures]
    : [...one.signatures, await desk.wallet.sign({ scheme: 'keccak', bytes: utf8(text) })]
  const id = isExit(one) ? EXIT_ID : one.chequeSeq
  const outcome = await submitQuietly(desk, lane, wrapText(text, signatures), id)
  if (outcome.kind === 'done') return 'settled'
  if (outcome.kind === 'refused') {
    if (outcome.why === 'notOpen') return settledBy(desk, lane, one)
    return outcome.why === 'notRedistributed' ? 'superseded' : 'refused'
  }
  return settledBy(desk, lane, one)
}

/** What the close paid, against what the paper says; `unknown` while the channel is not read closed. */
async function settledBy(desk: Desk, lane: Lane, one: Cheque | Exit): Promise<'settled' | 'superseded' | 'unknown'> {
  const reading = await tryRead(desk, lane)
  if (reading?.status !== 'closed') return 'unknown'
  return sameAllocations(reading.allocations, paperAllocations(lane, one)) ? 'settled' : 'superseded'
}

/**
 * Sends what moves a channel's money, unless an earlier such request may still be at work: two at once on two sockets are
 * both executed. After one without an answer the channel stays quiet.
 */
async function submitQuietly(desk: Desk, lane: Lane, text: string, id: number): Promise<Outcome> {
  const nowMs = desk.clock.monoMs()
  for (const [laneId, untilMs] of desk.quiet) if (untilMs <= nowMs) desk.quiet.delete(laneId)
  if (desk.quiet.has(lane.id)) return { kind: 'unsent' }
  const outcome = await desk.client.submit(text, id)
  if (outcome.kind === 'lost') desk.quiet.set(lane.id, desk.clock.monoMs() + desk.limits.quietMs)
  return outcome
}

/** A reading, when one can be had now. */
async function tryRead(desk: Desk, lane: Lane): Promise<Reading | undefined> {
  try {
    return await readLane(desk, lane)
  } catch (error) {
    if (error instanceof OrienError) return undefined
    throw error
  }
}

async function tryFind(desk: Desk, lane: Lane): Promise<Awaited<ReturnType<typeof findSession>> | 'unknown'> {
  try {
    return await findSession(desk, lane)
  } catch (error) {
    if (error instanceof OrienError) return 'unknown'
    throw error
  }
}
