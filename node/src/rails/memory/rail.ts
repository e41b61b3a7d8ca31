import { hex, micros, OrienError, utf8, type Address, type Cheque, type Exit } from '@orien/protocol'
import type {
  Allocations,
  ChannelPaper,
  ChannelRail,
  Holdings,
  Lane,
  Reading,
  SignedDebit,
  Wallet,
} from '../channel.ts'
import { taskQueue } from '../queue.ts'
import {
  closeOf,
  isExit,
  operateOf,
  paperAllocations,
  sameAllocations,
  singlePaper,
  type PaperWords,
} from '../single-paper.ts'
import type { Ledger, LedgerChannel, Refused } from './ledger.ts'
import type { Answer, MemoryChannelNetwork, MemoryRequestKind } from './network.ts'
import { memoryWords, unwrap } from './words.ts'

/** A stale reading is no older. */
const STALE_MS = 3_000

const NOTHING: Allocations = { agentMicros: micros(0n), coordinatorMicros: micros(0n), providerMicros: micros(0n) }

/** What the rail of one wallet works with. */
interface Desk {
  readonly network: MemoryChannelNetwork
  readonly wallet: Wallet
  readonly words: PaperWords
  readonly paper: ChannelPaper
  ask(kind: MemoryRequestKind, serve: (ledger: Ledger) => 'ok' | Refused): Promise<Answer>
  sign(text: string): Promise<Uint8Array>
}

/** The channel rail of one wallet on a memory network. */
export function memoryChannelRail(network: MemoryChannelNetwork, wallet: Wallet): ChannelRail {
  const words = memoryWords(network.options)
  const paper = singlePaper(words)
  const desk: Desk = {
    network,
    wallet,
    words,
    paper,
    ask: (kind, serve) => network.request({ kind, wallet: wallet.address }, serve),
    sign: (text) => wallet.sign({ scheme: 'keccak', bytes: utf8(text) }),
  }
  const queue = taskQueue()
  const unsent = new Set<string>()
  return {
    ...paper,
    walletState: () => Promise.resolve({ version: 0 }),
    open: (lane, messages) => queue.run(() => open(desk, lane, messages)),
    read: (lane) => queue.run(() => readChannel(desk, lane)),
    probe: (lane, cheque) => queue.run(() => probe(desk, lane, cheque)),
    checkpoint: (lane, debit, nextCheque) => queue.run(() => checkpoint(desk, lane, debit, nextCheque)),
    cash: (lane, one) => queue.run(() => cash(desk, lane, one)),
    holdings: (address, sinceId) => queue.run(() => readLedger(desk, (ledger) => holdingsOf(ledger, address, sinceId))),
    async draftPayout(to, amount, tsMs) {
      network.ledger.drafts += 1
      const after = (network.ledger.movements.get(wallet.address) ?? []).length
      const draft = { kind: 'transfer', from: wallet.address, to, micros: amount.toString(), tsMs, after }
      const text = JSON.stringify({ ...draft, nonce: network.ledger.drafts })
      const bytes = words.wrap(text, [await desk.sign(text)])
      unsent.add(hex(bytes))
      return bytes
    },
    pay: (bytes) => queue.run(() => pay(desk, bytes, unsent.delete(hex(bytes)))),
    secure: () => Promise.resolve(),
    stop: () => queue.idle(),
  }
}

async function readLedger<T>(desk: Desk, read: (ledger: Ledger) => T): Promise<T> {
  await askToRead(desk)
  return read(desk.network.ledger)
}

async function askToRead(desk: Desk): Promise<Answer> {
  const answer = await desk.ask('read', () => 'ok')
  if (answer === 'lost') throw new OrienError('unreachable', { message: 'the ledger does not answer' })
  return answer
}

/** One reading; where they can be torn, the first that two in a row agree on. */
async function readChannel(desk: Desk, lane: Lane): Promise<Reading> {
  let reading = await readOnce(desk, lane)
  if (desk.network.options.tornReadings !== true) return reading
  for (;;) {
    const again = await readOnce(desk, lane)
    if (sameReading(reading, again)) return again
    reading = again
  }
}

async function readOnce(desk: Desk, lane: Lane): Promise<Reading> {
  const answer = await askToRead(desk)
  const { ledger } = desk.network
  const now = readingOf(lane, ledger.channels.get(lane.id))
  if (answer !== 'stale' && answer !== 'torn') return now
  const before = readingOf(lane, ledger.channelBefore(lane.id, STALE_MS))
  return answer === 'stale' ? before : { ...now, allocations: before.allocations }
}

function sameReading(a: Reading, b: Reading): boolean {
  return a.status === b.status && a.version === b.version && sameAllocations(a.allocations, b.allocations)
}

async function open(desk: Desk, lane: Lane, messages: readonly Uint8Array[]): Promise<'open' | 'void' | 'unknown'> {
  const [message] = messages
  if (message === undefined) return 'void'
  const answer = await desk.ask('open', (ledger) => ledger.open(message))
  if (answer === 'ok') return 'open'
  if (answer === 'lost') return 'unknown'
  return isFull(readingOf(lane, desk.network.ledger.channels.get(lane.id)), lane) ? 'open' : 'void'
}

