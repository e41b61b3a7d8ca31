import { constants } from 'node:os'
import { EXIT, exitCodeOf, printError } from './exit.ts'

/** A daemon that runs. */
export interface RunningDaemon {
  /** Ends its work in order: nothing new, what runs is recorded, stores are flushed and closed. */
  stop(): Promise<void>
  /** Resolves when it ended by itself, rejects when it cannot go on. Absent: it runs until it is told to stop. */
  readonly ended?: Promise<void>
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
type Signal = (typeof SIGNALS)[number]

/**
 * Runs a daemon from start to exit, and ends the process. The first SIGTERM, SIGINT or SIGHUP stops it gracefully (exit 0), or aborts
 * `signal` while it still starts (128 + signal); a second one forces the exit (128 + signal). An error is printed for people and
 * gives the exit code (`exitCodeOf`).
 *
 * @example
 * await runDaemon(async () => {
 *   const daemon = await startProvider()
 *   announceReady(daemon)
 *   return daemon
 * })
 */
export async function runDaemon(start: (signal: AbortSignal) => Promise<RunningDaemon>): Promise<never> {
  const signals = listen()
  let daemon: RunningDaemon | undefined
  let code: number = EXIT.ok
  try {
    daemon = await start(signals.abort.signal)
    await Promise.race([signals.first, daemon.ended ?? new Promise<never>(() => undefined)])
  } catch (error) {
    code = failureCode(error, daemon === undefined ? signals.received() : undefined)
  }
  try {
    await daemon?.stop()
  } catch (error) {
    printError(error)
    if (code === EXIT.ok) code = exitCodeOf(error)
  }
  process.exit(code)
}

/** A start that was told to stop fails by the signal, whatever it threw; anything else is printed. */
function failureCode(error: unknown, signal: Signal | undefined): number {
  if (signal !== undefined) return signalCode(signal)
  printError(error)
  return exitCodeOf(error)
}

function listen(): { abort: AbortController; first: Promise<void>; received(): Signal | undefined } {
  const abort = new AbortController()
  const { promise: first, resolve } = Promise.withResolvers<void>()
  let received: Signal | undefined
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (received !== undefined) process.exit(signalCode(signal))
      received = signal
      abort.abort()
      resolve()
    })
  }
  return { abort, first, received: () => received }
}

function signalCode(signal: Signal): number {
  return 128 + constants.signals[signal]
}
