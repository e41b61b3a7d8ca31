import { shapeOf } from '../wire/strict.ts'

/** Offers as offer.wire.proto has them, for the strict reader. */

const WINDOW = { one: shapeOf({ windowMicros: 'bigint', windowCalls: 'number' }) } as const

export const OFFER = {
  seq: 'number',
  issuedAtMs: 'number',
  expiresAtMs: 'number',
  provider: 'text',
  bindings: 'bytes*',
  name: 'text',
  description: 'text',
  ensName: 'text?',
  region: 'text?',
  tier: 'text',
  selfTestDigest: 'bytes?',
  capacity: 'number',
  coordinators: 'text*',
  maxWindow: WINDOW,
  tools: shapeOf({
    toolId: 'text',
    name: 'text',
    description: 'text',
    inputSchema: 'text',
    fileInputs: 'text*',
    fileOutputs: 'text*',
    priceMicrosPerMin: 'bigint',
    maxMs: 'number',
    limits: {
      one: shapeOf({
        cpuMillis: 'number',
        memoryBytes: 'number',
        diskBytes: 'number',
        pids: 'number',
        outputBytes: 'number',
      }),
    },
    tags: 'text*',
    verification: 'text',
    thirdPartyUseAllowed: 'flag',
  }),
} as const

export const OFFER_REQUEST = { knownSeq: 'number?' } as const

export const OFFER_ANSWER = { offer: 'bytes', windows: WINDOW } as const
