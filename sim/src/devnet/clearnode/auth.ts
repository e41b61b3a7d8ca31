import { getAddress, isAddress, recoverTypedDataAddress, type Hex } from 'viem'
import { isoTime, type Answer, type Handler, type Login, type Node, type Socket } from './context.ts'
import type { Claim } from './challenges.ts'
import { formatDecimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import { makeJwt, readJwt } from './jwt.ts'
import { allocationOf, list, text, uint } from './params.ts'
import { balanceUpdate } from './pushes.ts'
import type { Draft } from './tables.ts'

const policyTypes = {
  Policy: [
    { name: 'challenge', type: 'string' },
    { name: 'scope', type: 'string' },
    { name: 'wallet', type: 'address' },
    { name: 'session_key', type: 'address' },
    { name: 'expires_at', type: 'uint64' },
    { name: 'allowances', type: 'Allowance[]' },
  ],
  Allowance: [
    { name: 'asset', type: 'string' },
    { name: 'amount', type: 'string' },
  ],
} as const

/** `auth_request`: anybody may ask for anybody; nothing is registered before auth_verify. */
export const authRequest: Handler = async (node, _socket, { params }) => {
  const challenge = node.challenges.make({
    address: text(params, 'address'),
    sessionKey: text(params, 'session_key'),
    application: text(params, 'application') || 'clearnode',
    scope: text(params, 'scope'),
    allowances: list(params, 'allowances', (item) => {
      const { asset, amount } = allocationOf(item)
      return { asset, amount: formatDecimal(amount) }
    }),
    expiresAt: uint(params, 'expires_at'),
  })
  if (challenge === undefined) throw new Refusal('failed to generate challenge')
  return { method: 'auth_challenge', params: { challenge_message: challenge } }
}

/** `auth_verify`: by JWT (a challenge is then not needed), else by the wallet's EIP-712 signature over the claim. */
export const authVerify: Handler = async (node, socket, { params, signatures }) => {
  const token = text(params, 'jwt')
  if (token !== '') {
    const login = await readJwt(node.broker, token, node.nowMs())
    if (login === undefined) throw new Refusal('invalid JWT token')
    return loggedIn(node, socket, login, undefined)
  }
  const challenge = text(params, 'challenge')
  const claim = node.challenges.find(challenge)
  const signature = signatures[0]
  if (claim === undefined || signature === undefined) throw new Refusal('invalid challenge or signature')
  const signer = await policySigner(claim, challenge, signature)
  if (signer === undefined || !isAddress(claim.address) || signer !== getAddress(claim.address))
    throw new Refusal('invalid challenge or signature')
  node.challenges.remove(challenge)
  const login = { wallet: signer, sessionKey: isAddress(claim.sessionKey) ? getAddress(claim.sessionKey) : '' }
  await registerKey(node, login, claim)
  return loggedIn(node, socket, login, await makeJwt(node.broker, login, node.nowMs()))
}

const loggedIn = async (node: Node, socket: Socket, login: Login, jwt: string | undefined): Promise<Answer> => {
  socket.login = login
  await node.pushTo(login.wallet, 'channels', { channels: [] })
  await balanceUpdate(node, login.wallet)
  return {
    method: 'auth_verify',
    params: { address: login.wallet, session_key: login.sessionKey, success: true, jwt_token: jwt },
  }
}

const policySigner = async (claim: Claim, challenge: string, signature: string): Promise<Hex | undefined> => {
  try {
    const signer = await recoverTypedDataAddress({
      domain: { name: claim.application },
      types: policyTypes,
      primaryType: 'Policy',
      message: {
        challenge,
        scope: claim.scope,
        wallet: claim.address as Hex,
        session_key: claim.sessionKey as Hex,
        expires_at: claim.expiresAt,
        allowances: claim.allowances,
      },
      signature: signature as Hex,
    })
    return getAddress(signer)
  } catch {
    // Not an address, not a signature: the same refusal as a wrong one.
    return undefined
  }
}

/**
 * Registers the session key of a log-in. The key needs no proof of possession. Refused while another wallet holds it,
 * and for ever once its own entry has expired. The wallet's former key of the same application is let go.
 */
const registerKey = async (node: Node, login: Login, claim: Claim): Promise<void> => {
  const { tables, commit } = node.store
  const known = tables.keys.get(login.sessionKey)
  if (known !== undefined && known.wallet !== login.wallet)
    throw new Refusal('signer is already in use for another wallet')
  const nowSeconds = BigInt(Math.floor(node.nowMs() / 1000))
  if (known !== undefined && BigInt(known.expiresAt) <= nowSeconds)
    throw new Refusal('session key already exists but is expired')
  const former = [...tables.keys.values()].filter(
    (row) => row.wallet === login.wallet && row.application === claim.application && row.key !== login.sessionKey,
  )
  const gone: Draft[] = former.map(({ key }) => ({ table: 'keyGone', key }))
  await commit('auth_verify', [
    ...gone,
    {
      table: 'key',
      wallet: login.wallet,
      key: login.sessionKey,
      application: claim.application,
      scope: claim.scope,
      allowances: claim.allowances,
      expiresAt: claim.expiresAt.toString(),
    },
  ])
}

export const getSessionKeys: Handler = async (node, socket) => ({
  method: 'get_session_keys',
  params: {
    session_keys: [...node.store.tables.keys.values()]
      .filter(({ wallet }) => wallet === socket.login?.wallet)
      .map((row) => ({
        id: row.id,
        session_key: row.key,
        application: row.application,
        allowances: row.allowances.map(({ asset, amount }) => ({ asset, allowance: amount, used: '0' })),
        scope: row.scope,
        expires_at: isoTime(Math.min(Number(row.expiresAt), 8.64e12) * 1000),
        created_at: isoTime(row.atMs),
      })),
  },
})

export const revokeSessionKey: Handler = async (node, socket, { params }) => {
  const key = text(params, 'session_key')
  const known = node.store.tables.keys.get(key)
  if (known === undefined || known.wallet !== socket.login?.wallet)
    throw new Refusal('operation denied: provided address is not an active session key of this user')
  await node.store.commit('revoke_session_key', [{ table: 'keyGone', key }])
  return { method: 'revoke_session_key', params: { session_key: key } }
}
