// Generated from session.wire.proto by "npm run check -- --fix"; do not edit.
/* oxlint-disable */
// @ts-nocheck
import { writeUint64 } from '../wire/uint64.ts'
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Open {
  nonce16: Uint8Array<ArrayBuffer>
  coordinator: string
  offer: Uint8Array<ArrayBuffer>
  bindings: Uint8Array<ArrayBuffer>[]
  allowanceMicros: bigint
  durationMs: number
  windowMicros: bigint
  windowCalls: number
  memo?: string
  continuesSession?: Uint8Array<ArrayBuffer>
}

export namespace Open {
  let _codec: Codec<Open>

  export const codec = (): Codec<Open> => {
    if (_codec == null) {
      _codec = message<Open>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.nonce16 != null && obj.nonce16.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.nonce16)
        }

        if ((obj.coordinator != null && obj.coordinator !== '')) {
          w.uint32(18)
          w.string(obj.coordinator)
        }

        if ((obj.offer != null && obj.offer.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.offer)
        }

        if (obj.bindings != null && obj.bindings.length > 0) {
          for (const value of obj.bindings) {
            w.uint32(34)
            w.bytes(value)
          }
        }

        if ((obj.allowanceMicros != null && obj.allowanceMicros !== 0n)) {
          w.uint32(40)
          writeUint64(w, obj.allowanceMicros)
        }

        if ((obj.durationMs != null && obj.durationMs !== 0)) {
          w.uint32(48)
          w.uint64Number(obj.durationMs)
        }

        if ((obj.windowMicros != null && obj.windowMicros !== 0n)) {
          w.uint32(56)
          writeUint64(w, obj.windowMicros)
        }

        if ((obj.windowCalls != null && obj.windowCalls !== 0)) {
          w.uint32(64)
          w.uint64Number(obj.windowCalls)
        }

        if (obj.memo != null) {
          w.uint32(74)
          w.string(obj.memo)
        }

