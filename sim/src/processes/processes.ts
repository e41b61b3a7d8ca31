import { setTimeout } from 'node:timers/promises'
import { isOrienError } from '@orien/protocol'
import { perform, type Play } from '../cast/play.ts'
import type { Stage } from '../cast/stage.ts'
import { storyOn, type Story } from '../cast/story.ts'
import { clearnodeActor, runnerActor, type Actor } from './actors.ts'
import { AGENTS, PROVIDERS, WAIT } from './config.ts'
import { countedMoments, drawMoments, startsMoment, type Moment } from './moments.ts'
import { LocalNetwork, type Judgement } from './network.ts'
import { seeded } from './random.ts'

export interface ProcessesOptions {
  readonly kills: number
  readonly seed: number
  /** One JSON line at the end, and nothing else on stdout. */
  readonly json: boolean
  /** Kept when given; a temporary folder, deleted at the end, when absent. */
  readonly home: string | undefined
}

/** The last line of `--json`. */
export interface ProcessesSummary {
  readonly seed: number
  readonly kills: readonly { readonly victim: string; readonly phase: string }[]
  /** What the audit found, and daemons that ended without having been killed. */
  readonly violations: number
  /** Sessions that are not over, at the coordinator and in the books of agents and providers. */
  readonly unsettled: number
}

/**
 * The network as real processes under kill -9: coordinator, providers, agents, channel ledger and runners are killed at drawn moments and
 * started again, until everything is settled; then the audit judges it from the outside. Resolves with the exit code: 1 when anything is
 * wrong or unsettled.
 */
export function processes(options: ProcessesOptions): Promise<number> {
  return perform(options.home, 'orien-processes-', (home) => new ProcessesRun(home, options))
}

class ProcessesRun implements Play {
  readonly #options: ProcessesOptions
  readonly #random: () => number
  readonly #network: LocalNetwork
  readonly #story: Story
  readonly #kills: Moment[] = []

  constructor(home: string, options: ProcessesOptions) {
    const names = new Map<string, string>()
    const random = seeded(options.seed)
    const story = storyOn(options.json ? process.stderr : process.stdout, names)
    this.#options = options
    this.#random = random
    this.#story = story
    this.#network = new LocalNetwork({ home, providers: PROVIDERS, agents: AGENTS, random, names, story })
  }

  async play(): Promise<number> {
    const { seed, kills } = this.#options
    const network = this.#network
    this.#story.title(`1 · The network comes up, seed ${seed}`)
    const stage = await network.open()
    this.#story.title('2 · Two agents at work, and kill -9')
    await network.hire(stage)
    const moments = [...drawMoments(kills, this.#random)]
    const postponed = new Set<Moment>()
    for (let moment = moments.shift(); moment !== undefined; moment = moments.shift()) {
      if (await this.#comes(moment, postponed.has(moment))) await this.#strike(stage, moment)
      else moments.push(moment)
      postponed.add(moment)
    }
    this.#story.title('3 · Everybody is settled')
    const open = await network.settle(stage)
    return this.#tell(await network.judge(stage, open))
  }

  close(): Promise<void> {
    return this.#network.close()
  }

  /** Waits for a moment. One that does not come is put off, once: then it throws `timedOut`. */
  async #comes(moment: Moment, last: boolean): Promise<boolean> {
    const { phase, victim } = moment
    try {
      await this.#network.watch.next(`${phase} of ${victim}`, (said) => startsMoment(moment, said), WAIT.momentMs)
      return true
    } catch (error) {
      if (last || !isOrienError(error, 'timedOut')) throw error
      return false
    }
  }

  /** Kills, and brings the victim back. */
  async #strike(stage: Stage, moment: Moment): Promise<void> {
    const { role, phase, victim, delayMs, downMs } = moment
    const actor = await this.#actorOf(stage, moment)
    await setTimeout(delayMs)
    await actor.kill9()
    this.#kills.push(moment)
    this.#story.line('kill -9', `${actor.name} · ${phase} (${this.#kills.length} of ${this.#options.kills})`)
    await setTimeout(downMs)
    await actor.back()
    if (role !== 'runner') this.#story.line(victim, `is back, process ${actor.pid}`)
  }

  #actorOf({ devnet }: Stage, { role, victim }: Moment): Actor | Promise<Actor> {
    if (role === 'clearnode') return clearnodeActor(devnet.clearnode)
    const actor = this.#network.actor(victim)
    return role === 'runner' ? runnerActor(actor) : actor
  }

  #tell({ violations, unsettled, report }: Judgement): number {
    const { seed, json } = this.#options
    const kills = this.#kills.map(({ role, victim, phase }) => {
      return { victim: role === 'runner' ? `runner of ${victim}` : victim, phase }
    })
    this.#story.title('4 · The audit: chain logs, channel ledger, signed documents, and nothing else')
    for (const line of [...violations, ...unsettled]) this.#story.line('audit', `✗ ${line}`)
    const { calls, receipts, countersigned } = report.totals
    const settled = `${report.sessions.length} sessions, ${calls} calls, ${receipts} receipts, ${countersigned} countersigned`
    this.#story.line('audit', settled)
    this.#story.line('audit', countedMoments(this.#kills))
    const summary: ProcessesSummary = { seed, kills, violations: violations.length, unsettled: unsettled.length }
    if (json) process.stdout.write(`${JSON.stringify(summary)}\n`)
    return violations.length === 0 && unsettled.length === 0 ? 0 : 1
  }
}
