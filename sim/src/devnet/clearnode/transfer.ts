import { getAddress, isAddress } from 'viem'
import { walletsOf, type Handler, type Node } from './context.ts'
import { compare, formatDecimal, isPositive, negate, type Decimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import { clearnodeLimits } from './limits.ts'
import { list, allocationOf, text } from './params.ts'
import { balanceUpdate, transactionView } from './pushes.ts'
import { hashText } from './signing.ts'
import { spendingKey } from './spending.ts'
import { balanceOf, entry, type Draft, type TransactionRow } from './tables.ts'

/**
 * `transfer`: unified balance to unified balance. A request is remembered for 60 s after it was executed, in memory:
 * the same bytes on two sockets at once, or later, or after a restart, are executed again while their time is good.
 */
export const transfer: Handler = async (node, socket, request) => {
  const { params } = request
  const hash = hashText(request.text)
  if (wasExecuted(node, hash)) throw new Refusal('operation denied: the request has already been processed')
  const from = socket.login?.wallet ?? ''
  const to = destinationOf(node, text(params, 'destination'), text(params, 'destination_user_tag'))
  const allocations = list(params, 'allocations', allocationOf)
  if (allocations.length === 0) throw new Refusal('empty allocations')
  if (to === from) throw new Refusal('cannot transfer to self')
  for (const { asset, amount } of allocations)
    if (!isPositive(amount)) throw new Refusal(`invalid allocation: ${formatDecimal(amount)} for asset ${asset}`)
  const wallets = await walletsOf(node, request)
  const signer = wallets.get(from)
  if (signer === undefined) throw new Refusal('invalid signature')
  const drafts = allocations.flatMap(({ asset, amount }) => {
    if (compare(amount, balanceOf(node.store.tables, from, from, asset)) > 0)
      throw new Refusal(`insufficient funds: ${from} for asset ${asset}`)
    return moved(from, to, asset, amount, spendingKey(node, request, { wallet: from, signer, asset, amount }))
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
  for (const [seen, atMs] of node.transfersSeen) if (atMs <= horizon) node.transfersSeen.delete(seen)
  return node.transfersSeen.has(hash)
}

const destinationOf = (node: Node, address: string, tag: string): string => {
  if (address === '' && tag === '') throw new Refusal('destination or destination_tag must be provided')
  if (address !== '') {
    if (!isAddress(address, { strict: false })) throw new Refusal('invalid destination account')
    return getAddress(address)
  }
  for (const [wallet, known] of node.store.tables.tags) if (known === tag.toUpperCase()) return wallet
  throw new Refusal('failed to get wallet by tag: record not found')
}
