import type { Agent, Provider } from '@orien/node'
import type { Coordinator } from '@orien/coordinator'
import type { Rng } from '../kernel/rng.ts'
import type { Party } from '../parties/cast.ts'
import type { Bends, Host } from '../parties/hosts.ts'
import type { WorldSettings } from '../parties/settings.ts'
import type { Violation } from '../run/stage.ts'
import type { Ground } from '../world.ts'
import type { Observer } from './observer.ts'

/** Takes a check out of a package's source. `find` stands there exactly once. */
export interface Patch {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Micro-USDC that the design lets a lie cost. */
export interface Conceded {
  /** An honest agent, in one session. */
  readonly agentMicros?: bigint
  /** An honest provider, at its coordinator. */
  readonly providerMicros?: bigint
}

/** What the bounds of one world are made of. */
export interface Bounds {
  /** The first window of a session. */
  readonly windowMicros: bigint
  readonly maxUnpaidMicros: bigint
  readonly settings: WorldSettings
  /** What closed channels paid the coordinator and it has not paid out, at the end. */
  readonly heldMicros: bigint
}

export type LiarRole = 'agent' | 'provider' | 'coordinator' | 'agent and provider'

/** One way to lie. Without the check that stops it, somebody honest loses more than the design concedes. */
export interface Strategy {
  readonly name: string
  readonly party: LiarRole
  /** What is done, and what stops it, in a sentence. */
  readonly story: string
  /** What the lie needs of a world. */
  readonly settings?: Partial<WorldSettings>
  /** maxUnpaid of the providers, in first windows; plenty when absent. */
  readonly maxUnpaidWindows?: bigint
  /** What DESIGN's table concedes to this very lie; nothing when absent. */
  readonly concedes?: (bounds: Bounds) => Conceded
  /** The agent was kept from its coordinator: uncontested receipts settle by the tick rule. */
  readonly keepsAway?: boolean
  /** Power of honest parties is cut. */
  readonly cuts?: boolean
  /** How long tools work. */
  readonly workMs?: (rng: Rng) => number
  /** The liar asks for many calls, all of one provider. */
  readonly eager?: boolean
  /** Honest parties may be left unfinished: their coordinator is the liar, or gone. */
  readonly unfinished?: boolean
  /** Takes the check away. */
  readonly without: readonly Patch[]
  play(liar: Liar): Play
}

/** The liar's part of one world; it lives over all restarts of its process. */
export interface Play extends Bends {
  /** Acts beside the logic, from the start of the world. */
  start?(stage: LiarStage): void
  /** More that must never be. */
  check?(stage: LiarStage): readonly Violation[]
}

/** Who lies, and with what. */
export interface Liar {
  readonly ground: Ground
  readonly rng: Rng
  readonly me: Party
  readonly observer: Observer
  /** The honest party most worth cheating. */
  readonly agent: Party
  readonly provider: Party
}

/** The world around a liar. */
export interface LiarStage {
  readonly ground: Ground
  readonly coordinator: Host<Coordinator>
  readonly providers: readonly Host<Provider>[]
  readonly agents: readonly Host<Agent>[]
}
