import {
  createAuthRequestMessage,
  createAuthVerifyMessageFromChallenge,
  createAuthVerifyMessageWithJWT,
  EIP712AuthTypes,
  parseAnyRPCResponse,
  RPCMethod,
} from '@erc7824/nitrolite'
import { fromHex, hex, OrienError } from '@orien/protocol'
import { hashTypedData } from 'viem/utils'
import type { Wallet } from '../channel.ts'
import { refusalOf, type Refusal } from './refusals.ts'
import type { YellowMessage, YellowSocket } from './socket.ts'

/** Never expires: an own-key entry that has expired locks its wallet out for good. Unix seconds. */
const EXPIRES_AT_S = 9_999_999_999n

export interface LoginContext {
  readonly wallet: Wallet
  readonly application: string
  nextId(): number
  nowMs(): number
}

/**
 * Logs a socket in: by the JWT of an earlier log-in, else by the wallet's signature. The session key is the wallet itself,
 * so that nobody else can register it, and so that raw signatures by the wallet count. Returns the JWT. Throws Lost,
 * `railRefused`, `unreachable`.
 */
export async function logIn(socket: YellowSocket, context: LoginContext, jwt?: string): Promise<string | undefined> {
  if (jwt !== undefined) {
    const id = context.nextId()
    const answer = await socket.call(await createAuthVerifyMessageWithJWT(jwt, id, context.nowMs()), id)
    if (answer.method !== 'error') return jwt
  }
  const { wallet, application } = context
  const claim = {
    address: wallet.address,
    session_key: wallet.address,
    application,
    allowances: [],
    expires_at: EXPIRES_AT_S,
    scope: '',
  }
  const askId = context.nextId()
  const asked = parsed(await socket.call(await createAuthRequestMessage(claim, askId, context.nowMs()), askId))
  if (asked.method !== RPCMethod.AuthChallenge) throw unexpected()
  const { challengeMessage } = asked.params
  const proveId = context.nextId()
  const proof = await createAuthVerifyMessageFromChallenge(
    () => signPolicy(context, challengeMessage),
    challengeMessage,
    proveId,
    context.nowMs(),
  )
  const proved = parsed(await socket.call(proof, proveId))
  if (proved.method !== RPCMethod.AuthVerify || !proved.params.success) throw unexpected()
  return proved.params.jwtToken
}

/** The answer by the SDK's parser; an error answer is thrown. */
function parsed(message: YellowMessage) {
  const answer = parseAnyRPCResponse(message.text)
  if (answer.method === RPCMethod.Error) throw refused(refusalOf(answer.params.error))
  return answer
}

async function signPolicy({ wallet, application }: LoginContext, challenge: string): Promise<`0x${string}`> {
  const digest = hashTypedData({
    domain: { name: application },
    types: EIP712AuthTypes,
    primaryType: 'Policy',
    message: {
      challenge,
      scope: '',
      wallet: wallet.address,
      session_key: wallet.address,
      expires_at: EXPIRES_AT_S,
      allowances: [],
    },
  })
  return `0x${hex(await wallet.signDigest(fromHex(digest) ?? new Uint8Array()))}`
}

const HINTS: Partial<Record<Refusal, string>> = {
  keyTaken: 'Somebody claimed this wallet before it logged in for the first time: take a fresh wallet.',
  keyExpired: "This wallet's log-in was registered with an end, which has passed: take a fresh wallet.",
  busy: 'Too many log-ins are pending at the node: try again in 5 to 15 minutes.',
}

function refused(why: Refusal): OrienError {
  const hint = HINTS[why]
  return new OrienError(why === 'busy' ? 'unreachable' : 'railRefused', {
    message: 'the node refused the log-in',
    details: { why },
    ...(hint === undefined ? {} : { hint }),
  })
}

function unexpected(): OrienError {
  return new OrienError('railRefused', { message: 'the node answered the log-in with something else' })
}
