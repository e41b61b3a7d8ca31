import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OrienError } from '@orien/protocol'

// LevelDB's write-ahead log: blocks of 32 KiB, filled with records of a header (CRC-32C over type and payload, masked; length;
// type) and a payload; https://github.com/google/leveldb/blob/main/doc/log_format.md
const BLOCK_BYTES = 32_768
const HEADER_BYTES = 7
const FULL = 1
const FIRST = 2
const LAST = 4

/**
 * Looks at the logs of a LevelDB folder before it is opened: opening drops what it cannot read, and the rest of its block, without a word. Throws
 * `storeCorrupt` with file and place. A write that a crash cut off is the last one and was acknowledged to nobody: it is no damage.
 */
export async function checkLogs(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.log')) continue
    const at = damagedAt(await readLog(join(folder, name)))
    if (at === undefined) continue
    throw new OrienError('storeCorrupt', {
      message: `${join(folder, name)} is damaged at byte ${at}`,
      hint: 'Keep the folder as it is, look after the disk, and start on the newest back-up of it.',
      details: { folder, at },
    })
  }
}

/** A log that another process has just done away with holds nothing. */
async function readLog(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

/** Where a log cannot be read although a later write can: the byte at which its record begins. */
export function damagedAt(log: Buffer): number | undefined {
  let bad: number | undefined
  for (let block = 0; block < log.length; block += BLOCK_BYTES) {
    const end = Math.min(log.length, block + BLOCK_BYTES)
    for (let at = block; end - at >= HEADER_BYTES;) {
      const length = log.readUInt16LE(at + 4)
      const type = log.readUInt8(at + 6)
      // Space that was never written to.
      if (type === 0 && length === 0 && bad === undefined) break
      const isGood = isRecord(log, at, end)
      // The pieces of one large write may reach the disk in any order; a record that begins one was written after it.
      if (isGood && bad !== undefined && (type === FULL || type === FIRST)) return bad
      if (!isGood) bad ??= at
      // Without a good length the next record may begin anywhere.
      at += isGood ? HEADER_BYTES + length : 1
    }
  }
  return undefined
}

function isRecord(log: Buffer, at: number, end: number): boolean {
  const length = log.readUInt16LE(at + 4)
  const type = log.readUInt8(at + 6)
  if (type < FULL || type > LAST || at + HEADER_BYTES + length > end) return false
  return masked(crc32c(log.subarray(at + 6, at + HEADER_BYTES + length))) === log.readUInt32LE(at)
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

/** CRC-32C (Castagnoli). */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
