import {
  isAddress,
  isOrienError,
  parsePeer,
  parseUsdc,
  type Address,
  type Micros,
  type PeerText,
} from '@orien/protocol'
import { z } from 'zod'

/** Fields that configuration files share. Each turns text into the protocol's own type, or says how to write it. */

/** An amount as decimal USDC text, at most six fraction digits: `"0.05"`. A TOML number is refused, it could be a float. */
export const usdc = z
  .string('write USDC as text, for example "0.05"')
  .transform((value, context): Micros =>
    parsed(
      () => parseUsdc(value),
      'write USDC as a decimal with at most six fraction digits, for example "0.05"',
      context,
    ),
  )

/** An ed25519 PeerId: `"12D3KooW…"`. */
export const peer = z
  .string()
  .transform((value, context): PeerText =>
    parsed(() => parsePeer(value), 'write an ed25519 PeerId, for example "12D3KooW…"', context),
  )

/** An EVM address with its EIP-55 checksum. */
export const address = z.string().transform((value, context): Address => {
  if (isAddress(value)) return value
  context.addIssue({ code: 'custom', message: 'write an address with its EIP-55 capitals, 0x and 40 hex digits' })
  return z.NEVER
})

/** Where to dial a peer: a multiaddr that ends in `/p2p/<PeerId>`, so that whoever answers is checked. */
export const dialAddress = z.string().refine((value) => {
  const [, id] = /^\/.+\/p2p\/([^/]+)$/.exec(value) ?? []
  return id !== undefined && isPeer(id)
}, 'write a multiaddr that ends in /p2p/<PeerId>, for example "/ip4/127.0.0.1/tcp/4001/p2p/12D3KooW…"')

/** An http or https address. */
export const httpUrl = z.url({ protocol: /^https?$/, error: 'write an http:// or https:// address' })

function isPeer(text: string): boolean {
  try {
    parsePeer(text)
    return true
  } catch (error) {
    if (isOrienError(error)) return false
    throw error
  }
}

function parsed<T>(parse: () => T, message: string, context: z.RefinementCtx): T {
  try {
    return parse()
  } catch (error) {
    if (!isOrienError(error)) throw error
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
}
