import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeFunctionData } from 'viem/utils'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LOCAL_USDC_ABI } from '../../src/devnet/abi.ts'
import { ARC_TOKEN } from '../../src/devnet/addresses.ts'
import { findAnvil, startAnvil, type Anvil } from '../../src/devnet/anvil.ts'
import { placeArc } from '../../src/devnet/arc.ts'
import { accountOf, usdc } from './arc-fixture.ts'
import { isAlive, temporaryFolder } from './devnet-fixture.ts'

const who = accountOf('kept').address
let folder: ReturnType<typeof temporaryFolder>
let running: Anvil[] = []

beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(async () => {
  await Promise.all(running.map((anvil) => anvil.kill9()))
  running = []
  folder.remove()
})

async function start(options: Partial<Parameters<typeof startAnvil>[0]> = {}): Promise<Anvil> {
  const anvil = await startAnvil({ home: join(folder.path, 'chain'), ...options })
  running.push(anvil)
  return anvil
}

async function balanceAt(anvil: Anvil, block: unknown): Promise<bigint> {
  const data = encodeFunctionData({ abi: LOCAL_USDC_ABI, functionName: 'balanceOf', args: [who] })
  return BigInt(String(await anvil.rpc('eth_call', { to: ARC_TOKEN, data }, block)))
}

it('behavior: it answers when the start resolves, on loopback, and is gone after stop', async () => {
  const anvil = await start()
  expect(anvil.url).toBe(`http://127.0.0.1:${anvil.port}`)
  expect(await anvil.rpc('eth_chainId')).toBe('0x7a69')
  expect(await anvil.rpc('eth_accounts')).toEqual([])
  const { pid } = anvil
  expect(isAlive(pid)).toBe(true)
  await anvil.stop()
  expect([isAlive(pid), anvil.running]).toEqual([false, false])
  await expect(anvil.rpc('eth_chainId')).rejects.toMatchObject({ code: 'unreachable' })
})

it('behavior: chain id, base fee and block time are as asked', async () => {
  const anvil = await start({ chainId: 5_042, baseFeeGwei: 33, blockTimeMs: 100 })
  expect(await anvil.rpc('eth_chainId')).toBe('0x13b2')
  const first = (await anvil.rpc('eth_getBlockByNumber', '0x0', false)) as { baseFeePerGas: string }
  expect(BigInt(first.baseFeePerGas)).toBe(33_000_000_000n)
  // Blocks come by themselves; the test's deadline bounds the wait.
  while (BigInt(String(await anvil.rpc('eth_blockNumber'))) < 2n);
})

it('behavior: a base fee set by hand is the next block’s', async () => {
  const anvil = await start()
  await anvil.setBaseFeeGwei(777n)
  await anvil.rpc('evm_mine')
  const block = (await anvil.rpc('eth_getBlockByNumber', 'latest', false)) as { baseFeePerGas: string }
  expect(BigInt(block.baseFeePerGas)).toBe(777_000_000_000n)
})

it('behavior: kill -9 loses no mined block; restart keeps port, money, logs and older blocks', async () => {
  const anvil = await start({ stateFile: true })
  const arc = await placeArc(anvil.rpc)
  await arc.mint(who, usdc(5))
  const before = { block: await anvil.rpc('eth_blockNumber'), logs: await arc.transfers() }
  await arc.mint(who, usdc(1))
  const { pid, url } = anvil
  await anvil.kill9()
  expect(isAlive(pid)).toBe(false)
  await anvil.restart()
  expect([anvil.url, anvil.pid === pid]).toEqual([url, false])
  expect(await arc.balanceMicros(who)).toBe(usdc(6))
  expect((await arc.transfers()).slice(0, 1)).toEqual(before.logs)
  expect(before.logs).toHaveLength(1)
  expect(await balanceAt(anvil, before.block)).toBe(usdc(5))
  await placeArc(anvil.rpc)
  await arc.mint(who, usdc(1))
  expect(await arc.balanceMicros(who)).toBe(usdc(7))
})

