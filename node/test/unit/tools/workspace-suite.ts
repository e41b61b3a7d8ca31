import { createHash } from 'node:crypto'
import { concatBytes, isOrienError, utf8, type FileEntry } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBlobStore, type BlobStore } from '../../../src/tools/blobs.ts'
import type { Files } from '../../../src/tools/files.ts'
import type { RefusedOutput } from '../../../src/tools/outputs.ts'
import { createSessionBlobs } from '../../../src/tools/session-blobs.ts'
import { createWorkspaces } from '../../../src/tools/workspace.ts'

export interface FilesUnderTest {
  readonly files: Files
  /** An absolute folder that does not exist yet. */
  readonly root: string
  /** What a tool does in its folder. */
  put(path: string, content: Uint8Array): Promise<void>
  peek(path: string): Promise<Uint8Array | undefined>
  cleanup(): Promise<void>
}

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

export async function codeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run
  } catch (error) {
    if (isOrienError(error)) return error.code
    throw error
  }
  return 'accepted'
}

export async function send(blobs: BlobStore, content: Uint8Array): Promise<Uint8Array> {
  const hash = sha256(content)
  const writer = await blobs.openWrite(hash, content.length, 0)
  await writer.write(content)
  await writer.commit()
  return hash
}

export async function readAll(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  return concatBytes(...parts)
}

