import type { ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { orien, type Ended } from '../helpers/orien-process.ts'
import { party } from '../helpers/parties.ts'

const CATALOGUE = `
[provider]
name = "Sorter"
[[tools]]
id = "sort_file"
command = ["sort", "--", "{file}"]
price = "0.01"
maxDurationSeconds = 10
[tools.schema]
type = "object"
additionalProperties = false
required = ["file"]
[tools.schema.properties]
file = { type = "string", format = "workspace-path" }
`

let folder: string
let running: Set<ChildProcess>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orien-cli-'))
  running = new Set()
  await writeFile(join(folder, 'provider.toml'), CATALOGUE)
})
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** A profile of a devnet whose coordinator is nowhere. */
async function profile(name: string, bootstrap: readonly string[] = []): Promise<string> {
  const file = join(folder, `${name}.profile.toml`)
  await writeFile(
    file,
    `chainId = 31337
bootstrap = ${JSON.stringify(bootstrap)}
coordinator = "${party(3).peer}"
[channel]
rail = "yellow-v0"
url = "ws://127.0.0.1:9"
asset = "usdc"
[chain]
rpcUrl = "http://127.0.0.1:9"
token = "0x3600000000000000000000000000000000000000"
multicall3 = "0xcA11bde05977b3631167028862bE2a173976CA11"
`,
  )
  return file
}

const home = (name: string): string => join(folder, name)

function run(...args: string[]): Promise<Ended> {
  return orien(args, running).ended
}

async function startProvider() {
  return orien(
    [
      ...['provider', 'start', '--config', join(folder, 'provider.toml'), '--unsafe-no-sandbox'],
      ...['--home', home('provider'), '--profile', await profile('provider'), '--listen', '/ip4/127.0.0.1/tcp/0'],
    ],
    running,
  )
}

describe('orien provider start and orien find', () => {
  test('behavior: a provider says that it is ready, is found, and stops when told', async () => {
    const provider = await startProvider()
    const { event, peer, addrs } = await provider.ready
    expect(event).toBe('ready')
    const flags = ['--home', home('agent'), '--profile', await profile('agent', addrs), '--min-tier', 'D']

    const found = await run('find', 'sort_file', ...flags, '--json')
    expect(found.code).toBe(0)
    expect(JSON.parse(found.stdout)).toMatchObject([
      { provider: peer, name: 'Sorter', tier: 'D', pricePerMinute: '0.01' },
    ])
    expect((await run('find', 'sort_file', ...flags)).stdout).toContain(peer)

    const nobody = await run('find', 'unheard-of', ...flags)
    expect([nobody.code, nobody.stdout]).toEqual([1, ''])
    expect(nobody.stderr).toContain('notFound')
    const confined = await run('find', 'sort_file', ...flags.slice(0, -2))
    expect([confined.code, confined.stderr.includes('unsafe')]).toEqual([1, true])

    // Its coordinator is nowhere: nothing was funded, and the exit code says unreachable.
    const call = await run(
      'run',
      'sort_file',
      ...flags,
      '--args',
      '{"file":"a"}',
      '--file',
      `a=${join(folder, 'provider.toml')}`,
    )
    expect(call.code).toBe(3)
    expect(call.stderr).toContain('nothing moved')

    provider.child.kill('SIGTERM')
    const { code, stdout } = await provider.ended
    expect([code, stdout.trim().split('\n').length]).toEqual([0, 1])
  })

  test('error: a second daemon in one home, a missing flag, a bad config', async () => {
    const provider = await startProvider()
    await provider.ready
    const second = await startProvider()
    const { code, stderr, stdout } = await second.ended
    expect([code === 0, stdout]).toEqual([false, ''])
    expect(stderr).toContain('locked')

    const common = ['--home', home('other'), '--profile', await profile('other')]
    const confined = await run('provider', 'start', '--config', join(folder, 'provider.toml'), ...common)
    expect([confined.code === 0, confined.stderr.includes('unsafe')]).toEqual([false, true])
    const missing = await run(
      'provider',
      'start',
      '--config',
      join(folder, 'none.toml'),
      '--unsafe-no-sandbox',
      ...common,
    )
    expect(missing.code).toBe(2)
    await writeFile(join(folder, 'bad.toml'), CATALOGUE.replace('"0.01"', '0.01'))
    const bad = await run('provider', 'start', '--config', join(folder, 'bad.toml'), '--unsafe-no-sandbox', ...common)
    expect([bad.code, bad.stderr.includes('price')]).toEqual([2, true])
  })

  test('error: usage', async () => {
    for (const args of [
      ['fly'],
      ['find'],
      ['run', 'x', '--max-cost', '1.2345678'],
      ['find', 'x', '--provider', 'me'],
    ]) {
      expect((await run(...args)).code, args.join(' ')).toBe(2)
    }
    expect((await run('--help')).code).toBe(0)
    expect((await run('find', 'x', '--home', home('agent'), '--profile', join(folder, 'none.toml'))).code).toBe(2)
  })

  test('behavior: init shows public halves only, and the same ones again', async () => {
    const flags = ['--home', home('agent'), '--profile', await profile('agent'), '--json']
    const first = JSON.parse((await run('init', ...flags)).stdout) as { readonly peer: string; readonly wallet: string }
    expect(JSON.parse((await run('init', ...flags)).stdout)).toEqual(first)
    expect(first.wallet).toMatch(/^0x[0-9a-fA-F]{40}$/)
    const key = await readFile(join(home('agent'), 'keys', 'agent.wallet'), 'utf8')
    expect(JSON.stringify(first)).not.toContain(key.trim())
  })

  test('error: verify of something that is not there, and of a book that was never made', async () => {
    const flags = ['--home', home('agent'), '--profile', await profile('agent')]
    expect((await run('verify', '00'.repeat(32), ...flags)).code).toBe(1)
    expect((await run('verify', 'nonsense', ...flags)).code).toBe(1)
  })
})
