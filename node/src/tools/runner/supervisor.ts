import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { JobExit, OutputStream, StopReason } from '../port.ts'
import { failedExit, isGraceful, type RunnerFailure, type StartMessage } from './messages.ts'
import { isErrno, sampleProcess, signalGroup, startTicksOf, type ProcessSample } from './proc.ts'
import { isFolder, type ProgramFinder } from './programs.ts'
import type { CpuLedger } from './cpu-ledger.ts'

/** What one supervised process tells. `exit` comes once, after all output. */
export interface ChildEvents {
  started(pid: number, startTicks: number): void
  output(stream: OutputStream, bytes: Uint8Array): void
  exit(exit: JobExit): void
}

/** A tool under supervision, inside the runner process. */
export interface Supervised {
  stop(reason: StopReason): void
  /** Stops reading output for one of two causes: the consumer asked, or the link to the daemon is full. */
  hold(cause: HoldCause): void
  release(cause: HoldCause): void
  /** Kills the group at once; for the end of the runner itself. */
  kill(): void
  /** Looks at memory and CPU now. */
  sample(): void
}

export type HoldCause = 'consumer' | 'link'

/**
 * Starts a process in a group of its own and meters it: time runs from the return of spawn, when exec has succeeded, to the `exit` of the main
 * process, then the whole group is killed. Never throws: what cannot start exits as `failed`.
 */
export function superviseChild(
  message: StartMessage,
  stdin: Uint8Array,
  tools: { readonly find: ProgramFinder; readonly cpu: CpuLedger },
  events: ChildEvents,
): Supervised | undefined {
  const opened = openChild(message, tools.find)
  if ('failure' in opened) {
    events.exit(failedExit(opened.failure, opened.words))
    return undefined
  }
  const { child } = opened
  const { pid, stdout, stderr } = child
  if (pid === undefined || stdout === null || stderr === null) {
    child.once('error', (error) => events.exit(spawnFault(error, message)))
    return undefined
  }
  const releasedAt = process.hrtime.bigint()
  events.started(pid, startTicksOf(pid))
  feed(child, message.hasStdin ? stdin : undefined)
  return watchChild({ child, pid, pipes: { stdout, stderr }, releasedAt, message, cpu: tools.cpu, events })
}

interface Watched {
  readonly child: ChildProcess
  readonly pid: number
  readonly pipes: Readonly<Record<OutputStream, Readable>>
  readonly releasedAt: bigint
  readonly message: StartMessage
  readonly cpu: CpuLedger
  readonly events: ChildEvents
}

function watchChild({ child, pid, pipes, releasedAt, message, cpu, events }: Watched): Supervised {
  let stopReason: StopReason | undefined
  let exited = false
  let seen: ProcessSample | undefined
  let graceTimer: NodeJS.Timeout | undefined

  const sample = (): void => {
    if (!exited) seen = sampleProcess(pid) ?? seen
  }
  const kill = (): void => {
    if (!exited) signalGroup(pid, 'SIGKILL')
  }
  const stop = (reason: StopReason): void => {
    if (exited) return
    const first = stopReason === undefined
    stopReason ??= reason
    if (!isGraceful(reason)) kill()
    else if (first) {
      sample()
      signalGroup(pid, 'SIGTERM')
      graceTimer = setTimeout(kill, message.graceMs)
    }
  }
  const output = meterOutput(pipes, message.outputBytes, events, () => stop('output'))
  const limitTimer = setTimeout(() => stop('maxMs'), message.maxMs)

  child.once('exit', (code, signal) => {
    const elapsedNs = process.hrtime.bigint() - releasedAt
    exited = true
    clearTimeout(limitTimer)
    clearTimeout(graceTimer)
    // The leader is reaped, but its number stays taken while the group has members.
    signalGroup(pid, 'SIGKILL')
    const facts = { code, signal, stop: stopReason, effectiveMs: Number((elapsedNs + 999_999n) / 1_000_000n) }
    void Promise.all([cpu.reaped(seen?.cpuMs ?? 0), output.drained(message.drainMs)]).then(([cpuMs]) =>
      events.exit(exitOf(facts, cpuMs, seen)),
    )
  })
  return { stop, kill, sample, hold: output.hold, release: output.release }
}