async function probe(desk: Desk, lane: Lane, cheque: Cheque): Promise<'alive' | 'dead' | 'unknown'> {
  const bytes = desk.words.wrap(desk.words.close(lane, closeOf(lane, cheque)), cheque.signatures)
  const answer = await desk.ask('probe', (ledger) => ledger.probe(bytes))
  return answer === 'ok' ? 'alive' : answer === 'lost' ? 'unknown' : 'dead'
}

async function checkpoint(desk: Desk, lane: Lane, debit: SignedDebit, nextCheque: Cheque) {
  const { words, paper } = desk
  const next = { ...lane, base: words.capabilities.debitMovesBase ? debit.version : lane.base }
  requireNext(next, debit, nextCheque)
  paper.verifyDebit(lane, debit)
  paper.verify(next, nextCheque)
  const operate = operateOf(lane, debit)
  const text = words.operate(lane, operate)
  const bytes = words.wrap(text, [...debit.signatures, await desk.sign(text)])
  const answer = await desk.ask('operate', (ledger) => ledger.operate(bytes))
  if (answer === 'ok') return next
  if (answer === 'lost') return 'unknown'
  const { status, version, allocations } = readingOf(lane, desk.network.ledger.channels.get(lane.id))
  const landed = status === 'open' && version === debit.version && sameAllocations(allocations, operate.allocations)
  return landed ? next : 'refused'
}

async function cash(desk: Desk, lane: Lane, paper: Cheque | Exit) {
  const text = desk.words.close(lane, closeOf(lane, paper))
  const signatures = isExit(paper)
    ? [...paper.agentSignatures, ...paper.providerSignatures]
    : [...paper.signatures, await desk.sign(text)]
  const answer = await desk.ask('close', (ledger) => ledger.close(desk.words.wrap(text, signatures)))
  if (answer === 'ok') return 'settled'
  if (answer === 'lost') return 'unknown'
  if (answer === 'moved') return 'superseded'
  if (answer !== 'closed') return 'refused'
  const { allocations } = readingOf(lane, desk.network.ledger.channels.get(lane.id))
  return sameAllocations(allocations, paperAllocations(lane, paper)) ? 'settled' : 'superseded'
}

async function pay(desk: Desk, bytes: Uint8Array, isUnsent: boolean): Promise<'paid' | 'dead' | 'unknown'> {
  const answer = isUnsent
    ? await desk.ask('transfer', (ledger) => ledger.transfer(bytes))
    : await desk.ask('read', () => 'ok')
  if (answer === 'lost') return 'unknown'
  if (wasPaid(desk.network.ledger, desk.wallet.address, bytes)) return 'paid'
  const isRefused = isUnsent && answer !== 'ok'
  return isRefused || isPast(desk.network, bytes) ? 'dead' : 'unknown'
}

function isFull(reading: Reading, lane: Lane): boolean {
  return reading.status === 'open' && sameAllocations(reading.allocations, { ...NOTHING, agentMicros: lane.capacity })
}

function readingOf(lane: Lane, channel: LedgerChannel | undefined): Reading {
  if (channel === undefined)
    return { status: 'absent', version: 0, definitionMatches: false, allocations: NOTHING, evidence: '' }
  const { status, version, allocations, definition } = channel
  const paid = [allocations.agentMicros, allocations.coordinatorMicros, allocations.providerMicros].join(' ')
  const evidence = status === 'closed' ? `memory: version ${version} paid ${paid}` : ''
  return { status, version, definitionMatches: definition === lane.definition, allocations, evidence }
}

function requireNext(next: Lane, debit: SignedDebit, cheque: Cheque): void {
  if (cheque.base === next.base && cheque.ceilingMicros >= debit.totalMicros) return
  throw new OrienError('badCheque', { message: 'the next cheque is not good after the debit' })
}

function holdingsOf(ledger: Ledger, address: Address, sinceId: string | undefined): Holdings {
  const all = (ledger.movements.get(address) ?? []).toReversed()
  const end = sinceId === undefined ? -1 : all.findIndex(({ id }) => id === sinceId)
  return { balanceMicros: micros(ledger.balances.get(address) ?? 0n), movements: end < 0 ? all : all.slice(0, end) }
}

/** As on a ledger that shows no hash of what was sent: known again by recipient, amount and being newer than the draft. */
function wasPaid(ledger: Ledger, address: Address, bytes: Uint8Array): boolean {
  const { to, micros: amount, after } = unwrap(bytes)?.fields ?? {}
  const newer = (ledger.movements.get(address) ?? []).slice(Number(after))
  return newer.some((one) => one.account === to && String(-one.micros) === amount)
}

function isPast(network: MemoryChannelNetwork, bytes: Uint8Array): boolean {
  const tsMs = unwrap(bytes)?.fields['tsMs']
  const now = network.options.clock?.wallMs()
  return typeof tsMs === 'number' && now !== undefined && now - tsMs > (network.options.landingMs ?? 60_000)
}
