import { LIMITS } from '@orien/protocol'

/** Limits of catalogue, arguments, workspaces and blobs that the protocol does not fix, each with its reason. */
export const TOOL_LIMITS = {
  /** Deeper arguments or schemas are attacks on recursion, not data. */
  maxJsonDepth: 16,
  /** Properties and elements of arguments; ajv's generated code overflows the stack at some thousands. */
  maxJsonValues: 1_024,
  /** The whole command line. The kernel takes 128 KiB in one argument and at least that in all. */
  maxArgvBytes: 120 * 1_024,
  /** A name in a folder, on every file system. */
  maxSegmentBytes: 255,
  /** Folders in folders; together with the names this stays far below the kernel's 4 096 bytes. */
  maxPathSegments: 32,
  /** Entries looked at when outputs are collected: a tool can make millions of files. */
  maxWalkEntries: 20_000,
  /** Refused outputs that are listed before collecting ends: nobody reads more. */
  maxRefused: 100,
  /** All input files of one call, and all output files of one call. */
  maxFilesBytes: 4 * LIMITS.maxBlobBytes,
  /** What the blobs of one session may take on disk. */
  maxSessionBytes: 8 * LIMITS.maxBlobBytes,
  /** Blobs of one session, unfinished ones included. */
  maxSessionBlobs: 4 * LIMITS.maxFiles,
  /** Read and written at a time. */
  chunkBytes: 256 * 1_024,
  /** Repetition counts in a pattern: each is unrolled by the matcher. */
  maxPatternRepeats: 1_000,
  /** A catalogue is read whole; 64 tools with 8 KiB of schema fit well. */
  maxCatalogueBytes: 1_024 * 1_024,
} as const

const relations: readonly [boolean, string][] = [
  [TOOL_LIMITS.maxArgvBytes > LIMITS.maxArgsBytes, 'any arguments fit a command line that names each once'],
  [TOOL_LIMITS.maxFilesBytes <= TOOL_LIMITS.maxSessionBytes, 'a session holds the files of a call'],
  [TOOL_LIMITS.maxSessionBlobs >= 2 * LIMITS.maxFiles, 'a session holds inputs and outputs of a call'],
]
for (const [holds, what] of relations) if (!holds) throw new RangeError(`limits disagree: ${what}`)
