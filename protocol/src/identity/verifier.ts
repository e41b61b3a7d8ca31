import type { Crypto, Verifier } from '../ports.ts'

/** A verifier on the caller's own thread, done before it returns: nothing it answers depends on what else runs. */
export function inlineVerifier(crypto: Crypto): Verifier {
  return {
    verifyAll: (checks) =>
      Promise.resolve(checks.map(({ publicKey, message, signature }) => crypto.verify(publicKey, message, signature))),
  }
}
