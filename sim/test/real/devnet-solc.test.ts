import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { compileContracts, contractNamed } from '../../src/devnet/solc.ts'
import { temporaryFolder } from './devnet-fixture.ts'

const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;
contract One { uint256 public immutable made = block.number; function two() external pure returns (uint256) { return 2; } }
`
let folder: ReturnType<typeof temporaryFolder>
let options: { sourceDir: string; cacheDir: string }

beforeEach(() => {
  folder = temporaryFolder()
  options = { sourceDir: join(folder.path, 'sources'), cacheDir: join(folder.path, 'a', 'cache') }
  mkdirSync(options.sourceDir)
  writeFileSync(join(options.sourceDir, 'One.sol'), SOURCE)
})
afterEach(() => folder.remove())

it('behavior: the first call compiles, the next reads the cache; a changed source compiles anew', async () => {
  const first = await compileContracts(options)
  expect([first.cached, readdirSync(options.cacheDir)]).toEqual([false, [`${first.hash}.json`]])
  const again = await compileContracts(options)
  expect(again).toEqual({ ...first, cached: true })
  const one = contractNamed(again, 'One')
  expect(one.abi.length).toBe(2)
  expect([one.creation.length > one.runtime.length, one.immutables]).toEqual([true, true])
  writeFileSync(join(options.sourceDir, 'One.sol'), SOURCE.replace('return 2', 'return 3'))
  const changed = await compileContracts(options)
  expect([changed.cached, changed.hash === first.hash]).toEqual([false, false])
})

it('behavior: a damaged cache file is made anew', async () => {
  const first = await compileContracts(options)
  const file = join(options.cacheDir, `${first.hash}.json`)
  const good = readFileSync(file, 'utf8')
  for (const bad of [good.slice(0, 40), '{"One":{"abi":[]}}']) {
    writeFileSync(file, bad)
    expect((await compileContracts(options)).cached).toBe(false)
    expect(readFileSync(file, 'utf8')).toBe(good)
  }
})

it('behavior: two processes compile at once: both succeed, one whole file is left', async () => {
  const module = new URL('../../src/devnet/solc.ts', import.meta.url).href
  const program = `
    const { compileContracts } = await import(${JSON.stringify(module)})
    const { contracts } = await compileContracts(${JSON.stringify(options)})
    process.stdout.write(contracts.One.runtime)`
  const run = async (): Promise<{ code: unknown; output: string }> => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (part: Buffer) => (output += part.toString()))
    const [code] = (await once(child, 'close')) as [unknown]
    return { code, output }
  }
  const [a, b] = await Promise.all([run(), run()])
  expect(a.output).toMatch(/^0x[0-9a-f]{20,}$/)
  expect(b).toEqual(a)
  expect(a.code).toBe(0)
  expect(readdirSync(options.cacheDir)).toHaveLength(1)
})

it('error: a source that does not compile is reported in the compiler’s words, nothing is cached', async () => {
  writeFileSync(join(options.sourceDir, 'One.sol'), SOURCE.replace('return 2', 'return two'))
  await expect(compileContracts(options)).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('One.sol'),
  })
  expect(() => readdirSync(options.cacheDir)).toThrow('ENOENT')
})

it('error: a name no source defines', async () => {
  const compiled = await compileContracts()
  expect(() => contractNamed(compiled, 'Two')).toThrow(expect.objectContaining({ code: 'internal' }))
})

it('behavior: ours have no immutables, so that their runtime code can be placed', async () => {
  const { contracts } = await compileContracts()
  for (const name of ['LocalUSDC', 'LocalProxy', 'LocalSystemLog']) expect(contracts[name]?.immutables).toBe(false)
})
