import { createHash } from 'node:crypto'
import { hex, LIMITS, OrienError } from '@orien/protocol'
import type { Files, FileWriter } from './files.ts'
import { TOOL_LIMITS } from './limits.ts'

/** Content by its SHA-256. */
export interface BlobRef {
  readonly sha256: Uint8Array
  readonly bytes: number
}

/** An upload. One call at a time. */
export interface BlobWriter {
  /** Throws `badInputs` beyond the announced size. */
  write(bytes: Uint8Array): Promise<void>
  /** Ends it. Throws `badInputs` when length or hash are not as announced; what came is deleted then. */
  commit(): Promise<void>
  /** Stops it; what came is kept, to be resumed. */
  pause(): Promise<void>
}

/** The files of one session, by hash, on the way in and out. */
export interface BlobStore {
  /** True when the blob is whole. */
  has(hash: Uint8Array): Promise<boolean>
  /** Bytes of a whole blob; undefined otherwise. */
  size(hash: Uint8Array): Promise<number | undefined>
  /** Bytes held so far, whole or not: where an upload goes on. */
  held(hash: Uint8Array): Promise<number>
  /**
   * Starts or resumes an upload of `bytes` in all. An offset of 0 starts afresh. Throws `outOfOrder` with `details.expected` when `offset` is
   * neither 0 nor what is held, `busy` while another upload of this blob runs, `tooLarge`, `tooManyFiles`.
   */
  openWrite(hash: Uint8Array, bytes: number, offset: number): Promise<BlobWriter>
  /** Takes in content of ours whose hash is not known yet. Throws `tooLarge`, `tooManyFiles`. */
  add(source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<BlobRef>
  /** Content of a whole blob. Throws `notFound`. */
  read(hash: Uint8Array, offset: number): AsyncIterable<Uint8Array>
  /** Deletes everything. */
  delete(): Promise<void>
}

export interface BlobLimits {
  readonly maxBlobBytes: number
  readonly maxSessionBytes: number
  readonly maxSessionBlobs: number
}

export const BLOB_LIMITS: BlobLimits = {
  maxBlobBytes: LIMITS.maxBlobBytes,
  maxSessionBytes: TOOL_LIMITS.maxSessionBytes,
  maxSessionBlobs: TOOL_LIMITS.maxSessionBlobs,
}

const PARTIAL = '.part'
const INCOMING = '.new'

/**
 * A blob store in a folder of its own: `<hash>` is whole and verified, `<hash>.part` an upload. What uploads announce counts against the limits from
 * their start, so several at once cannot exceed them.
 *
 * @example
 * const blobs = createBlobStore(systemFiles, '/var/lib/orien/sessions/1/blobs')
 * const writer = await blobs.openWrite(hash, 3, 0)
 * await writer.write(utf8('abc'))
 * await writer.commit()
 */
export function createBlobStore(files: Files, folder: string, limits: BlobLimits = BLOB_LIMITS): BlobStore {
  const room = accountRoom(files, folder, limits)
  const writing = new Set<string>()
  const context: UploadContext = { files, folder, room, writing }
  let lastIncoming = 0
  const size = (hash: Uint8Array): Promise<number | undefined> => files.size(`${folder}/${nameOf(hash)}`)
  const partial = async (name: string): Promise<number> => (await files.size(`${folder}/${name}${PARTIAL}`)) ?? 0

  return {
    has: async (hash) => (await size(hash)) !== undefined,
    size,
    held: async (hash) => (await size(hash)) ?? partial(nameOf(hash)),
    async openWrite(hash, bytes, offset) {
      const name = nameOf(hash)
      await room.load()
      if (writing.has(name)) throw new OrienError('busy', { message: 'this file is being sent already' })
      writing.add(name)
      try {
        const whole = await size(hash)
        const expected = whole ?? (await partial(name))
        if (whole !== undefined || (offset !== 0 && offset !== expected)) throw outOfOrder(expected)
        if (offset > bytes) throw badBlob('is longer than announced')
        room.reserve(name, bytes)
        return await openUpload(context, name, bytes, offset)
      } catch (error) {
        writing.delete(name)
        throw error
      }
    },
    async add(source, maxBytes) {
      await room.load()
      const incoming = `${++lastIncoming}${INCOMING}`
      const file = await files.create(`${folder}/${incoming}`)
      try {
        const ref = await copyIn(source, file, maxBytes, (bytes) => room.reserve(incoming, bytes))
        await files.rename(`${folder}/${incoming}`, `${folder}/${nameOf(ref.sha256)}`)
        room.set(nameOf(ref.sha256), ref.bytes)
        return ref
      } catch (error) {
        await files.remove(`${folder}/${incoming}`)
        throw error
      } finally {
        room.set(incoming, 0)
      }
    },
    async *read(hash, offset) {
      if ((await size(hash)) === undefined) throw new OrienError('notFound', { message: 'no such file is held here' })
      yield* files.read(`${folder}/${nameOf(hash)}`, offset)
    },
    async delete() {
      room.close()
      await files.remove(folder)
    },
  }
}

interface UploadContext {
  readonly files: Files
  readonly folder: string
  readonly room: Room
  /** Names of the uploads that run. */
  readonly writing: Set<string>
}

async function openUpload(context: UploadContext, name: string, bytes: number, offset: number): Promise<BlobWriter> {
  const { files, folder, room, writing } = context
  const part = `${folder}/${name}${PARTIAL}`
  if (offset === 0) await files.remove(part)
  const digest = createHash('sha256')
  if (offset > 0) for await (const chunk of files.read(part, 0)) digest.update(chunk)
  const file = offset === 0 ? await files.create(part) : await files.append(part)
  let at = offset
  const end = async (finish: () => Promise<number>): Promise<void> => {
    try {
      await file.close()
      room.check()
      room.set(name, await finish())
    } finally {
      writing.delete(name)
    }
  }
  return {
    async write(chunk) {
      room.check()
      if (chunk.length > bytes - at) throw badBlob('is longer than announced')
      await file.write(chunk)
      digest.update(chunk)
      at += chunk.length
    },
    async commit() {
      const good = at === bytes && digest.digest('hex') === name
      await end(async () => {
        await (good ? files.rename(part, `${folder}/${name}`) : files.remove(part))
        return good ? bytes : 0
      })
      if (!good) throw badBlob(at === bytes ? 'does not have its hash' : 'is shorter than announced')
    },
    pause: () =>
      end(async () => {
        // An empty rest is worth nothing, and many would cost a file each.
        if (at === 0) await files.remove(part)
        return at
      }),
  }
}

async function copyIn(
  source: AsyncIterable<Uint8Array>,
  file: FileWriter,
  maxBytes: number,
  reserve: (bytes: number) => void,
): Promise<BlobRef> {
  const digest = createHash('sha256')
  let bytes = 0
  try {
    reserve(0)
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new OrienError('tooLarge', { message: 'a file is too large', details: { maxBytes } })
      reserve(bytes)
      digest.update(chunk)
      await file.write(chunk)
    }
  } finally {
    await file.close()
  }
  return { sha256: new Uint8Array(digest.digest()), bytes }
}

