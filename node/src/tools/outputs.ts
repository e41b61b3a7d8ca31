import { isOrienError, sortFiles, type FileEntry } from '@orien/protocol'
import type { BlobRef, BlobStore } from './blobs.ts'
import type { Files, ForeignFault, ForeignFile } from './files.ts'
import { compileGlobs, type Globs } from './glob.ts'
import { TOOL_LIMITS } from './limits.ts'
import { pathFault } from './paths.ts'

/** Why a file that the globs name is not handed back. */
export type OutputFault = ForeignFault | 'badName' | 'tooMany' | 'noRoom'

export interface RefusedOutput {
  /** As the tool named it: never print it raw. */
  readonly path: string
  readonly fault: OutputFault
}

export interface Outputs {
  /** Sorted by path, as the Output document wants them. */
  readonly files: readonly FileEntry[]
  readonly refused: readonly RefusedOutput[]
}

export interface OutputLimits {
  readonly maxFiles: number
  /** One file. */
  readonly maxFileBytes: number
  /** All files of the call. */
  readonly maxBytes: number
}

/**
 * Takes the files a tool left that match the declared globs into the session's blobs. What cannot be taken is listed, never thrown: a tool, which
 * may run the agent's own code, must not turn a bill into a failure of ours by making a link or a million files. Throws only when our
 * own disk fails.
 */
export async function collectOutputs(
  parts: { readonly files: Files; readonly blobs: BlobStore },
  folder: string,
  globs: readonly string[],
  limits: OutputLimits,
): Promise<Outputs> {
  if (globs.length === 0) return { files: [], refused: [] }
  const taken: FileEntry[] = []
  const refused: RefusedOutput[] = []
  let leftBytes = limits.maxBytes
  for (const { path, fault } of await findOutputs(parts.files, folder, compileGlobs(globs))) {
    const room = taken.length < limits.maxFiles ? undefined : 'tooMany'
    const ref = fault ?? room ?? (await takeFile(parts, folder, path, Math.min(leftBytes, limits.maxFileBytes)))
    if (typeof ref === 'string') refused.push({ path, fault: ref })
    else {
      taken.push({ path, ...ref })
      leftBytes -= ref.bytes
    }
    if (refused.length >= TOOL_LIMITS.maxRefused) break
  }
  return { files: sortFiles(taken), refused }
}

interface Found {
  readonly path: string
  readonly fault?: OutputFault
}

/** Everything the globs name, in order of path, by a walk that follows nothing and is bounded in breadth and depth. */
async function findOutputs(files: Files, root: string, globs: Globs): Promise<Found[]> {
  const found: Found[] = []
  let leftEntries: number = TOOL_LIMITS.maxWalkEntries
  const folders = ['']
  for (let prefix = folders.shift(); prefix !== undefined; prefix = folders.shift()) {
    if (leftEntries <= 0) break
    const entries = await files.list(prefix === '' ? root : `${root}/${prefix.slice(0, -1)}`, leftEntries)
    leftEntries -= entries.length
    for (const { name, kind } of entries) {
      const path = prefix + name
      const bad = pathFault(path) !== undefined
      if (kind === 'folder' && !bad) {
        if (globs.mayHold(path)) folders.push(`${path}/`)
      } else if (globs.matches(path)) {
        found.push({ path, ...(bad ? { fault: 'badName' } : kind === 'other' ? { fault: 'notRegular' } : {}) })
      }
    }
  }
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

async function takeFile(
  { files, blobs }: { readonly files: Files; readonly blobs: BlobStore },
  folder: string,
  path: string,
  maxBytes: number,
): Promise<BlobRef | OutputFault> {
  const file: ForeignFile | ForeignFault = await files.openForeign(folder, path, maxBytes)
  if (typeof file === 'string') return file
  try {
    return await blobs.add(file.read(), maxBytes)
  } catch (error) {
    if (isOrienError(error, 'tooLarge')) return 'tooLarge'
    if (isOrienError(error, 'tooManyFiles')) return 'noRoom'
    throw error
  } finally {
    await file.close()
  }
}
