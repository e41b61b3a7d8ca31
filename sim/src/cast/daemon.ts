import { join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { Child } from '../devnet/child.ts'
import { isRecord } from '../devnet/rpc.ts'
import { tail, type LogEntry } from './tail.ts'

/** What a daemon says on its one line of stdout. */
export interface ReadyLine {
  readonly peer: string
  readonly addrs: readonly string[]
}

/** A daemon of the demo: a process, its ready line, its log as it grows. */
export interface Daemon {
  readonly role: string
  readonly name: string
  readonly home: string
  readonly pid: number
  readonly peer: string
  readonly addrs: readonly string[]
  readonly child: Child<ReadyLine>
  /** Reads what is left of the log, then stops reading. */
  closeLog(): Promise<void>
}

export interface DaemonOptions {
  readonly role: string
  readonly name: string
  readonly home: string
  /** Built program and its arguments. */
  readonly args: readonly string[]
  readonly onLog: (entry: LogEntry) => void
}

/** Starts a Node program and resolves at its ready line. Throws `partMissing`, `timedOut`. */
export async function startDaemon({ role, name, home, args, onLog }: DaemonOptions): Promise<Daemon> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const logFile = join(home, 'log.ndjson')
  const child = await Child.start<ReadyLine>({ role: name, command: process.execPath, args, logFile, ready: readyLine })
  const stopTail = tail(logFile, (entry) => onLog(entry))
  return { role, name, home, pid: child.pid, ...child.ready, child, closeLog: stopTail }
}

function readyLine(line: string): ReadyLine | undefined {
  const parsed: unknown = JSON.parse(line)
  if (!isRecord(parsed) || parsed['event'] !== 'ready') return undefined
  const { peer, addrs } = parsed
  if (typeof peer !== 'string' || !Array.isArray(addrs)) return undefined
  return { peer, addrs: addrs.filter((one) => typeof one === 'string') }
}
