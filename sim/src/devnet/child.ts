import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { OrienError } from '@orien/protocol'
import { DEVNET_LIMITS } from './limits.ts'

export interface ChildOptions<T> {
  /** Name in error messages and in the list of processes. */
  readonly role: string
  readonly command: string
  readonly args: readonly string[]
  /** File that takes the child's stderr; appended to. */
  readonly logFile: string
  /** What the ready line says, or undefined for any other line of stdout. */
  readonly ready: (line: string) => T | undefined
  readonly readyMs?: number
}

export interface ChildExit {
  readonly code: number | undefined
  readonly signal: NodeJS.Signals | undefined
}

// The child runs in a process group of its own, so that a terminal's Ctrl-C reaches only its owner, who stops it in
// order. The price would be an orphan when the owner dies at once; hence the watchdog: it holds the other end of a pipe
// from the owner, and when the pipe closes ends the group, within two seconds. `exec` keeps the pid: nothing wraps the
// child. ($$ is the child in the watchdog too; 0 is the group.)
const WATCHDOG = `
exec 3<&0
(
  trap "" TERM
  cat <&3
  kill -TERM 0
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    sleep 0.1
    kill -0 $$ || exit 0
  done
  kill -KILL 0
) >/dev/null 2>&1 &
exec "$@" 3<&- </dev/null`

/**
 * One process of the devnet: started, awaited by its ready line, stopped. It never outlives its owner, whatever ends
 * the owner (kill -9 too).
 */
export class Child<T> {
  readonly role: string
  readonly pid: number
  readonly ready: T
  /** Resolves when the process has gone. */
  readonly exit: Promise<ChildExit>
  #gone = false

  private constructor(role: string, pid: number, ready: T, exit: Promise<ChildExit>) {
    this.role = role
    this.pid = pid
    this.ready = ready
    this.exit = exit.finally(() => {
      this.#gone = true
    })
  }

  /** Starts it and waits for its ready line. Throws `partMissing` when it ends before, `timedOut` when none comes. */
  static async start<T>(options: ChildOptions<T>): Promise<Child<T>> {
    const log = openSync(options.logFile, 'a', 0o600)
    const spawned = spawn('/bin/sh', ['-c', WATCHDOG, options.role, options.command, ...options.args], {
      stdio: ['pipe', 'pipe', log],
      detached: true,
    })
    closeSync(log)
    const exit = exitOf(spawned)
    const { pid } = spawned
    if (pid === undefined) throw notStarted(options, await exit)
    const first = await firstReady(spawned, exit, options)
    if ('ready' in first) return new Child(options.role, pid, first.ready, exit)
    signalGroup(pid, 'SIGKILL')
    const ended = await exit
    if (first.why === 'timedOut') throw notInTime(options)
    throw notStarted(options, ended, first.cause)
  }

  get running(): boolean {
    return !this.#gone
  }

  /** SIGTERM, then SIGKILL when it does not go in time. Resolves when it has gone. */
  async stop(): Promise<void> {
    if (this.#gone) return
    signal(this.pid, 'SIGTERM')
    const timer = setTimeout(() => signalGroup(this.pid, 'SIGKILL'), DEVNET_LIMITS.stopMs)
    await this.exit
    clearTimeout(timer)
  }

  /** SIGKILL. Resolves when it has gone. */
  async kill9(): Promise<void> {
    if (!this.#gone) signalGroup(this.pid, 'SIGKILL')
    await this.exit
  }
}

function exitOf(spawned: ChildProcess): Promise<ChildExit> {
  return new Promise((resolve) => {
    spawned.once('error', () => resolve({ code: undefined, signal: undefined }))
    spawned.once('exit', (code, signalName) => {
      // The watchdog is left; the group's id cannot be given to others while it lives.
      if (spawned.pid !== undefined) signalGroup(spawned.pid, 'SIGKILL')
      spawned.stdin?.destroy()
      resolve({ code: code ?? undefined, signal: signalName ?? undefined })
    })
  })
}

type First<T> = { readonly ready: T } | { readonly why: 'exited' | 'timedOut' | 'unreadable'; readonly cause?: unknown }

function firstReady<T>(spawned: ChildProcess, exit: Promise<ChildExit>, options: ChildOptions<T>): Promise<First<T>> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ why: 'timedOut' }), options.readyMs ?? DEVNET_LIMITS.readyMs)
    const settle = (first: First<T>): void => {
      clearTimeout(timer)
      resolve(first)
    }
    void exit.then(() => settle({ why: 'exited' }))
    if (spawned.stdout === null) return settle({ why: 'exited' })
    const lines = createInterface({ input: spawned.stdout })
    lines.on('line', (line) => {
      try {
        const ready = options.ready(line)
        if (ready === undefined) return
        settle({ ready })
        lines.close()
        // What comes later is of no use here, but a full pipe would stop the child.
        spawned.stdout?.resume()
      } catch (cause) {
        settle({ why: 'unreadable', cause })
      }
    })
  })
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  signal(-pid, name)
}

function isGone(error: unknown): boolean {
  // EPERM: macOS says so of a group that has only dead members left; we signal no process but our own.
  return error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')
}

function notStarted<T>(options: ChildOptions<T>, exit: ChildExit, cause?: unknown): OrienError {
  return new OrienError('partMissing', {
    message: `${options.role} ended before it was ready (${exit.signal ?? `exit code ${exit.code ?? 'unknown'}`})`,
    hint: `Its log says: ${logTail(options.logFile)}`,
    details: { role: options.role },
    cause,
  })
}

function notInTime<T>(options: ChildOptions<T>): OrienError {
  return new OrienError('timedOut', {
    message: `${options.role} was not ready within ${options.readyMs ?? DEVNET_LIMITS.readyMs} ms`,
    hint: `Its log says: ${logTail(options.logFile)}`,
    details: { role: options.role },
  })
}

function logTail(file: string): string {
  const text = readFileSync(file, 'utf8').slice(-DEVNET_LIMITS.logTailBytes).trim()
  return text === '' ? '(nothing)' : text
}
