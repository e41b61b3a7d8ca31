import {
  concatBytes,
  decodeOutput,
  equalBytes,
  isOrienError,
  micros,
  NUMERATOR_PER_MICRO,
  OrienError,
  type Authorisation,
  type Crypto,
  type Done,
  type Log,
  type Micros,
  type MoneyState,
  type Output,
  type Receipt,
  type Signed,
} from '@orien/protocol'
import type { CheckedReceipt } from './countersigner.ts'

/** What a finished call gave. */
export interface CallOutcome {
  readonly receipt: Signed<Receipt>
  readonly auth: Signed<Authorisation>
  readonly checked: CheckedReceipt
  readonly output: Output
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/** A call as it is asked for. */
export interface CallWish {
  readonly toolId: string
  readonly args: Uint8Array
  /** Encoded Inputs. */
  readonly inputs: Uint8Array
  readonly capMicros: Micros
  /** Aborting before the call was sent means that it never was; afterwards it is cancelled, and billed for what ran. */
  readonly signal?: AbortSignal
  readonly onLog?: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void
  readonly onTick?: (ms: number) => void
}

/** A call that was sent and has no result yet. */
export interface PendingCall {
  readonly wish: CallWish
  readonly auth: Signed<Authorisation>
  /** Monotonic ms when the Authorisation was sent first; Infinity before. The wait for a stream is no time of the provider's. */
  sentMono: number
  readonly stdout: Uint8Array[]
  readonly stderr: Uint8Array[]
  stdoutBytes: number
  stderrBytes: number
  lastTickMs: number
  cancelled: boolean
  /** Set when the coordinator showed the receipt before the provider did. */
  checked: CheckedReceipt | undefined
  readonly resolve: (outcome: CallOutcome) => void
  readonly reject: (error: OrienError) => void
}

/**
 * Takes a part of the output. After a re-attach a part may come twice. Throws `badOutput` for a gap, or when the call printed more than
 * `maxBytes` in all: a provider could fill our memory.
 */
export function takeLog(call: PendingCall, { stderr, offset, bytes }: Log, maxBytes: number): void {
  const have = stderr ? call.stderrBytes : call.stdoutBytes
  if (offset > have) throw new OrienError('badOutput', { message: 'a part of the output is missing' })
  const news = bytes.subarray(have - offset)
  if (news.length === 0) return
  if (call.stdoutBytes + call.stderrBytes + news.length > maxBytes)
    throw new OrienError('badOutput', {
      message: `the call printed more than ${maxBytes} bytes`,
      details: { maxBytes },
    })
  if (stderr) {
    call.stderr.push(news)
    call.stderrBytes += news.length
  } else {
    call.stdout.push(news)
    call.stdoutBytes += news.length
  }
  call.wish.onLog?.(stderr ? 'stderr' : 'stdout', news)
}

/** Gives a call its result, or says that what arrived is not what the receipt names. */
export function finishCall(crypto: Crypto, call: PendingCall, checked: CheckedReceipt, done: Done): void {
  const { receipt } = checked
  try {
    const stdout = joined(call.stdout)
    const stderr = joined(call.stderr)
    const output = decodeOutput(done.output)
    const whole =
      equalBytes(crypto.sha256(done.output), receipt.value.outputHash) &&
      equalBytes(crypto.sha256(stdout), output.stdoutHash) &&
      equalBytes(crypto.sha256(stderr), receipt.value.logHash)
    if (!whole) throw new OrienError('badOutput', { message: 'the output is not what the receipt says' })
    call.resolve({ receipt, auth: call.auth, checked, output, stdout, stderr })
  } catch (error) {
    const accepted = micros(checked.acceptedNumerator / NUMERATOR_PER_MICRO)
    const money: MoneyState = { where: 'owed', minMicros: accepted, maxMicros: accepted, delivered: false }
    const message = isOrienError(error) ? error.message : 'the output cannot be read'
    call.reject(new OrienError('badOutput', { message, money, cause: error }))
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : concatBytes(...chunks)
}
