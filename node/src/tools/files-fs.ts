import { constants } from 'node:fs'
import { chmod, lstat, mkdir, open, opendir, readlink, realpath, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { OrienError } from '@orien/protocol'
import type { Files, FileWriter, FolderEntry, ForeignFault, ForeignFile } from './files.ts'
import { TOOL_LIMITS } from './limits.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants
const OWNER_FOLDER = 0o700
const OWNER_FILE = 0o600

/** Files on disk. The only part of the tools, besides the runner, that touches the file system. */
export const systemFiles: Files = {
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: OWNER_FOLDER })
  },
  async list(path, max) {
    const entries: FolderEntry[] = []
    try {
      for await (const entry of await opendir(path)) {
        if (entries.length === max) break
        entries.push({ name: entry.name, kind: entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other' })
      }
    } catch (error) {
      // Gone, or made unreadable by the tool whose folder it is.
      if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error
    }
    return entries
  },
  async size(path) {
    try {
      const facts = await lstat(path)
      return facts.isFile() ? facts.size : undefined
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
      throw error
    }
  },
  async create(path) {
    try {
      return writer(await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, OWNER_FILE))
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST', 'EISDIR', 'ENOTDIR')) throw cause
      throw new OrienError('badInputs', { message: 'two files have one name on this file system', cause })
    }
  },
  append: async (path) => writer(await open(path, O_WRONLY | O_APPEND | O_NOFOLLOW)),
  async *read(path, offset) {
    const handle = await open(path, O_RDONLY | O_NOFOLLOW)
    try {
      yield* chunks(handle, offset, Number.MAX_SAFE_INTEGER)
    } finally {
      await handle.close()
    }
  },
  openForeign,
  rename,
  async remove(path) {
    try {
      await rm(path, { recursive: true, force: true })
    } catch (error) {
      if (!hasCode(error, 'EACCES', 'EPERM', 'ENOTEMPTY')) throw error
      await unlock(path)
      await rm(path, { recursive: true, force: true, maxRetries: 3 })
    }
  },
}

/**
 * Checking a name and then opening it leaks under a race, so the open descriptor is what is checked. O_NONBLOCK: a FIFO must not hold a thread. nlink
 * 1: a hard link can name a file from anywhere. Linux tells where the descriptor really lies; elsewhere the name is resolved afterwards and
 * must lead to the same inode, which leaves a race for whoever swaps folders meanwhile.
 */
async function openForeign(root: string, path: string, maxBytes: number): Promise<ForeignFile | ForeignFault> {
  let handle: FileHandle
  try {
    handle = await open(join(root, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return 'gone'
    if (hasCode(error, 'ELOOP', 'ENXIO', 'EMLINK', 'ENODEV', 'EOPNOTSUPP')) return 'notRegular'
    if (hasCode(error, 'EACCES', 'EPERM')) return 'unreadable'
    throw error
  }
  const fault = await foreignFault(handle, root, path, maxBytes)
  if (typeof fault === 'string') {
    await handle.close()
    return fault
  }
  return { bytes: fault.bytes, read: () => chunks(handle, 0, fault.bytes), close: () => handle.close() }
}

async function foreignFault(
  handle: FileHandle,
  root: string,
  path: string,
  maxBytes: number,
): Promise<ForeignFault | { readonly bytes: number }> {
  const facts = await handle.stat()
  if (!facts.isFile()) return 'notRegular'
  if (facts.nlink !== 1) return 'linked'
  if (facts.size > maxBytes) return 'tooLarge'
  const expected = join(await realpath(root), path)
  try {
    if (process.platform === 'linux') {
      if ((await readlink(`/proc/self/fd/${handle.fd}`)) !== expected) return 'moved'
    } else {
      const named = await lstat(expected)
      if ((await realpath(expected)) !== expected || named.ino !== facts.ino || named.dev !== facts.dev) return 'moved'
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return 'moved'
    throw error
  }
  return { bytes: facts.size }
}

async function* chunks(handle: FileHandle, offset: number, maxBytes: number): AsyncGenerator<Uint8Array> {
  let left = maxBytes
  for (let at = offset; left > 0;) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(left, TOOL_LIMITS.chunkBytes))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) return
    at += bytesRead
    left -= bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

function writer(handle: FileHandle): FileWriter {
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, at)
        at += bytesWritten
      }
    },
    close: () => handle.close(),
  }
}

/** Gives the owner back the folders that a tool locked. Follows no link. */
async function unlock(folder: string): Promise<void> {
  const facts = await lstat(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  })
  if (facts?.isDirectory() !== true) return
  await chmod(folder, OWNER_FOLDER)
  for await (const entry of await opendir(folder)) {
    if (entry.isDirectory()) await unlock(join(folder, entry.name))
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}
