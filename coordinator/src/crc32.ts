/** Tables for eight bytes at a time: the row of a byte with `row` zero bytes behind it. */
const TABLES = tables(8)

function tables(rows: number): readonly Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, at) => {
    let word = at
    for (let bit = 0; bit < 8; bit++) word = (word & 1) === 1 ? (word >>> 1) ^ 0xedb88320 : word >>> 1
    return word
  })
  const all = [first]
  for (let row = 1; row < rows; row++) {
    const before = all[row - 1] ?? first
    all.push(before.map((word) => (first[word & 0xff] ?? 0) ^ (word >>> 8)))
  }
  return all
}

/** CRC-32 as in ISO 3309 and zlib. Node's own begins with 22. */
export function crc32(bytes: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as readonly [T, T, T, T, T, T, T, T]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let crc = 0xffffffff
  let at = 0
  for (; at + 8 <= bytes.length; at += 8) {
    const low = view.getUint32(at, true) ^ crc
    const high = view.getUint32(at + 4, true)
    crc =
      of(t7, low) ^
      of(t6, low >>> 8) ^
      of(t5, low >>> 16) ^
      of(t4, low >>> 24) ^
      of(t3, high) ^
      of(t2, high >>> 8) ^
      of(t1, high >>> 16) ^
      of(t0, high >>> 24)
  }
  for (; at < bytes.length; at++) crc = of(t0, crc ^ (bytes[at] ?? 0)) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

type T = Uint32Array

function of(table: T, byte: number): number {
  return table[byte & 0xff] ?? 0
}
