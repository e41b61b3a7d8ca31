import {
  capMs,
  LIMITS,
  type Authorisation,
  type CancelTimer,
  type Clock,
  type Crypto,
  type FileEntry,
  type Id,
  type Inputs,
  type Outcome,
  type Signed,
  type Term,
  type Timers,
} from '@orien/protocol'
import type { JobExit, OutputStream, Runner, RunningJob, StopReason } from '../tools/port.ts'
import type { ToolCommand } from '../tools/tool-box.ts'
import { callTransition, type CallEvent, type CallState } from './call-table.ts'
import type { CallFiles, LogEvent } from './ports.ts'
import { Transcript } from './transcript.ts'

/** What a finished call is, before its receipt is written. */
export interface CallResult {
  readonly outcome: Outcome
  readonly exitCode?: number
  readonly startedAtMs: number
  readonly queuedMs: number
  readonly effectiveMs: number
  /** What of it is claimed, when that is less: what ran on without the agent's word is ours to bear. */
  readonly billedMs?: number
  readonly cpuMs: number
  readonly throttledMs: number
  readonly maxRssBytes: number
  readonly lastTick?: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly files: readonly FileEntry[]
  /** For the log: why the provider itself failed. */
  readonly failure?: string
}

/** Who listens to a running call: the stream its Authorisation came on, once everything printed before was sent there. */
export interface CallListener {
  /** False when the listener wants no more until `resume`. */
  log(callSeq: number, stream: OutputStream, offset: number, bytes: Uint8Array): boolean
  tick(authId: Id, ms: number, queuedMs: number): void
}

/** A call from admission to its receipt. */
export interface Call {
  readonly sessionKey: string
  readonly auth: Signed<Authorisation>
  readonly term: Term
  readonly command: ToolCommand
  readonly inputs: Inputs
  readonly acceptedMono: number
  /** The folder made at admission; one without input files is made when the call starts. */
  readonly cwd: string | undefined
  state: CallState
  /** When the runner released it; the meter it shows counts from here. */
  startedMono: number | undefined
  /** The newest TickAck: its ms go into the receipt, its bytes prove them. */
  lastTick: { readonly ms: number; readonly bytes: Uint8Array } | undefined
  /** Set when it must not run any more; the first reason counts. */
  stopReason: StopReason | undefined
  job: RunningJob | undefined
  listener: CallListener | undefined
  readonly stdout: Transcript
  readonly stderr: Transcript
  /** Fires when a waiting call must not start any more, then when a running one must stop. */
  cancelLimit: CancelTimer | undefined
  cancelTick: CancelTimer | undefined
}

export interface CallRunnerParts {
  readonly runner: Runner
  readonly files: CallFiles
  readonly clock: Clock
  readonly timers: Timers
  readonly crypto: Crypto
  readonly tickMs: number
  readonly tickAckMs: number
  readonly log: LogEvent
}

export function newCall(
  of: Pick<Call, 'sessionKey' | 'auth' | 'term' | 'command' | 'inputs' | 'acceptedMono' | 'cwd' | 'listener'>,
): Call {
  return {
    ...of,
    state: 'queued',
    startedMono: undefined,
    lastTick: undefined,
    stopReason: undefined,
    job: undefined,
    stdout: new Transcript(),
    stderr: new Transcript(),
    cancelLimit: undefined,
    cancelTick: undefined,
  }
}

/** Moves a call by its row of the table. Returns what its Receipt says, when it is done by that. */
export function moveCall(log: LogEvent, call: Call, on: CallEvent): Outcome | undefined {
  const { from, to, outcome } = callTransition(call.state, on)
  call.state = to
  log('callState', { session: call.sessionKey, callSeq: call.auth.value.callSeq, from, on, to })
  return outcome
}

/** Stops a call wherever it is. Only the first reason counts. */
export function stopCall(call: Call, reason: StopReason): void {
  call.stopReason ??= reason
  call.job?.stop(call.stopReason)
}

