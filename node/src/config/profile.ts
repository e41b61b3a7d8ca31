import type { Address, PeerText } from '@orien/protocol'
import { z } from 'zod'
import { address, dialAddress, httpUrl, peer } from './fields.ts'
import { readToml } from './read.ts'

/** Which network a program lives in: one settlement chain, one channel ledger, where to start finding peers. */
export interface Profile {
  /** EVM chain id of the settlement chain; 31337 is a devnet. */
  readonly chainId: number
  /** The domain of every signed document: `orien/1/eip155:<chainId>`. */
  readonly domain: string
  readonly channel: {
    /** The rail's name, for example `yellow-v0`. */
    readonly rail: string
    readonly url: string
    /** The asset's symbol on that rail. */
    readonly asset: string
  }
  readonly chain: {
    readonly rpcUrl: string
    readonly token: Address
    readonly multicall3: Address
  }
  /** Multiaddrs ending in `/p2p/<PeerId>`. */
  readonly bootstrap: readonly string[]
  /** The coordinator an agent takes when it names none. */
  readonly coordinator?: PeerText
}

const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'write a plain word')

/** The file's keys. */
export const profileSchema = z.strictObject({
  chainId: z.int('write the chain id as a whole number').positive(),
  channel: z.strictObject({
    rail: word,
    url: z.string().min(1).max(512),
    asset: word,
  }),
  chain: z.strictObject({ rpcUrl: httpUrl, token: address, multicall3: address }),
  bootstrap: z.array(dialAddress).max(64),
  coordinator: peer.optional(),
})

/**
 * Reads a profile. Throws `badConfig`.
 *
 * @example
 * const profile = await loadProfile('/etc/orien/profile.toml')
 * const scope = scopeOf(profile.chainId, nodeCrypto)
 */
export async function loadProfile(file: string): Promise<Profile> {
  return profileOf(await readToml(file, profileSchema))
}

/** The profile of checked values. */
export function profileOf({ coordinator, ...rest }: z.output<typeof profileSchema>): Profile {
  return {
    ...rest,
    domain: `orien/1/eip155:${rest.chainId}`,
    ...(coordinator === undefined ? {} : { coordinator }),
  }
}
