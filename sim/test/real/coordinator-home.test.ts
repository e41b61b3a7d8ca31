import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadOrCreateWalletKey } from '@orien/node/daemon'
import { localWallet } from '@orien/node/rails'
import { needs } from '../../../scripts/test/parts.ts'
import { programs } from '../../src/cast/paths.ts'
import type { Stage } from '../../src/cast/stage.ts'
import { LocalNetwork } from '../../src/processes/network.ts'
import { seeded } from '../../src/processes/random.ts'
import { agentOn, callOnce } from '../helpers/stage-agent.ts'
import { startProgram, type Ran } from '../helpers/stage.ts'
import { temporaryFolder } from './devnet-fixture.ts'

const DEADLINE_MS = 120_000

describe('the home of a daemon', needs('anvil'), () => {
  const folder = temporaryFolder()
  const network = new LocalNetwork({ home: folder.path, providers: ['barn'], agents: ['ada'], random: seeded(6) })
  let stage: Stage
  beforeAll(async () => {
    stage = await network.open()
  }, DEADLINE_MS)
  afterAll(async () => {
    await network.close()
    folder.remove()
  })

  it(
    'error: that another daemon has is refused, and the first is undisturbed',
    async () => {
      const agent = await agentOn(stage, 'ada')
      await callOnce(agent)
      for (const name of ['coordinator', 'barn']) {
        const { pid, child } = network.actor(name).daemon
        const second = await startAsBefore(name)
        expect(second).toMatchObject({ stdout: '', stderr: expect.stringContaining(`the daemon with pid ${pid}`) })
        expectRefused(second, 'locked')
        expect(child.running).toBe(true)
      }
      await expect(agentOn(stage, 'ada')).rejects.toMatchObject({ code: 'locked' })
      await callOnce(agent)
      await agent.settle()
      await Promise.all(agent.sessions().map((session) => session.paid()))
      await agent.stop()
    },
    DEADLINE_MS,
  )

  it(
    'behavior: whose book is well has nothing to resume, and says so',
    async () => {
      await statusShown()
      for (const args of [['resume'], ['resume', '--current']])
        expect(await command(...args)).toEqual({
          code: 0,
          stdout: 'There is nothing to resume: the book is not read-only.\n',
          stderr: '',
        })
    },
    DEADLINE_MS,
  )

  it(
    'behavior: shows what to fund, in its status and in its log',
    async () => {
      const { stdout } = await statusShown()
      const { addresses } = JSON.parse(stdout) as { readonly addresses: object }
      const { home } = stage.coordinator
      const address = async (name: string): Promise<string> =>
        localWallet(await loadOrCreateWalletKey(home, name, stage.devnet.chainId)).address
      expect(addresses).toEqual({
        channelWallet: await address('coordinator'),
        treasury: await address('treasury'),
        gas: await address('gas'),
      })
      expect(network.watch.all('addresses').map(({ fields }) => fields)).toContainEqual(
        expect.objectContaining(addresses),
      )
    },
    DEADLINE_MS,
  )

  it(
    'error: whose book is damaged is refused by name, and nobody is paid from it',
    async () => {
      const payments = await stage.devnet.arc.transfers()
      const coordinator = network.actor('coordinator')
      const book = join(coordinator.daemon.home, 'book')
      const good = join(folder.path, 'good')
      // The second time LevelDB has made a table of its log. Of a table only what is read can be refused: the rest is found when it is.
      for (const kind of ['.log', '.ldb']) {
        await coordinator.stop()
        await cp(book, good, { recursive: true })
        for (const share of [0.2, 0.5, 0.8]) {
          await flip(book, kind, share)
          const started = await startAsBefore('coordinator')
          const isReady = started.stdout !== ''
          if (kind === '.log') expect([share, isReady]).toEqual([share, false])
          if (!isReady) expectRefused(started, 'storeCorrupt')
          await rm(book, { recursive: true })
          await cp(good, book, { recursive: true })
        }
        await rm(good, { recursive: true })
        await coordinator.back()
      }
      expect(await stage.devnet.arc.transfers()).toEqual(payments)
      const { violations, unsettled } = await network.judge(stage, await network.over(stage))
      expect({ violations, unsettled }).toEqual({ violations: [], unsettled: [] })
    },
    DEADLINE_MS,
  )

  it(
    'error: whose daemon was killed says when it was last seen, takes no resume, and is rewritten by the next one',
    async () => {
      const coordinator = network.actor('coordinator')
      const { home } = coordinator.daemon
      // Whatever ran before may have ended it.
      await coordinator.stop()
      await coordinator.back()
      await statusShown()
      await coordinator.kill9()
      for (const args of [['status'], ['status', '--json'], ['resume'], ['resume', '--current']]) {
        const ran = await command(...args)
        expectRefused(ran, 'unreachable', 3)
        expect(ran.stdout).toBe('')
        expect(ran.stderr).toMatch(/no coordinator runs in .+: last seen at \d{4}-.+Z\n[^]+next {3}Start it with /)
      }
      expect((await readdir(home)).filter((name) => name.startsWith('resume'))).toEqual([])
      await writeFile(join(home, 'status.json'), '{"atMs":1')
      for (const name of ['status', 'resume']) expectRefused(await command(name), 'storeCorrupt')
      await coordinator.back()
      await statusShown()
    },
    DEADLINE_MS,
  )

  /** A command of the coordinator's program, on its home. */
  function command(...args: readonly string[]): Promise<Ran> {
    return startProgram(programs.coordinator, [...args, '--home', stage.coordinator.home], {}).ended
  }

  /** What `status` says once the daemon has said how it stands. */
  function statusShown(): Promise<Ran> {
    return vi.waitFor(async () => {
      const ran = await command('status', '--json')
      expect(ran).toMatchObject({ code: 0, stderr: '' })
      return ran
    }, 20_000)
  }

  /** Starts a daemon's program as it was started; one that comes up all the same is ended. */
  async function startAsBefore(name: string): Promise<Ran> {
    const [program = '', ...args] = network.actor(name).daemon.options.args
    const running = startProgram(program, args, {})
    running.writes('"event":"ready"').then(
      () => running.signal('SIGKILL'),
      () => undefined,
    )
    return running.ended
  }
})

/** Flips one byte of the largest file of a kind, at a share of its length. */
async function flip(folder: string, kind: string, share: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(kind))
  const files = await Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })))
  const [largest] = files.toSorted((a, b) => b.bytes.length - a.bytes.length)
  if (largest === undefined) throw new Error(`no ${kind} in the book`)
  const at = Math.floor(largest.bytes.length * share)
  largest.bytes.writeUInt8(largest.bytes.readUInt8(at) ^ 0x10, at)
  await writeFile(join(folder, largest.name), largest.bytes)
}

/** Words for people, with the code; no trace of our code. */
function expectRefused({ code: exit, stderr }: Ran, code: string, wanted = 1): void {
  expect(exit).toBe(wanted)
  const words = stderr
    .split('\n')
    .filter((line) => !line.startsWith('{'))
    .join('\n')
  expect(words).toMatch(new RegExp(`^error: .+\\n {2}code {3}${code}\\n {2}money {2}.+\\n {2}next {3}.+\\n$`))
}
