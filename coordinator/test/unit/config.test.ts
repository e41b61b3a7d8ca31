import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ARC_TOKEN } from '@orien/node/rails'
import { afterEach, expect, test } from 'vitest'
import { loadOperatorConfig } from '../../src/config.ts'
import { walletOf } from '../helpers/parties.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function load(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'orien-coordinator-'))
  folders.push(folder)
  const file = join(folder, 'coordinator.toml')
  await writeFile(file, text)
  return loadOperatorConfig(file)
}

const platform = walletOf(42).address
const reserve = walletOf(43).address
const HEAD = `chainId = 31337
listen = ["/ip4/127.0.0.1/tcp/0"]
platform = "${platform}"
reserve = "${reserve}"
float = "100"
`
const RAILS = `[channel]
rail = "yellow-v0"
url = "ws://127.0.0.1:1/ws"
asset = "usdc"
[chain]
rpcUrl = "http://127.0.0.1:2"
token = "${ARC_TOKEN}"
multicall3 = "0xcA11bde05977b3631167028862bE2a173976CA11"
`

test('behavior: a short file takes PROTOCOL’s times; what is named replaces them', async () => {
  const config = await load(`${HEAD}${RAILS}`)
  expect(config.coordinator).toMatchObject({ floatMicros: 100_000_000n, platform, reserve, token: ARC_TOKEN })
  expect(config.coordinator.times).toMatchObject({ collectMs: 900_000, contestMs: 600_000, cosignMs: 30_000 })
  const named = await load(
    `${HEAD}maxAllowance = "2.5"\n${RAILS}[times]\ncollectMs = 5\n[payout]\nthreshold = "0.5"\n[windows]\nfirst = { usdc = "1", calls = 2 }\nmax = { usdc = "3", calls = 4 }\n`,
  )
  expect(named.coordinator).toMatchObject({
    maxAllowanceMicros: 2_500_000n,
    times: { collectMs: 5, contestMs: 600_000 },
    payout: { thresholdMicros: 500_000n },
    windows: { first: { windowMicros: 1_000_000n, windowCalls: 2 } },
  })
})

test('error: unknown keys, floats for money and addresses without their capitals are named', async () => {
  await expect(load(`${HEAD}colour = 1\n${RAILS}`)).rejects.toMatchObject({
    code: 'badConfig',
    details: { key: 'colour' },
  })
  await expect(load(`${HEAD.replace('"100"', '100.5')}${RAILS}`)).rejects.toMatchObject({ details: { key: 'float' } })
  const lower = HEAD.replace(platform, platform.toLowerCase())
  await expect(load(`${lower}${RAILS}`)).rejects.toMatchObject({ code: 'badConfig', details: { key: 'platform' } })
  await expect(load(`${HEAD}${RAILS}[times]\ncollectMs = 0\n`)).rejects.toMatchObject({
    details: { key: 'times.collectMs' },
  })
})
