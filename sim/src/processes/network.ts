import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isOrienError, OrienError } from '@orien/protocol'
import { startDaemon, type Daemon } from '../cast/daemon.ts'
import type { AgentPlan } from '../cast/plan.ts'
import { openStage, type Said, type Stage } from '../cast/stage.ts'
import type { Story } from '../cast/story.ts'
import { Watch } from '../cast/watch.ts'
import { audit } from '../demo/audit/audit.ts'
import { readBalances } from '../demo/audit/balances.ts'
import type { AuditReport, Balances, BalanceSources } from '../demo/audit/types.ts'
import { DaemonActor } from './actors.ts'
import { lanesOf } from './calls.ts'
import { AGENT_PROGRAM, ENOUGH_FILE, SESSION_MS, STEADY_WORK, TIMES, WAIT, WINDOW_CALLS } from './config.ts'
import { openAtCoordinator, unsettledIn } from './settled.ts'

export interface NetworkOptions {
  readonly home: string
  readonly providers: readonly string[]
  readonly agents: readonly string[]
  /** Draws the calls. */
  readonly random: () => number
  /** Names of the peers, for the story: filled as they start. */
  readonly names?: Map<string, string>
  readonly story?: Story
  /** Folder of coordinator's and providers' logs; in their homes when absent. */
  readonly logs?: string
}

/** What is left of a run, judged from the outside. */
export interface Judgement {
  /** What the audit found, and daemons that ended without having been told to. */
  readonly violations: readonly string[]
  /** What is not over, one sentence each. */
  readonly unsettled: readonly string[]
  readonly report: AuditReport
}

/** A coordinator, providers and agents as supervised processes, from their start to the audit. */
export class LocalNetwork {
  readonly watch = new Watch()
  readonly actors = new Map<string, DaemonActor>()
  readonly #options: NetworkOptions
  readonly #wrong: string[] = []
  #opening: Promise<Stage> | undefined
  #hiring: Promise<void> = Promise.resolve()
  #before: Balances | undefined

  constructor(options: NetworkOptions) {
    this.#options = options
  }

  /** Everything but the agents. */
  async open(): Promise<Stage> {
    const { home, providers, agents, logs } = this.#options
    this.#opening = openStage(home, {
      times: TIMES,
      providers: providers.map((name) => ({ name, tools: [STEADY_WORK] })),
      agents,
      onSaid: (said) => this.#hear(said),
      ...(logs === undefined ? {} : { logs }),
    })
    const stage = await this.#opening
    for (const daemon of [stage.coordinator, ...stage.providers]) this.#supervise(daemon)
    this.#before = await readBalances(this.#sources(stage))
    return stage
  }

  /** Agents that call until it is enough. */
  hire(stage: Stage): Promise<void> {
    this.#hiring = this.#hire(stage)
    return this.#hiring
  }

  actor(name: string): DaemonActor {
    const actor = this.actors.get(name)
    if (actor === undefined) throw new OrienError('internal', { message: `${name} is not on stage` })
    return actor
  }

  /**
   * The agents are told that it is enough. Resolves with how much is open at the coordinator when all is over, or when it takes too long:
   * what does not come is judged at the end.
   */
  async settle(stage: Stage): Promise<number> {
    const { home, agents } = this.#options
    for (const name of agents) await writeFile(join(home, name, ENOUGH_FILE), '')
    const done = (watch: Watch): boolean => watch.all('agentDone').length >= agents.length
    await this.#patiently('the agents to be settled', done, WAIT.settledMs)
    return this.over(stage)
  }

  /** Resolves with how much is open at the coordinator when all is over there, or when it takes too long. */
  async over(stage: Stage): Promise<number> {
    const started = Date.now()
    const { settledMs, paidMs, lookMs } = WAIT
    let open: number | undefined
    while (open !== 0 && Date.now() - started < settledMs) {
      await setTimeout(lookMs)
      open = await openAtCoordinator(stage.coordinator.home, started)
    }
    await this.#patiently('the providers to read that they are paid', (watch) => watch.everythingPaid(), paidMs)
    return open ?? 1
  }

  /** Stops every daemon and reads what they left. */
  async judge(stage: Stage, open: number): Promise<Judgement> {
    const { home } = this.#options
    const sources = this.#sources(stage)
    for (const actor of this.actors.values()) await actor.stop()
    const { accounts, addresses, devnet } = stage
    const left = await unsettledIn(home, accounts, join(sources.clearnodeHome, 'ledger.jsonl'))
    const after = await readBalances(sources)
    const before = this.#before ?? after
    const report = await audit({ ...sources, chainId: devnet.chainId, home, addresses, before, after })
    const found = report.violations.map(({ code, what, id, detail }) => `${what} ${id}: ${code}: ${detail}`)
    const atCoordinator = Array.from({ length: open }, () => 'coordinator: a session or payout is not over')
    return { violations: [...this.#wrong, ...found], unsettled: [...atCoordinator, ...left], report }
  }

  /** Ends all of it, also what is still starting. */
  async close(): Promise<void> {
    const [stage] = await Promise.allSettled([this.#opening, this.#hiring])
    for (const actor of this.actors.values()) await actor.stop()
    if (stage.status === 'fulfilled') await stage.value?.stop()
  }

  async #hire({ profile, providers }: Stage): Promise<void> {
    for (const name of this.#options.agents) {
      const home = join(this.#options.home, name)
      const groups = lanesOf(providers, this.#options.random)
      const plan: AgentPlan = { home, profile, windowCalls: WINDOW_CALLS, sessionMs: SESSION_MS, groups }
      const file = join(home, 'plan.json')
      await mkdir(home, { recursive: true, mode: 0o700 })
      await writeFile(file, JSON.stringify(plan))
      const onLog = (entry: Omit<Said, 'who'>): void => this.#hear({ ...entry, who: name })
      this.#supervise(await startDaemon({ role: 'agent', name, home, args: [AGENT_PROGRAM, file], onLog }))
    }
  }

  async #patiently(what: string, holds: (watch: Watch) => boolean, timeoutMs: number): Promise<void> {
    try {
      await this.watch.until(what, holds, timeoutMs)
    } catch (error) {
      if (!isOrienError(error, 'timedOut')) throw error
      this.#options.story?.line('settling', error.message)
    }
  }

  #supervise(daemon: Daemon): void {
    const { names, story } = this.#options
    names?.set(daemon.peer, daemon.name)
    story?.line(daemon.name, `ready, process ${daemon.pid}`)
    const actor = new DaemonActor(daemon, ({ name }, code) => {
      // An agent that is done ends by itself.
      if (daemon.role === 'agent' && code === 0) return
      this.#wrong.push(`process ${name}: ended by itself with code ${code ?? 'none'}`)
    })
    this.actors.set(daemon.name, actor)
  }

  #sources({ devnet, accounts }: Stage): BalanceSources {
    return { devnet, clearnodeHome: join(this.#options.home, 'devnet/clearnode'), parties: accounts }
  }

  #hear(said: Said): void {
    this.watch.hear(said)
    if (said.event !== 'tick') this.#options.story?.hear(said)
  }
}
