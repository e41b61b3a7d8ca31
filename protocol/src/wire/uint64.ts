/** The part of protons' writer that is used here. */
interface VarintWriter {
  uint64(value: bigint): unknown
  uint64Number(value: number): unknown
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/**
 * Writes an unsigned 64-bit varint. The runtime's own writer of bigints (protons-runtime 7.1.2) takes the low half of 2³¹ … 2³² − 1 for a
 * negative number and writes zeros: a call of four cents, in numerators. Its writer of numbers is right, so every safe integer goes there;
 * above, the high half is not zero and the bigint writer is right too.
 */
export function writeUint64(writer: VarintWriter, value: bigint): void {
  if (value <= SAFE) writer.uint64Number(Number(value))
  else writer.uint64(value)
}
