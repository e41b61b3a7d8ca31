import { isAddressEqual, isAddress, recoverAddress, type Hex } from 'viem'
import { clearnodeLimits } from './limits.ts'
import type { Login } from './context.ts'
import { hashText, type Broker } from './signing.ts'

/** Tokens that log in on further sockets and after a restart: three base64url parts, signed by the broker's key. */
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export const makeJwt = async (broker: Broker, login: Login, nowMs: number): Promise<string> => {
  const body = `${encode({ alg: 'ES256K', typ: 'JWT' })}.${encode({
    wallet: login.wallet,
    session_key: login.sessionKey,
    iat: Math.floor(nowMs / 1000),
    exp: Math.floor((nowMs + clearnodeLimits.jwtTtlMs) / 1000),
  })}`
  const signature = await broker.sign(body)
  return `${body}.${Buffer.from(signature.slice(2), 'hex').toString('base64url')}`
}

/** Whom a token logs in; undefined when it is not ours or has run out. */
export const readJwt = async (broker: Broker, token: string, nowMs: number): Promise<Login | undefined> => {
  const parts = token.split('.')
  const [head, claims, signed] = parts
  if (parts.length !== 3 || head === undefined || claims === undefined || signed === undefined) return undefined
  const signature: Hex = `0x${Buffer.from(signed, 'base64url').toString('hex')}`
  if (signature.length !== 132) return undefined
  try {
    if (!isAddressEqual(await recoverAddress({ hash: hashText(`${head}.${claims}`), signature }), broker.address))
      return undefined
    const { wallet, session_key, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as Record<
      string,
      unknown
    >
    if (typeof wallet !== 'string' || typeof session_key !== 'string' || typeof exp !== 'number') return undefined
    return isAddress(wallet) && exp * 1000 > nowMs ? { wallet, sessionKey: session_key } : undefined
  } catch {
    // Recovery and JSON both throw for forged bytes: not our token, one answer.
    return undefined
  }
}
