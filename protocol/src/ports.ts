/**
 * What ORIEN's logic asks of the outside world. Every provider, agent and coordinator reaches clock, timers,
 * randomness and keys only through these, so that one seeded simulator can drive the same code.
 */

/** Wall time is for dates in documents; monotonic time is for durations. Never mix them. */
export interface Clock {
  /** Unix milliseconds, whole. May jump. */
  wallMs(): number
  /** Monotonic milliseconds from an arbitrary origin, fractional. Never falls. */
  monoMs(): number
}

/** Cancels a timer; harmless when it already fired. */
export type CancelTimer = () => void

export interface Timers {
  /** Runs `fire` once, not before `delayMs` of monotonic time have passed. */
  after(delayMs: number, fire: () => void): CancelTimer
}

export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Uint8Array
}

/** Hashing and verification. Two adapters exist: noble (pure, browser) and node:crypto (hot paths). */
export interface Crypto {
  /** SHA-256 (FIPS 180-4) of all parts, one after the other. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array
  /**
   * Ed25519 by ORIEN's one acceptance rule (protocol/src/identity/README.md). Returns false for anything malformed;
   * never throws.
   */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** One ed25519 signature to check. */
export interface SignatureCheck {
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/**
 * Verifies many signatures at once, off the caller's thread where there is another. Adapters: in-process (`inlineVerifier`: simulator, tests,
 * browser) and a worker pool (node). Both apply the rule of `Crypto.verify`.
 */
export interface Verifier {
  /** What `Crypto.verify` answers for each, in their order. Never rejects. */
  verifyAll(checks: readonly SignatureCheck[]): Promise<readonly boolean[]>
}

/** A peer's ed25519 key. The key itself never leaves the adapter. */
export interface Signer {
  readonly publicKey: Uint8Array
  /** 64-byte ed25519 signature (RFC 8032). */
  sign(message: Uint8Array): Uint8Array
}
