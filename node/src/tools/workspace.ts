import { LIMITS, OrienError, type FileEntry, type Inputs } from '@orien/protocol'
import { createBlobStore, type BlobLimits, type BlobStore } from './blobs.ts'
import type { Files } from './files.ts'
import { TOOL_LIMITS } from './limits.ts'
import { collectOutputs, type OutputLimits, type RefusedOutput } from './outputs.ts'
import { pathFault } from './paths.ts'

/** Throw-away folders: one a session, in it one a call, and the session's files by hash. */
export interface Workspaces {
  /**
   * Makes the folder of a call with its input files and returns its path. Throws `badInputs` (a path that is none, a file that was not sent
   * whole), `tooManyFiles`.
   */
  prepare(sessionKey: string, callSeq: number, inputs: Inputs): Promise<string>
  /** Keeps what the call left and the globs name, by hash, and deletes its folder. What was refused goes to `onRefused`. */
  collect(sessionKey: string, callSeq: number, globs: readonly string[]): Promise<readonly FileEntry[]>
  /** The files of a session by hash. */
  blobs(sessionKey: string): BlobStore
  /** Deletes everything of a session, for good. */
  remove(sessionKey: string): Promise<void>
  /** Deletes what sessions of an earlier run left; returns how many. To be called once, before anything else. */
  sweep(keep: ReadonlySet<string>): Promise<number>
}

export interface WorkspaceOptions {
  readonly files: Files
  /** Absolute path of a folder that nobody else uses. */
  readonly root: string
  readonly blobLimits?: BlobLimits
  readonly outputLimits?: OutputLimits
  readonly onRefused?: (sessionKey: string, callSeq: number, refused: readonly RefusedOutput[]) => void
}

const OUTPUT_LIMITS: OutputLimits = {
  maxFiles: LIMITS.maxFiles,
  maxFileBytes: LIMITS.maxBlobBytes,
  maxBytes: TOOL_LIMITS.maxFilesBytes,
}

/** The workspaces of a provider under one root. */
export function createWorkspaces(options: WorkspaceOptions): Workspaces {
  const { files, root, blobLimits, outputLimits = OUTPUT_LIMITS, onRefused } = options
  const stores = new Map<string, BlobStore>()
  const sessionOf = (key: string): string => `${root}/${checkedKey(key)}`
  const callOf = (key: string, callSeq: number): string => `${sessionOf(key)}/calls/${callSeq}`

  const blobs = (key: string): BlobStore => {
    const known = stores.get(key)
    if (known !== undefined) return known
    const store = createBlobStore(files, `${sessionOf(key)}/blobs`, blobLimits)
    stores.set(key, store)
    return store
  }
  return {
    async prepare(key, callSeq, inputs) {
      checkInputs(inputs.files)
      const folder = callOf(key, callSeq)
      await files.remove(folder)
      await files.makeFolder(folder)
      for (const file of inputs.files) await placeInput(files, blobs(key), folder, file)
      return folder
    },
    async collect(key, callSeq, globs) {
      const folder = callOf(key, callSeq)
      const { files: kept, refused } = await collectOutputs({ files, blobs: blobs(key) }, folder, globs, outputLimits)
      if (refused.length > 0) onRefused?.(key, callSeq, refused)
      await files.remove(folder)
      return kept
    },
    blobs,
    async remove(key) {
      const store = blobs(key)
      stores.delete(key)
      await store.delete()
      await files.remove(sessionOf(key))
    },
    async sweep(keep) {
      await files.makeFolder(root)
      const left = (await files.list(root, Number.MAX_SAFE_INTEGER)).filter(({ name }) => !keep.has(name))
      for (const { name } of left) await files.remove(`${root}/${name}`)
      return left.length
    },
  }
}

/**
 * Checks the list of a call's input files before any of them is touched. Throws `badInputs` (not a path, a path twice, a file where another
 * needs a folder), `tooManyFiles`.
 */
export function checkInputs(entries: readonly FileEntry[]): void {
  if (entries.length > LIMITS.maxFiles) {
    throw new OrienError('tooManyFiles', {
      message: `${entries.length} input files`,
      details: { maxFiles: LIMITS.maxFiles },
    })
  }
  const paths = new Set<string>()
  let bytes = 0
  for (const entry of entries) {
    const fault = pathFault(entry.path) ?? (paths.has(entry.path) ? 'stands twice' : undefined)
    if (fault !== undefined) throw new OrienError('badInputs', { message: `the path of an input file ${fault}` })
    paths.add(entry.path)
    bytes += entry.bytes
  }
  if (bytes > TOOL_LIMITS.maxFilesBytes) {
    throw new OrienError('tooManyFiles', {
      message: `${bytes} bytes of input files`,
      details: { maxBytes: TOOL_LIMITS.maxFilesBytes },
    })
  }
  for (const path of paths) {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      if (paths.has(path.slice(0, at)))
        throw new OrienError('badInputs', { message: 'an input file stands where another needs a folder' })
    }
  }
}

/** Copies a blob to its place, so that the tool may change it and the blob stays what its hash says. */
async function placeInput(files: Files, blobs: BlobStore, folder: string, entry: FileEntry): Promise<void> {
  if ((await blobs.size(entry.sha256)) !== entry.bytes) {
    throw new OrienError('badInputs', { message: 'an input file was not sent whole' })
  }
  const above = entry.path.lastIndexOf('/')
  if (above > 0) await files.makeFolder(`${folder}/${entry.path.slice(0, above)}`)
  const file = await files.create(`${folder}/${entry.path}`)
  try {
    for await (const chunk of blobs.read(entry.sha256, 0)) await file.write(chunk)
  } finally {
    await file.close()
  }
}

/** Session keys are ours (hex of a hash); anything that could be another folder is a defect. */
function checkedKey(key: string): string {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(key))
    throw new OrienError('internal', { message: 'a session key that is no name' })
  return key
}