        if (obj.continuesSession != null) {
          w.uint32(82)
          w.bytes(obj.continuesSession)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          nonce16: uint8ArrayAlloc(0),
          coordinator: '',
          offer: uint8ArrayAlloc(0),
          bindings: [],
          allowanceMicros: 0n,
          durationMs: 0,
          windowMicros: 0n,
          windowCalls: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.nonce16 = reader.bytes()
              break
            }
            case 2: {
              obj.coordinator = reader.string()
              break
            }
            case 3: {
              obj.offer = reader.bytes()
              break
            }
            case 4: {
              if (opts.limits?.bindings != null && obj.bindings.length === opts.limits.bindings) {
                throw new MaxLengthError('Decode error - repeated field "bindings" had too many elements')
              }

              obj.bindings.push(reader.bytes())
              break
            }
            case 5: {
              obj.allowanceMicros = reader.uint64()
              break
            }
            case 6: {
              obj.durationMs = reader.uint64Number()
              break
            }
            case 7: {
              obj.windowMicros = reader.uint64()
              break
            }
            case 8: {
              obj.windowCalls = reader.uint64Number()
              break
            }
            case 9: {
              obj.memo = reader.string()
              break
            }
            case 10: {
              obj.continuesSession = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          bindings: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.nonce16`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.coordinator`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.offer`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              if (opts.limits?.bindings != null && obj.bindings === opts.limits.bindings) {
                throw new MaxLengthError('Streaming decode error - repeated field "bindings" had too many elements')
              }

              yield {
                field: `${prefix}.bindings[]`,
                index: obj.bindings,
                value: reader.bytes()
              }

              obj.bindings++

              break
            }
            case 5: {
              yield {
                field: `${prefix}.allowanceMicros`,
                value: reader.uint64()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.durationMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.windowMicros`,
                value: reader.uint64()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.windowCalls`,
                value: reader.uint64Number()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.memo`,
                value: reader.string()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.continuesSession`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface OpenNonce16FieldEvent {
    field: '$.nonce16'
    value: Uint8Array<ArrayBuffer>
  }

  export interface OpenCoordinatorFieldEvent {
    field: '$.coordinator'
    value: string
  }

  export interface OpenOfferFieldEvent {
    field: '$.offer'
    value: Uint8Array<ArrayBuffer>
  }

  export interface OpenBindingsFieldEvent {
    field: '$.bindings[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface OpenAllowanceMicrosFieldEvent {
    field: '$.allowanceMicros'
    value: bigint
  }

  export interface OpenDurationMsFieldEvent {
    field: '$.durationMs'
    value: number
  }

  export interface OpenWindowMicrosFieldEvent {
    field: '$.windowMicros'
    value: bigint
  }

  export interface OpenWindowCallsFieldEvent {
    field: '$.windowCalls'
    value: number
  }

  export interface OpenMemoFieldEvent {
    field: '$.memo'
    value: string
  }

  export interface OpenContinuesSessionFieldEvent {
    field: '$.continuesSession'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Open>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Open.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Open>): Open {
    return decodeMessage(buf, Open.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Open>): Generator<OpenNonce16FieldEvent | OpenCoordinatorFieldEvent | OpenOfferFieldEvent | OpenBindingsFieldEvent | OpenAllowanceMicrosFieldEvent | OpenDurationMsFieldEvent | OpenWindowMicrosFieldEvent | OpenWindowCallsFieldEvent | OpenMemoFieldEvent | OpenContinuesSessionFieldEvent> {
    return streamMessage(buf, Open.codec(), opts)
  }
}

export interface Quote {
  validUntilMs: number
  grant: Uint8Array<ArrayBuffer>
}

export namespace Quote {
  let _codec: Codec<Quote>

  export const codec = (): Codec<Quote> => {
    if (_codec == null) {
      _codec = message<Quote>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.validUntilMs != null && obj.validUntilMs !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.validUntilMs)
        }

        if ((obj.grant != null && obj.grant.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.grant)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          validUntilMs: 0,
          grant: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.validUntilMs = reader.uint64Number()
              break
            }
            case 2: {
              obj.grant = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.validUntilMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.grant`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface QuoteValidUntilMsFieldEvent {
    field: '$.validUntilMs'
    value: number
  }

  export interface QuoteGrantFieldEvent {
    field: '$.grant'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Quote>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Quote.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Quote>): Quote {
    return decodeMessage(buf, Quote.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Quote>): Generator<QuoteValidUntilMsFieldEvent | QuoteGrantFieldEvent> {
    return streamMessage(buf, Quote.codec(), opts)
  }
}

export interface Fund {
  quote: Uint8Array<ArrayBuffer>
  attempt: number
  openMessages: Uint8Array<ArrayBuffer>[]
  cheque: Uint8Array<ArrayBuffer>
}

export namespace Fund {
  let _codec: Codec<Fund>

  export const codec = (): Codec<Fund> => {
    if (_codec == null) {
      _codec = message<Fund>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.quote != null && obj.quote.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.quote)
        }

        if ((obj.attempt != null && obj.attempt !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.attempt)
        }

        if (obj.openMessages != null && obj.openMessages.length > 0) {
          for (const value of obj.openMessages) {
            w.uint32(26)
            w.bytes(value)
          }
        }

        if ((obj.cheque != null && obj.cheque.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.cheque)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          quote: uint8ArrayAlloc(0),
          attempt: 0,
          openMessages: [],
          cheque: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.quote = reader.bytes()
              break
            }
            case 2: {
              obj.attempt = reader.uint64Number()
              break
            }
            case 3: {
              if (opts.limits?.openMessages != null && obj.openMessages.length === opts.limits.openMessages) {
                throw new MaxLengthError('Decode error - repeated field "openMessages" had too many elements')
              }

              obj.openMessages.push(reader.bytes())
              break
            }
            case 4: {
              obj.cheque = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          openMessages: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.quote`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.attempt`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              if (opts.limits?.openMessages != null && obj.openMessages === opts.limits.openMessages) {
                throw new MaxLengthError('Streaming decode error - repeated field "openMessages" had too many elements')
              }

              yield {
                field: `${prefix}.openMessages[]`,
                index: obj.openMessages,
                value: reader.bytes()
              }

              obj.openMessages++

              break
            }
            case 4: {
              yield {
                field: `${prefix}.cheque`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface FundQuoteFieldEvent {
    field: '$.quote'
    value: Uint8Array<ArrayBuffer>
  }

  export interface FundAttemptFieldEvent {
    field: '$.attempt'
    value: number
  }

  export interface FundOpenMessagesFieldEvent {
    field: '$.openMessages[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface FundChequeFieldEvent {
    field: '$.cheque'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Fund>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Fund.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Fund>): Fund {
    return decodeMessage(buf, Fund.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Fund>): Generator<FundQuoteFieldEvent | FundAttemptFieldEvent | FundOpenMessagesFieldEvent | FundChequeFieldEvent> {
    return streamMessage(buf, Fund.codec(), opts)
  }
}

export interface Term {
  toolId: string
  priceMicrosPerMin: bigint
  maxMs: number
}

export namespace Term {
  let _codec: Codec<Term>

  export const codec = (): Codec<Term> => {
    if (_codec == null) {
      _codec = message<Term>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.toolId != null && obj.toolId !== '')) {
          w.uint32(10)
          w.string(obj.toolId)
        }

        if ((obj.priceMicrosPerMin != null && obj.priceMicrosPerMin !== 0n)) {
          w.uint32(16)
          writeUint64(w, obj.priceMicrosPerMin)
        }

        if ((obj.maxMs != null && obj.maxMs !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.maxMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          toolId: '',
          priceMicrosPerMin: 0n,
          maxMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.toolId = reader.string()
              break
            }
            case 2: {
              obj.priceMicrosPerMin = reader.uint64()
              break
            }
            case 3: {
              obj.maxMs = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.toolId`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.priceMicrosPerMin`,
                value: reader.uint64()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.maxMs`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface TermToolIdFieldEvent {
    field: '$.toolId'
    value: string
  }

  export interface TermPriceMicrosPerMinFieldEvent {
    field: '$.priceMicrosPerMin'
    value: bigint
  }

  export interface TermMaxMsFieldEvent {
    field: '$.maxMs'
    value: number
  }

  export function encode (obj: Partial<Term>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Term.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Term>): Term {
    return decodeMessage(buf, Term.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Term>): Generator<TermToolIdFieldEvent | TermPriceMicrosPerMinFieldEvent | TermMaxMsFieldEvent> {
    return streamMessage(buf, Term.codec(), opts)
  }
}

export interface SplitShares {
  provider: number
  platform: number
  reserve: number
}

export namespace SplitShares {
  let _codec: Codec<SplitShares>

  export const codec = (): Codec<SplitShares> => {
    if (_codec == null) {
      _codec = message<SplitShares>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.provider != null && obj.provider !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.provider)
        }

        if ((obj.platform != null && obj.platform !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.platform)
        }

        if ((obj.reserve != null && obj.reserve !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.reserve)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          provider: 0,
          platform: 0,
          reserve: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.provider = reader.uint64Number()
              break
            }
            case 2: {
              obj.platform = reader.uint64Number()
              break
            }
            case 3: {
              obj.reserve = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.provider`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.platform`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.reserve`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface SplitSharesProviderFieldEvent {
    field: '$.provider'
    value: number
  }

  export interface SplitSharesPlatformFieldEvent {
    field: '$.platform'
    value: number
  }

  export interface SplitSharesReserveFieldEvent {
    field: '$.reserve'
    value: number
  }

  export function encode (obj: Partial<SplitShares>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SplitShares.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SplitShares>): SplitShares {
    return decodeMessage(buf, SplitShares.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SplitShares>): Generator<SplitSharesProviderFieldEvent | SplitSharesPlatformFieldEvent | SplitSharesReserveFieldEvent> {
    return streamMessage(buf, SplitShares.codec(), opts)
  }
}

export interface GrantChannel {
  rail: string
  url: string
  appSessionId: string
  definition: string
}

export namespace GrantChannel {
  let _codec: Codec<GrantChannel>

  export const codec = (): Codec<GrantChannel> => {
    if (_codec == null) {
      _codec = message<GrantChannel>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.rail != null && obj.rail !== '')) {
          w.uint32(10)
          w.string(obj.rail)
        }

        if ((obj.url != null && obj.url !== '')) {
          w.uint32(18)
          w.string(obj.url)
        }

        if ((obj.appSessionId != null && obj.appSessionId !== '')) {
          w.uint32(26)
          w.string(obj.appSessionId)
        }

        if ((obj.definition != null && obj.definition !== '')) {
          w.uint32(34)
          w.string(obj.definition)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          rail: '',
          url: '',
          appSessionId: '',
          definition: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.rail = reader.string()
              break
            }
            case 2: {
              obj.url = reader.string()
              break
            }
            case 3: {
              obj.appSessionId = reader.string()
              break
            }
            case 4: {
              obj.definition = reader.string()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.rail`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.url`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.appSessionId`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.definition`,
                value: reader.string()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface GrantChannelRailFieldEvent {
    field: '$.rail'
    value: string
  }

  export interface GrantChannelUrlFieldEvent {
    field: '$.url'
    value: string
  }

  export interface GrantChannelAppSessionIdFieldEvent {
    field: '$.appSessionId'
    value: string
  }

  export interface GrantChannelDefinitionFieldEvent {
    field: '$.definition'
    value: string
  }

  export function encode (obj: Partial<GrantChannel>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, GrantChannel.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<GrantChannel>): GrantChannel {
    return decodeMessage(buf, GrantChannel.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<GrantChannel>): Generator<GrantChannelRailFieldEvent | GrantChannelUrlFieldEvent | GrantChannelAppSessionIdFieldEvent | GrantChannelDefinitionFieldEvent> {
    return streamMessage(buf, GrantChannel.codec(), opts)
  }
}

export interface Grant {
  openId: Uint8Array<ArrayBuffer>
  documents: string[]
  agent: string
  provider: string
  coordinator: string
  bindings: Uint8Array<ArrayBuffer>[]
  agentWallet: string
  coordinatorWallet: string
  providerWallet: string
  payoutWallet: string
  asset: string
  channel?: GrantChannel
  allowanceMicros: bigint
  terms: Term[]
  splitBps?: SplitShares
  windowMicros: bigint
  windowCalls: number
  expiresAtMs: number
  collectMs: number
  contestMs: number
  chequeTsMs: number
  payoutMs: number
}

export namespace Grant {
  let _codec: Codec<Grant>

  export const codec = (): Codec<Grant> => {
    if (_codec == null) {
      _codec = message<Grant>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.openId != null && obj.openId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.openId)
        }

        if (obj.documents != null && obj.documents.length > 0) {
          for (const value of obj.documents) {
            w.uint32(18)
            w.string(value)
          }
        }

        if ((obj.agent != null && obj.agent !== '')) {
          w.uint32(26)
          w.string(obj.agent)
        }

        if ((obj.provider != null && obj.provider !== '')) {
          w.uint32(34)
          w.string(obj.provider)
        }

        if ((obj.coordinator != null && obj.coordinator !== '')) {
          w.uint32(42)
          w.string(obj.coordinator)
        }

        if (obj.bindings != null && obj.bindings.length > 0) {
          for (const value of obj.bindings) {
            w.uint32(50)
            w.bytes(value)
          }
        }

        if ((obj.agentWallet != null && obj.agentWallet !== '')) {
          w.uint32(58)
          w.string(obj.agentWallet)
        }

        if ((obj.coordinatorWallet != null && obj.coordinatorWallet !== '')) {
          w.uint32(66)
          w.string(obj.coordinatorWallet)
        }

        if ((obj.providerWallet != null && obj.providerWallet !== '')) {
          w.uint32(74)
          w.string(obj.providerWallet)
        }

        if ((obj.payoutWallet != null && obj.payoutWallet !== '')) {
          w.uint32(82)
          w.string(obj.payoutWallet)
        }

        if ((obj.asset != null && obj.asset !== '')) {
          w.uint32(90)
          w.string(obj.asset)
        }

        if (obj.channel != null) {
          w.uint32(98)
          GrantChannel.codec().encode(obj.channel, w)
        }

        if ((obj.allowanceMicros != null && obj.allowanceMicros !== 0n)) {
          w.uint32(104)
          writeUint64(w, obj.allowanceMicros)
        }

        if (obj.terms != null && obj.terms.length > 0) {
          for (const value of obj.terms) {
            w.uint32(114)
            Term.codec().encode(value, w)
          }
        }

        if (obj.splitBps != null) {
          w.uint32(122)
          SplitShares.codec().encode(obj.splitBps, w)
        }

        if ((obj.windowMicros != null && obj.windowMicros !== 0n)) {
          w.uint32(128)
          writeUint64(w, obj.windowMicros)
        }

        if ((obj.windowCalls != null && obj.windowCalls !== 0)) {
          w.uint32(136)
          w.uint64Number(obj.windowCalls)
        }

        if ((obj.expiresAtMs != null && obj.expiresAtMs !== 0)) {
          w.uint32(144)
          w.uint64Number(obj.expiresAtMs)
        }

        if ((obj.collectMs != null && obj.collectMs !== 0)) {
          w.uint32(152)
          w.uint64Number(obj.collectMs)
        }

        if ((obj.contestMs != null && obj.contestMs !== 0)) {
          w.uint32(160)
          w.uint64Number(obj.contestMs)
        }

        if ((obj.chequeTsMs != null && obj.chequeTsMs !== 0)) {
          w.uint32(168)
          w.uint64Number(obj.chequeTsMs)
        }

        if ((obj.payoutMs != null && obj.payoutMs !== 0)) {
          w.uint32(176)
          w.uint64Number(obj.payoutMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          openId: uint8ArrayAlloc(0),
          documents: [],
          agent: '',
          provider: '',
          coordinator: '',
          bindings: [],
          agentWallet: '',
          coordinatorWallet: '',
          providerWallet: '',
          payoutWallet: '',
          asset: '',
          allowanceMicros: 0n,
          terms: [],
          windowMicros: 0n,
          windowCalls: 0,
          expiresAtMs: 0,
          collectMs: 0,
          contestMs: 0,
          chequeTsMs: 0,
          payoutMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.openId = reader.bytes()
              break
            }
            case 2: {
              if (opts.limits?.documents != null && obj.documents.length === opts.limits.documents) {
                throw new MaxLengthError('Decode error - repeated field "documents" had too many elements')
              }

              obj.documents.push(reader.string())
              break
            }
            case 3: {
              obj.agent = reader.string()
              break
            }
            case 4: {
              obj.provider = reader.string()
              break
            }
            case 5: {
              obj.coordinator = reader.string()
              break
            }
            case 6: {
              if (opts.limits?.bindings != null && obj.bindings.length === opts.limits.bindings) {
                throw new MaxLengthError('Decode error - repeated field "bindings" had too many elements')
              }

              obj.bindings.push(reader.bytes())
              break
            }
            case 7: {
              obj.agentWallet = reader.string()
              break
            }
            case 8: {
              obj.coordinatorWallet = reader.string()
              break
            }
            case 9: {
              obj.providerWallet = reader.string()
              break
            }
            case 10: {
              obj.payoutWallet = reader.string()
              break
            }
            case 11: {
              obj.asset = reader.string()
              break
            }
            case 12: {
              obj.channel = GrantChannel.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.channel
              })
              break
            }
            case 13: {
              obj.allowanceMicros = reader.uint64()
              break
            }
            case 14: {
              if (opts.limits?.terms != null && obj.terms.length === opts.limits.terms) {
                throw new MaxLengthError('Decode error - repeated field "terms" had too many elements')
              }

              obj.terms.push(Term.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.terms$
              }))
              break
            }
            case 15: {
              obj.splitBps = SplitShares.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.splitBps
              })
              break
            }
            case 16: {
              obj.windowMicros = reader.uint64()
              break
            }
            case 17: {
              obj.windowCalls = reader.uint64Number()
              break
            }
            case 18: {
              obj.expiresAtMs = reader.uint64Number()
              break
            }
            case 19: {
              obj.collectMs = reader.uint64Number()
              break
            }
            case 20: {
              obj.contestMs = reader.uint64Number()
              break
            }
            case 21: {
              obj.chequeTsMs = reader.uint64Number()
              break
            }
            case 22: {
              obj.payoutMs = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          documents: 0,
          bindings: 0,
          terms: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.openId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              if (opts.limits?.documents != null && obj.documents === opts.limits.documents) {
                throw new MaxLengthError('Streaming decode error - repeated field "documents" had too many elements')
              }

              yield {
                field: `${prefix}.documents[]`,
                index: obj.documents,
                value: reader.string()
              }

              obj.documents++

              break
            }
            case 3: {
              yield {
                field: `${prefix}.agent`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.provider`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.coordinator`,
                value: reader.string()
              }
              break
            }
            case 6: {
              if (opts.limits?.bindings != null && obj.bindings === opts.limits.bindings) {
                throw new MaxLengthError('Streaming decode error - repeated field "bindings" had too many elements')
              }

              yield {
                field: `${prefix}.bindings[]`,
                index: obj.bindings,
                value: reader.bytes()
              }

              obj.bindings++

              break
            }
            case 7: {
              yield {
                field: `${prefix}.agentWallet`,
                value: reader.string()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.coordinatorWallet`,
                value: reader.string()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.providerWallet`,
                value: reader.string()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.payoutWallet`,
                value: reader.string()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.asset`,
                value: reader.string()
              }
              break
            }
            case 12: {
              yield * GrantChannel.codec().stream(reader, reader.uint32(), `${prefix}.channel`, {
                limits: opts.limits?.channel
              })

              break
            }
            case 13: {
              yield {
                field: `${prefix}.allowanceMicros`,
                value: reader.uint64()
              }
              break
            }
            case 14: {
              if (opts.limits?.terms != null && obj.terms === opts.limits.terms) {
                throw new MaxLengthError('Streaming decode error - repeated field "terms" had too many elements')
              }

              for (const evt of Term.codec().stream(reader, reader.uint32(), `${prefix}.terms[]`, {
                limits: opts.limits?.terms$
              })) {
                yield {
                  ...evt,
                  index: obj.terms
                }
              }

              obj.terms++

              break
            }
            case 15: {
              yield * SplitShares.codec().stream(reader, reader.uint32(), `${prefix}.splitBps`, {
                limits: opts.limits?.splitBps
              })

              break
            }
            case 16: {
              yield {
                field: `${prefix}.windowMicros`,
                value: reader.uint64()
              }
              break
            }
            case 17: {
              yield {
                field: `${prefix}.windowCalls`,
                value: reader.uint64Number()
              }
              break
            }
            case 18: {
              yield {
                field: `${prefix}.expiresAtMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 19: {
              yield {
                field: `${prefix}.collectMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 20: {
              yield {
                field: `${prefix}.contestMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 21: {
              yield {
                field: `${prefix}.chequeTsMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 22: {
              yield {
                field: `${prefix}.payoutMs`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface GrantOpenIdFieldEvent {
    field: '$.openId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GrantDocumentsFieldEvent {
    field: '$.documents[]'
    index: number
    value: string
  }

  export interface GrantAgentFieldEvent {
    field: '$.agent'
    value: string
  }

  export interface GrantProviderFieldEvent {
    field: '$.provider'
    value: string
  }

  export interface GrantCoordinatorFieldEvent {
    field: '$.coordinator'
    value: string
  }

  export interface GrantBindingsFieldEvent {
    field: '$.bindings[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface GrantAgentWalletFieldEvent {
    field: '$.agentWallet'
    value: string
  }

  export interface GrantCoordinatorWalletFieldEvent {
    field: '$.coordinatorWallet'
    value: string
  }

  export interface GrantProviderWalletFieldEvent {
    field: '$.providerWallet'
    value: string
  }

  export interface GrantPayoutWalletFieldEvent {
    field: '$.payoutWallet'
    value: string
  }

  export interface GrantAssetFieldEvent {
    field: '$.asset'
    value: string
  }

  export interface GrantChannelRailFieldEvent {
    field: '$.channel.rail'
    value: string
  }

  export interface GrantChannelUrlFieldEvent {
    field: '$.channel.url'
    value: string
  }

  export interface GrantChannelAppSessionIdFieldEvent {
    field: '$.channel.appSessionId'
    value: string
  }

  export interface GrantChannelDefinitionFieldEvent {
    field: '$.channel.definition'
    value: string
  }

  export interface GrantAllowanceMicrosFieldEvent {
    field: '$.allowanceMicros'
    value: bigint
  }

  export interface GrantTermsToolIdFieldEvent {
    field: '$.terms[].toolId'
    value: string
    index: number
  }

  export interface GrantTermsPriceMicrosPerMinFieldEvent {
    field: '$.terms[].priceMicrosPerMin'
    value: bigint
    index: number
  }

  export interface GrantTermsMaxMsFieldEvent {
    field: '$.terms[].maxMs'
    value: number
    index: number
  }

  export interface GrantSplitBpsProviderFieldEvent {
    field: '$.splitBps.provider'
    value: number
  }

  export interface GrantSplitBpsPlatformFieldEvent {
    field: '$.splitBps.platform'
    value: number
  }

  export interface GrantSplitBpsReserveFieldEvent {
    field: '$.splitBps.reserve'
    value: number
  }

  export interface GrantWindowMicrosFieldEvent {
    field: '$.windowMicros'
    value: bigint
  }

  export interface GrantWindowCallsFieldEvent {
    field: '$.windowCalls'
    value: number
  }

  export interface GrantExpiresAtMsFieldEvent {
    field: '$.expiresAtMs'
    value: number
  }

  export interface GrantCollectMsFieldEvent {
    field: '$.collectMs'
    value: number
  }

  export interface GrantContestMsFieldEvent {
    field: '$.contestMs'
    value: number
  }

  export interface GrantChequeTsMsFieldEvent {
    field: '$.chequeTsMs'
    value: number
  }

  export interface GrantPayoutMsFieldEvent {
    field: '$.payoutMs'
    value: number
  }

  export function encode (obj: Partial<Grant>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Grant.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Grant>): Grant {
    return decodeMessage(buf, Grant.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Grant>): Generator<GrantOpenIdFieldEvent | GrantDocumentsFieldEvent | GrantAgentFieldEvent | GrantProviderFieldEvent | GrantCoordinatorFieldEvent | GrantBindingsFieldEvent | GrantAgentWalletFieldEvent | GrantCoordinatorWalletFieldEvent | GrantProviderWalletFieldEvent | GrantPayoutWalletFieldEvent | GrantAssetFieldEvent | GrantChannelRailFieldEvent | GrantChannelUrlFieldEvent | GrantChannelAppSessionIdFieldEvent | GrantChannelDefinitionFieldEvent | GrantAllowanceMicrosFieldEvent | GrantTermsToolIdFieldEvent | GrantTermsPriceMicrosPerMinFieldEvent | GrantTermsMaxMsFieldEvent | GrantSplitBpsProviderFieldEvent | GrantSplitBpsPlatformFieldEvent | GrantSplitBpsReserveFieldEvent | GrantWindowMicrosFieldEvent | GrantWindowCallsFieldEvent | GrantExpiresAtMsFieldEvent | GrantCollectMsFieldEvent | GrantContestMsFieldEvent | GrantChequeTsMsFieldEvent | GrantPayoutMsFieldEvent> {
    return streamMessage(buf, Grant.codec(), opts)
  }
}

export interface Notice {
  sessionId: Uint8Array<ArrayBuffer>
  noticeSeq: number
  state: string
  base: number
  debitedMicros: bigint
  ceilingHeldMicros: bigint
  collectedThrough: number
}

export namespace Notice {
  let _codec: Codec<Notice>

  export const codec = (): Codec<Notice> => {
    if (_codec == null) {
      _codec = message<Notice>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sessionId != null && obj.sessionId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.sessionId)
        }

        if ((obj.noticeSeq != null && obj.noticeSeq !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.noticeSeq)
        }

        if ((obj.state != null && obj.state !== '')) {
          w.uint32(26)
          w.string(obj.state)
        }

        if ((obj.base != null && obj.base !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.base)
        }

        if ((obj.debitedMicros != null && obj.debitedMicros !== 0n)) {
          w.uint32(40)
          writeUint64(w, obj.debitedMicros)
        }

        if ((obj.ceilingHeldMicros != null && obj.ceilingHeldMicros !== 0n)) {
          w.uint32(48)
          writeUint64(w, obj.ceilingHeldMicros)
        }

        if ((obj.collectedThrough != null && obj.collectedThrough !== 0)) {
          w.uint32(56)
          w.uint64Number(obj.collectedThrough)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sessionId: uint8ArrayAlloc(0),
          noticeSeq: 0,
          state: '',
          base: 0,
          debitedMicros: 0n,
          ceilingHeldMicros: 0n,
          collectedThrough: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.sessionId = reader.bytes()
              break
            }
            case 2: {
              obj.noticeSeq = reader.uint64Number()
              break
            }
            case 3: {
              obj.state = reader.string()
              break
            }
            case 4: {
              obj.base = reader.uint64Number()
              break
            }
            case 5: {
              obj.debitedMicros = reader.uint64()
              break
            }
            case 6: {
              obj.ceilingHeldMicros = reader.uint64()
              break
            }
            case 7: {
              obj.collectedThrough = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.sessionId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.noticeSeq`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.state`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.base`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.debitedMicros`,
                value: reader.uint64()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.ceilingHeldMicros`,
                value: reader.uint64()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.collectedThrough`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface NoticeSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface NoticeNoticeSeqFieldEvent {
    field: '$.noticeSeq'
    value: number
  }

  export interface NoticeStateFieldEvent {
    field: '$.state'
    value: string
  }

  export interface NoticeBaseFieldEvent {
    field: '$.base'
    value: number
  }

  export interface NoticeDebitedMicrosFieldEvent {
    field: '$.debitedMicros'
    value: bigint
  }

  export interface NoticeCeilingHeldMicrosFieldEvent {
    field: '$.ceilingHeldMicros'
    value: bigint
  }

  export interface NoticeCollectedThroughFieldEvent {
    field: '$.collectedThrough'
    value: number
  }

  export function encode (obj: Partial<Notice>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Notice.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Notice>): Notice {
    return decodeMessage(buf, Notice.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Notice>): Generator<NoticeSessionIdFieldEvent | NoticeNoticeSeqFieldEvent | NoticeStateFieldEvent | NoticeBaseFieldEvent | NoticeDebitedMicrosFieldEvent | NoticeCeilingHeldMicrosFieldEvent | NoticeCollectedThroughFieldEvent> {
    return streamMessage(buf, Notice.codec(), opts)
  }
}

export interface End {
  sessionId: Uint8Array<ArrayBuffer>
  reason: string
}

export namespace End {
  let _codec: Codec<End>

  export const codec = (): Codec<End> => {
    if (_codec == null) {
      _codec = message<End>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sessionId != null && obj.sessionId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.sessionId)
        }

        if ((obj.reason != null && obj.reason !== '')) {
          w.uint32(18)
          w.string(obj.reason)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sessionId: uint8ArrayAlloc(0),
          reason: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.sessionId = reader.bytes()
              break
            }
            case 2: {
              obj.reason = reader.string()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.sessionId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.reason`,
                value: reader.string()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface EndSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EndReasonFieldEvent {
    field: '$.reason'
    value: string
  }

  export function encode (obj: Partial<End>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, End.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<End>): End {
    return decodeMessage(buf, End.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<End>): Generator<EndSessionIdFieldEvent | EndReasonFieldEvent> {
    return streamMessage(buf, End.codec(), opts)
  }
}

export interface Final {
  sessionId: Uint8Array<ArrayBuffer>
  lastSeq: number
  headId: Uint8Array<ArrayBuffer>
  claimedNumerator: bigint
}

export namespace Final {
  let _codec: Codec<Final>

  export const codec = (): Codec<Final> => {
    if (_codec == null) {
      _codec = message<Final>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sessionId != null && obj.sessionId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.sessionId)
        }

        if ((obj.lastSeq != null && obj.lastSeq !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.lastSeq)
        }

        if ((obj.headId != null && obj.headId.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.headId)
        }

        if ((obj.claimedNumerator != null && obj.claimedNumerator !== 0n)) {
          w.uint32(32)
          writeUint64(w, obj.claimedNumerator)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sessionId: uint8ArrayAlloc(0),
          lastSeq: 0,
          headId: uint8ArrayAlloc(0),
          claimedNumerator: 0n
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.sessionId = reader.bytes()
              break
            }
            case 2: {
              obj.lastSeq = reader.uint64Number()
              break
            }
            case 3: {
              obj.headId = reader.bytes()
              break
            }
            case 4: {
              obj.claimedNumerator = reader.uint64()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.sessionId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.lastSeq`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.headId`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.claimedNumerator`,
                value: reader.uint64()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface FinalSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface FinalLastSeqFieldEvent {
    field: '$.lastSeq'
    value: number
  }

  export interface FinalHeadIdFieldEvent {
    field: '$.headId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface FinalClaimedNumeratorFieldEvent {
    field: '$.claimedNumerator'
    value: bigint
  }

  export function encode (obj: Partial<Final>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Final.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Final>): Final {
    return decodeMessage(buf, Final.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Final>): Generator<FinalSessionIdFieldEvent | FinalLastSeqFieldEvent | FinalHeadIdFieldEvent | FinalClaimedNumeratorFieldEvent> {
    return streamMessage(buf, Final.codec(), opts)
  }
}