interface ExitFacts {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stop: StopReason | undefined
  readonly effectiveMs: number
}

function exitOf(facts: ExitFacts, cpuMs: number, seen: ProcessSample | undefined): JobExit {
  return {
    kind: facts.stop === undefined ? 'exited' : 'stopped',
    ...(facts.code === null ? {} : { exitCode: facts.code }),
    ...(facts.signal === null ? {} : { signal: facts.signal }),
    ...(facts.stop === undefined ? {} : { stop: facts.stop }),
    effectiveMs: facts.effectiveMs,
    cpuMs,
    throttledMs: 0,
    maxRssBytes: seen?.maxRssBytes ?? 0,
  }
}

/** Passes output on up to the cap, and knows when the pipes are empty. */
function meterOutput(
  pipes: Readonly<Record<OutputStream, Readable>>,
  capBytes: number,
  events: ChildEvents,
  overflow: () => void,
): Pick<Supervised, 'hold' | 'release'> & { drained(withinMs: number): Promise<void> } {
  const holds = new Set<HoldCause>()
  const both = [pipes.stdout, pipes.stderr]
  let leftBytes = capBytes
  for (const [stream, pipe] of Object.entries(pipes) as [OutputStream, Readable][]) {
    pipe.on('data', (bytes: Buffer) => {
      const kept = bytes.length <= leftBytes ? bytes : bytes.subarray(0, leftBytes)
      leftBytes -= kept.length
      if (kept.length > 0) events.output(stream, kept)
      if (kept.length < bytes.length) overflow()
    })
    // A read error only ends the output; how the tool ended is known from its exit.
    pipe.on('error', () => pipe.destroy())
  }
  return {
    hold(cause) {
      holds.add(cause)
      for (const pipe of both) pipe.pause()
    },
    release(cause) {
      if (holds.delete(cause) && holds.size === 0) for (const pipe of both) pipe.resume()
    },
    // What is left after the exit is bounded by the pipes' own buffers, so holds no longer count.
    async drained(withinMs) {
      const timer = setTimeout(() => {
        for (const pipe of both) pipe.destroy()
      }, withinMs)
      for (const pipe of both) pipe.resume()
      await Promise.all(both.map((pipe) => closed(pipe)))
      clearTimeout(timer)
    },
  }
}

function closed(pipe: Readable): Promise<void> {
  return pipe.closed ? Promise.resolve() : new Promise((resolve) => void pipe.once('close', resolve))
}

type Opened = { readonly child: ChildProcess } | { readonly failure: RunnerFailure; readonly words: string }

function openChild(message: StartMessage, find: ProgramFinder): Opened {
  const [name, ...args] = message.argv
  try {
    const file = find(name)
    if (file === undefined) return { failure: 'toolMissing', words: `${name} is not a program on this machine` }
    if (!isFolder(message.cwd)) return { failure: 'folderMissing', words: 'the folder of the call is gone' }
    const child = spawn(file, args, {
      argv0: name,
      cwd: message.cwd,
      env: { ...message.env },
      detached: true,
      shell: false,
      stdio: [message.hasStdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    })
    return { child }
  } catch (error) {
    return { failure: 'spawnFailed', words: error instanceof Error ? error.message : 'spawn threw' }
  }
}

function spawnFault(error: Error, message: StartMessage): JobExit {
  const missing = ['ENOENT', 'EACCES', 'ENOEXEC'].some((code) => isErrno(error, code))
  return missing
    ? failedExit('toolMissing', `${message.argv[0]} cannot be executed: ${error.message}`)
    : failedExit('spawnFailed', error.message)
}

function feed(child: ChildProcess, stdin: Uint8Array | undefined): void {
  if (stdin === undefined || child.stdin === null) return
  // EPIPE: the tool does not read its input, which is its own affair.
  child.stdin.on('error', () => child.stdin?.destroy())
  child.stdin.end(stdin)
}
