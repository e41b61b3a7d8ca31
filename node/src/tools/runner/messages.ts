import type { JobExit, StopReason } from '../port.ts'

/** Why the runner could not run a job: the first word of `JobExit.failure`. All of them cost the agent nothing. */
export type RunnerFailure =
  'toolMissing' | 'folderMissing' | 'spawnFailed' | 'badJob' | 'confineFailed' | 'runnerDied' | 'runnerClosed'

/** What the runner is told about a job. */
export interface StartMessage {
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly hasStdin: boolean
  readonly maxMs: number
  readonly outputBytes: number
  readonly graceMs: number
  readonly drainMs: number
}

/** Names a process group for certain: a process id can be used again, together with its start time it cannot. */
export interface StartedMessage {
  readonly pid: number
  /** Start time in clock ticks since boot; 0 where /proc is missing. */
  readonly startTicks: number
}

/** Stops that nobody should pay longer for kill at once; the others leave `graceMs` after SIGTERM. */
const GRACEFUL: ReadonlySet<StopReason> = new Set(['cancelled', 'ended', 'stopped'])

/** True when a stop for this reason begins with SIGTERM. */
export function isGraceful(reason: StopReason): boolean {
  return GRACEFUL.has(reason)
}

/** The exit of a job that the runner could not run: nothing ran that anybody could be billed for. */
export function failedExit(failure: RunnerFailure, words: string): JobExit {
  return {
    kind: 'failed',
    failure: `${failure}: ${words}`,
    effectiveMs: 0,
    cpuMs: 0,
    throttledMs: 0,
    maxRssBytes: 0,
  }
}

/** The code at the front of `JobExit.failure`; undefined unless the job failed. */
export function failureOf(exit: JobExit): RunnerFailure | undefined {
  if (exit.kind !== 'failed' || exit.failure === undefined) return undefined
  return exit.failure.slice(0, exit.failure.indexOf(':')) as RunnerFailure
}

/** One start message as a frame body: u32 length of the JSON, the JSON, standard input. */
export function encodeStart(message: StartMessage, stdin: Uint8Array | undefined): Uint8Array {
  const json = Buffer.from(JSON.stringify(message))
  const length = Buffer.allocUnsafe(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat(stdin === undefined ? [length, json] : [length, json, stdin])
}

/** The inverse of `encodeStart`. */
export function decodeStart(body: Uint8Array): { message: StartMessage; stdin: Uint8Array } {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  const end = 4 + bytes.readUInt32BE(0)
  return { message: JSON.parse(bytes.toString('utf8', 4, end)) as StartMessage, stdin: bytes.subarray(end) }
}

/** A small message as a frame body. */
export function encodeJson(value: StartedMessage | JobExit | StopReason): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

/** The inverse of `encodeJson`; both ends are ours, so the type is the caller's word. */
export function decodeJson<T extends StartedMessage | JobExit | StopReason>(body: Uint8Array): T {
  return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8')) as T
}
