import type { SignatureCheck } from '@orien/protocol'

/**
 * Signature checks as one block of bytes, so that a job is handed to another thread without copying an object: for each the length of its
 * message (4 bytes, little-endian), key, signature, message.
 */

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const LENGTH_BYTES = 4
const HEAD_BYTES = LENGTH_BYTES + KEY_BYTES + SIGNATURE_BYTES

/** True when a check has the sizes that a block can hold; of any other the answer is no. */
export function isPackable({ publicKey, signature }: SignatureCheck): boolean {
  return publicKey.length === KEY_BYTES && signature.length === SIGNATURE_BYTES
}

/** The block of some checks, all of them packable. */
export function packChecks(checks: readonly SignatureCheck[]): Uint8Array<ArrayBuffer> {
  let bytes = 0
  for (const { message } of checks) bytes += HEAD_BYTES + message.length
  const block = new Uint8Array(bytes)
  const view = new DataView(block.buffer)
  let at = 0
  for (const { publicKey, message, signature } of checks) {
    view.setUint32(at, message.length, true)
    block.set(publicKey, at + LENGTH_BYTES)
    block.set(signature, at + LENGTH_BYTES + KEY_BYTES)
    block.set(message, at + HEAD_BYTES)
    at += HEAD_BYTES + message.length
  }
  return block
}

/** The checks of a block, as windows on it. */
export function unpackChecks(block: Uint8Array): SignatureCheck[] {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength)
  const checks: SignatureCheck[] = []
  for (let at = 0; at < block.length;) {
    const end = at + HEAD_BYTES + view.getUint32(at, true)
    checks.push({
      publicKey: block.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + KEY_BYTES),
      signature: block.subarray(at + LENGTH_BYTES + KEY_BYTES, at + HEAD_BYTES),
      message: block.subarray(at + HEAD_BYTES, end),
    })
    at = end
  }
  return checks
}
