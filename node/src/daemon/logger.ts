/** What an event is told with. Hashes and ids as bytes come out as hex, amounts as decimal text. */
export type LogValue = string | number | bigint | boolean | Uint8Array | undefined
export type LogFields = Readonly<Record<string, LogValue>>

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Tells one event. Bound: it can be handed on alone. */
export type LogLine = (event: string, fields?: LogFields, error?: unknown) => void

/**
 * Structured events of one subsystem. Never keys, never raw text from a peer: a field whose name speaks of a key is
 * written as `[secret]`, and control characters are escaped.
 */
export interface Logger {
  readonly debug: LogLine
  readonly info: LogLine
  readonly warn: LogLine
  readonly error: LogLine
  /** The logger of a part, with a level of its own. */
  subsystem(name: string): Logger
}

/** A logger that says nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  subsystem: () => silentLogger,
}
