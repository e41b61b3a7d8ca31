export { nodeCrypto, keySigner } from './ed25519.ts'
export { systemClock, systemRandom, systemTimers } from './system.ts'
export { createVerifyPool, type VerifyPool, type VerifyPoolOptions } from './verify-pool.ts'
