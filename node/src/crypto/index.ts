export { nodeCrypto, keySigner } from './ed25519.ts'
export { systemClock, systemRandom, systemTimers } from './system.ts'