/**
 * Runs an admitted call to its end. Never rejects: what goes wrong on our side is `providerError`, billed at nothing.
 * The meter is the runner's; the timers here only stop.
 */
export async function runCall(parts: CallRunnerParts, call: Call, expiresAtMs: number): Promise<CallResult> {
  const waited = Math.floor(parts.clock.monoMs() - call.acceptedMono)
  const queuedMs = Math.min(LIMITS.maxSessionMs, Math.max(0, waited))
  const startedAtMs = parts.clock.wallMs()
  const facts = { startedAtMs, queuedMs }
  call.cancelLimit?.()
  try {
    if (call.stopReason === undefined && startedAtMs > call.auth.value.startByMs) call.stopReason = 'expired'
    if (call.stopReason !== undefined) return { ...(await unstarted(parts, call, call.stopReason)), ...facts }
    moveCall(parts.log, call, 'slot')
    const cwd = call.cwd ?? (await parts.files.prepare(call.sessionKey, call.auth.value.callSeq, call.inputs))
    const stopped = stopOf(call)
    if (stopped !== undefined) return { ...(await unstarted(parts, call, stopped)), ...facts }
    const exit = await runJob(parts, call, cwd, expiresAtMs, queuedMs)
    const outputs = exit.kind === 'failed' ? [] : call.command.outputs
    const files = await parts.files.collect(call.sessionKey, call.auth.value.callSeq, outputs)
    return { ...ended(parts, call, exit), ...facts, files }
  } catch (error) {
    return { ...failed(parts, call, error), ...facts }
  } finally {
    disarm(call)
  }
}

/** Looked at again after waiting; the compiler would still hold what it knew before. */
function stopOf(call: Call): StopReason | undefined {
  return call.stopReason
}

async function runJob(
  parts: CallRunnerParts,
  call: Call,
  cwd: string,
  expiresAtMs: number,
  queuedMs: number,
): Promise<JobExit> {
  const { term, command, auth } = call
  const paidMs = capMs(auth.value.capMicros, term.priceMicrosPerMin)
  const job = parts.runner.start(
    {
      jobId: `${call.sessionKey}/${auth.value.callSeq}`,
      argv: command.argv,
      cwd,
      env: command.env,
      limits: { ...command.limits, maxMs: Math.min(term.maxMs, paidMs) },
    },
    (stream, bytes) => take(call, stream, bytes),
  )
  call.job = job
  moveCall(parts.log, call, 'job')
  let over = false
  void job.started.then(() => {
    if (!over) armTimers(parts, call, { paidMs, expiresAtMs, queuedMs })
  })
  const exit = await job.exited
  over = true
  disarm(call)
  return exit
}

function disarm(call: Call): void {
  call.cancelLimit?.()
  call.cancelTick?.()
}

/** Hard stops of DESIGN §5, of which only the nearest needs a timer, and the meter shown every tick. */
function armTimers(
  parts: CallRunnerParts,
  call: Call,
  limits: { readonly paidMs: number; readonly expiresAtMs: number; readonly queuedMs: number },
): void {
  const startedMono = parts.clock.monoMs()
  call.startedMono = startedMono
  const stops: readonly (readonly [number, StopReason])[] = [
    [limits.paidMs, 'cap'],
    [call.term.maxMs, 'maxMs'],
    [limits.expiresAtMs - parts.clock.wallMs(), 'expired'],
  ]
  const [afterMs, reason] = stops.reduce((first, one) => (one[0] < first[0] ? one : first))
  call.cancelLimit = parts.timers.after(Math.max(0, afterMs), () => stopCall(call, reason))
  const tick = (): void => {
    const ms = Math.floor(parts.clock.monoMs() - startedMono)
    if (ms > (call.lastTick?.ms ?? 0) + parts.tickAckMs) return stopCall(call, 'tickAck')
    call.listener?.tick(call.auth.id, ms, limits.queuedMs)
    // The next look is at the next tick, or when the agent's silence runs out, whichever is first.
    const untilSilent = (call.lastTick?.ms ?? 0) + parts.tickAckMs + 1 - ms
    call.cancelTick = parts.timers.after(Math.min(parts.tickMs, Math.max(1, untilSilent)), tick)
  }
  call.cancelTick = parts.timers.after(Math.min(parts.tickMs, parts.tickAckMs), tick)
}