it('behavior: stop keeps the chain too; without a state file a restart begins anew', async () => {
  const kept = await start({ stateFile: true })
  const arc = await placeArc(kept.rpc)
  await arc.mint(who, usdc(2))
  const older = await kept.rpc('eth_blockNumber')
  await arc.mint(who, usdc(2))
  await kept.stop()
  await kept.restart()
  expect(await (await placeArc(kept.rpc)).balanceMicros(who)).toBe(usdc(4))
  expect(await balanceAt(kept, older)).toBe(usdc(2))
  const anew = await start({ home: join(folder.path, 'other') })
  await (await placeArc(anew.rpc)).mint(who, usdc(2))
  await anew.kill9()
  await anew.restart()
  expect(await (await placeArc(anew.rpc)).balanceMicros(who)).toBe(0n)
})

it('error: a kept chain is read at its last 64 blocks only; its logs are whole', async () => {
  const kept = await start({ stateFile: true })
  const arc = await placeArc(kept.rpc)
  await arc.mint(who, usdc(2))
  const block = await kept.rpc('eth_blockNumber')
  await kept.rpc('anvil_mine', '0x3f')
  expect(await balanceAt(kept, block)).toBe(usdc(2))
  await kept.rpc('anvil_mine', '0x2')
  await expect(balanceAt(kept, block)).rejects.toMatchObject({ code: 'railRefused' })
  expect(await arc.transfers()).toHaveLength(1)
})

it('error: a restart while it runs is refused, and it runs on', async () => {
  const anvil = await start()
  await expect(anvil.restart()).rejects.toMatchObject({ code: 'locked' })
  expect(await anvil.rpc('eth_chainId')).toBe('0x7a69')
})

it('error: a port in use is reported with anvil’s own words, and nothing is left', async () => {
  const first = await start()
  const second = start({ home: join(folder.path, 'second'), port: first.port })
  await expect(second).rejects.toMatchObject({ code: 'partMissing', hint: expect.stringContaining('in use') })
})

it('error: half a state file is storeCorrupt', async () => {
  const home = join(folder.path, 'chain')
  mkdirSync(home)
  writeFileSync(join(home, 'anvil-state.json'), '{"block":')
  await expect(start({ stateFile: true })).rejects.toMatchObject({ code: 'storeCorrupt' })
})

it('error: a refused call carries the node’s words, a dead node is unreachable', async () => {
  const anvil = await start()
  await expect(anvil.rpc('no_such_method')).rejects.toMatchObject({
    code: 'railRefused',
    details: { method: 'no_such_method' },
  })
  process.kill(anvil.pid, 'SIGKILL')
  await anvil.exit
  expect(anvil.running).toBe(false)
  await expect(anvil.rpc('eth_chainId')).rejects.toMatchObject({ code: 'unreachable' })
})

it('behavior: anvil on PATH is taken where no package has it', () => {
  const tool = join(folder.path, 'anvil')
  writeFileSync(tool, '')
  chmodSync(tool, 0o755)
  expect(findAnvil({ platform: 'darwin-arm64', path: `/nowhere:${folder.path}` })).toBe(tool)
})

it('error: no anvil anywhere is partMissing', () => {
  writeFileSync(join(folder.path, 'anvil'), 'not executable', { mode: 0o644 })
  const find = () => findAnvil({ platform: 'darwin-arm64', path: folder.path })
  expect(find).toThrow(expect.objectContaining({ code: 'partMissing' }))
})

it('behavior: its log and state lie in its home, readable by its owner alone', async () => {
  const anvil = await start({ stateFile: true })
  await anvil.kill9()
  const home = join(folder.path, 'chain')
  expect(readdirSync(home).toSorted()).toEqual(['anvil-state.json', 'anvil.log'])
  expect(JSON.parse(readFileSync(join(home, 'anvil-state.json'), 'utf8'))).toHaveProperty('blocks')
})
