import { OrienError } from '@orien/protocol'
import { DEVNET_LIMITS } from './limits.ts'

/** One JSON-RPC call. Throws `railRefused` with the node's words, `unreachable` when there is no answer. */
export type Rpc = (method: string, ...params: readonly unknown[]) => Promise<unknown>

/** JSON-RPC over HTTP to one node on this machine. Each call has its own deadline; nothing is repeated. */
export function httpRpc(url: string): Rpc {
  let lastId = 0
  return async (method, ...params) => {
    lastId += 1
    const answer = await post(url, { jsonrpc: '2.0', id: lastId, method, params }, method)
    if ('error' in answer) throw refused(method, answer['error'])
    return answer['result']
  }
}

async function post(url: string, body: object, method: string): Promise<Record<string, unknown>> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(DEVNET_LIMITS.rpcMs),
    })
    const answer: unknown = await response.json()
    if (isRecord(answer)) return answer
    throw new TypeError('the answer is not an object')
  } catch (cause) {
    throw new OrienError('unreachable', { message: `${method}: no answer from ${url}`, cause })
  }
}

function refused(method: string, error: unknown): OrienError {
  const fields = isRecord(error) ? error : {}
  const text = typeof fields['message'] === 'string' ? fields['message'] : 'no reason given'
  return new OrienError('railRefused', {
    message: `${method}: ${text}`,
    details: {
      method,
      rpcCode: typeof fields['code'] === 'number' ? fields['code'] : 0,
      data: typeof fields['data'] === 'string' ? fields['data'] : '',
    },
  })
}

/** True for an object that is not null; its fields are still unknown. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
