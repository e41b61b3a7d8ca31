import { isoSeconds, isoTime, type Handler } from './context.ts'
import { formatDecimal, parseDecimal, zero } from './decimal.ts'
import { Refusal } from './errors.ts'
import { isExpired } from './keys.ts'
import { object, pageOf, text } from './params.ts'
import { spentBy, unbound } from './spending.ts'
import { signerFor } from './transfer.ts'

/** The caller's session keys that have not expired, newest first; unlike other lists, all of them by default. */
export const getSessionKeys: Handler = async (node, socket, request) => {
  const { offset, limit } = pageOf(object(request.params))
  const rows = [...node.store.tables.keys.values()]
    .filter((row) => row.wallet === socket.login?.wallet && !isExpired(node, BigInt(row.expiresAt)))
    .toReversed()
    .slice(Number(offset), limit === 0n ? undefined : Number(offset + limit))
  return {
    method: 'get_session_keys',
    params: {
      session_keys: rows.map((row) => ({
        id: row.id,
        session_key: row.key,
        application: row.application,
        allowances: row.allowances.map(({ asset, amount }) => ({
          asset,
          allowance: formatDecimal(parseDecimal(amount) ?? zero),
          used: formatDecimal(spentBy(node, row.key, asset)),
        })),
        scope: row.scope,
        expires_at: isoSeconds(Number(row.expiresAt) * 1000),
        created_at: isoTime(row.atMs),
      })),
    },
  }
}

/** Ends a session key of the caller's: it expires now. Only a `clearnode` key may end others than itself. */
export const revokeSessionKey: Handler = async (node, socket, request) => {
  const key = text(object(request.params), 'session_key')
  if (key === '') throw new Refusal('session_key parameter is required')
  const wallet = socket.login?.wallet ?? ''
  const signer = await signerFor(node, wallet, request)
  const { tables, commit } = node.store
  const row = tables.keys.get(key)
  if (row === undefined || row.wallet !== wallet || isExpired(node, BigInt(row.expiresAt)))
    throw new Refusal('operation denied: provided address is not an active session key of this user')
  if (signer !== wallet && signer !== key) {
    const active = tables.keys.get(signer)
    if (active === undefined) throw new Refusal('operation denied: active session key is invalid')
    if (active.application !== unbound)
      throw new Refusal('operation denied: insufficient permissions for the active session key')
  }
  const expiresAt = String(Math.floor(node.nowMs() / 1000))
  await commit('revoke_session_key', [{ ...row, expiresAt }])
  node.keyCache.delete(key)
  return { method: 'revoke_session_key', params: { session_key: key } }
}
