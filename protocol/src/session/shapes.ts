import { shapeOf } from '../wire/strict.ts'

/** The session's documents as session.wire.proto has them, for the strict reader. */

export const OPEN = {
  nonce16: 'bytes',
  coordinator: 'text',
  offer: 'bytes',
  bindings: 'bytes*',
  allowanceMicros: 'bigint',
  durationMs: 'number',
  windowMicros: 'bigint',
  windowCalls: 'number',
  memo: 'text?',
  continuesSession: 'bytes?',
} as const

export const QUOTE = { validUntilMs: 'number', grant: 'bytes' } as const

export const FUND = { quote: 'bytes', attempt: 'number', openMessages: 'bytes*', cheque: 'bytes' } as const

export const GRANT = {
  openId: 'bytes',
  documents: 'text*',
  agent: 'text',
  provider: 'text',
  coordinator: 'text',
  bindings: 'bytes*',
  agentWallet: 'text',
  coordinatorWallet: 'text',
  providerWallet: 'text',
  payoutWallet: 'text',
  asset: 'text',
  channel: { one: shapeOf({ rail: 'text', url: 'text', appSessionId: 'text', definition: 'text' }) },
  allowanceMicros: 'bigint',
  terms: shapeOf({ toolId: 'text', priceMicrosPerMin: 'bigint', maxMs: 'number' }),
  splitBps: { one: shapeOf({ provider: 'number', platform: 'number', reserve: 'number' }) },
  windowMicros: 'bigint',
  windowCalls: 'number',
  expiresAtMs: 'number',
  collectMs: 'number',
  contestMs: 'number',
  chequeTsMs: 'number',
  payoutMs: 'number',
} as const

export const NOTICE = {
  sessionId: 'bytes',
  noticeSeq: 'number',
  state: 'text',
  base: 'number',
  debitedMicros: 'bigint',
  ceilingHeldMicros: 'bigint',
  collectedThrough: 'number',
} as const

export const END = { sessionId: 'bytes', reason: 'text' } as const

export const FINAL = { sessionId: 'bytes', lastSeq: 'number', headId: 'bytes', claimedNumerator: 'bigint' } as const
