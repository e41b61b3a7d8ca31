import { fromHex, requireAddress, type Address } from '@orien/protocol'

/** USDC on Arc, and at the same place on a local one. */
export const ARC_TOKEN = requireAddress('0x3600000000000000000000000000000000000000', 'token')
/** Multicall3, at the same address on every chain that has it. */
export const MULTICALL3 = requireAddress('0xcA11bde05977b3631167028862bE2a173976CA11', 'multicall3')
/** Logs native transfers on Arc. */
const SYSTEM_LOG = requireAddress('0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE', 'system')
const ZERO = requireAddress('0x0000000000000000000000000000000000000000', 'zero')

/** Who may never be paid, because the token refuses it or the money would be lost. */
export interface RecipientRules {
  readonly forbidden: readonly Address[]
  mayReceive(recipient: Address): boolean
}

/**
 * The rules of one payer: never zero, the token, Multicall3, the system address, the payer's own accounts, nor the
 * ranges where precompiles and the chain's own contracts stand (0x00…, 0x18…, 0x36… with nothing but zeros up to the
 * last two bytes). The token itself does not refuse all of them: money for Multicall3 or 0x1 is lost.
 */
export function recipientRules(own: readonly Address[], token = ARC_TOKEN, multicall3 = MULTICALL3): RecipientRules {
  const forbidden = [ZERO, token, multicall3, SYSTEM_LOG, ...own]
  return { forbidden, mayReceive: (recipient) => !forbidden.includes(recipient) && !isReserved(recipient) }
}

const RESERVED = [0x00, 0x18, 0x36]

function isReserved(recipient: Address): boolean {
  const [first, ...rest] = fromHex(recipient) ?? []
  return first === undefined || (RESERVED.includes(first) && rest.slice(0, 17).every((byte) => byte === 0))
}
