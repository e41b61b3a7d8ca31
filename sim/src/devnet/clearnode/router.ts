import { authRequest, authVerify } from './auth.ts'
import { closeAppSession } from './close.ts'
import type { Answer, Handler, Node, Request, Socket } from './context.ts'
import { createAppSession } from './create.ts'
import { Refusal } from './errors.ts'
import { clearnodeLimits } from './limits.ts'
import { balanceUpdate } from './pushes.ts'
import * as query from './queries.ts'
import { getSessionKeys, revokeSessionKey } from './session-keys.ts'
import { submitAppState } from './submit.ts'
import { getUserTag } from './tags.ts'
import { transfer } from './transfer.ts'

interface Route {
  readonly handle: Handler
  /** Needs a logged-in socket and a fresh timestamp. */
  readonly login?: true
  /** Kept for get_rpc_history. */
  readonly kept?: true
  /** The submitting wallet gets a `bu` afterwards, also when it was refused. */
  readonly tellsBalance?: true
}

const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['ping', { handle: query.ping }],
  ['get_config', { handle: query.getConfig }],
  ['get_assets', { handle: query.getAssets }],
  ['get_channels', { handle: query.getChannels }],
  ['get_app_definition', { handle: query.getAppDefinition }],
  ['get_app_sessions', { handle: query.getAppSessions }],
  ['get_ledger_entries', { handle: query.getLedgerEntries }],
  ['get_ledger_transactions', { handle: query.getLedgerTransactions }],
  ['auth_request', { handle: authRequest }],
  ['auth_verify', { handle: authVerify }],
  ['cleanup_session_key_cache', { handle: query.testModeRefused }],
  ['get_ledger_balances', { handle: query.getLedgerBalances, login: true }],
  ['get_user_tag', { handle: getUserTag, login: true }],
  ['get_session_keys', { handle: getSessionKeys, login: true }],
  ['revoke_session_key', { handle: revokeSessionKey, login: true }],
  ['get_rpc_history', { handle: query.getRpcHistory, login: true }],
  ['create_channel', { handle: query.onChainRefused, login: true, kept: true }],
  ['resize_channel', { handle: query.onChainRefused, login: true, kept: true }],
  ['close_channel', { handle: query.onChainRefused, login: true, kept: true }],
  ['transfer', { handle: transfer, login: true, kept: true, tellsBalance: true }],
  ['create_app_session', { handle: createAppSession, login: true, kept: true, tellsBalance: true }],
  ['submit_app_state', { handle: submitAppState, login: true, kept: true, tellsBalance: true }],
  ['close_app_session', { handle: closeAppSession, login: true, kept: true, tellsBalance: true }],
])

/** Runs one request to its answer; a refusal is an answer of method `error`. */
export const route = async (node: Node, socket: Socket, request: Request): Promise<Answer> => {
  const found = routes.get(request.method)
  try {
    if (found === undefined) throw new Refusal(`unknown method: ${request.method}`)
    if (found.login) checkLogin(node, socket, request)
    const answer = await settled(found.handle(node, socket, request))
    if (found.tellsBalance && socket.login !== undefined) await balanceUpdate(node, socket.login.wallet)
    if (answer instanceof Refusal) throw answer
    return answer
  } catch (error) {
    if (error instanceof Refusal) return { method: 'error', params: { error: error.message } }
    throw error
  }
}

const settled = async (answer: Promise<Answer>): Promise<Answer | Refusal> => {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

export const isKept = (method: string): boolean => routes.get(method)?.kept ?? false

/** Logged in, active within a day, and a time of 13 digits that is not older than 60 s; years ahead is fine. */
const checkLogin = (node: Node, socket: Socket, { tsMs }: Request): void => {
  if (socket.login === undefined) throw new Refusal('authentication required')
  const { wallet } = socket.login
  const nowMs = node.nowMs()
  if (nowMs > (node.lastActiveMs.get(wallet) ?? 0) + clearnodeLimits.idleMs)
    throw new Refusal('session expired, please re-authenticate')
  node.lastActiveMs.set(wallet, nowMs)
  if (tsMs.toString().length !== 13 || nowMs - Number(tsMs) > clearnodeLimits.requestAgeMs)
    throw new Refusal('invalid message timestamp')
}
