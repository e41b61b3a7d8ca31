import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { needs } from '../../../scripts/test/parts.ts'
import { programs } from '../../src/cast/paths.ts'
import { openCliStage, providerArgs, type CliStage, type Ran } from '../helpers/stage.ts'

/** The programs as people use them, on one real network: exit codes, streams, words; never a stack trace. */
describe('the command line', needs('anvil'), () => {
  let stage: CliStage
  let file: string
  const shout = (...more: readonly string[]): readonly string[] => [
    ...['run', 'shout', '--min-tier', 'D', '--max-cost', '0.05'],
    ...['--args', '{"file":"in.txt","mark":"!"}', '--file', `in.txt=${file}`, ...more],
  ]

  beforeAll(async () => {
    stage = await openCliStage()
    file = join(stage.folder, 'words.txt')
    await writeFile(file, 'hello')
  })
  afterAll(() => stage.stop())

  it('behavior: init shows the public halves of the keys, the same ones each time', async () => {
    const [first, second] = [await stage.orien(['init', '--json']), await stage.orien(['init', '--json'])]
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(second.stdout).toBe(first.stdout)
    const { peer, wallet, chainId } = JSON.parse(first.stdout) as Record<string, unknown>
    expect([peer, wallet, chainId]).toEqual([
      expect.stringMatching(/^12D3KooW/),
      expect.stringMatching(/^0x[0-9a-fA-F]{40}$/),
      31_337,
    ])
  })

  it('behavior: find lists who offers a tool, for people and as JSON', async () => {
    const text = await stage.orien(['find', 'shout', '--min-tier', 'D'])
    expect(text).toMatchObject({ code: 0, stderr: '' })
    expect(text.stdout).toContain(`${stage.provider.peer}  barn  tier D  0.6 USDC/min`)
    const json = await stage.orien(['find', 'shout', '--min-tier', 'D', '--json'])
    expect(JSON.parse(json.stdout)).toEqual([
      expect.objectContaining({
        provider: stage.provider.peer,
        toolId: 'shout',
        pricePerMinute: '0.6',
        coordinators: [stage.coordinator.peer],
      }),
    ])
  })

  it('behavior: run prints the output, writes the files and names its receipt', async () => {
    const out = join(stage.folder, 'got')
    const ran = await stage.orien(shout('--out', out))
    expect(ran).toMatchObject({ code: 0, stdout: 'HELLO!' })
    expect(ran.stderr).toMatch(/shouting in\.txt\nok after \d+ ms · [\d.]+ USDC · receipt [0-9a-f]{64}\n/)
    expect(await readFile(join(out, 'out/loud.txt'), 'utf8')).toBe('HELLO!')
  })

  it('behavior: verify finds every link good once everybody is paid, by receipt and by session', async () => {
    const { session, receipt } = await runJson(stage, shout('--json'))
    const whole = await verifiedWhole(stage, receipt)
    expect(whole.stdout.match(/^✓/gm)).toHaveLength(8)
    expect(await stage.orien(['verify', session])).toEqual(whole)
  })

  it('error: verify names the link of exported evidence that was changed, and takes none for another', async () => {
    const { receipt } = await runJson(stage, shout('--json'))
    const exported = await stage.orien(['verify', receipt, '--export'])
    const good = join(stage.folder, 'good.json')
    await writeFile(good, exported.stdout)
    expect(await stage.orien(['verify', receipt, '--bundle', good])).toMatchObject({ code: 0 })
    expectError(await stage.orien(['verify', '11'.repeat(32), '--bundle', good]), 1, 'notFound')

    const bundle = JSON.parse(exported.stdout) as { calls: { receipt: string }[] }
    const [call] = bundle.calls
    if (call === undefined) throw new Error('no call in the evidence')
    const last = call.receipt.endsWith('0') ? '1' : '0'
    call.receipt = call.receipt.slice(0, -1) + last
    const bad = join(stage.folder, 'bad.json')
    await writeFile(bad, JSON.stringify(bundle))
    const ran = await stage.orien(['verify', receipt, '--bundle', bad])
    expectError(ran, 1, 'badReceipt')
    expect(ran.stdout).toMatch(/^✗ receipt /m)
  })

  it('error: a tool that fails is paid for what it ran, and run exits 1', async () => {
    const ran = await stage.orien(['run', 'fail', '--min-tier', 'D'])
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(/no such luck\nexitNonZero after \d+ ms · 0\.\d+ USDC · receipt [0-9a-f]{64}\n/)
  })

  it('error: what the caller got wrong is said with the flag to correct', async () => {
    const wrong = await stage.orien(['run', 'shout', '--min-tier', 'D', '--max-cost', '0.05'])
    expectError(wrong, 1, 'badArguments')
    expect(wrong.stderr).toContain('--args')
    const absent = await stage.orien(['run', 'shout', '--min-tier', 'D', '--file', 'in.txt=/nowhere/in.txt'])
    expectError(absent, 1, 'badInputs')
    expect(absent.stderr).toContain('--file')
    expectError(await stage.orien(['run', 'nothing', '--min-tier', 'D']), 1, 'notFound')
    const unknown = await stage.orien(['verify', 'zz'])
    expectError(unknown, 1, 'notFound')
    expect(unknown.stderr).toContain('--home')
    const unconfined = await stage.orien(['find', 'shout'])
    expectError(unconfined, 1, 'unsafe')
    expect(unconfined.stderr).toContain('--min-tier D')
  })

  it('error: a usage mistake exits 2 before anything happens, and names the command’s help', async () => {
    const mistakes: readonly (readonly string[])[] = [
      ['run', 'shout', '--args', '{nonsense'],
      ['run', 'shout', '--max-cost', 'much'],
      ['run', 'shout', '--file', 'in.txt'],
      ['run', 'shout', '--min-tier', 'Z'],
      ['find'],
      ['dance'],
      ['provider', 'start', '--config', stage.providerFile, '--listen', 'nowhere'],
    ]
    for (const args of mistakes) {
      const { code, stdout, stderr } = await stage.orien(args)
      expect([args, code, stdout]).toEqual([args, 2, ''])
      expect(stderr).toMatch(/^error: .+\nTry orien.* --help\.\n$/)
    }
  })

  it('error: files that are not there or cannot be written exit 2 and say which flag names another', async () => {
    const lost = await stage.orien(['find', 'shout'], { ORIEN_PROFILE: '/nowhere/profile.toml' })
    expectError(lost, 2, 'badConfig')
    expect(lost.stderr).toMatch(/there is no profile at \/nowhere\/profile\.toml[^]+--profile/)
    const out = await stage.orien(shout('--out', join(file, 'below')))
    expectError(out, 2, 'badConfig')
    expect(out.stderr).toContain('--out')
    const bundle = await stage.orien(['verify', '00'.repeat(32), '--bundle', '/nowhere/b.json'])
    expectError(bundle, 2, 'badConfig')
    expect(bundle.stderr).toContain('--bundle')
  })

  it('error: a wallet without money and a cap that buys nothing exit 4 and say where the money is', async () => {
    const poor = await stage.orien(shout(), { ORIEN_HOME: join(stage.folder, 'poor') })
    expectError(poor, 4, 'insufficientBalance')
    expect(poor.stderr).toContain('money  nothing moved; no work was delivered')
    expect(poor.stderr).toContain('orien init')
    const cheap = await stage.orien(['run', 'wait', '--min-tier', 'D', '--max-cost', '0.000001'])
    expectError(cheap, 4, 'capTooSmall')
  })

  it('behavior: Ctrl-C cancels the call, which is billed for what ran, and exits 130', async () => {
    const before = receiptsOf(stage, 'wait').length
    const running = stage.start(programs.orien, ['run', 'wait', '--min-tier', 'D', '--max-cost', '0.20'])
    await running.says('waiting')
    running.signal('SIGINT')
    expectError(await running.ended, 130, 'cancelled')
    await vi.waitFor(() => expect(receiptsOf(stage, 'wait').length).toBeGreaterThan(before), 20_000)
    const { outcome, effectiveMs, numerator } = receiptsOf(stage, 'wait').at(-1) ?? {}
    expect(outcome).toBe('cancelled')
    expect(effectiveMs).toBeGreaterThan(0)
    expect(BigInt(String(numerator))).toBeGreaterThan(0n)
  })

  it('error: a provider that may not or cannot start says why and what to change', async () => {
    const args = providerArgs(stage.provider.home, stage.providerFile, stage.profile)
    expectError(await stage.orien([...args, '--unsafe-no-sandbox']), 1, 'locked')
    const elsewhere = (config: string): string[] => providerArgs(join(stage.folder, 'second'), config, stage.profile)
    const confined = await stage.orien(elsewhere(stage.providerFile))
    expectError(confined, 2, 'unsafe')
    expect(confined.stderr).toContain('--unsafe-no-sandbox')
    const broken = join(stage.folder, 'broken.toml')
    await writeFile(broken, (await readFile(stage.providerFile, 'utf8')).replace('price = "0.60"', 'price = 0.60'))
    const refused = await stage.orien([...elsewhere(broken), '--unsafe-no-sandbox'])
    expectError(refused, 2, 'badConfig')
    expect(refused.stderr).toMatch(/broken\.toml: tools\[0\]\.price = 0\.6: write USDC as text, for example "0\.05"/)
    expectError(await stage.orien([...elsewhere('/nowhere.toml'), '--unsafe-no-sandbox']), 2, 'badConfig')
  })

  it('error: a coordinator with a broken file says which key and how to write it', async () => {
    const broken = join(stage.folder, 'coordinator.toml')
    await writeFile(broken, (await readFile(stage.coordinatorFile, 'utf8')).replace(/float = .*/, 'float = 100'))
    const start = ['start', '--config', broken, '--home', join(stage.folder, 'third')]
    const refused = await stage.coordinatorProgram(start)
    expectError(refused, 2, 'badConfig')
    expect(refused.stderr).toMatch(/coordinator\.toml: float = 100: write USDC as text/)
  })

  it('error: a coordinator’s home in which nothing ever ran says to start it or to name another', async () => {
    for (const command of ['status', 'resume']) {
      const empty = await stage.coordinatorProgram([command, '--home', join(stage.folder, 'empty')])
      expectError(empty, 3, 'unreachable')
      expect(empty.stderr).toMatch(/^ {2}next {3}Start it with `orien-coordinator start .+ --home\.$/m)
    }
  })

  it('error: with its coordinator gone a call is not made, and run exits 3', async () => {
    await stage.coordinator.child.stop()
    const ran = await stage.orien(shout(), { ORIEN_HOME: join(stage.folder, 'poor') })
    expectError(ran, 3, 'unreachable')
    expect(ran.stderr).toContain('no work was delivered')
  })
})

/** An error for people: what happened, code, money, next; and no trace of our code. */
function expectError({ code, stderr }: Ran, exit: number, named: string): void {
  expect(stderr).not.toMatch(/^\s+at /m)
  expect(stderr).toMatch(/error: .+\n {2}code {3}\w+\n {2}money {2}.+\n {2}next {3}.+\n$/)
  expect([code, /^ {2}code {3}(\w+)$/m.exec(stderr)?.[1]]).toEqual([exit, named])
}

async function runJson(stage: CliStage, args: readonly string[]): Promise<{ session: string; receipt: string }> {
  const ran = await stage.orien(args)
  if (ran.code !== 0) throw new Error(`the call failed: ${ran.stderr}`)
  return JSON.parse(ran.stdout) as { session: string; receipt: string }
}

/** The evidence with the payout in it: the agent hears of one whenever it is connected, here by a look around. */
async function verifiedWhole(stage: CliStage, id: string): Promise<Ran> {
  for (;;) {
    const ran = await stage.orien(['verify', id])
    if (ran.code !== 0 || /^✓ payout/m.test(ran.stdout)) return ran
    await stage.orien(['find', 'shout', '--min-tier', 'D'])
  }
}

function receiptsOf(stage: CliStage, tool: string): readonly Readonly<Record<string, unknown>>[] {
  return stage.said
    .filter(({ event, fields }) => event === 'receipt' && fields['tool'] === tool)
    .map((one) => one.fields)
}
