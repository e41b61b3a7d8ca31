import { parseAnyRPCResponse, RPCMethod, RPCTxType, type RPCTransaction } from '@erc7824/nitrolite'
import { hex, isAddress, micros, OrienError, utf8, type Address, type Micros } from '@orien/protocol'
import type { Holdings, Movement, Wallet } from '../channel.ts'
import type { YellowClient } from './client.ts'
import { amountText, microsOfText } from './decimal.ts'
import { ledgerSum, transactions, transactionsAt, type Reader } from './reading.ts'
import { request, textOf, wrapText } from './words.ts'

/** What transfers work with. */
export interface TransferDesk extends Reader {
  readonly client: YellowClient
  readonly wallet: Wallet
  readonly asset: string
  /** Drafts of this process that were never sent. */
  readonly unsent: Set<string>
}

/** A stored payout: the exact message, and what finds it in the ledger. */
interface Payout {
  readonly id: number
  readonly to: Address
  readonly amount: string
  readonly tsMs: number
  /** Id of the newest transaction of the wallet when it was drafted: this transfer's is higher. */
  readonly after: number
  readonly message: string
}

/**
 * The bytes of a transfer. The ledger shows no memo and no hash, so a transfer is known again by sender, recipient, amount
 * and an id above all that were there before: hence one in flight per recipient.
 */
export async function draftPayout(desk: TransferDesk, to: Address, amount: Micros, tsMs: number): Promise<Uint8Array> {
  const { wallet, asset, client } = desk
  if (!isAddress(to) || to === wallet.address || amount <= 0n) {
    throw new OrienError('badDocument', { message: 'a transfer needs another wallet and an amount' })
  }
  const [newest] = await transactions(desk, { account: wallet.address, asset, atMost: 1 })
  const id = client.nextId()
  const allocation = `{"asset":"${asset}","amount":"${amountText(amount)}"}`
  const text = request(id, 'transfer', `"destination":"${to}","allocations":[${allocation}]`, tsMs)
  const message = wrapText(text, [await wallet.sign({ scheme: 'keccak', bytes: utf8(text) })])
  const payout: Payout = { id, to, amount: amount.toString(), tsMs, after: newest?.id ?? 0, message }
  const bytes = utf8(JSON.stringify(payout))
  desk.unsent.add(hex(bytes))
  return bytes
}

/**
 * Sends a payout that this process drafted and never sent; any other is looked for in the ledger. A message the node may
 * have seen is never sent again: after a restart it would execute it a second time.
 */
export async function pay(desk: TransferDesk, bytes: Uint8Array): Promise<'paid' | 'dead' | 'unknown'> {
  const payout = decode(bytes)
  const key = hex(bytes)
  if (desk.unsent.delete(key)) {
    const outcome = await desk.client.submit(payout.message, payout.id)
    if (outcome.kind === 'done') return 'paid'
    if (outcome.kind === 'refused') return 'dead'
    if (outcome.kind === 'unsent') {
      desk.unsent.add(key)
      return 'unknown'
    }
  }
  return lookUp(desk, payout)
}

/** By the node's own clock: once its time is past landing and the ledger shows nothing, nothing will come. */
async function lookUp(desk: TransferDesk, payout: Payout): Promise<'paid' | 'dead' | 'unknown'> {
  const { wallet, asset, limits } = desk
  const isOlder = (row: RPCTransaction): boolean => row.id <= payout.after
  let seen
  try {
    seen = await transactionsAt(desk, { account: wallet.address, asset, type: RPCTxType.Transfer, until: isOlder })
  } catch (error) {
    if (error instanceof OrienError) return 'unknown'
    throw error
  }
  const isIt = (row: RPCTransaction): boolean =>
    row.fromAccount === wallet.address &&
    row.toAccount === payout.to &&
    microsOfText(row.amount).toString() === payout.amount
  if (seen.rows.some(isIt)) return 'paid'
  return seen.atMs > payout.tsMs + limits.landingMs + limits.landedMarginMs ? 'dead' : 'unknown'
}

/** Balance and movements of a wallet; a moment may pass between the two. */
export async function holdings(desk: TransferDesk, wallet: Address, sinceId: string | undefined): Promise<Holdings> {
  const { asset } = desk
  const balance = wallet === desk.wallet.address ? await ownBalance(desk) : await ledgerSum(desk, wallet, wallet, asset)
  const until = sinceId === undefined ? {} : { until: (row: RPCTransaction) => String(row.id) === sinceId }
  const rows = await transactions(desk, { account: wallet, asset, ...until })
  return { balanceMicros: micros(balance), movements: rows.map((row) => movementOf(row, wallet)) }
}

/** One question instead of paging through all entries; only the owner may ask it. */
async function ownBalance({ client, asset }: TransferDesk): Promise<bigint> {
  const answer = parseAnyRPCResponse((await client.ask(RPCMethod.GetLedgerBalances, {})).text)
  if (answer.method !== RPCMethod.GetLedgerBalances) {
    throw new OrienError('railRefused', { message: 'the node refused to show the balance' })
  }
  const text = answer.params.ledgerBalances.find((one) => one.asset === asset)?.amount
  const balance = text === undefined ? 0n : microsOfText(text)
  return balance < 0n ? 0n : balance
}

function movementOf(row: RPCTransaction, wallet: Address): Movement {
  const amount = microsOfText(row.amount)
  const isIn = row.toAccount === wallet
  return {
    id: String(row.id),
    micros: isIn ? amount : 0n - amount,
    account: isIn ? row.fromAccount : row.toAccount,
    kind: row.txType,
    atMs: row.createdAt.getTime(),
  }
}

function decode(bytes: Uint8Array): Payout {
  const value: unknown = JSON.parse(textOf(bytes) ?? 'null')
  if (typeof value !== 'object' || value === null || !('message' in value) || typeof value.message !== 'string') {
    throw new OrienError('badDocument', { message: 'these are no bytes of a payout' })
  }
  return value as Payout
}
