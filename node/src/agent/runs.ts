import {
  encodeInputs,
  hex,
  isOrienError,
  least,
  LIMITS,
  micros,
  NUMERATOR_PER_MICRO,
  OrienError,
  parseUsdc,
  utf8,
  type Micros,
  type MoneyState,
  type Numerator,
  type Outcome,
  type PeerText,
  type Receipt,
  type Signed,
} from '@orien/protocol'
import { cancelled, sessionMoney, withMoney } from './call-errors.ts'
import { prepareInputs, type InputFiles, type PreparedInputs } from './files.ts'
import type { LiveSession } from './live-session.ts'
import type { CallOutcome } from './pending-call.ts'
import type { AgentConfig, AgentParts } from './ports.ts'

export interface RunOptions {
  /** Workspace path → bytes, a stream, or a local path. */
  readonly files?: InputFiles
  /** Decimal USDC; the policy's own cap when absent. */
  readonly maxCost?: string
  /** Only this provider. */
  readonly provider?: PeerText
  /** Cancels: what ran until then is billed. */
  readonly signal?: AbortSignal
  /** Decimal USDC to hold in a new session; enough for several calls when absent. */
  readonly allowance?: string
  readonly onLog?: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void
  readonly onTick?: (ms: number) => void
}

/** What a call gave and cost. */
export interface RunResult {
  /** Standard output, whole and checked against the receipt. */
  readonly output: Uint8Array
  /** Standard error. */
  readonly logs: Uint8Array
  /** Files the tool left, by workspace path, checked against the receipt. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly outcome: Outcome
  readonly exitCode: number | undefined
  readonly effectiveMs: number
  /** By the agent's own clock, sending and queueing included; undefined when it was resumed after a restart. */
  readonly observedMs: number | undefined
  /** Accepted cost as a numerator: 60 000 are 1 µUSDC. */
  readonly costNumerator: Numerator
  readonly provider: PeerText
  readonly session: string
  readonly receipt: Signed<Receipt>
}

/** A run whose input was read and checked, before anything is opened or sent. */
export interface PreparedRun {
  readonly toolId: string
  readonly args: Uint8Array
  readonly inputs: PreparedInputs
  readonly capMicros: Micros
  readonly options: RunOptions
}

export interface RunParts {
  readonly config: AgentConfig
  readonly parts: AgentParts
}

/** Reads arguments and files. Throws `badArguments`, `badInputs`, `tooManyFiles`, `tooLarge`, `badMoney`, `cancelled`. */
export async function prepareRun(
  { config, parts }: RunParts,
  toolId: string,
  args: unknown,
  options: RunOptions,
): Promise<PreparedRun> {
  if (options.signal?.aborted === true) throw cancelled('nothing was sent')
  const capMicros = options.maxCost === undefined ? config.policy.maxCallMicros : parseUsdc(options.maxCost)
  if (capMicros === 0n) throw new OrienError('capTooSmall', { message: 'the cap is 0' })
  const bytes = utf8(textOf(args))
  if (bytes.length > LIMITS.maxArgsBytes) {
    throw new OrienError('badArguments', {
      message: `the arguments are ${bytes.length} bytes`,
      details: { maxBytes: LIMITS.maxArgsBytes },
    })
  }
  return { toolId, args: bytes, inputs: await prepareInputs(parts, options.files ?? {}), capMicros, options }
}

function textOf(args: unknown): string {
  try {
    return JSON.stringify(args ?? {})
  } catch (cause) {
    throw new OrienError('badArguments', { message: 'the arguments are no JSON', cause })
  }
}

/** Runs a prepared call in a session. Every error says where the money is. */
export async function runIn(of: RunParts, live: LiveSession, run: PreparedRun): Promise<RunResult> {
  const { options, inputs } = run
  const { signal, onLog, onTick } = options
  try {
    await live.files.upload(inputs, signal)
    const outcome = await live.call({
      toolId: run.toolId,
      args: run.args,
      inputs: encodeInputs(inputs.inputs),
      capMicros: least(run.capMicros, live.session.grant.windowMicros),
      ...(signal === undefined ? {} : { signal }),
      ...(onLog === undefined ? {} : { onLog }),
      ...(onTick === undefined ? {} : { onTick }),
    })
    return await resultOf(of, live, outcome, signal)
  } catch (error) {
    throw isOrienError(error) ? withMoney(error, sessionMoney(live.session)) : error
  }
}

async function resultOf(
  { config }: RunParts,
  live: LiveSession,
  outcome: CallOutcome,
  signal: AbortSignal | undefined,
): Promise<RunResult> {
  const { receipt, checked, output, stdout, stderr } = outcome
  const { value } = receipt
  const details = { receipt: hex(receipt.id) }
  if (value.outcome === 'providerError')
    throw new OrienError('providerError', { message: 'the provider failed; the call costs nothing', details })
  if (value.outcome === 'notStarted') {
    if (signal?.aborted === true) throw cancelled('the call did not start')
    const closed = live.session.phase !== 'open'
    throw new OrienError(closed ? 'sessionClosed' : 'late', { message: 'the call did not start', details })
  }
  const owed = micros(checked.acceptedNumerator / NUMERATOR_PER_MICRO)
  const money = (delivered: boolean): MoneyState => ({ where: 'owed', minMicros: owed, maxMicros: owed, delivered })
  if (signal?.aborted === true) throw cancelled('the call was cancelled', money(value.outcome !== 'cancelled'))
  try {
    const files = await live.files.download(output.files, config.policy.maxOutputBytes)
    return {
      output: stdout,
      logs: stderr,
      files,
      outcome: value.outcome,
      exitCode: value.exitCode,
      effectiveMs: value.effectiveMs,
      observedMs: checked.observedMs,
      costNumerator: checked.acceptedNumerator as Numerator,
      provider: live.session.grant.provider,
      session: live.session.key,
      receipt,
    }
  } catch (error) {
    throw isOrienError(error) ? withMoney(error, money(false)) : error
  }
}
