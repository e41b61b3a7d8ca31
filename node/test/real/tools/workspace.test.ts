import { execFileSync } from 'node:child_process'
import { link, lstat, mkdir, mkdtemp, open, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { utf8 } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemFiles } from '../../../src/tools/files-fs.ts'
import type { RefusedOutput } from '../../../src/tools/outputs.ts'
import { createWorkspaces, type Workspaces } from '../../../src/tools/workspace.ts'
import { readAll, send, sha256, workspaceSuite } from '../../unit/tools/workspace-suite.ts'

const tempFolder = async (): Promise<string> => realpath(await mkdtemp(join(tmpdir(), 'orien-files-')))

workspaceSuite('on disk', async () => {
  const folder = await tempFolder()
  return {
    files: systemFiles,
    root: join(folder, 'sessions'),
    async put(path, content) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content)
    },
    peek: (path) =>
      readFile(path).then(
        (bytes) => new Uint8Array(bytes),
        () => undefined,
      ),
    cleanup: () => rm(folder, { recursive: true, force: true }),
  }
})

/** Node has no call for it; every Unix has the program. */
const [fifoProgram] = ['mkfifo'] as const
const makeFifo = (path: string): void => void execFileSync(fifoProgram, [path])

describe('what a tool leaves to lead the provider astray', () => {
  let outside: string
  let spaces: Workspaces
  let folder: string
  let refused: readonly RefusedOutput[]
  const collect = async (): Promise<string[]> => (await spaces.collect('s', 1, ['**'])).map(({ path }) => path)

  beforeEach(async () => {
    outside = await tempFolder()
    await writeFile(join(outside, 'key'), 'secret')
    refused = []
    const root = join(outside, 'sessions')
    spaces = createWorkspaces({ files: systemFiles, root, onRefused: (_, __, faults) => (refused = faults) })
    folder = await spaces.prepare('s', 1, { files: [] })
    await writeFile(join(folder, 'good'), 'good')
  })
  afterEach(() => rm(outside, { recursive: true, force: true }))

  it('error: links, FIFOs, sockets and devices are not followed, read or waited for', async () => {
    await symlink(join(outside, 'key'), join(folder, 'link'))
    await symlink(outside, join(folder, 'folder'))
    await symlink('/dev/zero', join(folder, 'zero'))
    await link(join(outside, 'key'), join(folder, 'hard'))
    makeFifo(join(folder, 'fifo'))
    expect(await collect()).toEqual(['good'])
    expect(refused).toEqual([
      { path: 'fifo', fault: 'notRegular' },
      { path: 'folder', fault: 'notRegular' },
      { path: 'hard', fault: 'linked' },
      { path: 'link', fault: 'notRegular' },
      { path: 'zero', fault: 'notRegular' },
    ])
  })

  it('error: a sparse file of a terabyte is refused by its size, unread', async () => {
    const sparse = await open(join(folder, 'sparse'), 'w')
    await sparse.truncate(2 ** 40)
    await sparse.close()
    expect(await collect()).toEqual(['good'])
    expect(refused).toEqual([{ path: 'sparse', fault: 'tooLarge' }])
  })

  it('error: a folder that became a link between listing and opening leaks nothing', async () => {
    await mkdir(join(folder, 'out'))
    await writeFile(join(folder, 'out', 'key'), 'mine')
    await rename(join(folder, 'out'), join(folder, 'gone'))
    await symlink(outside, join(folder, 'out'))
    expect(await systemFiles.openForeign(folder, 'out/key', 100)).toBe('moved')
    const good = await systemFiles.openForeign(folder, 'gone/key', 100)
    if (typeof good === 'string') throw new Error(good)
    expect(await readAll(good.read())).toEqual(utf8('mine'))
    await good.close()
  })

  it('error: every kind of foreign file is refused by the open itself', async () => {
    await symlink(join(outside, 'key'), join(folder, 'link'))
    await link(join(outside, 'key'), join(folder, 'hard'))
    makeFifo(join(folder, 'fifo'))
    await mkdir(join(folder, 'folder'))
    const faults = ['link', 'hard', 'fifo', 'folder', 'none', 'good/x'].map((path) =>
      systemFiles.openForeign(folder, path, 100),
    )
    expect(await Promise.all(faults)).toEqual(['notRegular', 'linked', 'notRegular', 'notRegular', 'gone', 'gone'])
    expect(await systemFiles.openForeign(folder, 'good', 3)).toBe('tooLarge')
  })

  it('behavior: folders are for their owner alone, files too', async () => {
    const content = utf8('x')
    await send(spaces.blobs('s'), content)
    const second = await spaces.prepare('s', 2, { files: [{ path: 'a/b', sha256: sha256(content), bytes: 1 }] })
    const modes = await Promise.all(
      [dirname(dirname(second)), second, join(second, 'a'), join(second, 'a/b')].map((path) => lstat(path)),
    )
    expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o700, 0o700, 0o600])
  })

  it('error: an input never lands on something that stands there', async () => {
    await symlink(join(outside, 'key'), join(folder, 'link'))
    await expect(systemFiles.create(join(folder, 'link'))).rejects.toMatchObject({ code: 'badInputs' })
    expect(await readFile(join(outside, 'key'), 'utf8')).toBe('secret')
  })

  it('behavior: a locked folder is deleted all the same, and nothing behind a link', async () => {
    await mkdir(join(folder, 'locked/inner'), { recursive: true })
    await writeFile(join(folder, 'locked/inner/file'), '')
    await symlink(outside, join(folder, 'locked', 'link'))
    execFileSync('chmod', ['000', join(folder, 'locked/inner'), join(folder, 'locked')])
    await spaces.remove('s')
    await expect(lstat(dirname(dirname(folder)))).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await readFile(join(outside, 'key'), 'utf8')).toBe('secret')
  })
})
