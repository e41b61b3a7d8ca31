import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Child } from '../devnet/child.ts'
import { isRecord } from '../devnet/rpc.ts'
import { tail, type LogEntry } from './tail.ts'

/** Loopback, on a port that is free. */
export const ANY_PORT = '/ip4/127.0.0.1/tcp/0'

/** What a daemon says on its one line of stdout. */
interface ReadyLine {
  readonly peer: string
  readonly addrs: readonly string[]
}

/** A daemon as a process: its ready line, its log as it grows. */
export interface Daemon {
  readonly role: string
  readonly name: string
  readonly home: string
  readonly pid: number
  readonly peer: string
  readonly addrs: readonly string[]
  readonly child: Child<ReadyLine>
  /** What it was started with. */
  readonly options: DaemonOptions
  /** Reads what is left of the log, then stops reading. */
  closeLog(): Promise<void>
}

export interface DaemonOptions {
  readonly role: string
  readonly name: string
  readonly home: string
  /** Built program and its arguments. */
  readonly args: readonly string[]
  /** Takes its stderr, appended to; default: `log.ndjson` of its home. */
  readonly logFile?: string
  readonly onLog: (entry: LogEntry) => void
}

/** Starts a Node program and resolves at its ready line. Throws `partMissing`, `timedOut`. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { role, name, home, args, onLog } = options
  await mkdir(home, { recursive: true, mode: 0o700 })
  const logFile = options.logFile ?? join(home, 'log.ndjson')
  const from = await sizeOf(logFile)
  const child = await Child.start<ReadyLine>({ role: name, command: process.execPath, args, logFile, ready: readyLine })
  const stopTail = tail(logFile, (entry) => onLog(entry), from)
  return { role, name, home, pid: child.pid, ...child.ready, child, options, closeLog: stopTail }
}

/** Starts a daemon that has gone once more: same home, same address, same log. Throws as startDaemon. */
export function startAgain({ options, addrs }: Daemon): Promise<Daemon> {
  const [address = ANY_PORT] = addrs
  const args = options.args.map((arg) => (arg === ANY_PORT ? address.replace(/\/p2p\/.*$/, '') : arg))
  return startDaemon({ ...options, args })
}

/** Stops daemons and reads the rest of their logs. */
export async function stopAll(daemons: readonly Daemon[]): Promise<void> {
  await Promise.all(daemons.map((daemon) => daemon.child.stop()))
  await Promise.all(daemons.map((daemon) => daemon.closeLog()))
}

/** All of them, or none: where one does not start the others are stopped, and its error is thrown. */
export async function allStarted(starting: readonly Promise<Daemon>[]): Promise<readonly Daemon[]> {
  const settled = await Promise.allSettled(starting)
  const started = settled.filter((one) => one.status === 'fulfilled').map(({ value }) => value)
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed === undefined) return started
  await stopAll(started)
  throw failed.reason
}

/** What an earlier run left in the log is not told again. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}

function readyLine(line: string): ReadyLine | undefined {
  const parsed: unknown = JSON.parse(line)
  if (!isRecord(parsed) || parsed['event'] !== 'ready') return undefined
  const { peer, addrs } = parsed
  if (typeof peer !== 'string' || !Array.isArray(addrs)) return undefined
  return { peer, addrs: addrs.filter((one) => typeof one === 'string') }
}
