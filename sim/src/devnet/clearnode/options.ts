import type { Hex } from 'viem'

/** A token the node knows. `symbol` is the asset name used in allocations. */
export interface Asset {
  readonly token: Hex
  readonly chainId: number
  readonly symbol: string
  readonly decimals: number
}

/** A chain as `get_config` shows it. On this stand-in no contract stands behind the addresses. */
export interface Network {
  readonly chainId: number
  readonly name: string
  readonly custodyAddress: Hex
  readonly adjudicatorAddress: Hex
}

export interface ClearnodeOptions {
  /** Folder of the ledger and the broker's key; made with mode 0700. One process per folder. */
  readonly home: string
  /** Loopback TCP port; 0 or absent: a free one. */
  readonly port?: number
  /** Wall clock, Unix ms. Tests pass their own. */
  readonly nowMs?: () => number
  /** Private key that signs answers and JWTs; absent: made once and kept in the home. */
  readonly brokerKey?: Hex
  readonly assets?: readonly Asset[]
  readonly networks?: readonly Network[]
}

export const defaultAssets: readonly Asset[] = [
  { token: '0x3600000000000000000000000000000000000000', chainId: 31337, symbol: 'usdc', decimals: 6 },
]

export const defaultNetworks: readonly Network[] = [
  {
    chainId: 31337,
    name: 'orien_devnet',
    custodyAddress: '0x0000000000000000000000000000000000000001',
    adjudicatorAddress: '0x0000000000000000000000000000000000000002',
  },
]
