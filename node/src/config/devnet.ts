/** Chain id of every local devnet: its documents and signatures are good nowhere else. */
export const DEVNET_CHAIN_ID = 31_337

/** True for the chain id of a devnet. */
export function isDevnet(chainId: number): boolean {
  return chainId === DEVNET_CHAIN_ID
}
