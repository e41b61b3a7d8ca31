import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { ClearnodeError } from './errors.ts'
import { readTextIfAny } from './files.ts'
import type { Row } from './tables.ts'

/** One committed transaction = one line of `ledger.jsonl`. */
export interface JournalLine {
  readonly seq: number
  readonly atMs: number
  /** The request that did it, or `credit` for the faucet. */
  readonly method: string
  readonly rows: readonly Row[]
}

export const ledgerPath = (home: string): string => join(home, 'ledger.jsonl')

const damaged = (line: number, cause: unknown): ClearnodeError =>
  new ClearnodeError(
    'CLEARNODE_LEDGER_DAMAGED',
    `ledger line ${line} is not a transaction`,
    'restore the ledger file',
    {
      cause,
    },
  )

const isLine = (value: unknown): value is JournalLine =>
  typeof value === 'object' && value !== null && 'rows' in value && Array.isArray(value.rows) && 'seq' in value

/**
 * All whole lines of a home's ledger and the byte length they fill. A last line without its newline was never
 * acknowledged (the crash hit its write) and is left out. A missing file is an empty ledger.
 */
export const readJournal = async (home: string): Promise<{ lines: JournalLine[]; text: string }> => {
  const all = (await readTextIfAny(ledgerPath(home))) ?? ''
  const text = all.slice(0, all.lastIndexOf('\n') + 1)
  const lines = text.split('\n').slice(0, -1)
  return {
    text,
    lines: lines.map((line, at) => {
      let value: unknown
      try {
        value = JSON.parse(line)
      } catch (cause) {
        throw damaged(at + 1, cause)
      }
      if (!isLine(value)) throw damaged(at + 1, undefined)
      return value
    }),
  }
}

/** The append-only file behind the ledger. `append` resolves when the line is on disk; lines queued together share a flush. */
export class Journal {
  readonly #file: FileHandle
  #queue: { text: string; done: (error?: unknown) => void }[] = []
  #flushing: Promise<void> | undefined

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** Opens a home's ledger for appending, cutting off a torn last line; gives back what it holds. */
  static async open(home: string): Promise<{ journal: Journal; lines: JournalLine[] }> {
    await mkdir(home, { recursive: true, mode: 0o700 })
    const { lines, text } = await readJournal(home)
    const file = await open(ledgerPath(home), 'a', 0o600)
    await file.truncate(Buffer.byteLength(text))
    return { journal: new Journal(file), lines }
  }

  append(line: JournalLine): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({
        text: `${JSON.stringify(line)}\n`,
        done: (error) => (error === undefined ? resolve() : reject(error)),
      })
      this.#flushing ??= this.#flush()
    })
  }

  async close(): Promise<void> {
    await this.#flushing
    await this.#file.close()
  }

  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue
      this.#queue = []
      let failure: unknown
      try {
        await this.#file.appendFile(batch.map((item) => item.text).join(''))
        await this.#file.datasync()
      } catch (error) {
        // Every writer of the batch is told: none of these lines may be shown as committed.
        failure = error
      }
      for (const item of batch) item.done(failure)
    }
    this.#flushing = undefined
  }
}
