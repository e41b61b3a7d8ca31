import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
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

  test('error: a path that is a file answers badConfig', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await chmod(file, 0o600)
    expect(await codeOf(openLevelStore(file))).toBe('badConfig')
  })
})
