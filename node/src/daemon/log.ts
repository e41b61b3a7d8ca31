import pino from 'pino'
import { hex, isOrienError, OrienError } from '@orien/protocol'
import { LOG_LEVELS, type LogFields, type Logger, type LogLevel, type LogLine, type LogValue } from './logger.ts'

export interface LogOptions {
  /** Append to this file (made with mode 0600); stderr when absent. */
  readonly file?: string
  /** `info` when absent. */
  readonly level?: LogLevel
  /** Levels of single subsystems, for example `{ network: 'debug' }`. */
  readonly levels?: Readonly<Record<string, LogLevel>>
}

/** A daemon's log: the root logger, and its levels to be changed while it runs. */
export interface Log extends Logger {
  /** Of one subsystem, or of all that have no level of their own. */
  setLevel(level: LogLevel, subsystem?: string): void
}

const SECRET = /seed|secret|priv|mnemonic|passw|token$|walletkey|jwt/i
const MAX_TEXT = 2_048

/**
 * A log of one JSON line an event: `{"time","level","subsystem","event",…}`, written before the call returns, so that nothing is lost
 * when the process dies. Throws `badConfig` when the file cannot be opened.
 *
 * @example
 * const log = openLog({ levels: { network: 'warn' } })
 * log.subsystem('provider').info('callDone', { callSeq: 7, effectiveMs: 120 })
 */
export function openLog(options: LogOptions = {}): Log {
  const target = pino(
    { base: null, timestamp: pino.stdTimeFunctions.epochTime, level: 'trace' },
    destinationOf(options.file),
  )
  const levels = new Map<string, LogLevel>(Object.entries(options.levels ?? {}))
  let general = options.level ?? 'info'

  const loggerOf = (subsystem: string): Logger => {
    const line = (level: Exclude<LogLevel, 'silent'>): LogLine => {
      const rank = LOG_LEVELS.indexOf(level)
      return (event, fields, error) => {
        if (rank < LOG_LEVELS.indexOf(levels.get(subsystem) ?? general)) return
        target[level]({ subsystem, event, ...plainFields(fields), ...(error === undefined ? {} : plainError(error)) })
      }
    }
    const lines = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
    return { ...lines, subsystem: loggerOf }
  }

  return {
    ...loggerOf('daemon'),
    setLevel(level, subsystem) {
      if (subsystem === undefined) general = level
      else levels.set(subsystem, level)
    },
  }
}

function destinationOf(file: string | undefined): pino.DestinationStream {
  try {
    return file === undefined
      ? pino.destination({ dest: 2, sync: true })
      : pino.destination({ dest: file, sync: true, append: true, mkdir: true, mode: 0o600 })
  } catch (cause) {
    throw new OrienError('badConfig', { message: `${file ?? 'stderr'} cannot be written`, cause })
  }
}

function plainFields(fields: LogFields = {}): Record<string, string | number | boolean> {
  const plain: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) plain[name] = SECRET.test(name) ? '[secret]' : plainValue(value)
  }
  return plain
}

function plainValue(value: Exclude<LogValue, undefined>): string | number | boolean {
  if (value instanceof Uint8Array) return hex(value.subarray(0, 64))
  if (typeof value === 'bigint') return value.toString()
  return typeof value === 'string' ? value.slice(0, MAX_TEXT) : value
}

/** An error of ours by its code; any other is a defect and comes with its stack. */
function plainError(error: unknown): Record<string, string> {
  if (isOrienError(error)) {
    return {
      code: error.code,
      message: error.message.slice(0, MAX_TEXT),
      where: error.money.where,
      ...causeOf(error.cause),
    }
  }
  if (error instanceof Error)
    return { code: 'internal', message: error.message.slice(0, MAX_TEXT), stack: error.stack ?? '' }
  return { code: 'internal', message: String(error).slice(0, MAX_TEXT) }
}

function causeOf(cause: unknown): Record<string, string> {
  if (!(cause instanceof Error)) return {}
  return { cause: isOrienError(cause) ? cause.code : `${cause.name}: ${cause.message.slice(0, MAX_TEXT)}` }
}
