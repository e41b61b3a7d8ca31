import { join } from 'node:path'
import { OrienError } from '@orien/protocol'
import { perform, type Play } from '../cast/play.ts'
import type { Stage } from '../cast/stage.ts'
import { audit } from './audit/audit.ts'
import { readBalances } from './audit/balances.ts'
import { tables } from './audit/tables.ts'
import { tamper } from './audit/tamper.ts'
import type { AuditInput, AuditReport, BalanceSources } from './audit/types.ts'
import { openDemo, startAgents } from './cast.ts'
import type { DemoOptions } from './config.ts'
import { stopAll, type Daemon } from '../cast/daemon.ts'
import { summaryOf, type DemoSummary } from './summary.ts'
import { storyOn, type Story } from '../cast/story.ts'
import { useBuild, useContract } from './uses.ts'
import { Watch } from '../cast/watch.ts'

/** How long the whole story may take before something is wrong. */
const STORY_MS = 90_000

/**
 * The main job of ORIEN on one machine: one coordinator, three providers, two agents as separate processes over loopback TCP,
 * a chain and a channel ledger. Tells it as it happens, then audits it from the outside. Resolves with the exit code: 1 when the audit
 * found anything.
 */
export function demo(options: DemoOptions): Promise<number> {
  return perform(options.home, 'orien-demo-', (home) => new DemoRun(home, options))
}

function sourcesOf(home: string, { devnet, accounts }: Stage): BalanceSources {
  return { devnet, clearnodeHome: join(home, 'devnet/clearnode'), parties: accounts }
}

class DemoRun implements Play {
  readonly #home: string
  readonly #options: DemoOptions
  readonly #watch = new Watch()
  readonly #names = new Map<string, string>()
  readonly #story: Story
  /** What is being started, or was: `close` waits for it, so that nothing outlives an interrupted start. */
  #opening: Promise<Stage> | undefined
  #hiring: Promise<readonly Daemon[]> | undefined
  #agents: readonly Daemon[] = []
  #closed = false

  constructor(home: string, options: DemoOptions) {
    this.#home = home
    this.#options = options
    // With --json stdout carries one line only; the story goes to stderr, for whoever looks.
    this.#story = storyOn(options.json ? process.stderr : process.stdout, this.#names)
  }

  async play(): Promise<number> {
    const story = this.#story
    story.title('1 · The network comes up')
    story.line('demo', 'starts chain, ledger, coordinator and three providers')
    this.#opening = openDemo(this.#home, this.#options.variant, (said) => this.#hear(said))
    const stage = await this.#opening
    this.#name([stage.coordinator, ...stage.providers])
    story.line('chain', `local Arc ${stage.devnet.chainId} at ${stage.devnet.rpcUrl}`)
    story.line('chain', `channel ledger at ${stage.devnet.clearnodeUrl}`)
    story.line('coordinator', `ready, process ${stage.coordinator.pid}`)
    for (const provider of stage.providers) story.line(provider.name, `ready, process ${provider.pid}`)
    const before = await readBalances(sourcesOf(this.#home, stage))
    story.title('2 · Two agents find tools, rent them and pay')
    await this.#work(stage)
    story.title('3 · Everybody is settled')
    await this.#watch.until('every session to be paid', (watch) => watch.everythingPaid(), STORY_MS)
    await this.#use(stage)
    await Promise.all(this.#agents.map((agent) => agent.closeLog()))
    await stage.stopDaemons()
    return this.#judge(stage, before)
  }

  /** Stops what runs and what is still starting. What failed to start has stopped itself, and `play` has its error. */
  async close(): Promise<void> {
    this.#closed = true
    const [stage, agents] = await Promise.allSettled([this.#opening, this.#hiring])
    if (agents.status === 'fulfilled') await stopAll(agents.value ?? [])
    if (stage.status === 'fulfilled') await stage.value?.stop()
  }

  async #work(stage: Stage): Promise<void> {
    if (this.#closed) throw new OrienError('stopped', { message: 'the demo was interrupted' })
    this.#hiring = startAgents(stage, this.#options.variant, (said) => this.#hear(said))
    this.#agents = await this.#hiring
    this.#name(this.#agents)
    const vanishing =
      this.#options.variant === 'vanish' ? this.#agents.find((agent) => agent.name === 'grace') : undefined
    if (vanishing !== undefined) {
      await this.#watch.until(
        'the second tick',
        (watch) => watch.all('tick').filter(({ who }) => who === vanishing.name).length >= 2,
        STORY_MS,
      )
      await vanishing.child.kill9()
      this.#story.line('demo', 'pulls the plug on grace: kill -9 in the middle of her call')
    }
    const staying = this.#agents.filter((agent) => agent !== vanishing)
    for (const agent of staying) {
      const { code } = await agent.child.exit
      if (code !== 0) this.#story.line('demo', `${agent.name} ended with code ${code ?? 'none'}`)
    }
  }

  async #use(stage: Stage): Promise<void> {
    const ada = join(this.#home, 'ada')
    this.#story.line('ada', await useContract(stage.devnet, ada))
    this.#story.line('ada', await useBuild(ada))
  }

  async #judge(stage: Stage, before: AuditInput['before']): Promise<number> {
    const { devnet, addresses } = stage
    const sources = sourcesOf(this.#home, stage)
    const input: AuditInput = {
      ...sources,
      chainId: devnet.chainId,
      home: this.#home,
      addresses,
      before,
      after: await readBalances(sources),
    }
    if (this.#options.tamper !== undefined) {
      const { what, id } = await tamper(this.#options.tamper, { ...input, devnet })
      this.#story.line('demo', `changes one byte of ${what} ${id}`)
    }
    const report = await audit(input)
    this.#tell(report)
    if (this.#options.json) process.stdout.write(`${JSON.stringify(this.#summary(stage, report))}\n`)
    return report.violations.length === 0 ? 0 : 1
  }

  #summary(stage: Stage, report: AuditReport): DemoSummary {
    const daemons = [stage.coordinator, ...stage.providers, ...this.#agents]
    const processes = [
      ...stage.devnet.processes.map(({ role, pid }) => ({ role, pid, peer: '' })),
      ...daemons.map(({ role, pid, peer }) => ({ role, pid, peer })),
    ]
    return summaryOf({
      processes,
      variant: this.#options.variant,
      chainId: stage.devnet.chainId,
      report,
      watch: this.#watch,
    })
  }

  #tell(report: AuditReport): void {
    this.#story.title('4 · The audit: chain logs, channel ledger, signed documents, and nothing else')
    if (!this.#options.json) process.stdout.write(`\n${tables(report)}\n`)
    for (const { code, what, id, detail } of report.violations)
      this.#story.line('audit', `✗ ${what} ${id}: ${code}: ${detail}`)
    if (report.violations.length === 0) {
      const { receipts, sessions } = { receipts: report.totals.receipts, sessions: report.sessions.length }
      this.#story.line('audit', `✓ ${sessions} sessions, ${receipts} receipts: every cent is accounted for`)
    }
  }

  #hear(said: Parameters<Story['hear']>[0]): void {
    this.#watch.hear(said)
    this.#story.hear(said)
  }

  #name(daemons: readonly Daemon[]): void {
    for (const { peer, name } of daemons) this.#names.set(peer, name)
  }
}
