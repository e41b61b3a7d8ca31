import { open } from 'node:fs/promises'
import { isRecord } from '../devnet/rpc.ts'

/** One event of a daemon's log. */
export interface LogEntry {
  readonly event: string
  readonly timeMs: number
  readonly fields: Readonly<Record<string, unknown>>
}

const LOOK_MS = 25

/** Reads a growing log of JSON lines, from a byte on. Returns the way to read the rest and stop. */
export function tail(file: string, onEntry: (entry: LogEntry) => void, from = 0): () => Promise<void> {
  let offset = from
  let rest = ''
  let reading = Promise.resolve()
  const read = async (): Promise<void> => {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      if (size <= offset) return
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - offset), 0, size - offset, offset)
      offset += bytesRead
      const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) take(line, onEntry)
    } finally {
      await handle.close()
    }
  }
  // A log that cannot be read stops the story, not the run: the demo's own error is the one to show.
  const readQuietly = async (): Promise<void> => {
    try {
      await read()
    } catch (error) {
      clearInterval(timer)
      if (!isGone(error)) throw error
    }
  }
  const timer = setInterval(() => {
    reading = reading.then(readQuietly)
  }, LOOK_MS)
  let closing: Promise<void> | undefined
  return () => {
    clearInterval(timer)
    closing ??= reading.then(readQuietly)
    return closing
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** Lines that are no event (a warning of Node itself, half a line of a killed process) are left in the file. */
function take(line: string, onEntry: (entry: LogEntry) => void): void {
  if (!line.startsWith('{') || !line.endsWith('}')) return
  const parsed: unknown = JSON.parse(line)
  if (!isRecord(parsed)) return
  const { event, time, ...fields } = parsed
  if (typeof event === 'string') onEntry({ event, timeMs: typeof time === 'number' ? time : 0, fields })
}
