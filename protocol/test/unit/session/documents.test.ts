import { describe } from 'vitest'
import { End, Final, Fund, Grant, LIMITS, Notice, Open, Quote, SESSION_STATES } from '../../../src/index.ts'
import * as wire from '../../../src/session/session.wire.ts'
import { refuses, takes, type Edit } from '../../bounds.ts'
import { PEERS, WALLETS } from '../../keys.ts'
import { grant, hash, open, SAMPLES, sessionId } from '../../samples.ts'

const valueOf = (name: string): object => {
  const found = SAMPLES.find((sample) => sample.name === name)
  if (found === undefined) throw new Error(`no sample ${name}`)
  return found.value
}
const hashes = (...fields: string[]): Edit[] =>
  fields.flatMap((field): Edit[] => [
    [field, new Uint8Array(31)],
    [field, new Uint8Array(33)],
    [field, new Uint8Array(0)],
  ])

describe('open: bounds', () => {
  takes(Open, open, [
    ['allowanceMicros', 1n],
    ['allowanceMicros', LIMITS.maxAllowanceMicros],
    ['durationMs', LIMITS.maxSessionMs],
    ['windowCalls', LIMITS.maxWindowCalls],
    ['memo', ''],
    ['continuesSession', hash(9)],
  ])
  refuses(Open, wire.Open, open, [
    ['nonce16', new Uint8Array(15)],
    ['nonce16', new Uint8Array(17)],
    ['coordinator', 'nobody'],
    ['offer', new Uint8Array(0)],
    ['bindings', []],
    ['bindings', Array.from({ length: 5 }, () => new Uint8Array(1))],
    ['allowanceMicros', 0n],
    ['allowanceMicros', LIMITS.maxAllowanceMicros + 1n],
    ['durationMs', 0],
    ['durationMs', LIMITS.maxSessionMs + 1],
    ['windowMicros', 0n],
    ['windowCalls', 0],
    ['windowCalls', LIMITS.maxWindowCalls + 1],
    ['memo', 'm'.repeat(257)],
    ...hashes('continuesSession'),
  ])
})

describe('quote and fund: bounds', () => {
  refuses(Quote, wire.Quote, valueOf('quote'), [
    ['validUntilMs', LIMITS.maxTimeMs + 1],
    ['grant', new Uint8Array(0)],
  ])
  takes(Fund, valueOf('fund'), [
    ['attempt', 5],
    ['openMessages', [new Uint8Array(1), new Uint8Array(2)]],
  ])
  refuses(Fund, wire.Fund, valueOf('fund'), [
    ['quote', new Uint8Array(0)],
    ['attempt', 0],
    ['attempt', 6],
    ['openMessages', []],
    ['openMessages', [new Uint8Array(1), new Uint8Array(1), new Uint8Array(1)]],
    ['openMessages[0]', new Uint8Array(0)],
    ['openMessages[0]', new Uint8Array(LIMITS.maxOpenMessageBytes + 1)],
    ['cheque', new Uint8Array(0)],
    ['cheque', new Uint8Array(LIMITS.maxChequeBytes + 1)],
  ])
})

describe('grant: bounds', () => {
  takes(Grant, grant, [
    ['splitBps', { provider: 0, platform: 0, reserve: 10_000 }],
    ['collectMs', 0],
    ['documents', []],
    ['payoutWallet', grant.providerWallet],
  ])
  refuses(Grant, wire.Grant, grant, [
    ...hashes('openId'),
    ['documents', ['/orien/ack/1', '/orien/ack/1']],
    ['documents', ['ab']],
    ['documents', Array.from({ length: 65 }, (_, at) => `/orien/d${at}/1`)],
    ['agent', PEERS.provider.peer],
    ['agent', PEERS.coordinator.peer],
    ['provider', 'x'],
    ['bindings', [new Uint8Array(1)]],
    ['agentWallet', WALLETS.agent.address.toLowerCase()],
    ['agentWallet', WALLETS.provider.address],
    ['coordinatorWallet', WALLETS.provider.address],
    ['payoutWallet', ''],
    ['asset', ''],
    ['channel', undefined],
    ['channel.rail', ''],
    ['channel.url', 'u'.repeat(513)],
    ['channel.appSessionId', ''],
    ['channel.definition', 'd'.repeat(LIMITS.maxDefinitionBytes + 1)],
    ['allowanceMicros', 0n],
    ['terms', []],
    ['terms', [grant.terms[0], grant.terms[0]]],
    ['terms[0].toolId', 'No'],
    ['terms[0].priceMicrosPerMin', 0n],
    ['terms[0].maxMs', 0],
    ['splitBps', undefined],
    ['splitBps.reserve', 299],
    ['splitBps.provider', 9_001],
    ['windowMicros', 0n],
    ['windowCalls', 0],
    ['expiresAtMs', LIMITS.maxTimeMs + 1],
    ['chequeTsMs', grant.expiresAtMs],
    ['collectMs', 30 * 24 * 3_600_000 + 1],
    ['contestMs', -1],
    ['payoutMs', 1.5],
  ])
})

describe('notice, end, final: bounds', () => {
  takes(
    Notice,
    valueOf('notice'),
    SESSION_STATES.map((state): Edit => ['state', state]),
  )
  refuses(Notice, wire.Notice, valueOf('notice'), [
    ...hashes('sessionId'),
    ['noticeSeq', 0],
    ['state', 'open'],
    ['state', ''],
    ['base', -1],
    ['debitedMicros', LIMITS.maxAllowanceMicros + 1n],
    ['ceilingHeldMicros', LIMITS.maxAllowanceMicros + 1n],
    ['collectedThrough', Number.MAX_SAFE_INTEGER + 1],
  ])
  takes(End, { sessionId, reason: 'done' }, [
    ['reason', 'revoked'],
    ['reason', 'insufficientBalance'],
  ])
  refuses(End, wire.End, { sessionId, reason: 'done' }, [
    ...hashes('sessionId'),
    ['reason', ''],
    ['reason', 'I am done'],
  ])
  takes(Final, valueOf('final'), [['claimedNumerator', (1n << 64n) - 1n]])
  refuses(Final, wire.Final, valueOf('final'), [
    ...hashes('sessionId', 'headId'),
    ['lastSeq', -1],
    ['claimedNumerator', 1n << 64n],
    ['claimedNumerator', -1n],
  ])
})
