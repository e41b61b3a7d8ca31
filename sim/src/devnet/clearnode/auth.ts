import { getAddress, isAddress, recoverTypedDataAddress, type Hex } from 'viem'
import type { Claim } from './challenges.ts'
import type { Answer, Handler, Login, Node, Socket } from './context.ts'
import { isNegative, parseDecimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import type { JsonObject } from './json.ts'
import { makeJwt, readJwt } from './jwt.ts'
import { isExpired } from './keys.ts'
import { list, object, optionalText, text, uint } from './params.ts'
import { ensureTag } from './tags.ts'

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

/** Later years have no time in the JSON of a JWT. */
const lastWritableSecond = 253_402_300_799n
const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const parsed = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal('failed to parse auth parameters')
    throw error
  }
}

/** `auth_request`: anybody may ask for anybody; nothing is registered before auth_verify. */
export const authRequest: Handler = async (node, _socket, request) => {
  const claim = parsed(() => claimOf(object(request.params)))
  const challenge = node.challenges.make(claim)
  if (challenge === undefined) throw new Refusal('failed to generate challenge')
  return { method: 'auth_challenge', params: { challenge_message: challenge } }
}

const claimOf = (params: JsonObject): Claim => {
  const address = text(params, 'address')
  return {
    address: address.startsWith('0x') ? address : `0x${address}`,
    sessionKey: text(params, 'session_key'),
    application: text(params, 'application'),
    scope: text(params, 'scope'),
    allowances: list(params, 'allowances', (item) => {
      const fields = object(item)
      return { asset: text(fields, 'asset'), amount: text(fields, 'amount') }
    }),
    expiresAt: uint(params, 'expires_at'),
  }
}

/** `auth_verify`: by JWT (a challenge is then not needed), else by the wallet's EIP-712 signature over the claim. */
export const authVerify: Handler = async (node, socket, request) => {
  const { token, challenge } = parsed(() => {
    const params = object(request.params)
    const given = optionalText(params, 'challenge')
    if (given !== undefined && !uuidShape.test(given)) throw new Refusal('not a UUID')
    return { token: text(params, 'jwt'), challenge: given?.toLowerCase() ?? '' }
  })
  if (token !== '') {
    const login = await readJwt(node.broker, token, node.nowMs())
    if (login === undefined) throw new Refusal('invalid JWT token')
    return loggedIn(node, socket, login, undefined)
  }
  const [signature] = request.signatures
  if (signature === undefined) throw new Refusal('invalid authentication method: expected JWT or signature')
  const claim = node.challenges.find(challenge)
  if (claim === undefined) throw new Refusal('invalid challenge')
  const signer = await policySigner(claim, challenge, signature)
  if (signer === undefined) throw new Refusal('invalid signature')
  if (!node.challenges.complete(challenge, signer)) throw new Refusal('invalid challenge or signature')
  const login = { wallet: signer, sessionKey: claim.sessionKey }
  await ensureTag(node, signer)
  if (claim.expiresAt > lastWritableSecond) throw new Refusal('failed to generate JWT token')
  checkAllowances(node, claim)
  await registerKey(node, login, claim)
  return loggedIn(node, socket, login, await makeJwt(node.broker, login, node.nowMs()))
}

const loggedIn = (node: Node, socket: Socket, login: Login, jwt: string | undefined): Answer => {
  socket.login = login
  node.lastActiveMs.set(login.wallet, node.nowMs())
  return {
    method: 'auth_verify',
    params: { address: login.wallet, jwt_token: jwt, session_key: login.sessionKey, success: true },
  }
}

const policySigner = async (claim: Claim, challenge: string, signature: string): Promise<Hex | undefined> => {
  if (!isAddress(claim.address, { strict: false }) || !isAddress(claim.sessionKey, { strict: false })) return undefined
  try {
    const signer = await recoverTypedDataAddress({
      domain: { name: claim.application },
      types: policyTypes,
      primaryType: 'Policy',
      message: {
        challenge,
        scope: claim.scope,
        wallet: claim.address.toLowerCase() as Hex,
        session_key: claim.sessionKey.toLowerCase() as Hex,
        expires_at: claim.expiresAt,
        allowances: claim.allowances,
      },
      signature: signature as Hex,
    })
    return getAddress(signer)
  } catch {
    // Not a signature: the refusal for one that recovers nothing.
    return undefined
  }
}

const checkAllowances = (node: Node, { allowances }: Claim): void => {
  for (const { asset, amount } of allowances) {
    if (!node.assets.some(({ symbol }) => symbol === asset))
      throw new Refusal(`unsupported token: asset '${asset}' is not supported`)
    const value = parseDecimal(amount)
    if (value === undefined)
      throw new Refusal(
        `unsupported token: invalid amount '${amount}' for asset '${asset}': can't convert ${amount} to decimal`,
      )
    if (isNegative(value))
      throw new Refusal(`unsupported token: allowance amount cannot be negative for asset '${asset}', got '${amount}'`)
  }
}

/**
 * Registers the session key of a log-in, unless the wallet already holds it. The key needs no proof of possession.
 * Refused while another wallet holds it, and once its own entry has expired. The wallet's former key of the same
 * application is let go, even an expired one.
 */
const registerKey = async (node: Node, login: Login, claim: Claim): Promise<void> => {
  if (holdsKey(node, login)) return
  if (isExpired(node, claim.expiresAt)) throw new Refusal('expiration time must be set and in the future')
  const former = [...node.store.tables.keys.values()].filter(
    (row) => row.wallet === login.wallet && row.application === claim.application,
  )
  await node.store.commit('auth_verify', [
    ...former.map(({ key }) => ({ table: 'keyGone', key }) as const),
    {
      table: 'key',
      wallet: login.wallet,
      key: login.sessionKey,
      application: claim.application,
      scope: claim.scope === '' ? 'all' : claim.scope,
      allowances: claim.allowances,
      expiresAt: claim.expiresAt.toString(),
    },
  ])
  for (const { key } of former) node.keyCache.delete(key)
  node.keyCache.set(login.sessionKey, { wallet: login.wallet, expiresAt: claim.expiresAt })
}

const holdsKey = (node: Node, { wallet, sessionKey }: Login): boolean => {
  const known = node.keyCache.get(sessionKey) ?? node.store.tables.keys.get(sessionKey)
  if (known === undefined) return false
  const cached = node.keyCache.has(sessionKey)
  const expired = isExpired(node, BigInt(known.expiresAt))
  // The cache looks at the wallet first, the database at the time: a stranger's refusal tells which one answered.
  if (expired && (!cached || known.wallet === wallet)) throw new Refusal('session key already exists but is expired')
  if (known.wallet !== wallet) throw new Refusal('signer is already in use for another wallet')
  return true
}
