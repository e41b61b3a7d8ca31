import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { isOrienError, type OrienError } from '@orien/protocol'
import {
  address,
  checkConfig,
  dialAddress,
  httpUrl,
  loadProfile,
  peer,
  readToml,
  usdc,
} from '../../../src/config/index.ts'

const PEER = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'
const PROFILE = `
chainId = 31337
bootstrap = ["/ip4/127.0.0.1/tcp/4001/p2p/${PEER}"]
coordinator = "${PEER}"
[channel]
rail = "yellow-v0"
url = "ws://127.0.0.1:8000/ws"
asset = "usdc"
[chain]
rpcUrl = "http://127.0.0.1:8545"
token = "0x3600000000000000000000000000000000000000"
multicall3 = "0xcA11bde05977b3631167028862bE2a173976CA11"
`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orien-config-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function write(text: string): Promise<string> {
  const file = join(folder, 'some.toml')
  await writeFile(file, text)
  return file
}

async function failure(work: () => unknown): Promise<OrienError> {
  try {
    await work()
  } catch (error) {
    if (isOrienError(error)) return error
    throw error
  }
  throw new Error('it did not fail')
}

describe('readToml', () => {
  const schema = z.strictObject({
    price: usdc,
    tools: z.array(z.strictObject({ id: z.string(), seconds: z.int().positive() })),
  })

  test('behavior: gives the values of the schema', async () => {
    const file = await write('price = "0.05"\n[[tools]]\nid = "a"\nseconds = 5\n')
    expect(await readToml(file, schema)).toEqual({ price: 50_000n, tools: [{ id: 'a', seconds: 5 }] })
  })

  test('error: names the file, each key path, its value and the fix', async () => {
    const file = await write('price = 0.05\n[[tools]]\nid = "a"\nseconds = -3\ncolour = "red"\n')
    const error = await failure(() => readToml(file, schema))
    expect(error.code).toBe('badConfig')
    expect(error.details).toEqual({ file, key: 'price' })
    for (const part of [
      file,
      'price = 0.05',
      'for example "0.05"',
      'tools[0].seconds = -3',
      'tools[0].colour: there is no such key',
    ])
      expect(error.message).toContain(part)
  })

  test('error: a broken file is told with its line and column', async () => {
    const file = await write('price = "1"\nprice = "2"\n')
    const error = await failure(() => readToml(file, schema))
    expect([error.code, error.details['line']]).toEqual(['badConfig', 2])
  })

  test('error: an absent file is told by name', async () => {
    const error = await failure(() => readToml(join(folder, 'none.toml'), schema))
    expect([error.code, error.details['file']]).toEqual(['badConfig', join(folder, 'none.toml')])
  })

  test('error: an absent key is named without a value', async () => {
    const error = await failure(() => checkConfig({ tools: [] }, 'x.toml', schema))
    expect(error.details['key']).toBe('price')
  })
})

describe('fields', () => {
  const good: [string, z.ZodType, unknown, unknown][] = [
    ['usdc', usdc, '0.000001', 1n],
    ['usdc', usdc, '12', 12_000_000n],
    ['peer', peer, PEER, PEER],
    ['address', address, '0xcA11bde05977b3631167028862bE2a173976CA11', '0xcA11bde05977b3631167028862bE2a173976CA11'],
    ['dialAddress', dialAddress, `/ip4/1.2.3.4/tcp/1/p2p/${PEER}`, `/ip4/1.2.3.4/tcp/1/p2p/${PEER}`],
    ['httpUrl', httpUrl, 'https://rpc.example/x', 'https://rpc.example/x'],
  ]
  test.each(good)('behavior: %s takes its text', (_, field, text, value) => {
    expect(field.parse(text)).toEqual(value)
  })

  const bad: [string, z.ZodType, unknown][] = [
    ['usdc', usdc, '0.0000001'],
    ['usdc', usdc, '-1'],
    ['usdc', usdc, 1],
    ['usdc', usdc, ''],
    ['peer', peer, 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'],
    ['address', address, '0xca11bde05977b3631167028862be2a173976ca11'],
    ['dialAddress', dialAddress, '/ip4/1.2.3.4/tcp/1'],
    ['dialAddress', dialAddress, `/ip4/1.2.3.4/tcp/1/p2p/${PEER}/p2p-circuit`],
    ['dialAddress', dialAddress, '/ip4/1.2.3.4/tcp/1/p2p/nobody'],
    ['httpUrl', httpUrl, 'ws://rpc.example'],
  ]
  test.each(bad)('error: %s refuses %j', (_, field, value) => {
    expect(field.safeParse(value).success).toBe(false)
  })
})

describe('profile', () => {
  test('behavior: is read with the domain of its documents', async () => {
    const profile = await loadProfile(await write(PROFILE))
    expect(profile.domain).toBe('orien/1/eip155:31337')
    expect(profile.coordinator).toBe(PEER)
    expect(profile.channel).toEqual({ rail: 'yellow-v0', url: 'ws://127.0.0.1:8000/ws', asset: 'usdc' })
  })

  test('behavior: the coordinator may be absent', async () => {
    const profile = await loadProfile(await write(PROFILE.replace(/coordinator.*\n/, '')))
    expect('coordinator' in profile).toBe(false)
  })

  test('error: a key that no profile has is refused', async () => {
    const error = await failure(async () => loadProfile(await write(`treasury = "x"\n${PROFILE}`)))
    expect([error.code, error.details['key']]).toEqual(['badConfig', 'treasury'])
  })
})
