import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'

/** Facts about processes from /proc. Elsewhere than on Linux they read as 0: they are evidence, never billed. */

/** USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10

/** What a sample of a running process shows. */
export interface ProcessSample {
  /** CPU time of the process and of the children it waited for. */
  readonly cpuMs: number
  /** The most memory the process itself ever held. */
  readonly maxRssBytes: number
}

/** Start time of a process in ticks since boot; 0 when there is no such process or no /proc. */
export function startTicksOf(pid: number): number {
  const text = readProc(`${pid}/stat`)
  return text === undefined ? 0 : (statFields(text)[STAT.starttime] ?? 0)
}

/** A reader of the CPU time of all children that this process has reaped, with theirs. Keeps the file open: it is read at every exit. */
export function reapedCpuReader(): () => number {
  const file = openProc('self/stat')
  if (file === undefined) return () => 0
  const buffer = Buffer.allocUnsafe(1_024)
  return () => {
    const fields = statFields(buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0)))
    return ((fields[STAT.cutime] ?? 0) + (fields[STAT.cstime] ?? 0)) * MS_PER_TICK
  }
}

/**
 * Closes every descriptor from `first` on that would survive exec, and with it what this process was handed by those who started its
 * parents: Node marks its own descriptors close-on-exec, but of inherited ones only the lowest. Does nothing without /proc; on macOS
 * libuv starts children with all others closed.
 */
export function closeInherited(first: number): void {
  for (const name of readProcFolder('self/fd')) {
    const fd = Number(name)
    const flags = /^flags:\s+([0-7]+)$/m.exec(readProc(`self/fdinfo/${name}`) ?? '')?.[1]
    if (fd >= first && flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0) closeSync(fd)
  }
}

/** As the kernel shows it in fdinfo, on every architecture that Node runs on. */
const O_CLOEXEC = 0o2000000

/** CPU and memory of a running process; undefined when it is gone or there is no /proc. */
export function sampleProcess(pid: number): ProcessSample | undefined {
  const stat = readProc(`${pid}/stat`)
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`) ?? '')?.[1]
  if (stat === undefined || peak === undefined) return undefined
  const fields = statFields(stat)
  const ticks = [STAT.utime, STAT.stime, STAT.cutime, STAT.cstime].reduce((sum, at) => sum + (fields[at] ?? 0), 0)
  return { cpuMs: ticks * MS_PER_TICK, maxRssBytes: Number(peak) * 1_024 }
}

/** Sends a signal to a whole process group. False when nobody is left in it. */
export function signalGroup(pgid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pgid, signal)
  } catch (error) {
    // ESRCH: nobody left. EPERM: macOS says so of a group of zombies.
    if (isErrno(error, 'ESRCH') || isErrno(error, 'EPERM')) return false
    throw error
  }
}

/**
 * Kills what is left of a group whose leader we did not reap ourselves. While a group has members its number is not
 * given to a new process, so a leader with another start time proves that ours is empty.
 */
export function sweepGroup(pgid: number, startTicks: number): boolean {
  const ticks = startTicksOf(pgid)
  if (ticks !== 0 && startTicks !== 0 && ticks !== startTicks) return false
  return signalGroup(pgid, 'SIGKILL')
}

/** True for a system error of that code. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Places in /proc/<pid>/stat after the command name, counted from 0 (proc(5) counts from 1 with two before). */
const STAT = { utime: 11, stime: 12, cutime: 13, cstime: 14, starttime: 19 } as const

function statFields(text: string): number[] {
  // The command name is in parentheses and may hold anything, parentheses too.
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
}

function readProc(path: string): string | undefined {
  return orGone(() => readFileSync(`/proc/${path}`, 'latin1'))
}

function openProc(path: string): number | undefined {
  return orGone(() => openSync(`/proc/${path}`, 'r'))
}

function readProcFolder(path: string): string[] {
  return orGone(() => readdirSync(`/proc/${path}`)) ?? []
}

/** Processes end while we look at them, and other systems have no /proc. */
function orGone<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH') || isErrno(error, 'EACCES')) return undefined
    throw error
  }
}
