import { getAddress, isAddress } from 'viem'
import type { Handler, Node, Request } from './context.ts'
import { add, compare, formatDecimal, isPositive, negate, zero, type Decimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import { walletOf } from './keys.ts'
import { clearnodeLimits } from './limits.ts'
import { allocationOf, list, object, text } from './params.ts'
import { balanceUpdate, transactionView } from './pushes.ts'
import { hashText, signerOf } from './signing.ts'
import { checkSpending } from './spending.ts'
import { balanceOf, entry, type Draft, type TransactionRow } from './tables.ts'

/**
 * `transfer`: unified balance to unified balance. A request is remembered for 60 s after it was executed, in memory:
 * the same bytes on two sockets at once, or later, or after a restart, are executed again while their time is good.
 */
export const transfer: Handler = async (node, socket, request) => {
  const params = object(request.params)
  const destination = text(params, 'destination')
  const tag = text(params, 'destination_user_tag')
  const allocations = list(params, 'allocations', allocationOf)
  const hash = hashText(request.text)
  if (wasExecuted(node, hash)) throw new Refusal('operation denied: the request has already been processed')
  if (destination === '' && tag === '') throw new Refusal('destination or destination_tag must be provided')
  if (destination !== '' && !isAddress(destination, { strict: false }))
    throw new Refusal(`invalid destination account: ${destination}`)
  if (allocations.length === 0) throw new Refusal('allocations cannot be empty')
  const from = socket.login?.wallet ?? ''
  const signer = await signerFor(node, from, request)
  const to = destination === '' ? walletByTag(node, tag) : destination
  // Compared as written: an own address in lower case passes.
  if (to === from) throw new Refusal('cannot transfer to self')
  const sessionKey = signer === from ? undefined : signer
  const spent = new Map<string, Decimal>()
  const drafts = allocations.flatMap(({ asset, amount }) => {
    if (!isPositive(amount)) throw new Refusal(`invalid allocation: ${formatDecimal(amount)} for asset ${asset}`)
    const earlier = spent.get(asset) ?? zero
    checkSpending(node, sessionKey, { asset, amount, earlier, application: undefined })
    const needed = add(earlier, amount)
    if (compare(needed, balanceOf(node.store.tables, from, from, asset)) > 0)
      throw new Refusal(`insufficient funds: ${from} for asset ${asset}`)
    spent.set(asset, needed)
    return moved(from, getAddress(to), asset, amount, sessionKey)
  })
  const rows = await node.store.commit('transfer', drafts)
  node.transfersSeen.set(hash, node.nowMs())
  const transactions = rows
    .filter((row): row is TransactionRow => row.table === 'transaction')
    .map((row) => transactionView(node, row))
  for (const wallet of [from, to]) {
    await balanceUpdate(node, wallet)
    await node.pushTo(wallet, 'tr', { transactions })
  }
  return { method: 'transfer', params: { transactions } }
}

const moved = (from: string, to: string, asset: string, amount: Decimal, sessionKey: string | undefined): Draft[] => [
  ...entry(from, from, asset, negate(amount), sessionKey),
  ...entry(to, to, asset, amount),
  { table: 'transaction', type: 'transfer', from, to, asset, amount: formatDecimal(amount) },
]

const wasExecuted = (node: Node, hash: string): boolean => {
  const horizon = node.nowMs() - clearnodeLimits.transferMemoryMs
  for (const [seen, atMs] of node.transfersSeen) if (atMs < horizon) node.transfersSeen.delete(seen)
  return node.transfersSeen.has(hash)
}

/** Who signed first; it must speak for the wallet of the socket. Further signatures are not looked at. */
export const signerFor = async (node: Node, wallet: string, { text: signed, signatures }: Request): Promise<string> => {
  const [first] = signatures
  if (first === undefined) throw new Refusal('missing participant signature')
  const signer = await signerOf(signed, first)
  if (signer === undefined) throw new Refusal('failed to verify signer')
  if (walletOf(node, signer) !== wallet) throw new Refusal('invalid signature')
  return signer
}

const walletByTag = (node: Node, tag: string): string => {
  for (const [wallet, known] of node.store.tables.tags) if (known === tag.toUpperCase()) return wallet
  throw new Refusal(`failed to get wallet by tag: ${tag}`)
}
