import type { IncomingMessage, ServerResponse } from 'node:http'
import { getAddress, isAddress } from 'viem'
import type { Node } from './context.ts'
import { formatDecimal, isPositive, parseDecimal } from './decimal.ts'
import { ClearnodeError } from './errors.ts'
import { clearnodeLimits } from './limits.ts'
import { balanceUpdate } from './pushes.ts'
import { entry } from './tables.ts'

/**
 * Puts money out of nothing into a wallet's unified balance. Devnet only: it stands where a real node reads a custody
 * contract. Durable when it resolves. Errors: CLEARNODE_BAD_CREDIT.
 */
export const credit = async (node: Node, wallet: string, asset: string, amountText: string): Promise<void> => {
  const amount = parseDecimal(amountText)
  if (amount === undefined || !isPositive(amount) || !isAddress(wallet, { strict: false }))
    throw new ClearnodeError('CLEARNODE_BAD_CREDIT', 'no positive amount or no address', 'give {wallet, asset, amount}')
  if (!node.assets.some(({ symbol }) => symbol === asset))
    throw new ClearnodeError('CLEARNODE_BAD_CREDIT', `unknown asset ${asset}`, 'see get_assets')
  const to = getAddress(wallet)
  await node.store.commit('credit', [
    ...entry(to, to, asset, amount),
    { table: 'transaction', type: 'deposit', from: node.broker.address, to, asset, amount: formatDecimal(amount) },
  ])
  await balanceUpdate(node, to)
}

/** `POST /credit {wallet, asset, amount}` on loopback: 200 when durable, 400 for a bad body, 404 elsewhere. */
export const serveFaucet = async (node: Node, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const reply = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  if (request.method !== 'POST' || request.url !== '/credit') return reply(404, { error: 'POST /credit only' })
  const body = await readBody(request)
  const { wallet, asset, amount } = fieldsOf(body)
  if (typeof wallet !== 'string' || typeof asset !== 'string' || typeof amount !== 'string')
    return reply(400, { error: 'wallet, asset and amount must be text' })
  try {
    await credit(node, wallet, asset, amount)
    reply(200, { credited: { wallet, asset, amount } })
  } catch (error) {
    if (!(error instanceof ClearnodeError)) throw error
    reply(400, { error: error.message, code: error.code, hint: error.hint })
  }
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > clearnodeLimits.maxFaucetBytes) return ''
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

const fieldsOf = (body: string): { wallet?: unknown; asset?: unknown; amount?: unknown } => {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    // Not JSON: no fields, which the caller answers with 400.
    return {}
  }
}
