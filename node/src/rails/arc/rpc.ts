import { OrienError } from '@orien/protocol'
import { createClient, http } from 'viem'
import { ARC_LIMITS } from './limits.ts'

export type Hex = `0x${string}`

/** One JSON-RPC node. A request is asked once: whoever repeats decides whether that is safe. */
export type Rpc = (method: string, ...params: readonly unknown[]) => Promise<unknown>

/** A node's own refusal of a request: it answered, with an error. */
export interface NodeError {
  readonly code: number
  readonly message: string
  /** Revert data, when it gave some. */
  readonly data?: Hex
}

/** JSON-RPC over HTTP, through viem's transport. */
export function arcRpc(rpcUrl: string): Rpc {
  const client = createClient({ transport: http(rpcUrl, { retryCount: 0, timeout: ARC_LIMITS.rpcMs }) })
  const request = client.request as (call: { method: string; params: readonly unknown[] }) => Promise<unknown>
  return (method, ...params) => request({ method, params })
}

/** Asks, and turns every failure into `unreachable`: for reads that the node has no reason to refuse. */
export async function ask(rpc: Rpc, method: string, ...params: readonly unknown[]): Promise<unknown> {
  try {
    return await rpc(method, ...params)
  } catch (cause) {
    throw new OrienError('unreachable', { message: `the chain did not answer ${method}`, details: { method }, cause })
  }
}

/** The node's own refusal inside what viem threw; undefined when the node did not answer at all. */
export function nodeErrorOf(error: unknown): NodeError | undefined {
  let found: NodeError | undefined
  for (let at: unknown = error; typeof at === 'object' && at !== null; at = 'cause' in at ? at.cause : undefined) {
    if (!('code' in at) || typeof at.code !== 'number') continue
    const message = 'message' in at && typeof at.message === 'string' ? at.message : ''
    const data = 'data' in at ? hexIn(at.data) : undefined
    // The innermost one is the node's; those around it are viem's words for it.
    found = { code: at.code, message, ...(data === undefined ? {} : { data }) }
  }
  return found
}

function hexIn(data: unknown): Hex | undefined {
  if (typeof data === 'string') return /^0x[0-9a-fA-F]*$/.test(data) ? (data as Hex) : undefined
  return typeof data === 'object' && data !== null && 'data' in data ? hexIn(data.data) : undefined
}

/** A hex text of the node's answer. Throws `unreachable`: an answer that cannot be read is none. */
export function hexOf(value: unknown): Hex {
  if (typeof value === 'string' && /^0x[0-9a-fA-F]*$/.test(value)) return value as Hex
  throw new OrienError('unreachable', { message: 'the chain answered what cannot be read' })
}

/** A field of the node's answer. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
