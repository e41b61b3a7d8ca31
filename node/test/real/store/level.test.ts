import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isOrienError } from '@orien/protocol'
import { openLevelStore } from '../../../src/store/index.ts'
import { storeConformance } from '../../conformance/store.ts'

storeConformance('level', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orien-store-'))
  return {
    open: () => openLevelStore(join(folder, 'book')),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
})

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'resolved',
    (error: unknown) => (isOrienError(error) ? error.code : error),
  )

describe('store: level', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orien-store-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  test('error: a folder that is open answers locked, in this process and in another', async () => {
    const store = await openLevelStore(folder)
    expect(await codeOf(openLevelStore(folder))).toBe('locked')
    await store.close()
    const module = fileURLToPath(new URL('../../../dist/store/index.js', import.meta.url))
    const program = `import { openLevelStore } from ${JSON.stringify(module)}
      await openLevelStore(${JSON.stringify(folder)})
      process.stdout.write('open')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(await codeOf(openLevelStore(folder))).toBe('locked')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const after = await openLevelStore(folder)
    await after.close()
  })

  test('behavior: the folder is made for its owner alone', async () => {
    const store = await openLevelStore(join(folder, 'deep', 'book'))
    await store.close()
    expect((await stat(join(folder, 'deep', 'book'))).mode & 0o777).toBe(0o700)
  })

  test('error: a damaged store answers storeCorrupt', async () => {
    const store = await openLevelStore(folder)
    await store.commit([{ type: 'put', key: 'a', value: new Uint8Array(8) }])
    await store.close()
    const manifest = (await readdir(folder)).find((name) => name.startsWith('MANIFEST'))
    await truncate(join(folder, manifest ?? ''), 3)
    await writeFile(join(folder, 'CURRENT'), 'nonsense')
    expect(await codeOf(openLevelStore(folder))).toBe('storeCorrupt')
  })

  /** A closed store of so many writes, each of them a record of the log; one fills more than a block. */
  async function written(count: number): Promise<{ readonly file: string; readonly log: Buffer }> {
    const store = await openLevelStore(folder)
    for (let at = 1; at <= count; at++) {
      const value = new Uint8Array(at === 5 ? 80_000 : 900).fill(at)
      await store.commit([{ type: 'put', key: String(at).padStart(3, '0'), value }])
    }
    await store.close()
    const file = join(folder, (await readdir(folder)).find((name) => name.endsWith('.log')) ?? '')
    return { file, log: await readFile(file) }
  }

  const keysIn = async (): Promise<number> => {
    const store = await openLevelStore(folder)
    let count = 0
    for await (const entry of store.scan({})) count += entry.length > 0 ? 1 : 0
    await store.close()
    return count
  }

  test('error: one flipped byte anywhere but in the last write of the log answers storeCorrupt', async () => {
    const { file, log } = await written(100)
    const lastAt = log.length - 900
    for (let at = 3; at < lastAt; at += 1_999) {
      const damaged = Buffer.from(log)
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x20, at)
      await writeFile(file, damaged)
      expect([at, await codeOf(openLevelStore(folder))]).toEqual([at, 'storeCorrupt'])
    }
    await writeFile(file, log)
    expect(await keysIn()).toBe(100)
  })

  test('behavior: a last write that a crash cut off is dropped, and nothing else', async () => {
    const { file, log } = await written(40)
    await truncate(file, log.length - 450)
    expect(await keysIn()).toBe(39)
  })

  test('behavior: a large last write of which only later pieces reached the disk is dropped', async () => {
    const { file, log } = await written(5)
    const first = log.length - 79_000
    await writeFile(file, Buffer.concat([log.subarray(0, first), Buffer.alloc(4_096), log.subarray(first + 4_096)]))
    expect(await keysIn()).toBe(4)
  })

  test('error: a path that is a file answers badConfig', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await chmod(file, 0o600)
    expect(await codeOf(openLevelStore(file))).toBe('badConfig')
  })
})
