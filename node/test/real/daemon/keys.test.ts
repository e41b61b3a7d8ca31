import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { equalBytes, isOrienError, nobleCrypto, nobleSigner, peerOfKey, utf8 } from '@orien/protocol'
import { DEVNET_CHAIN_ID } from '../../../src/config/index.ts'
import { loadOrCreateKey, loadOrCreateWalletKey } from '../../../src/daemon/index.ts'

const ARC = 5_042
let folder: string
let home: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orien-home-'))
  home = join(folder, 'home')
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'resolved',
    (error: unknown) => (isOrienError(error) ? error.code : error),
  )
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

describe('peer key', () => {
  test('behavior: is made once, kept for its owner alone, and signs for its PeerId', async () => {
    const key = await loadOrCreateKey(home, 'provider', ARC)
    expect(key.peer).toBe(peerOfKey(nobleSigner(key.seed).publicKey))
    expect(nobleCrypto.verify(key.signer.publicKey, utf8('x'), key.signer.sign(utf8('x')))).toBe(true)
    expect([
      await modeOf(home),
      await modeOf(join(home, 'keys')),
      await modeOf(join(home, 'keys', 'provider.peer')),
    ]).toEqual([0o700, 0o700, 0o600])
    expect((await loadOrCreateKey(home, 'provider', ARC)).peer).toBe(key.peer)
    expect((await loadOrCreateKey(home, 'agent', ARC)).peer).not.toBe(key.peer)
    expect(await readdir(join(home, 'keys'))).toEqual(['agent.peer', 'provider.peer'])
  })

  test('behavior: made by several at once it is one key', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateKey(home, 'provider', ARC)))
    expect(new Set(keys.map((key) => key.peer)).size).toBe(1)
    expect(await readdir(join(home, 'keys'))).toEqual(['provider.peer'])
  })

  test('behavior: no printed form of it holds the seed', async () => {
    const key = await loadOrCreateKey(home, 'provider', ARC)
    const seed = Buffer.from(key.seed)
    for (const shown of [JSON.stringify(key), inspect(key, { depth: 9 }), JSON.stringify({ ...key })]) {
      expect(shown).not.toContain(seed.toString('hex'))
      expect(shown).not.toContain(seed.toString('base64'))
      expect(shown).not.toContain(inspect(key.seed))
    }
  })

  test('error: a file that others can read is refused', async () => {
    await loadOrCreateKey(home, 'provider', ARC)
    await chmod(join(home, 'keys', 'provider.peer'), 0o640)
    expect(await codeOf(loadOrCreateKey(home, 'provider', ARC))).toBe('badConfig')
  })

  test.each(['', 'zz'.repeat(32), 'ab'.repeat(31), `${'ab'.repeat(32)}\nmore`])(
    'error: %j is not a key, and stays as it is',
    async (text) => {
      const file = join(home, 'keys', 'provider.peer')
      await mkdir(join(home, 'keys'), { recursive: true, mode: 0o700 })
      await chmod(home, 0o700)
      await writeFile(file, text, { mode: 0o600 })
      expect(await codeOf(loadOrCreateKey(home, 'provider', ARC))).toBe('badConfig')
      expect(await readFile(file, 'utf8')).toBe(text)
    },
  )

  test('error: a home that others can read is refused', async () => {
    await mkdir(home, { mode: 0o755 })
    await chmod(home, 0o755)
    expect(await codeOf(loadOrCreateKey(home, 'provider', ARC))).toBe('badConfig')
  })

  test('error: a key made on a devnet is refused on any other chain', async () => {
    const made = await loadOrCreateKey(home, 'provider', DEVNET_CHAIN_ID)
    expect((await loadOrCreateKey(home, 'provider', DEVNET_CHAIN_ID)).peer).toBe(made.peer)
    expect(await codeOf(loadOrCreateKey(home, 'provider', ARC))).toBe('badConfig')
    await loadOrCreateWalletKey(home, 'treasury', DEVNET_CHAIN_ID)
    expect(await codeOf(loadOrCreateWalletKey(home, 'treasury', ARC))).toBe('badConfig')
  })
})

describe('wallet key', () => {
  test('behavior: is made once and read back', async () => {
    const key = await loadOrCreateWalletKey(home, 'gas', ARC)
    expect(key).toMatch(/^0x[0-9a-f]{64}$/)
    expect(await loadOrCreateWalletKey(home, 'gas', ARC)).toBe(key)
    expect(await modeOf(join(home, 'keys', 'gas.wallet'))).toBe(0o600)
  })

  test.each(['0'.repeat(64), 'f'.repeat(64)])('error: %s is no key of the curve', async (text) => {
    await loadOrCreateWalletKey(home, 'gas', ARC)
    await writeFile(join(home, 'keys', 'gas.wallet'), text)
    expect(await codeOf(loadOrCreateWalletKey(home, 'gas', ARC))).toBe('badConfig')
  })

  test('error: a name that is not a plain word is refused', async () => {
    expect(await codeOf(loadOrCreateWalletKey(home, '../gas', ARC))).toBe('internal')
  })

  test('behavior: two homes have different keys', async () => {
    const one = await loadOrCreateKey(home, 'agent', ARC)
    const two = await loadOrCreateKey(join(folder, 'other'), 'agent', ARC)
    expect(equalBytes(one.seed, two.seed)).toBe(false)
  })
})
