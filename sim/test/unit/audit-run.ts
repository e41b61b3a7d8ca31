// A whole run made by hand: three sessions, two payouts, a ledger and a chain. Tests change one thing and ask what the audit says.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLevelStore } from '@orien/node/store'
import {
  hex,
  micros,
  Payout,
  payoutIdOf,
  signDocument,
  workAnswers,
  type Address,
  type Micros,
  type PayoutLeg,
  type Signed,
} from '@orien/protocol'
import { audit } from '../../src/demo/audit/audit.ts'
import { readBalances } from '../../src/demo/audit/balances.ts'
import { legNonce } from '../../src/demo/audit/chain.ts'
import type { AuditInput, AuditReport, Balances, TamperInput } from '../../src/demo/audit/types.ts'
import { ARC_TOKEN } from '../../src/devnet/addresses.ts'
import type { TokenLog } from '../../src/devnet/arc.ts'
import type { JournalLine } from '../../src/devnet/clearnode/journal.ts'
import { LedgerScript } from './audit-ledger.ts'
import { addresses, cast, CHAIN_ID, parties, payoutOf, scope } from './audit-parties.ts'
import { makeSession, type Changes, type MadeSession, type Script } from './audit-session.ts'

/** `ada/agent` → key → value, as the daemons leave them. */
export type Books = Map<string, Map<string, Uint8Array>>

export interface Run {
  readonly sessions: readonly [exact: MadeSession, vanished: MadeSession, disputed: MadeSession]
  readonly payouts: Signed<Payout>[]
  readonly books: Books
  readonly ledger: JournalLine[]
  readonly logs: TokenLog[]
}

const SCRIPTS: readonly [Script, Script, Script] = [
  {
    agent: cast.ada,
    provider: cast.barn,
    allowance: 1_000_000n,
    ceiling: 200_000n,
    acked: true,
    calls: [
      { tool: 'compile_contract', effectiveMs: 1_000, capMicros: 100_000n },
      { tool: 'compile_contract', effectiveMs: 501, capMicros: 100_000n },
    ],
  },
  {
    agent: cast.grace,
    provider: cast.mill,
    allowance: 400_000n,
    ceiling: 300_000n,
    acked: false,
    received: 300_000n,
    calls: [{ tool: 'count_primes', effectiveMs: 2_000, capMicros: 300_000n }],
  },
  {
    agent: cast.grace,
    provider: cast.barn,
    allowance: 500_000n,
    ceiling: 100_000n,
    acked: true,
    calls: [{ tool: 'compile_contract', effectiveMs: 1_000, capMicros: 100_000n, acceptedMs: 400 }],
  },
]

const unchanged = new Map<number, Promise<MadeSession>>()

/** Signing takes longest, so an unchanged session is signed once. */
function sessionAt(at: 0 | 1 | 2, changes: Changes | undefined): Promise<MadeSession> {
  if (changes !== undefined) return makeSession(SCRIPTS[at], at + 1, changes)
  const made = unchanged.get(at) ?? makeSession(SCRIPTS[at], at + 1)
  unchanged.set(at, made)
  return made
}

export interface RunChanges {
  /** Documents of one session, by its place. */
  readonly documents?: readonly [Changes?, Changes?, Changes?]
  /** Legs of the two payouts before they are signed; the chain pays what the Statements owe all the same. */
  legs?(legs: readonly PayoutLeg[], payout: number): readonly PayoutLeg[]
  /** The first leg of each payout was blocked, and is paid by a transaction of its own. */
  readonly blocked?: boolean
  /** Which sessions are in which payout. */
  readonly sets?: readonly (readonly number[])[]
  ledger?(script: LedgerScript, sessions: Run['sessions']): void
}

