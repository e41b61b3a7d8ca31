/** What stands at a path. `other`: symbolic links, FIFOs, sockets, devices. */
export interface FolderEntry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'other'
}

/** A file being written by us. One write at a time. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** Why a file that a tool left is not read. */
export type ForeignFault = 'gone' | 'notRegular' | 'linked' | 'moved' | 'tooLarge' | 'unreadable'

/** A file that a tool left, open and checked. */
export interface ForeignFile {
  readonly bytes: number
  /** At most `bytes` of content. */
  read(): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/**
 * All file access of the tools. Paths are absolute. Adapters: files-fs.ts (real), files-memory.ts (simulator); node/test/unit/tools/workspace-suite.ts
 * is the suite of both.
 */
export interface Files {
  /** Makes a folder for its owner alone (0700), and those above it; no error when it stands. */
  makeFolder(path: string): Promise<void>
  /** At most `max` entries of a folder, in no order; none when it does not exist. */
  list(path: string, max: number): Promise<readonly FolderEntry[]>
  /** Bytes of a regular file; undefined when there is none. */
  size(path: string): Promise<number | undefined>
  /** Starts a new file (0600). Throws `badInputs` when anything stands there; follows no link. */
  create(path: string): Promise<FileWriter>
  /** Goes on at the end of one of our own files. */
  append(path: string): Promise<FileWriter>
  /** Content of one of our own files from `offset` on. */
  read(path: string, offset: number): AsyncIterable<Uint8Array>
  /**
   * Opens what a tool left at `path` (relative, checked) under the folder `root`: never through a link, never blocking, only a regular file with
   * one name that really lies there, of at most `maxBytes`.
   */
  openForeign(root: string, path: string, maxBytes: number): Promise<ForeignFile | ForeignFault>
  /** Replaces what stands at `to`. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file or a whole folder, also one that a tool locked; no error when there is none. */
  remove(path: string): Promise<void>
}
