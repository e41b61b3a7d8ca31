import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isErrorCode, isOrienError, OrienError } from '@orien/protocol'
import { hasCode, readStatus, type Resumed, type StatusFile } from './status.ts'

/** What `resume` leaves for the daemon: an id, and `current` or nothing. */
const FILE = 'resume'
const TAKEN = 'resume.taken'
const CURRENT = 'current'

/** The daemon looks every STATUS_MS; what it does then reads the chain. */
const ASK = { lookMs: 100, takeMs: 10_000, doneMs: 30_000 } as const
/** How long whoever asks waits: between looks, to be taken up, and then to be done. */
export type AskTimes = { readonly [K in keyof typeof ASK]: number }

/** What an operator answers for. */
export interface ResumeRequest {
  readonly id: string
  readonly current: boolean
}

/** False when a `resume` would change nothing. An older daemon does not say what it withholds. */
export function isResumable({ readOnly = [], withheld }: StatusFile, current: boolean): boolean {
  return readOnly.length > 0 || (current && withheld !== 0)
}

/**
 * Asks the daemon with that pid to resume and waits for it. Returns its status after. Throws what the daemon met, `unreachable` when it did not take
 * it up or ended, `timedOut` when it took it up and did not say what became of it.
 */
export async function askResume(
  home: string,
  pid: number,
  current: boolean,
  times: AskTimes = ASK,
): Promise<StatusFile> {
  const id = randomUUID()
  const path = join(home, FILE)
  // Whole: half of it would say something else.
  await writeFile(`${path}.new`, `${id} ${current ? CURRENT : ''}`, { mode: 0o600 })
  await rename(`${path}.new`, path)
  const answered = async (): Promise<StatusFile | undefined> => answerOf(home, id, pid)
  const inTime = await until(answered, times.takeMs, times.lookMs)
  if (inTime !== undefined) return inTime
  if (await withdraw(home)) {
    throw new OrienError('unreachable', {
      message: `the coordinator of ${home} did not take it up within ${times.takeMs / 1_000} s`,
      hint: 'Nothing was changed. See its log, and ask again.',
      details: { home, pid },
    })
  }
  const late = await until(answered, times.doneMs, times.lookMs)
  if (late !== undefined) return late
  throw new OrienError('timedOut', {
    message: `the coordinator of ${home} took it up and did not say yet what became of it`,
    hint: 'See its log and `orien-coordinator status`; ask again only if the book is still read-only.',
    details: { home, pid },
  })
}

/** The request that was left, once; undefined when there is none. It is taken in one step: whoever left it may withdraw it. */
export async function takeResume(home: string): Promise<ResumeRequest | undefined> {
  const taken = join(home, TAKEN)
  try {
    await rename(join(home, FILE), taken)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
  const [id = '', word] = (await readFile(taken, 'utf8')).split(' ')
  await rm(taken, { force: true })
  return { id, current: word === CURRENT }
}

/** What an operator said to a process before this one is not about what this one finds. */
export async function forgetResume(home: string): Promise<void> {
  for (const name of [FILE, TAKEN]) await rm(join(home, name), { force: true })
}

/** An error as the status file tells it. */
export function toldError(error: unknown): NonNullable<Resumed['error']> {
  const { code, message, hint } = isOrienError(error)
    ? error
    : new OrienError('internal', { message: 'the coordinator failed to resume' })
  return { code, message, hint }
}

/** The status that answers for the request. Throws what the daemon met, `unreachable` when it ended. */
async function answerOf(home: string, id: string, pid: number): Promise<StatusFile | undefined> {
  const status = await statusOf(home, pid)
  if (status.resumed?.id !== id) return undefined
  const { error } = status.resumed
  if (error === undefined) return status
  const { code, message, hint } = error
  throw new OrienError(isErrorCode(code) ? code : 'internal', { message, hint })
}

async function statusOf(home: string, pid: number): Promise<StatusFile> {
  let cause: unknown
  try {
    const status = await readStatus(home)
    if (status.pid === pid) return status
  } catch (error) {
    if (!isOrienError(error, 'unreachable')) throw error
    cause = error
  }
  await withdraw(home)
  throw new OrienError('unreachable', {
    message: `the coordinator of ${home} ended before it said what became of it`,
    hint: 'Start it, read `orien-coordinator status`, and ask again if the book is still read-only.',
    details: { home, pid },
    cause,
  })
}

/** False when there is nothing to withdraw: it was taken up. */
async function withdraw(home: string): Promise<boolean> {
  try {
    await rm(join(home, FILE))
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/** Looks until there is something, for so long at most. */
async function until<T>(look: () => Promise<T | undefined>, forMs: number, everyMs: number): Promise<T | undefined> {
  const endMs = performance.now() + forMs
  for (;;) {
    const found = await look()
    if (found !== undefined || performance.now() >= endMs) return found
    await setTimeout(everyMs)
  }
}
