import { describe, expect, test } from 'vitest'
import {
  type Tool,
  decodeOfferAnswer,
  decodeOfferRequest,
  encodeOfferAnswer,
  encodeOfferRequest,
  LIMITS,
  Offer,
} from '../../../src/index.ts'
import { Offer as Wire, OfferAnswer as AnswerWire } from '../../../src/offer/offer.wire.ts'
import { refuses, takes } from '../../bounds.ts'
import { expectCode } from '../../expect.ts'
import { PEERS } from '../../keys.ts'
import { micros, offer, tool } from '../../samples.ts'

const many = (count: number): Tool[] =>
  Array.from({ length: count }, (_, at) => ({ ...tool, toolId: `t${at}`, inputSchema: '{}' }))

describe('offer: bounds', () => {
  takes(Offer, offer, [
    ['seq', 1],
    ['seq', Number.MAX_SAFE_INTEGER],
    ['bindings', []],
    ['name', 'ä'.repeat(32)],
    ['description', ''],
    ['tier', 'A'],
    ['capacity', 4_096],
    ['ensName', 'a.b'],
    ['selfTestDigest', new Uint8Array(32)],
    ['tools', many(32)],
    ['tools[0].priceMicrosPerMin', 1n],
    ['tools[0].priceMicrosPerMin', 1_000_000_000n],
    ['tools[0].maxMs', 86_400_000],
    ['tools[0].limits.memoryBytes', Number.MAX_SAFE_INTEGER],
    ['tools[0].description', 'two\n\tlines'],
    ['maxWindow.windowCalls', 1_024],
  ])
  refuses(Offer, Wire, offer, [
    ['seq', 0],
    ['seq', 1.5],
    ['issuedAtMs', LIMITS.maxTimeMs + 1],
    ['expiresAtMs', offer.issuedAtMs],
    ['provider', ''],
    ['provider', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'],
    ['bindings', Array.from({ length: 5 }, () => new Uint8Array(1))],
    ['bindings[0]', new Uint8Array(0)],
    ['name', ''],
    ['name', 'n'.repeat(65)],
    ['name', 'ä'.repeat(33)],
    ['name', 'bell\u0007'],
    ['name', 'esc\u001b[2J'],
    ['name', 'csi\u009b'],
    ['name', 'half \ud800'],
    ['name', '\udfff half'],
    ['description', 'd'.repeat(1_025)],
    ['description', 'carriage\rreturn'],
    ['ensName', 'ab'],
    ['region', ''],
    ['tier', 'E'],
    ['tier', ''],
    ['selfTestDigest', new Uint8Array(31)],
    ['capacity', 0],
    ['capacity', 4_097],
    ['coordinators', []],
    ['coordinators', Array.from({ length: 17 }, () => PEERS.coordinator.peer)],
    ['coordinators', [PEERS.coordinator.peer, PEERS.coordinator.peer]],
    ['maxWindow', undefined],
    ['maxWindow.windowMicros', 0n],
    ['maxWindow.windowMicros', LIMITS.maxAllowanceMicros + 1n],
    ['maxWindow.windowCalls', 0],
    ['maxWindow.windowCalls', 1_025],
    ['tools', []],
    ['tools', many(65)],
    ['tools', [tool, tool]],
    ['tools[0].toolId', 'Upper'],
    ['tools[0].toolId', '1st'],
    ['tools[0].toolId', ''],
    ['tools[0].toolId', 'a b'],
    ['tools[0].toolId', 'a'.repeat(65)],
    ['tools[0].toolId', 'a\n'],
    ['tools[0].name', ''],
    ['tools[0].inputSchema', '{'],
    ['tools[0].inputSchema', ' '.repeat(LIMITS.maxSchemaBytes + 1)],
    ['tools[0].fileInputs', Array.from({ length: 33 }, () => '*')],
    ['tools[0].fileInputs', ['']],
    ['tools[0].fileOutputs', ['x'.repeat(1_025)]],
    ['tools[0].priceMicrosPerMin', 0n],
    ['tools[0].priceMicrosPerMin', 1_000_000_001n],
    ['tools[0].maxMs', 0],
    ['tools[0].maxMs', 86_400_001],
    ['tools[0].limits', undefined],
    ['tools[0].limits.pids', -1],
    ['tools[0].tags', Array.from({ length: 17 }, (_, at) => `t${at}`)],
    ['tools[0].tags', ['']],
    ['tools[0].verification', 'trust'],
  ])

  test('error: an offer that no gossip message carries is tooLarge, written or read', () => {
    const large = { ...offer, tools: many(64).map((one) => ({ ...one, description: 'd'.repeat(1_000) })) }
    expectCode(() => Offer.encode(large), 'tooLarge')
    expectCode(() => Offer.decode(Wire.encode(large as never)), 'tooLarge')
    expectCode(() => Offer.decode(new Uint8Array(LIMITS.maxOfferBytes + 1)), 'tooLarge')
  })
})

describe('offer request and answer', () => {
  const codec = { encode: encodeOfferAnswer as (value: object) => Uint8Array, decode: decodeOfferAnswer }
  const answer = { offer: Uint8Array.of(1), windows: { windowMicros: micros(1n), windowCalls: 1 } }

  test('behavior: the sequence already known is optional, and 0 is not absent', () => {
    expect(decodeOfferRequest(encodeOfferRequest({}))).toEqual({})
    expect(decodeOfferRequest(encodeOfferRequest({ knownSeq: 0 }))).toEqual({ knownSeq: 0 })
  })

  test('error: a request is short', () => {
    expectCode(() => decodeOfferRequest(new Uint8Array(65)), 'tooLarge')
  })

  refuses(codec, AnswerWire, answer, [
    ['offer', new Uint8Array(0)],
    ['windows', undefined],
    ['windows.windowMicros', 0n],
    ['windows.windowCalls', 0],
  ])
})
