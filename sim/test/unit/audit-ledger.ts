// The ClearNode's ledger of a hand-made run, line by line as the stand-in writes it.
import { formatUsdc, type Micros } from '@orien/protocol'
import type { JournalLine } from '../../src/devnet/clearnode/journal.ts'
import type { EntryRow, Row, SessionRow, TransactionRow } from '../../src/devnet/clearnode/tables.ts'
import { cast, NOW_MS } from './audit-parties.ts'
import type { MadeSession } from './audit-session.ts'

type Amounts = readonly [agent: bigint, coordinator: bigint, provider: bigint]

/** Writes lines; amounts in micro-USDC. */
export class LedgerScript {
  readonly lines: JournalLine[] = []
  readonly #held = new Map<string, Amounts>()
  #entry = 0
  #transaction = 0

  faucet(wallet: string, amount: bigint): void {
    this.#line('credit', [...this.#entries(wallet, wallet, amount), this.#moved('deposit', '0xBroker', wallet, amount)])
  }

  open(session: MadeSession, amount: bigint = session.script.allowance): void {
    const { id, agentWallet } = session.lane
    this.#held.set(id, [amount, 0n, 0n])
    this.#line('create_app_session', [
      ...this.#entries(agentWallet, agentWallet, -amount),
      ...this.#entries(id, agentWallet, amount),
      this.#moved('app_deposit', agentWallet, id, amount),
      sessionRow(session, 'open', 1),
    ])
  }

  /** A debit at a total. */
  operate(session: MadeSession, total: bigint): void {
    const { lane } = session
    const [agent, coordinator] = this.#heldBy(lane.id)
    const whole = agent + coordinator
    this.#held.set(lane.id, [whole - total, total, 0n])
    this.#line('submit_app_state', [
      ...this.#entries(lane.id, lane.agentWallet, whole - total - agent),
      ...this.#entries(lane.id, lane.coordinatorWallet, total - coordinator),
      sessionRow(session, 'open', 2),
    ])
  }

  close(session: MadeSession, pays: Partial<Record<'agent' | 'coordinator' | 'provider', bigint>> = {}): void {
    const { lane, script, received } = session
    const coordinator = pays.coordinator ?? received
    const provider = pays.provider ?? 0n
    const paid: Amounts = [pays.agent ?? script.allowance - coordinator - provider, coordinator, provider]
    const wallets = [lane.agentWallet, lane.coordinatorWallet, lane.providerWallet]
    const held = this.#heldBy(lane.id)
    const rows = wallets.flatMap((wallet, at) => [
      ...this.#entries(lane.id, wallet, -(held[at] ?? 0n)),
      ...this.#entries(wallet, wallet, paid[at] ?? 0n),
      this.#moved('app_withdrawal', lane.id, wallet, paid[at] ?? 0n),
    ])
    this.#line('close_app_session', [...rows, sessionRow(session, 'closed', 3)])
  }

  transfer(from: string, to: string, amount: bigint): void {
    this.#line('transfer', [
      ...this.#entries(from, from, -amount),
      ...this.#entries(to, to, amount),
      this.#moved('transfer', from, to, amount),
    ])
  }

  #heldBy(id: string): Amounts {
    return this.#held.get(id) ?? [0n, 0n, 0n]
  }

  #line(method: string, rows: readonly Row[]): void {
    this.lines.push({ seq: this.lines.length + 1, atMs: NOW_MS, method, rows })
  }

  #entries(account: string, wallet: string, amount: bigint): EntryRow[] {
    if (amount === 0n) return []
    const text = formatUsdc((amount < 0n ? -amount : amount) as Micros)
    const [credit, debit] = amount < 0n ? ['0', text] : [text, '0']
    return [{ table: 'entry', account, wallet, asset: 'usdc', credit, debit, id: ++this.#entry, atMs: NOW_MS }]
  }

  #moved(type: TransactionRow['type'], from: string, to: string, amount: bigint): TransactionRow {
    const text = formatUsdc(amount as Micros)
    return { table: 'transaction', type, from, to, asset: 'usdc', amount: text, id: ++this.#transaction, atMs: NOW_MS }
  }
}

function sessionRow({ lane }: MadeSession, status: SessionRow['status'], version: number): SessionRow {
  return {
    table: 'session',
    id: lane.id as SessionRow['id'],
    application: 'orien',
    protocol: 'NitroRPC/0.4',
    participants: [lane.agentWallet, cast.coordinator.wallet.address, lane.providerWallet],
    weights: ['2', '1', '1'],
    quorum: '3',
    challenge: '0',
    nonce: '1',
    status,
    version: String(version),
    sessionData: '',
    createdMs: NOW_MS,
    updatedMs: NOW_MS,
  }
}
