export { DEVNET_CHAIN_ID, isDevnet } from './devnet.ts'
export { address, dialAddress, httpUrl, peer, usdc } from './fields.ts'
export { loadProfile, profileOf, profileSchema, type Profile } from './profile.ts'
export { checkConfig, readToml } from './read.ts'
