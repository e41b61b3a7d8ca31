import { concatBytes, OrienError } from '@orien/protocol'
import type { Files, FileWriter, FolderEntry, ForeignFault, ForeignFile } from './files.ts'
import { TOOL_LIMITS } from './limits.ts'

/** Files in memory, and the hands of a tool in it. */
export interface MemoryFiles extends Files {
  /** What a tool does: puts a file, replacing one. */
  put(path: string, content: Uint8Array): void
  /** What a tool does: reads a file; undefined when there is none. */
  peek(path: string): Uint8Array | undefined
}

/** Folders are undefined. There are no links and no special files. */
type Tree = Map<string, Uint8Array | undefined>

/** The port without a disk, for the simulator and unit tests. */
export function memoryFiles(): MemoryFiles {
  const tree: Tree = new Map()
  return {
    put: (path, bytes) => void tree.set(path, bytes.slice()),
    peek: (path) => tree.get(path)?.slice(),
    async makeFolder(path) {
      for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) tree.set(path.slice(0, at), undefined)
      tree.set(path, undefined)
    },
    list: async (path, max) => entriesOf(tree, path).slice(0, max),
    size: async (path) => tree.get(path)?.length,
    async create(path) {
      if (tree.has(path)) throw new OrienError('badInputs', { message: 'two files have one name' })
      tree.set(path, new Uint8Array(0))
      return writer(tree, path)
    },
    append: async (path) => writer(tree, path),
    async *read(path, offset) {
      yield* chunks(contentOf(tree, path), offset)
    },
    openForeign: async (root, path, maxBytes) => openForeign(tree, `${root}/${path}`, maxBytes),
    async rename(from, to) {
      tree.set(to, contentOf(tree, from))
      tree.delete(from)
    },
    async remove(path) {
      for (const one of tree.keys()) if (one === path || one.startsWith(`${path}/`)) tree.delete(one)
    },
  }
}

function entriesOf(tree: Tree, folder: string): FolderEntry[] {
  const entries = new Map<string, FolderEntry>()
  for (const [path, content] of tree) {
    if (!path.startsWith(`${folder}/`)) continue
    const [name = '', ...below] = path.slice(folder.length + 1).split('/')
    entries.set(name, { name, kind: below.length > 0 || content === undefined ? 'folder' : 'file' })
  }
  return [...entries.values()]
}

function contentOf(tree: Tree, path: string): Uint8Array {
  const content = tree.get(path)
  if (content === undefined) throw new OrienError('internal', { message: 'a file that must be there is gone' })
  return content
}

function openForeign(tree: Tree, path: string, maxBytes: number): ForeignFile | ForeignFault {
  const content = tree.get(path)
  if (content === undefined) return tree.has(path) ? 'notRegular' : 'gone'
  if (content.length > maxBytes) return 'tooLarge'
  return { bytes: content.length, read: () => chunks(content, 0), close: () => Promise.resolve() }
}

function writer(tree: Tree, path: string): FileWriter {
  return {
    async write(bytes) {
      tree.set(path, concatBytes(contentOf(tree, path), bytes))
    },
    close: () => Promise.resolve(),
  }
}

async function* chunks(content: Uint8Array, offset: number): AsyncGenerator<Uint8Array> {
  const size = TOOL_LIMITS.chunkBytes
  for (let at = offset; at < content.length; at += size) yield content.slice(at, at + size)
}
