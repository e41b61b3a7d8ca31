import type { Address } from 'viem'

/** USDC on Arc: one balance, here seen with 6 decimals. */
export const ARC_TOKEN: Address = '0x3600000000000000000000000000000000000000'

/** Where the token's own code stands, behind the proxy at ARC_TOKEN. Also in LocalProxy.sol; not an address of Arc's. */
export const TOKEN_CODE: Address = '0x0000000000000000000000000000000000360001'

/** Multicall3, at the same address on every chain that has it. */
export const MULTICALL3: Address = '0xcA11bde05977b3631167028862bE2a173976CA11'

/** Logs native transfers (18 decimals) on Arc. */
export const SYSTEM_LOG: Address = '0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE'

/** Chain id of the local Arc: no signature made for it is good on a real chain. */
export const LOCAL_CHAIN_ID = 31_337