interface Room {
  /** Makes the folder and counts what stands in it already, once. */
  load(): Promise<void>
  /** What a name takes from now on. Throws `tooLarge`, `tooManyFiles` when the session has no room for it. */
  reserve(name: string, bytes: number): void
  /** What a name takes after all; 0 when nothing is left of it. */
  set(name: string, bytes: number): void
  /** Throws `sessionClosed` once the store was deleted. */
  check(): void
  close(): void
}

function accountRoom(files: Files, folder: string, limits: BlobLimits): Room {
  const taken = new Map<string, number>()
  let totalBytes = 0
  let loaded: Promise<void> | undefined
  let closed = false

  const set = (name: string, bytes: number): void => {
    totalBytes += bytes - (taken.get(name) ?? 0)
    if (bytes === 0) taken.delete(name)
    else taken.set(name, bytes)
  }
  const count = async (): Promise<void> => {
    await files.makeFolder(folder)
    for (const { name } of await files.list(folder, Number.MAX_SAFE_INTEGER)) {
      const path = `${folder}/${name}`
      if (name.endsWith(INCOMING)) await files.remove(path)
      else set(name.replace(PARTIAL, ''), (await files.size(path)) ?? 0)
    }
  }
  const check = (): void => {
    if (closed) throw new OrienError('sessionClosed', { message: 'the files of this session are deleted' })
  }
  return {
    async load() {
      check()
      await (loaded ??= count())
    },
    reserve(name, bytes) {
      check()
      const { maxBlobBytes, maxSessionBytes, maxSessionBlobs } = limits
      if (bytes > maxBlobBytes)
        throw new OrienError('tooLarge', { message: `a file of ${bytes} bytes`, details: { maxBytes: maxBlobBytes } })
      if (!taken.has(name) && taken.size >= maxSessionBlobs) {
        throw new OrienError('tooManyFiles', {
          message: 'the session holds too many files',
          details: { maxFiles: maxSessionBlobs },
        })
      }
      if (totalBytes - (taken.get(name) ?? 0) + bytes > maxSessionBytes) {
        throw new OrienError('tooManyFiles', {
          message: 'the session holds too much',
          details: { maxBytes: maxSessionBytes },
        })
      }
      set(name, bytes)
    },
    set,
    check,
    close() {
      closed = true
    },
  }
}

/** A blob's file name: its hash in hex, so that no name ever comes from a peer. */
function nameOf(hash: Uint8Array): string {
  if (hash.length !== 32) throw new OrienError('badDocument', { message: 'a SHA-256 has 32 bytes' })
  return hex(hash)
}

function outOfOrder(expected: number): OrienError {
  return new OrienError('outOfOrder', { message: `an upload goes on at ${expected}`, details: { expected } })
}

function badBlob(words: string): OrienError {
  return new OrienError('badInputs', { message: `a file ${words}` })
}