/** Workspaces and blobs, which both adapters of Files must carry. */
export function workspaceSuite(name: string, make: () => Promise<FilesUnderTest>): void {
  let under: FilesUnderTest
  beforeEach(async () => {
    under = await make()
  })
  afterEach(() => under.cleanup())

  describe(`blobs: ${name}`, () => {
    const limits = { maxBlobBytes: 1_000_000, maxSessionBytes: 1_500_000, maxSessionBlobs: 4 }
    const store = (): BlobStore => createBlobStore(under.files, `${under.root}/blobs`, limits)
    const content = utf8('some content')
    const hash = sha256(content)

    it('behavior: what was sent is held and read back, from any offset', async () => {
      const blobs = store()
      expect([await blobs.has(hash), await blobs.size(hash), await blobs.held(hash)]).toEqual([false, undefined, 0])
      await send(blobs, content)
      expect([await blobs.has(hash), await blobs.size(hash), await blobs.held(hash)]).toEqual([true, 12, 12])
      expect(await readAll(blobs.read(hash, 0))).toEqual(content)
      expect(await readAll(blobs.read(hash, 5))).toEqual(content.slice(5))
      expect(await readAll(blobs.read(hash, 12))).toHaveLength(0)
    })

    it('behavior: large and empty content', async () => {
      const blobs = store()
      const large = new Uint8Array(700_000).map((_, at) => at % 251)
      expect(await readAll(blobs.read(await send(blobs, large), 0))).toEqual(large)
      expect(await readAll(blobs.read(await send(blobs, new Uint8Array(0)), 0))).toHaveLength(0)
    })

    it('behavior: an upload that broke off goes on where it stopped, also for another store', async () => {
      const first = await store().openWrite(hash, 12, 0)
      await first.write(content.slice(0, 5))
      await first.pause()
      const blobs = store()
      expect([await blobs.held(hash), await blobs.has(hash)]).toEqual([5, false])
      expect(await codeOf(blobs.openWrite(hash, 12, 4))).toBe('outOfOrder')
      const second = await blobs.openWrite(hash, 12, 5)
      await second.write(content.slice(5))
      await second.commit()
      expect(await readAll(blobs.read(hash, 0))).toEqual(content)
    })

    it('behavior: an upload may begin afresh', async () => {
      const blobs = store()
      const first = await blobs.openWrite(hash, 12, 0)
      await first.write(utf8('wrong'))
      await first.pause()
      await send(blobs, content)
      expect(await blobs.size(hash)).toBe(12)
    })

    it('error: content that is not its hash, too short or too long is not kept', async () => {
      const blobs = store()
      const send12 = async (bytes: Uint8Array): Promise<void> => {
        const writer = await blobs.openWrite(hash, 12, 0)
        try {
          await writer.write(bytes)
        } catch (error) {
          await writer.pause()
          throw error
        }
        await writer.commit()
      }
      expect(await codeOf(send12(utf8('same length!')))).toBe('badInputs')
      expect(await codeOf(send12(utf8('short')))).toBe('badInputs')
      expect(await codeOf(send12(utf8('much too long to be true')))).toBe('badInputs')
      expect([await blobs.has(hash), await blobs.held(hash)]).toEqual([false, 0])
      expect(await under.files.list(`${under.root}/blobs`, 10)).toEqual([])
      expect(await codeOf(send12(content))).toBe('accepted')
    })

    it('error: one upload of a blob at a time, none of a whole one', async () => {
      const blobs = store()
      const writer = await blobs.openWrite(hash, 12, 0)
      expect(await codeOf(blobs.openWrite(hash, 12, 0))).toBe('busy')
      await writer.write(content)
      await writer.commit()
      expect(await codeOf(blobs.openWrite(hash, 12, 0))).toBe('outOfOrder')
    })

    it('error: limits on one, on all, and on how many, counted from the announcement', async () => {
      const blobs = store()
      const other = (at: number): Uint8Array => sha256(utf8(String(at)))
      expect(await codeOf(blobs.openWrite(hash, 1_000_001, 0))).toBe('tooLarge')
      const writer = await blobs.openWrite(hash, 1_000_000, 0)
      expect(await codeOf(blobs.openWrite(other(1), 500_001, 0))).toBe('tooManyFiles')
      await writer.pause()
      for (let at = 1; at <= 4; at++) {
        const each = await blobs.openWrite(other(at), 10, 0)
        await each.write(utf8('x'))
        await each.pause()
      }
      expect(await codeOf(blobs.openWrite(other(5), 10, 0))).toBe('tooManyFiles')
      expect(await codeOf(store().openWrite(other(5), 10, 0))).toBe('tooManyFiles')
      expect(await codeOf(blobs.add(blobs.read(hash, 0), 10))).toBe('tooManyFiles')
    })

    it('behavior: content of ours is taken in under its hash', async () => {
      const blobs = store()
      await send(blobs, content)
      const copy = await blobs.add(blobs.read(hash, 0), 100)
      expect(copy).toEqual({ sha256: hash, bytes: 12 })
      expect(await codeOf(blobs.add(blobs.read(hash, 0), 11))).toBe('tooLarge')
      expect(await under.files.list(`${under.root}/blobs`, 10)).toHaveLength(1)
    })

    it('error: nothing is taken once the store was deleted', async () => {
      const blobs = store()
      const writer = await blobs.openWrite(hash, 12, 0)
      await blobs.delete()
      expect(await codeOf(writer.write(content))).toBe('sessionClosed')
      // Its file is closed all the same.
      expect(await codeOf(writer.pause())).toBe('sessionClosed')
      expect(await codeOf(blobs.openWrite(hash, 12, 0))).toBe('sessionClosed')
      expect(await codeOf(blobs.read(hash, 0)[Symbol.asyncIterator]().next())).toBe('notFound')
      expect(await under.files.list(under.root, 10)).toEqual([])
    })

    it('error: a hash of another length', async () => {
      expect(await codeOf(store().has(hash.slice(1)))).toBe('badDocument')
    })
  })

  describe(`workspaces: ${name}`, () => {
    const refused: RefusedOutput[] = []
    const workspaces = (outputLimits = { maxFiles: 100, maxFileBytes: 1_000, maxBytes: 2_000 }) =>
      createWorkspaces({
        files: under.files,
        root: under.root,
        outputLimits,
        onRefused: (_, __, more) => refused.push(...more),
      })
    const entry = (path: string, content: Uint8Array): FileEntry => ({
      path,
      sha256: sha256(content),
      bytes: content.length,
    })
    const made = async (files: Record<string, string>, globs: readonly string[], spaces = workspaces()) => {
      const folder = await spaces.prepare('s', 1, { files: [] })
      for (const [path, text] of Object.entries(files)) await under.put(`${folder}/${path}`, utf8(text))
      return spaces.collect('s', 1, globs)
    }

    beforeEach(() => {
      refused.length = 0
    })

    it('behavior: a call finds its input files, each call in a folder of its own', async () => {
      const spaces = workspaces()
      const content = utf8('contract {}')
      await send(spaces.blobs('s1'), content)
      const folder = await spaces.prepare('s1', 1, { files: [entry('src/a/T.sol', content), entry('b.txt', content)] })
      expect(await under.peek(`${folder}/src/a/T.sol`)).toEqual(content)
      expect(await under.peek(`${folder}/b.txt`)).toEqual(content)
      const second = await spaces.prepare('s1', 2, { files: [] })
      expect(await under.peek(`${second}/b.txt`)).toBeUndefined()
      // What the tool does to its copy does not reach the blob.
      await under.put(`${folder}/b.txt`, utf8('changed'))
      expect(await readAll(spaces.blobs('s1').read(sha256(content), 0))).toEqual(content)
    })

    it('behavior: outputs that match come back by hash, sorted, and the folder is gone', async () => {
      const spaces = workspaces()
      const files = { 'out/b.js': 'b', 'out/a/c.js': 'c', 'out/x.txt': 'x', 'z.js': 'z', 'src/s.js': 's' }
      expect(await made(files, ['out/**/*.js', '*.js'], spaces)).toEqual([
        entry('out/a/c.js', utf8('c')),
        entry('out/b.js', utf8('b')),
        entry('z.js', utf8('z')),
      ])
      expect(await readAll(createSessionBlobs(spaces).read('s', sha256(utf8('c')), 0))).toEqual(utf8('c'))
      expect(await under.files.list(`${under.root}/s/calls`, 10)).toEqual([])
      expect(refused).toEqual([])
    })

    it('error: what is too large, too many or badly named is refused, the rest comes back', async () => {
      const files = { a: 'a', 'b\nb': 'b', c: 'x'.repeat(1_001), d: 'y'.repeat(999), e: 'z'.repeat(1_000), f: 'f' }
      const limits = { maxFiles: 3, maxFileBytes: 1_000, maxBytes: 2_000 }
      expect((await made(files, ['*'], workspaces(limits))).map(({ path }) => path)).toEqual(['a', 'd', 'e'])
      expect(refused).toEqual([
        { path: 'b\nb', fault: 'badName' },
        { path: 'c', fault: 'tooLarge' },
        { path: 'f', fault: 'tooMany' },
      ])
    })

    it('error: the sum of outputs is capped', async () => {
      const files = { a: 'x'.repeat(900), b: 'x'.repeat(901), c: 'x'.repeat(902) }
      expect((await made(files, ['*'])).map(({ path }) => path)).toEqual(['a', 'b'])
      expect(refused).toEqual([{ path: 'c', fault: 'tooLarge' }])
    })

    it('error: a million outputs cost a bounded walk and a bounded list', async () => {
      const files = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`f${at}`, '']))
      const limits = { maxFiles: 5, maxFileBytes: 10, maxBytes: 10 }
      expect(await made(files, ['**'], workspaces(limits))).toHaveLength(5)
      expect(refused).toHaveLength(100)
    })

    it.each([
      ['../key'],
      ['/etc/passwd'],
      ['a/../../key'],
      ['a//b'],
      ['.'],
      [''],
      ['a\\b'],
      ['a\0b'],
      ['\u001b[2J'],
      ['x'.repeat(256)],
    ])('error: an input at %j is refused before anything is written', async (path) => {
      expect(await codeOf(workspaces().prepare('s', 1, { files: [entry(path, utf8(''))] }))).toBe('badInputs')
      expect(await under.files.list(under.root, 10)).toEqual([])
    })

    it('error: inputs that clash, are missing, or are not of their size', async () => {
      const spaces = workspaces()
      const content = utf8('x')
      await send(spaces.blobs('s'), content)
      const prepare = (...files: FileEntry[]) => codeOf(spaces.prepare('s', 1, { files }))
      expect(await prepare(entry('a', content), entry('a', content))).toBe('badInputs')
      expect(await prepare(entry('a', content), entry('a/b', content))).toBe('badInputs')
      expect(await prepare(entry('a', utf8('never sent')))).toBe('badInputs')
      expect(await prepare({ ...entry('a', content), bytes: 2 })).toBe('badInputs')
      expect(await prepare(...Array.from({ length: 1_025 }, (_, at) => entry(`f${at}`, content)))).toBe('tooManyFiles')
      const huge = Array.from({ length: 5 }, (_, at) => ({ ...entry(`f${at}`, content), bytes: 2 ** 30 }))
      expect(await prepare(...huge)).toBe('tooManyFiles')
      expect(await prepare(entry('a', content))).toBe('accepted')
    })

    it('behavior: the end of a session deletes everything of it, and of no other', async () => {
      const spaces = workspaces()
      await send(spaces.blobs('s1'), utf8('1'))
      await send(spaces.blobs('s2'), utf8('2'))
      await spaces.prepare('s1', 1, { files: [] })
      await spaces.remove('s1')
      expect((await under.files.list(under.root, 10)).map(({ name: left }) => left)).toEqual(['s2'])
    })

    it('behavior: a start sweeps what earlier sessions left, but not those that go on', async () => {
      const before = workspaces()
      for (const session of ['old', 'open']) await before.prepare(session, 1, { files: [] })
      expect(await workspaces().sweep(new Set(['open']))).toBe(1)
      expect((await under.files.list(under.root, 10)).map(({ name: left }) => left)).toEqual(['open'])
    })

    it('behavior: uploads by session resume, and break off without loss', async () => {
      const blobs = createSessionBlobs(workspaces())
      const content = utf8('0123456789')
      const part = async function* (from: number, to: number, then?: Error): AsyncGenerator<Uint8Array> {
        yield content.slice(from, to)
        if (then !== undefined) throw then
      }
      const lost = new Error('lost')
      await expect(blobs.write('s', sha256(content), 10, 0, part(0, 4, lost))).rejects.toBe(lost)
      expect(await blobs.held('s', sha256(content))).toBe(4)
      await blobs.write('s', sha256(content), 10, 4, part(4, 10))
      expect(await blobs.size('s', sha256(content))).toBe(10)
      expect(await readAll(blobs.read('s', sha256(content), 8))).toEqual(utf8('89'))
    })

    it('error: a session key that could be another folder', async () => {
      for (const key of ['..', 'a/b', '', '.'])
        expect(await codeOf(workspaces().prepare(key, 1, { files: [] }))).toBe('internal')
    })
  })
}