export async function makeRun(changes: RunChanges = {}): Promise<Run> {
  const [first, second, third] = changes.documents ?? []
  const sessions = [await sessionAt(0, first), await sessionAt(1, second), await sessionAt(2, third)] as const
  const logs: TokenLog[] = [mint(addresses.treasury, 50_000_000n)]
  const sets = changes.sets ?? [[0, 1], [2]]
  const payouts = sets.map((set, at) => {
    const paid = set.flatMap((one) => sessions[one] ?? [])
    return makePayout(paid, at, changes, logs)
  })
  const script = new LedgerScript()
  if (changes.ledger === undefined) usualLedger(script, sessions)
  else changes.ledger(script, sessions)
  const documents = payouts.flat()
  return { sessions, payouts: documents, books: booksOf(sessions, documents), ledger: script.lines, logs }
}

/** What happens when everything is as it should be. */
export function usualLedger(
  script: LedgerScript,
  [exact, vanished, disputed]: Run['sessions'],
  refunded: bigint = vanished.received - vanished.total,
): void {
  for (const { agent, allowance } of SCRIPTS) script.faucet(agent.wallet.address, allowance + 1_000_000n)
  script.open(exact)
  script.open(vanished)
  script.operate(exact, 15_000n)
  script.close(exact)
  script.open(disputed)
  script.close(vanished)
  refund(script, vanished, refunded)
  script.close(disputed)
}

/** Sends the overshoot of a close back. */
export function refund(
  script: LedgerScript,
  { lane, received, total }: MadeSession,
  amount: bigint = received - total,
): void {
  script.transfer(lane.coordinatorWallet, lane.agentWallet, amount)
}

function makePayout(sessions: readonly MadeSession[], at: number, changes: RunChanges, logs: TokenLog[]) {
  const shares = new Map<Address, bigint>()
  const add = (to: Address, amount: bigint) => shares.set(to, (shares.get(to) ?? 0n) + amount)
  for (const { statement, script } of sessions) {
    const { providerMicros, platformMicros, reserveMicros } = statement.value.split
    add(payoutOf(script.provider), providerMicros)
    add(addresses.platform, platformMicros)
    add(addresses.reserve, reserveMicros)
  }
  const owed = [...shares].map(([recipient, amount]) => ({ recipient, micros: micros(amount) }))
  const statementIds = sessions.map(({ statement }) => statement.id)
  const payoutId = payoutIdOf(scope.crypto, statementIds)
  const transaction = `0x${String(at + 1).repeat(64)}`
  const sign = (legs: readonly PayoutLeg[], later: string) =>
    signDocument(scope, cast.coordinator.signer, Payout, { payoutId, statementIds, legs, transaction: later })
  const legs = changes.legs?.(owed, at) ?? owed
  const documents =
    changes.blocked === true
      ? [sign(legs.slice(1), transaction), sign(legs.slice(0, 1), `0x${String(at + 7).repeat(64)}`)]
      : [sign(legs, transaction)]
  for (const leg of owed) {
    const paid = documents.find(({ value }) => value.legs.some(({ recipient }) => recipient === leg.recipient))
    if (paid !== undefined) logs.push(...payment(paid.value, leg))
  }
  return documents
}

/** The two logs of a leg that went through. */
export function payment({ payoutId, transaction }: Payout, { recipient, micros: amount }: PayoutLeg, attempt = 1) {
  const { treasury } = addresses
  const nonce = legNonce({ chainId: CHAIN_ID, token: ARC_TOKEN, treasury, payoutId, recipient, attempt })
  const place = { blockNumber: 1n, logIndex: 0, transaction: transaction as `0x${string}` }
  const logs: TokenLog[] = [
    { ...place, event: 'AuthorizationUsed', authorizer: treasury, nonce: nonce as `0x${string}` },
    { ...place, event: 'Transfer', from: treasury, to: recipient, micros: amount },
  ]
  return logs
}

function mint(to: Address, amount: bigint): TokenLog {
  const zero: `0x${string}` = `0x${'0'.repeat(40)}`
  const place = { blockNumber: 0n, logIndex: 0, transaction: '0x00' as const }
  return { ...place, event: 'Transfer', from: zero, to, micros: micros(amount) }
}

