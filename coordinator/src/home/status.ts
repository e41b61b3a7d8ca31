import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OrienError } from '@orien/protocol'
import { z } from 'zod'

/** A daemon writes it this often. */
export const STATUS_MS = 2_000
/** A daemon that wrote nothing for so long is gone, whoever has its pid now. */
const GONE_MS = 5 * STATUS_MS
/** The last time that has a date. */
const MAX_DATE_MS = 8.64e15

const START = 'Start it with `orien-coordinator start --config <file>`, or name another --home.'

const file = z.looseObject({
  atMs: z.int().min(0).max(MAX_DATE_MS),
  pid: z.int().min(1),
  readOnly: z.array(z.looseObject({ found: z.string(), missing: z.string(), next: z.string() })).optional(),
  withheld: z.int().min(0).optional(),
  resumed: z
    .looseObject({
      id: z.string(),
      error: z.looseObject({ code: z.string(), message: z.string(), hint: z.string() }).optional(),
    })
    .optional(),
})

/** What became of the last `resume`: done, or the error. */
export type Resumed = NonNullable<z.output<typeof file>['resumed']>

/** The status file as others than its daemon see it; amounts are decimal text. Fields are added to it, never changed. */
export type StatusFile = z.output<typeof file>

export function statusPath(home: string): string {
  return join(home, 'status.json')
}

/** Writes it whole or not at all, for whoever reads meanwhile. Throws `storeFull`, `badConfig`. */
export async function writeStatus(home: string, status: object): Promise<void> {
  const path = statusPath(home)
  const text = JSON.stringify({ atMs: Date.now(), pid: process.pid, ...status }, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
  try {
    await writeFile(`${path}.new`, text, { mode: 0o600 })
    await rename(`${path}.new`, path)
  } catch (cause) {
    const isFull = hasCode(cause, 'ENOSPC') || hasCode(cause, 'EDQUOT')
    throw new OrienError(isFull ? 'storeFull' : 'badConfig', { message: `${path} cannot be written`, cause })
  }
}

/** What the daemon that runs in a home said last. Throws `unreachable` when none runs, `storeCorrupt` when the file is damaged, `badConfig`. */
export async function readStatus(home: string): Promise<StatusFile> {
  const status = parsed(await textOf(home), statusPath(home))
  const { atMs, pid } = status
  const isAlive = isProcess(pid)
  if (isAlive && Math.abs(Date.now() - atMs) <= GONE_MS) return status
  const hung = `If process ${pid} is the coordinator, it hangs or is ending: see its log. Else: `
  throw new OrienError('unreachable', {
    message: `no coordinator runs in ${home}: last seen at ${new Date(atMs).toISOString()}`,
    hint: `${isAlive ? hung : ''}${START}`,
    details: { home, pid, atMs },
  })
}

async function textOf(home: string): Promise<string> {
  const path = statusPath(home)
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const details = { home }
    if (!hasCode(cause, 'ENOENT') && !hasCode(cause, 'ENOTDIR'))
      throw new OrienError('badConfig', { message: `${path} cannot be read`, details, cause })
    throw new OrienError('unreachable', { message: `no coordinator runs in ${home}`, hint: START, details, cause })
  }
}

function parsed(text: string, path: string): StatusFile {
  try {
    const value: unknown = JSON.parse(text)
    file.parse(value)
    // As it was written, in its order.
    return value as StatusFile
  } catch (cause) {
    throw new OrienError('storeCorrupt', {
      message: `${path} is damaged`,
      hint: 'Nothing of the book is in it. A coordinator that runs rewrites it within seconds: ask again; else start it.',
      details: { path },
      cause,
    })
  }
}

/** Whether a process has that pid; another user's counts. */
function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