function take(call: Call, stream: OutputStream, bytes: Uint8Array): void {
  const transcript = call[stream]
  const offset = transcript.length
  transcript.append(bytes)
  if (call.listener?.log(call.auth.value.callSeq, stream, offset, bytes) === false) call.job?.pauseOutput()
}

function ended(
  parts: CallRunnerParts,
  call: Call,
  exit: JobExit,
): Omit<CallResult, 'startedAtMs' | 'queuedMs' | 'files'> {
  const meter = {
    effectiveMs: Math.min(LIMITS.maxMeasuredMs, exit.effectiveMs),
    cpuMs: exit.cpuMs,
    throttledMs: exit.throttledMs,
    maxRssBytes: exit.maxRssBytes,
    ...(call.lastTick === undefined ? {} : { lastTick: call.lastTick.ms }),
    stdout: call.stdout.whole(),
    stderr: call.stderr.whole(),
  }
  const on = eventOf(call, exit)
  const outcome = moveCall(parts.log, call, on) ?? 'providerError'
  const { exitCode } = exit
  return {
    ...meter,
    outcome,
    ...(exitCode === undefined || exit.kind !== 'exited' ? {} : { exitCode: exitCode & 0xff }),
    ...(on === 'tickAck' ? { billedMs: seenMs(parts, call, exit) } : {}),
    ...(on === 'failed' ? { failure: exit.failure ?? 'the runner failed' } : {}),
    ...(on === 'stopped' ? { failure: 'the provider stopped' } : {}),
  }
}

/** What an exit is for the table. */
function eventOf(call: Call, exit: JobExit): CallEvent {
  if (exit.kind === 'failed') return 'failed'
  if (exit.kind === 'exited')
    return exit.exitCode === undefined ? 'signal' : exit.exitCode === 0 ? 'exitZero' : 'exitNonZero'
  // The runner keeps the smaller of cap and maxMs and cannot tell them apart.
  const paidMs = capMs(call.auth.value.capMicros, call.term.priceMicrosPerMin)
  return exit.stop === 'maxMs' && paidMs < call.term.maxMs ? 'cap' : (exit.stop ?? 'stopped')
}

/** The tick rule: what the agent signed for, and tickAckMs more. Stopping takes a moment, which is not claimed. */
function seenMs({ tickAckMs }: CallRunnerParts, call: Call, exit: JobExit): number {
  return Math.min(exit.effectiveMs, (call.lastTick?.ms ?? 0) + tickAckMs)
}

/** It never ran: its folder goes at once. */
async function unstarted(
  parts: CallRunnerParts,
  call: Call,
  on: StopReason,
): Promise<Omit<CallResult, 'startedAtMs' | 'queuedMs'>> {
  if (call.cwd !== undefined) await parts.files.collect(call.sessionKey, call.auth.value.callSeq, [])
  return { ...nothing(call), outcome: moveCall(parts.log, call, on) ?? 'notStarted' }
}

function failed(parts: CallRunnerParts, call: Call, error: unknown): Omit<CallResult, 'startedAtMs' | 'queuedMs'> {
  const failure = error instanceof Error ? error.message : String(error)
  return { ...nothing(call), outcome: moveCall(parts.log, call, 'failed') ?? 'providerError', failure }
}

function nothing(call: Call): Omit<CallResult, 'startedAtMs' | 'queuedMs' | 'outcome'> {
  return {
    effectiveMs: 0,
    cpuMs: 0,
    throttledMs: 0,
    maxRssBytes: 0,
    stdout: call.stdout.whole(),
    stderr: call.stderr.whole(),
    files: [],
  }
}