const padded = (seq: number): string => seq.toString().padStart(16, '0')

function booksOf(sessions: readonly MadeSession[], payouts: readonly Signed<Payout>[]): Books {
  const books: Books = new Map(
    ['ada/agent', 'grace/agent', 'build-barn/provider', 'number-mill/provider'].map((name) => [name, new Map()]),
  )
  for (const session of sessions) {
    const { script, grant, cheque } = session
    const sid = hex(grant.id)
    const mine = payouts.filter(({ value }) => value.statementIds.some((id) => hex(id) === hex(session.statement.id)))
    for (const role of ['agent', 'provider'] as const) {
      const book = bookOf(books, `${script[role].name}/${role}`)
      book.set(`session/${sid}`, grant.bytes)
      book.set(`cheque/${sid}`, cheque)
      session.acks.forEach((ack, at) => book.set(`ack/${sid}/${padded(at + 1)}`, ack.bytes))
      if (role === 'agent') book.set(`offer/${sid}`, session.offer)
      session.calls.forEach((call, at) => {
        if (role === 'provider') book.set(`done/${sid}/${padded(at + 1)}`, doneOf(call))
        else if (script.acked) {
          book.set(`receipt/${sid}/${padded(at + 1)}`, call.receipt.bytes)
          book.set(`auth/${sid}/${padded(at + 1)}`, call.authorisation.bytes)
        }
      })
      if (role === 'agent' && !script.acked) continue
      book.set(`statement/${sid}/${padded(1)}`, session.statement.bytes)
      for (const { value, bytes } of mine) book.set(`payout/${hex(value.payoutId)}/${value.transaction}`, bytes)
    }
  }
  return books
}

export function bookOf(books: Books, name: string): Map<string, Uint8Array> {
  const book = books.get(name)
  if (book === undefined) throw new Error(name)
  return book
}

function doneOf({ authorisation, receipt }: MadeSession['calls'][number]): Uint8Array {
  const done = { authorisation: authorisation.bytes, receipt: receipt.bytes, output: new Uint8Array() }
  return workAnswers.encode({ done })
}

/** Nothing is there before a run: what the faucets gave is told apart by the audit. */
const BEFORE: Balances = { channel: new Map(), chain: new Map(), ledgerLines: 0, chainLogs: 0 }

/** Writes a run to a folder of its own and hands over what audit and tamper take. */
export async function withRun<T>(run: Run, use: (input: AuditInput & TamperInput) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'orien-audit-'))
  try {
    const clearnodeHome = join(home, 'clearnode')
    await mkdir(clearnodeHome)
    await writeFile(join(clearnodeHome, 'ledger.jsonl'), run.ledger.map((line) => `${JSON.stringify(line)}\n`).join(''))
    for (const [name, entries] of run.books) await writeBook(join(home, name), entries)
    const devnet = { arc: chainOf(run.logs), clearnode: { stop: async () => undefined } }
    const sources = { devnet, clearnodeHome, parties }
    const after = await readBalances(sources)
    return await use({ ...sources, chainId: CHAIN_ID, home, addresses, before: BEFORE, after })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function writeBook(folder: string, entries: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const store = await openLevelStore(folder)
  await store.commit([...entries].map(([key, value]) => ({ type: 'put', key, value })))
  await store.close()
}

function chainOf(logs: readonly TokenLog[]): AuditInput['devnet']['arc'] {
  return {
    token: ARC_TOKEN,
    transfers: async () => [...logs],
    async balanceMicros(address) {
      let sum = 0n
      for (const log of logs) {
        if (log.event !== 'Transfer') continue
        if (log.to === address) sum += log.micros
        if (log.from === address) sum -= log.micros
      }
      return sum as Micros
    },
  }
}

/** Audits a run. */
export function judge(run: Run): Promise<AuditReport> {
  return withRun(run, (input) => audit(input))
}
