// Generated from streams.wire.proto by "npm run check -- --fix"; do not edit.
/* oxlint-disable */
// @ts-nocheck
import { writeUint64 } from './uint64.ts'
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Hello {
  documents: string[]
  clockMs: number
}

export namespace Hello {
  let _codec: Codec<Hello>

  export const codec = (): Codec<Hello> => {
    if (_codec == null) {
      _codec = message<Hello>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.documents != null && obj.documents.length > 0) {
          for (const value of obj.documents) {
            w.uint32(10)
            w.string(value)
          }
        }

        if ((obj.clockMs != null && obj.clockMs !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.clockMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          documents: [],
          clockMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.documents != null && obj.documents.length === opts.limits.documents) {
                throw new MaxLengthError('Decode error - repeated field "documents" had too many elements')
              }

              obj.documents.push(reader.string())
              break
            }
            case 2: {
              obj.clockMs = reader.uint64Number()
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
          documents: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
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
            case 2: {
              yield {
                field: `${prefix}.clockMs`,
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

  export interface HelloDocumentsFieldEvent {
    field: '$.documents[]'
    index: number
    value: string
  }

  export interface HelloClockMsFieldEvent {
    field: '$.clockMs'
    value: number
  }

  export function encode (obj: Partial<Hello>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Hello.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Hello {
    return decodeMessage(buf, Hello.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Generator<HelloDocumentsFieldEvent | HelloClockMsFieldEvent> {
    return streamMessage(buf, Hello.codec(), opts)
  }
}

export interface Money {
  where: string
  minMicros: bigint
  maxMicros: bigint
  delivered: boolean
}

export namespace Money {
  let _codec: Codec<Money>

  export const codec = (): Codec<Money> => {
    if (_codec == null) {
      _codec = message<Money>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.where != null && obj.where !== '')) {
          w.uint32(10)
          w.string(obj.where)
        }

        if ((obj.minMicros != null && obj.minMicros !== 0n)) {
          w.uint32(16)
          writeUint64(w, obj.minMicros)
        }

        if ((obj.maxMicros != null && obj.maxMicros !== 0n)) {
          w.uint32(24)
          writeUint64(w, obj.maxMicros)
        }

        if ((obj.delivered != null && obj.delivered !== false)) {
          w.uint32(32)
          w.bool(obj.delivered)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          where: '',
          minMicros: 0n,
          maxMicros: 0n,
          delivered: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.where = reader.string()
              break
            }
            case 2: {
              obj.minMicros = reader.uint64()
              break
            }
            case 3: {
              obj.maxMicros = reader.uint64()
              break
            }
            case 4: {
              obj.delivered = reader.bool()
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
                field: `${prefix}.where`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.minMicros`,
                value: reader.uint64()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.maxMicros`,
                value: reader.uint64()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.delivered`,
                value: reader.bool()
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

  export interface MoneyWhereFieldEvent {
    field: '$.where'
    value: string
  }

  export interface MoneyMinMicrosFieldEvent {
    field: '$.minMicros'
    value: bigint
  }

  export interface MoneyMaxMicrosFieldEvent {
    field: '$.maxMicros'
    value: bigint
  }

  export interface MoneyDeliveredFieldEvent {
    field: '$.delivered'
    value: boolean
  }

  export function encode (obj: Partial<Money>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Money.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Money>): Money {
    return decodeMessage(buf, Money.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Money>): Generator<MoneyWhereFieldEvent | MoneyMinMicrosFieldEvent | MoneyMaxMicrosFieldEvent | MoneyDeliveredFieldEvent> {
    return streamMessage(buf, Money.codec(), opts)
  }
}

export interface Failure {
  code: string
  sessionId?: Uint8Array<ArrayBuffer>
  money?: Money
  expected?: number
  head?: Uint8Array<ArrayBuffer>
}

export namespace Failure {
  let _codec: Codec<Failure>

  export const codec = (): Codec<Failure> => {
    if (_codec == null) {
      _codec = message<Failure>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(10)
          w.string(obj.code)
        }

        if (obj.sessionId != null) {
          w.uint32(18)
          w.bytes(obj.sessionId)
        }

        if (obj.money != null) {
          w.uint32(26)
          Money.codec().encode(obj.money, w)
        }

        if (obj.expected != null) {
          w.uint32(32)
          w.uint64Number(obj.expected)
        }

        if (obj.head != null) {
          w.uint32(42)
          w.bytes(obj.head)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          code: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.code = reader.string()
              break
            }
            case 2: {
              obj.sessionId = reader.bytes()
              break
            }
            case 3: {
              obj.money = Money.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.money
              })
              break
            }
            case 4: {
              obj.expected = reader.uint64Number()
              break
            }
            case 5: {
              obj.head = reader.bytes()
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
                field: `${prefix}.code`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.sessionId`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield * Money.codec().stream(reader, reader.uint32(), `${prefix}.money`, {
                limits: opts.limits?.money
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.expected`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.head`,
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

  export interface FailureCodeFieldEvent {
    field: '$.code'
    value: string
  }

  export interface FailureSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface FailureMoneyWhereFieldEvent {
    field: '$.money.where'
    value: string
  }

  export interface FailureMoneyMinMicrosFieldEvent {
    field: '$.money.minMicros'
    value: bigint
  }

  export interface FailureMoneyMaxMicrosFieldEvent {
    field: '$.money.maxMicros'
    value: bigint
  }

  export interface FailureMoneyDeliveredFieldEvent {
    field: '$.money.delivered'
    value: boolean
  }

  export interface FailureExpectedFieldEvent {
    field: '$.expected'
    value: number
  }

  export interface FailureHeadFieldEvent {
    field: '$.head'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Failure>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Failure.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Failure>): Failure {
    return decodeMessage(buf, Failure.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Failure>): Generator<FailureCodeFieldEvent | FailureSessionIdFieldEvent | FailureMoneyWhereFieldEvent | FailureMoneyMinMicrosFieldEvent | FailureMoneyMaxMicrosFieldEvent | FailureMoneyDeliveredFieldEvent | FailureExpectedFieldEvent | FailureHeadFieldEvent> {
    return streamMessage(buf, Failure.codec(), opts)
  }
}

export interface Heartbeat {
  count: number
}

export namespace Heartbeat {
  let _codec: Codec<Heartbeat>

  export const codec = (): Codec<Heartbeat> => {
    if (_codec == null) {
      _codec = message<Heartbeat>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.count != null && obj.count !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.count)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          count: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.count = reader.uint64Number()
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
                field: `${prefix}.count`,
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

  export interface HeartbeatCountFieldEvent {
    field: '$.count'
    value: number
  }

  export function encode (obj: Partial<Heartbeat>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Heartbeat.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Heartbeat>): Heartbeat {
    return decodeMessage(buf, Heartbeat.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Heartbeat>): Generator<HeartbeatCountFieldEvent> {
    return streamMessage(buf, Heartbeat.codec(), opts)
  }
}

export interface SessionRequest {
  hello?: Hello
  open?: Uint8Array<ArrayBuffer>
  fund?: Uint8Array<ArrayBuffer>
  ask?: Uint8Array<ArrayBuffer>
}

export namespace SessionRequest {
  let _codec: Codec<SessionRequest>

  export const codec = (): Codec<SessionRequest> => {
    if (_codec == null) {
      _codec = message<SessionRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.open != null) {
          w.uint32(18)
          w.bytes(obj.open)
        }

        if (obj.fund != null) {
          w.uint32(26)
          w.bytes(obj.fund)
        }

        if (obj.ask != null) {
          w.uint32(34)
          w.bytes(obj.ask)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.open = reader.bytes()
              break
            }
            case 3: {
              obj.fund = reader.bytes()
              break
            }
            case 4: {
              obj.ask = reader.bytes()
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
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.open`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.fund`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.ask`,
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

  export interface SessionRequestHelloDocumentsFieldEvent {
    field: '$.hello.documents[]'
    index: number
    value: string
  }

  export interface SessionRequestHelloClockMsFieldEvent {
    field: '$.hello.clockMs'
    value: number
  }

  export interface SessionRequestOpenFieldEvent {
    field: '$.open'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SessionRequestFundFieldEvent {
    field: '$.fund'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SessionRequestAskFieldEvent {
    field: '$.ask'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<SessionRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SessionRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SessionRequest>): SessionRequest {
    return decodeMessage(buf, SessionRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SessionRequest>): Generator<SessionRequestHelloDocumentsFieldEvent | SessionRequestHelloClockMsFieldEvent | SessionRequestOpenFieldEvent | SessionRequestFundFieldEvent | SessionRequestAskFieldEvent> {
    return streamMessage(buf, SessionRequest.codec(), opts)
  }
}

export interface SessionAnswer {
  hello?: Hello
  quote?: Uint8Array<ArrayBuffer>
  grant?: Uint8Array<ArrayBuffer>
  notice?: Uint8Array<ArrayBuffer>
  pending?: Uint8Array<ArrayBuffer>
  fundAgain?: Uint8Array<ArrayBuffer>
  failure?: Failure
}

export namespace SessionAnswer {
  let _codec: Codec<SessionAnswer>

  export const codec = (): Codec<SessionAnswer> => {
    if (_codec == null) {
      _codec = message<SessionAnswer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.quote != null) {
          w.uint32(18)
          w.bytes(obj.quote)
        }

        if (obj.grant != null) {
          w.uint32(26)
          w.bytes(obj.grant)
        }

        if (obj.notice != null) {
          w.uint32(34)
          w.bytes(obj.notice)
        }

        if (obj.pending != null) {
          w.uint32(42)
          w.bytes(obj.pending)
        }

        if (obj.fundAgain != null) {
          w.uint32(50)
          w.bytes(obj.fundAgain)
        }

        if (obj.failure != null) {
          w.uint32(58)
          Failure.codec().encode(obj.failure, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.quote = reader.bytes()
              break
            }
            case 3: {
              obj.grant = reader.bytes()
              break
            }
            case 4: {
              obj.notice = reader.bytes()
              break
            }
            case 5: {
              obj.pending = reader.bytes()
              break
            }
            case 6: {
              obj.fundAgain = reader.bytes()
              break
            }
            case 7: {
              obj.failure = Failure.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.failure
              })
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
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.quote`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.grant`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.notice`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.pending`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.fundAgain`,
                value: reader.bytes()
              }
              break
            }
            case 7: {
              yield * Failure.codec().stream(reader, reader.uint32(), `${prefix}.failure`, {
                limits: opts.limits?.failure
              })

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

  export interface SessionAnswerHelloDocumentsFieldEvent {
    field: '$.hello.documents[]'
    index: number
    value: string
  }

  export interface SessionAnswerHelloClockMsFieldEvent {
    field: '$.hello.clockMs'
    value: number
  }

  export interface SessionAnswerQuoteFieldEvent {
    field: '$.quote'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SessionAnswerGrantFieldEvent {
    field: '$.grant'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SessionAnswerNoticeFieldEvent {
    field: '$.notice'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SessionAnswerPendingFieldEvent {
    field: '$.pending'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SessionAnswerFundAgainFieldEvent {
    field: '$.fundAgain'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SessionAnswerFailureCodeFieldEvent {
    field: '$.failure.code'
    value: string
  }

  export interface SessionAnswerFailureSessionIdFieldEvent {
    field: '$.failure.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SessionAnswerFailureMoneyWhereFieldEvent {
    field: '$.failure.money.where'
    value: string
  }

  export interface SessionAnswerFailureMoneyMinMicrosFieldEvent {
    field: '$.failure.money.minMicros'
    value: bigint
  }

  export interface SessionAnswerFailureMoneyMaxMicrosFieldEvent {
    field: '$.failure.money.maxMicros'
    value: bigint
  }

  export interface SessionAnswerFailureMoneyDeliveredFieldEvent {
    field: '$.failure.money.delivered'
    value: boolean
  }

  export interface SessionAnswerFailureExpectedFieldEvent {
    field: '$.failure.expected'
    value: number
  }

  export interface SessionAnswerFailureHeadFieldEvent {
    field: '$.failure.head'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<SessionAnswer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SessionAnswer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SessionAnswer>): SessionAnswer {
    return decodeMessage(buf, SessionAnswer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SessionAnswer>): Generator<SessionAnswerHelloDocumentsFieldEvent | SessionAnswerHelloClockMsFieldEvent | SessionAnswerQuoteFieldEvent | SessionAnswerGrantFieldEvent | SessionAnswerNoticeFieldEvent | SessionAnswerPendingFieldEvent | SessionAnswerFundAgainFieldEvent | SessionAnswerFailureCodeFieldEvent | SessionAnswerFailureSessionIdFieldEvent | SessionAnswerFailureMoneyWhereFieldEvent | SessionAnswerFailureMoneyMinMicrosFieldEvent | SessionAnswerFailureMoneyMaxMicrosFieldEvent | SessionAnswerFailureMoneyDeliveredFieldEvent | SessionAnswerFailureExpectedFieldEvent | SessionAnswerFailureHeadFieldEvent> {
    return streamMessage(buf, SessionAnswer.codec(), opts)
  }
}

export interface Attach {
  grant: Uint8Array<ArrayBuffer>
  notice?: Uint8Array<ArrayBuffer>
  cheque?: Uint8Array<ArrayBuffer>
  ack?: Uint8Array<ArrayBuffer>
  lastReceiptSeq: number
}

export namespace Attach {
  let _codec: Codec<Attach>

  export const codec = (): Codec<Attach> => {
    if (_codec == null) {
      _codec = message<Attach>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.grant != null && obj.grant.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.grant)
        }

        if (obj.notice != null) {
          w.uint32(18)
          w.bytes(obj.notice)
        }

        if (obj.cheque != null) {
          w.uint32(26)
          w.bytes(obj.cheque)
        }

        if (obj.ack != null) {
          w.uint32(34)
          w.bytes(obj.ack)
        }

        if ((obj.lastReceiptSeq != null && obj.lastReceiptSeq !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.lastReceiptSeq)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          grant: uint8ArrayAlloc(0),
          lastReceiptSeq: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.grant = reader.bytes()
              break
            }
            case 2: {
              obj.notice = reader.bytes()
              break
            }
            case 3: {
              obj.cheque = reader.bytes()
              break
            }
            case 4: {
              obj.ack = reader.bytes()
              break
            }
            case 5: {
              obj.lastReceiptSeq = reader.uint64Number()
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
                field: `${prefix}.grant`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.notice`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.cheque`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.ack`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.lastReceiptSeq`,
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

  export interface AttachGrantFieldEvent {
    field: '$.grant'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AttachNoticeFieldEvent {
    field: '$.notice'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AttachChequeFieldEvent {
    field: '$.cheque'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AttachAckFieldEvent {
    field: '$.ack'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AttachLastReceiptSeqFieldEvent {
    field: '$.lastReceiptSeq'
    value: number
  }

  export function encode (obj: Partial<Attach>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Attach.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Attach>): Attach {
    return decodeMessage(buf, Attach.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Attach>): Generator<AttachGrantFieldEvent | AttachNoticeFieldEvent | AttachChequeFieldEvent | AttachAckFieldEvent | AttachLastReceiptSeqFieldEvent> {
    return streamMessage(buf, Attach.codec(), opts)
  }
}

export interface Call {
  authorisation: Uint8Array<ArrayBuffer>
  args: Uint8Array<ArrayBuffer>
  inputs: Uint8Array<ArrayBuffer>
  stdoutFrom: number
  stderrFrom: number
}

export namespace Call {
  let _codec: Codec<Call>

  export const codec = (): Codec<Call> => {
    if (_codec == null) {
      _codec = message<Call>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.authorisation != null && obj.authorisation.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.authorisation)
        }

        if ((obj.args != null && obj.args.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.args)
        }

        if ((obj.inputs != null && obj.inputs.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.inputs)
        }

        if ((obj.stdoutFrom != null && obj.stdoutFrom !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.stdoutFrom)
        }

        if ((obj.stderrFrom != null && obj.stderrFrom !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.stderrFrom)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          authorisation: uint8ArrayAlloc(0),
          args: uint8ArrayAlloc(0),
          inputs: uint8ArrayAlloc(0),
          stdoutFrom: 0,
          stderrFrom: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.authorisation = reader.bytes()
              break
            }
            case 2: {
              obj.args = reader.bytes()
              break
            }
            case 3: {
              obj.inputs = reader.bytes()
              break
            }
            case 4: {
              obj.stdoutFrom = reader.uint64Number()
              break
            }
            case 5: {
              obj.stderrFrom = reader.uint64Number()
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
                field: `${prefix}.authorisation`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.args`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.inputs`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.stdoutFrom`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.stderrFrom`,
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

  export interface CallAuthorisationFieldEvent {
    field: '$.authorisation'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CallArgsFieldEvent {
    field: '$.args'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CallInputsFieldEvent {
    field: '$.inputs'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CallStdoutFromFieldEvent {
    field: '$.stdoutFrom'
    value: number
  }

  export interface CallStderrFromFieldEvent {
    field: '$.stderrFrom'
    value: number
  }

  export function encode (obj: Partial<Call>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Call.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Call>): Call {
    return decodeMessage(buf, Call.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Call>): Generator<CallAuthorisationFieldEvent | CallArgsFieldEvent | CallInputsFieldEvent | CallStdoutFromFieldEvent | CallStderrFromFieldEvent> {
    return streamMessage(buf, Call.codec(), opts)
  }
}

export interface WorkRequest {
  hello?: Hello
  attach?: Attach
  notice?: Uint8Array<ArrayBuffer>
  cheque?: Uint8Array<ArrayBuffer>
  ack?: Uint8Array<ArrayBuffer>
  call?: Call
  tickAck?: Uint8Array<ArrayBuffer>
  cancel?: number
  exit?: Uint8Array<ArrayBuffer>
  end?: Uint8Array<ArrayBuffer>
  heartbeat?: Heartbeat
}

export namespace WorkRequest {
  let _codec: Codec<WorkRequest>

  export const codec = (): Codec<WorkRequest> => {
    if (_codec == null) {
      _codec = message<WorkRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.attach != null) {
          w.uint32(18)
          Attach.codec().encode(obj.attach, w)
        }

        if (obj.notice != null) {
          w.uint32(26)
          w.bytes(obj.notice)
        }

        if (obj.cheque != null) {
          w.uint32(34)
          w.bytes(obj.cheque)
        }

        if (obj.ack != null) {
          w.uint32(42)
          w.bytes(obj.ack)
        }

        if (obj.call != null) {
          w.uint32(50)
          Call.codec().encode(obj.call, w)
        }

        if (obj.tickAck != null) {
          w.uint32(58)
          w.bytes(obj.tickAck)
        }

        if (obj.cancel != null) {
          w.uint32(64)
          w.uint64Number(obj.cancel)
        }

        if (obj.exit != null) {
          w.uint32(74)
          w.bytes(obj.exit)
        }

        if (obj.end != null) {
          w.uint32(82)
          w.bytes(obj.end)
        }

        if (obj.heartbeat != null) {
          w.uint32(90)
          Heartbeat.codec().encode(obj.heartbeat, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.attach = Attach.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.attach
              })
              break
            }
            case 3: {
              obj.notice = reader.bytes()
              break
            }
            case 4: {
              obj.cheque = reader.bytes()
              break
            }
            case 5: {
              obj.ack = reader.bytes()
              break
            }
            case 6: {
              obj.call = Call.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.call
              })
              break
            }
            case 7: {
              obj.tickAck = reader.bytes()
              break
            }
            case 8: {
              obj.cancel = reader.uint64Number()
              break
            }
            case 9: {
              obj.exit = reader.bytes()
              break
            }
            case 10: {
              obj.end = reader.bytes()
              break
            }
            case 11: {
              obj.heartbeat = Heartbeat.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heartbeat
              })
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
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield * Attach.codec().stream(reader, reader.uint32(), `${prefix}.attach`, {
                limits: opts.limits?.attach
              })

              break
            }
            case 3: {
              yield {
                field: `${prefix}.notice`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.cheque`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.ack`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield * Call.codec().stream(reader, reader.uint32(), `${prefix}.call`, {
                limits: opts.limits?.call
              })

              break
            }
            case 7: {
              yield {
                field: `${prefix}.tickAck`,
                value: reader.bytes()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.cancel`,
                value: reader.uint64Number()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.exit`,
                value: reader.bytes()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.end`,
                value: reader.bytes()
              }
              break
            }
            case 11: {
              yield * Heartbeat.codec().stream(reader, reader.uint32(), `${prefix}.heartbeat`, {
                limits: opts.limits?.heartbeat
              })

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

  export interface WorkRequestHelloDocumentsFieldEvent {
    field: '$.hello.documents[]'
    index: number
    value: string
  }

  export interface WorkRequestHelloClockMsFieldEvent {
    field: '$.hello.clockMs'
    value: number
  }

  export interface WorkRequestAttachGrantFieldEvent {
    field: '$.attach.grant'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestAttachNoticeFieldEvent {
    field: '$.attach.notice'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestAttachChequeFieldEvent {
    field: '$.attach.cheque'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestAttachAckFieldEvent {
    field: '$.attach.ack'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestAttachLastReceiptSeqFieldEvent {
    field: '$.attach.lastReceiptSeq'
    value: number
  }

  export interface WorkRequestNoticeFieldEvent {
    field: '$.notice'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestChequeFieldEvent {
    field: '$.cheque'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestAckFieldEvent {
    field: '$.ack'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestCallAuthorisationFieldEvent {
    field: '$.call.authorisation'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestCallArgsFieldEvent {
    field: '$.call.args'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestCallInputsFieldEvent {
    field: '$.call.inputs'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestCallStdoutFromFieldEvent {
    field: '$.call.stdoutFrom'
    value: number
  }

  export interface WorkRequestCallStderrFromFieldEvent {
    field: '$.call.stderrFrom'
    value: number
  }

  export interface WorkRequestTickAckFieldEvent {
    field: '$.tickAck'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestCancelFieldEvent {
    field: '$.cancel'
    value: number
  }

  export interface WorkRequestExitFieldEvent {
    field: '$.exit'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestEndFieldEvent {
    field: '$.end'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkRequestHeartbeatCountFieldEvent {
    field: '$.heartbeat.count'
    value: number
  }

  export function encode (obj: Partial<WorkRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WorkRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WorkRequest>): WorkRequest {
    return decodeMessage(buf, WorkRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WorkRequest>): Generator<WorkRequestHelloDocumentsFieldEvent | WorkRequestHelloClockMsFieldEvent | WorkRequestAttachGrantFieldEvent | WorkRequestAttachNoticeFieldEvent | WorkRequestAttachChequeFieldEvent | WorkRequestAttachAckFieldEvent | WorkRequestAttachLastReceiptSeqFieldEvent | WorkRequestNoticeFieldEvent | WorkRequestChequeFieldEvent | WorkRequestAckFieldEvent | WorkRequestCallAuthorisationFieldEvent | WorkRequestCallArgsFieldEvent | WorkRequestCallInputsFieldEvent | WorkRequestCallStdoutFromFieldEvent | WorkRequestCallStderrFromFieldEvent | WorkRequestTickAckFieldEvent | WorkRequestCancelFieldEvent | WorkRequestExitFieldEvent | WorkRequestEndFieldEvent | WorkRequestHeartbeatCountFieldEvent> {
    return streamMessage(buf, WorkRequest.codec(), opts)
  }
}

export interface Accepted {
  callSeq: number
}

export namespace Accepted {
  let _codec: Codec<Accepted>

  export const codec = (): Codec<Accepted> => {
    if (_codec == null) {
      _codec = message<Accepted>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.callSeq != null && obj.callSeq !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.callSeq)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          callSeq: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.callSeq = reader.uint64Number()
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
                field: `${prefix}.callSeq`,
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

  export interface AcceptedCallSeqFieldEvent {
    field: '$.callSeq'
    value: number
  }

  export function encode (obj: Partial<Accepted>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Accepted.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Accepted>): Accepted {
    return decodeMessage(buf, Accepted.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Accepted>): Generator<AcceptedCallSeqFieldEvent> {
    return streamMessage(buf, Accepted.codec(), opts)
  }
}

export interface Attached {
  lastCallSeq: number
  lastReceiptSeq: number
}

export namespace Attached {
  let _codec: Codec<Attached>

  export const codec = (): Codec<Attached> => {
    if (_codec == null) {
      _codec = message<Attached>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.lastCallSeq != null && obj.lastCallSeq !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.lastCallSeq)
        }

        if ((obj.lastReceiptSeq != null && obj.lastReceiptSeq !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.lastReceiptSeq)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          lastCallSeq: 0,
          lastReceiptSeq: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.lastCallSeq = reader.uint64Number()
              break
            }
            case 2: {
              obj.lastReceiptSeq = reader.uint64Number()
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
                field: `${prefix}.lastCallSeq`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.lastReceiptSeq`,
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

  export interface AttachedLastCallSeqFieldEvent {
    field: '$.lastCallSeq'
    value: number
  }

  export interface AttachedLastReceiptSeqFieldEvent {
    field: '$.lastReceiptSeq'
    value: number
  }

  export function encode (obj: Partial<Attached>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Attached.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Attached>): Attached {
    return decodeMessage(buf, Attached.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Attached>): Generator<AttachedLastCallSeqFieldEvent | AttachedLastReceiptSeqFieldEvent> {
    return streamMessage(buf, Attached.codec(), opts)
  }
}

export interface Log {
  callSeq: number
  stderr: boolean
  offset: number
  bytes: Uint8Array<ArrayBuffer>
}

export namespace Log {
  let _codec: Codec<Log>

  export const codec = (): Codec<Log> => {
    if (_codec == null) {
      _codec = message<Log>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.callSeq != null && obj.callSeq !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.callSeq)
        }

        if ((obj.stderr != null && obj.stderr !== false)) {
          w.uint32(16)
          w.bool(obj.stderr)
        }

        if ((obj.offset != null && obj.offset !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.offset)
        }

        if ((obj.bytes != null && obj.bytes.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.bytes)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          callSeq: 0,
          stderr: false,
          offset: 0,
          bytes: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.callSeq = reader.uint64Number()
              break
            }
            case 2: {
              obj.stderr = reader.bool()
              break
            }
            case 3: {
              obj.offset = reader.uint64Number()
              break
            }
            case 4: {
              obj.bytes = reader.bytes()
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
                field: `${prefix}.callSeq`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.stderr`,
                value: reader.bool()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.offset`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.bytes`,
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

  export interface LogCallSeqFieldEvent {
    field: '$.callSeq'
    value: number
  }

  export interface LogStderrFieldEvent {
    field: '$.stderr'
    value: boolean
  }

  export interface LogOffsetFieldEvent {
    field: '$.offset'
    value: number
  }

  export interface LogBytesFieldEvent {
    field: '$.bytes'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Log>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Log.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Log>): Log {
    return decodeMessage(buf, Log.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Log>): Generator<LogCallSeqFieldEvent | LogStderrFieldEvent | LogOffsetFieldEvent | LogBytesFieldEvent> {
    return streamMessage(buf, Log.codec(), opts)
  }
}

export interface Tick {
  authId: Uint8Array<ArrayBuffer>
  ms: number
  queuedMs: number
}

export namespace Tick {
  let _codec: Codec<Tick>

  export const codec = (): Codec<Tick> => {
    if (_codec == null) {
      _codec = message<Tick>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.authId != null && obj.authId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.authId)
        }

        if ((obj.ms != null && obj.ms !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.ms)
        }

        if ((obj.queuedMs != null && obj.queuedMs !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.queuedMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          authId: uint8ArrayAlloc(0),
          ms: 0,
          queuedMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.authId = reader.bytes()
              break
            }
            case 2: {
              obj.ms = reader.uint64Number()
              break
            }
            case 3: {
              obj.queuedMs = reader.uint64Number()
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
                field: `${prefix}.authId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.ms`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.queuedMs`,
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

  export interface TickAuthIdFieldEvent {
    field: '$.authId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface TickMsFieldEvent {
    field: '$.ms'
    value: number
  }

  export interface TickQueuedMsFieldEvent {
    field: '$.queuedMs'
    value: number
  }

  export function encode (obj: Partial<Tick>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Tick.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Tick>): Tick {
    return decodeMessage(buf, Tick.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Tick>): Generator<TickAuthIdFieldEvent | TickMsFieldEvent | TickQueuedMsFieldEvent> {
    return streamMessage(buf, Tick.codec(), opts)
  }
}

export interface Done {
  receipt: Uint8Array<ArrayBuffer>
  output: Uint8Array<ArrayBuffer>
  authorisation?: Uint8Array<ArrayBuffer>
  tickAck?: Uint8Array<ArrayBuffer>
}

export namespace Done {
  let _codec: Codec<Done>

  export const codec = (): Codec<Done> => {
    if (_codec == null) {
      _codec = message<Done>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.receipt != null && obj.receipt.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.receipt)
        }

        if ((obj.output != null && obj.output.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.output)
        }

        if (obj.authorisation != null) {
          w.uint32(26)
          w.bytes(obj.authorisation)
        }

        if (obj.tickAck != null) {
          w.uint32(34)
          w.bytes(obj.tickAck)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          receipt: uint8ArrayAlloc(0),
          output: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.receipt = reader.bytes()
              break
            }
            case 2: {
              obj.output = reader.bytes()
              break
            }
            case 3: {
              obj.authorisation = reader.bytes()
              break
            }
            case 4: {
              obj.tickAck = reader.bytes()
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
                field: `${prefix}.receipt`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.output`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.authorisation`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.tickAck`,
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

  export interface DoneReceiptFieldEvent {
    field: '$.receipt'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DoneOutputFieldEvent {
    field: '$.output'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DoneAuthorisationFieldEvent {
    field: '$.authorisation'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DoneTickAckFieldEvent {
    field: '$.tickAck'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Done>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Done.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Done>): Done {
    return decodeMessage(buf, Done.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Done>): Generator<DoneReceiptFieldEvent | DoneOutputFieldEvent | DoneAuthorisationFieldEvent | DoneTickAckFieldEvent> {
    return streamMessage(buf, Done.codec(), opts)
  }
}

export interface WorkAnswer {
  hello?: Hello
  attached?: Attached
  accepted?: Accepted
  refusal?: Uint8Array<ArrayBuffer>
  log?: Log
  tick?: Tick
  done?: Done
  exit?: Uint8Array<ArrayBuffer>
  end?: Uint8Array<ArrayBuffer>
  notice?: Uint8Array<ArrayBuffer>
  failure?: Failure
  heartbeat?: Heartbeat
}

export namespace WorkAnswer {
  let _codec: Codec<WorkAnswer>

  export const codec = (): Codec<WorkAnswer> => {
    if (_codec == null) {
      _codec = message<WorkAnswer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.attached != null) {
          w.uint32(18)
          Attached.codec().encode(obj.attached, w)
        }

        if (obj.accepted != null) {
          w.uint32(26)
          Accepted.codec().encode(obj.accepted, w)
        }

        if (obj.refusal != null) {
          w.uint32(34)
          w.bytes(obj.refusal)
        }

        if (obj.log != null) {
          w.uint32(42)
          Log.codec().encode(obj.log, w)
        }

        if (obj.tick != null) {
          w.uint32(50)
          Tick.codec().encode(obj.tick, w)
        }

        if (obj.done != null) {
          w.uint32(58)
          Done.codec().encode(obj.done, w)
        }

        if (obj.exit != null) {
          w.uint32(66)
          w.bytes(obj.exit)
        }

        if (obj.end != null) {
          w.uint32(74)
          w.bytes(obj.end)
        }

        if (obj.notice != null) {
          w.uint32(82)
          w.bytes(obj.notice)
        }

        if (obj.failure != null) {
          w.uint32(90)
          Failure.codec().encode(obj.failure, w)
        }

        if (obj.heartbeat != null) {
          w.uint32(98)
          Heartbeat.codec().encode(obj.heartbeat, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.attached = Attached.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.attached
              })
              break
            }
            case 3: {
              obj.accepted = Accepted.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.accepted
              })
              break
            }
            case 4: {
              obj.refusal = reader.bytes()
              break
            }
            case 5: {
              obj.log = Log.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.log
              })
              break
            }
            case 6: {
              obj.tick = Tick.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.tick
              })
              break
            }
            case 7: {
              obj.done = Done.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.done
              })
              break
            }
            case 8: {
              obj.exit = reader.bytes()
              break
            }
            case 9: {
              obj.end = reader.bytes()
              break
            }
            case 10: {
              obj.notice = reader.bytes()
              break
            }
            case 11: {
              obj.failure = Failure.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.failure
              })
              break
            }
            case 12: {
              obj.heartbeat = Heartbeat.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heartbeat
              })
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
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield * Attached.codec().stream(reader, reader.uint32(), `${prefix}.attached`, {
                limits: opts.limits?.attached
              })

              break
            }
            case 3: {
              yield * Accepted.codec().stream(reader, reader.uint32(), `${prefix}.accepted`, {
                limits: opts.limits?.accepted
              })

              break
            }
            case 4: {
              yield {
                field: `${prefix}.refusal`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield * Log.codec().stream(reader, reader.uint32(), `${prefix}.log`, {
                limits: opts.limits?.log
              })

              break
            }
            case 6: {
              yield * Tick.codec().stream(reader, reader.uint32(), `${prefix}.tick`, {
                limits: opts.limits?.tick
              })

              break
            }
            case 7: {
              yield * Done.codec().stream(reader, reader.uint32(), `${prefix}.done`, {
                limits: opts.limits?.done
              })

              break
            }
            case 8: {
              yield {
                field: `${prefix}.exit`,
                value: reader.bytes()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.end`,
                value: reader.bytes()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.notice`,
                value: reader.bytes()
              }
              break
            }
            case 11: {
              yield * Failure.codec().stream(reader, reader.uint32(), `${prefix}.failure`, {
                limits: opts.limits?.failure
              })

              break
            }
            case 12: {
              yield * Heartbeat.codec().stream(reader, reader.uint32(), `${prefix}.heartbeat`, {
                limits: opts.limits?.heartbeat
              })

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

  export interface WorkAnswerHelloDocumentsFieldEvent {
    field: '$.hello.documents[]'
    index: number
    value: string
  }

  export interface WorkAnswerHelloClockMsFieldEvent {
    field: '$.hello.clockMs'
    value: number
  }

  export interface WorkAnswerAttachedLastCallSeqFieldEvent {
    field: '$.attached.lastCallSeq'
    value: number
  }

  export interface WorkAnswerAttachedLastReceiptSeqFieldEvent {
    field: '$.attached.lastReceiptSeq'
    value: number
  }

  export interface WorkAnswerAcceptedCallSeqFieldEvent {
    field: '$.accepted.callSeq'
    value: number
  }

  export interface WorkAnswerRefusalFieldEvent {
    field: '$.refusal'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkAnswerLogCallSeqFieldEvent {
    field: '$.log.callSeq'
    value: number
  }

  export interface WorkAnswerLogStderrFieldEvent {
    field: '$.log.stderr'
    value: boolean
  }

  export interface WorkAnswerLogOffsetFieldEvent {
    field: '$.log.offset'
    value: number
  }

  export interface WorkAnswerLogBytesFieldEvent {
    field: '$.log.bytes'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkAnswerTickAuthIdFieldEvent {
    field: '$.tick.authId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkAnswerTickMsFieldEvent {
    field: '$.tick.ms'
    value: number
  }

  export interface WorkAnswerTickQueuedMsFieldEvent {
    field: '$.tick.queuedMs'
    value: number
  }

  export interface WorkAnswerDoneReceiptFieldEvent {
    field: '$.done.receipt'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkAnswerDoneOutputFieldEvent {
    field: '$.done.output'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkAnswerDoneAuthorisationFieldEvent {
    field: '$.done.authorisation'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkAnswerDoneTickAckFieldEvent {
    field: '$.done.tickAck'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkAnswerExitFieldEvent {
    field: '$.exit'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkAnswerEndFieldEvent {
    field: '$.end'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkAnswerNoticeFieldEvent {
    field: '$.notice'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkAnswerFailureCodeFieldEvent {
    field: '$.failure.code'
    value: string
  }

  export interface WorkAnswerFailureSessionIdFieldEvent {
    field: '$.failure.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkAnswerFailureMoneyWhereFieldEvent {
    field: '$.failure.money.where'
    value: string
  }

  export interface WorkAnswerFailureMoneyMinMicrosFieldEvent {
    field: '$.failure.money.minMicros'
    value: bigint
  }

  export interface WorkAnswerFailureMoneyMaxMicrosFieldEvent {
    field: '$.failure.money.maxMicros'
    value: bigint
  }

  export interface WorkAnswerFailureMoneyDeliveredFieldEvent {
    field: '$.failure.money.delivered'
    value: boolean
  }

  export interface WorkAnswerFailureExpectedFieldEvent {
    field: '$.failure.expected'
    value: number
  }

  export interface WorkAnswerFailureHeadFieldEvent {
    field: '$.failure.head'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WorkAnswerHeartbeatCountFieldEvent {
    field: '$.heartbeat.count'
    value: number
  }

  export function encode (obj: Partial<WorkAnswer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WorkAnswer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WorkAnswer>): WorkAnswer {
    return decodeMessage(buf, WorkAnswer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WorkAnswer>): Generator<WorkAnswerHelloDocumentsFieldEvent | WorkAnswerHelloClockMsFieldEvent | WorkAnswerAttachedLastCallSeqFieldEvent | WorkAnswerAttachedLastReceiptSeqFieldEvent | WorkAnswerAcceptedCallSeqFieldEvent | WorkAnswerRefusalFieldEvent | WorkAnswerLogCallSeqFieldEvent | WorkAnswerLogStderrFieldEvent | WorkAnswerLogOffsetFieldEvent | WorkAnswerLogBytesFieldEvent | WorkAnswerTickAuthIdFieldEvent | WorkAnswerTickMsFieldEvent | WorkAnswerTickQueuedMsFieldEvent | WorkAnswerDoneReceiptFieldEvent | WorkAnswerDoneOutputFieldEvent | WorkAnswerDoneAuthorisationFieldEvent | WorkAnswerDoneTickAckFieldEvent | WorkAnswerExitFieldEvent | WorkAnswerEndFieldEvent | WorkAnswerNoticeFieldEvent | WorkAnswerFailureCodeFieldEvent | WorkAnswerFailureSessionIdFieldEvent | WorkAnswerFailureMoneyWhereFieldEvent | WorkAnswerFailureMoneyMinMicrosFieldEvent | WorkAnswerFailureMoneyMaxMicrosFieldEvent | WorkAnswerFailureMoneyDeliveredFieldEvent | WorkAnswerFailureExpectedFieldEvent | WorkAnswerFailureHeadFieldEvent | WorkAnswerHeartbeatCountFieldEvent> {
    return streamMessage(buf, WorkAnswer.codec(), opts)
  }
}

export interface CollectedReceipt {
  authorisation: Uint8Array<ArrayBuffer>
  receipt: Uint8Array<ArrayBuffer>
  tickAck?: Uint8Array<ArrayBuffer>
}

export namespace CollectedReceipt {
  let _codec: Codec<CollectedReceipt>

  export const codec = (): Codec<CollectedReceipt> => {
    if (_codec == null) {
      _codec = message<CollectedReceipt>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.authorisation != null && obj.authorisation.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.authorisation)
        }

        if ((obj.receipt != null && obj.receipt.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.receipt)
        }

        if (obj.tickAck != null) {
          w.uint32(26)
          w.bytes(obj.tickAck)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          authorisation: uint8ArrayAlloc(0),
          receipt: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.authorisation = reader.bytes()
              break
            }
            case 2: {
              obj.receipt = reader.bytes()
              break
            }
            case 3: {
              obj.tickAck = reader.bytes()
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
                field: `${prefix}.authorisation`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.receipt`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.tickAck`,
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

  export interface CollectedReceiptAuthorisationFieldEvent {
    field: '$.authorisation'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CollectedReceiptReceiptFieldEvent {
    field: '$.receipt'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CollectedReceiptTickAckFieldEvent {
    field: '$.tickAck'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<CollectedReceipt>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, CollectedReceipt.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CollectedReceipt>): CollectedReceipt {
    return decodeMessage(buf, CollectedReceipt.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CollectedReceipt>): Generator<CollectedReceiptAuthorisationFieldEvent | CollectedReceiptReceiptFieldEvent | CollectedReceiptTickAckFieldEvent> {
    return streamMessage(buf, CollectedReceipt.codec(), opts)
  }
}

export interface ReceiptsRequest {
  hello?: Hello
  batch: number
  sessionId?: Uint8Array<ArrayBuffer>
  cheques: Uint8Array<ArrayBuffer>[]
  receipts: CollectedReceipt[]
  acks: Uint8Array<ArrayBuffer>[]
  final?: Uint8Array<ArrayBuffer>
  ends: Uint8Array<ArrayBuffer>[]
  heartbeat?: Heartbeat
}

export namespace ReceiptsRequest {
  let _codec: Codec<ReceiptsRequest>

  export const codec = (): Codec<ReceiptsRequest> => {
    if (_codec == null) {
      _codec = message<ReceiptsRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if ((obj.batch != null && obj.batch !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.batch)
        }

        if (obj.sessionId != null) {
          w.uint32(26)
          w.bytes(obj.sessionId)
        }

        if (obj.cheques != null && obj.cheques.length > 0) {
          for (const value of obj.cheques) {
            w.uint32(34)
            w.bytes(value)
          }
        }

        if (obj.receipts != null && obj.receipts.length > 0) {
          for (const value of obj.receipts) {
            w.uint32(42)
            CollectedReceipt.codec().encode(value, w)
          }
        }

        if (obj.acks != null && obj.acks.length > 0) {
          for (const value of obj.acks) {
            w.uint32(50)
            w.bytes(value)
          }
        }

        if (obj.final != null) {
          w.uint32(58)
          w.bytes(obj.final)
        }

        if (obj.ends != null && obj.ends.length > 0) {
          for (const value of obj.ends) {
            w.uint32(66)
            w.bytes(value)
          }
        }

        if (obj.heartbeat != null) {
          w.uint32(74)
          Heartbeat.codec().encode(obj.heartbeat, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          batch: 0,
          cheques: [],
          receipts: [],
          acks: [],
          ends: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.batch = reader.uint64Number()
              break
            }
            case 3: {
              obj.sessionId = reader.bytes()
              break
            }
            case 4: {
              if (opts.limits?.cheques != null && obj.cheques.length === opts.limits.cheques) {
                throw new MaxLengthError('Decode error - repeated field "cheques" had too many elements')
              }

              obj.cheques.push(reader.bytes())
              break
            }
            case 5: {
              if (opts.limits?.receipts != null && obj.receipts.length === opts.limits.receipts) {
                throw new MaxLengthError('Decode error - repeated field "receipts" had too many elements')
              }

              obj.receipts.push(CollectedReceipt.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.receipts$
              }))
              break
            }
            case 6: {
              if (opts.limits?.acks != null && obj.acks.length === opts.limits.acks) {
                throw new MaxLengthError('Decode error - repeated field "acks" had too many elements')
              }

              obj.acks.push(reader.bytes())
              break
            }
            case 7: {
              obj.final = reader.bytes()
              break
            }
            case 8: {
              if (opts.limits?.ends != null && obj.ends.length === opts.limits.ends) {
                throw new MaxLengthError('Decode error - repeated field "ends" had too many elements')
              }

              obj.ends.push(reader.bytes())
              break
            }
            case 9: {
              obj.heartbeat = Heartbeat.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heartbeat
              })
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
          cheques: 0,
          receipts: 0,
          acks: 0,
          ends: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.batch`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.sessionId`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              if (opts.limits?.cheques != null && obj.cheques === opts.limits.cheques) {
                throw new MaxLengthError('Streaming decode error - repeated field "cheques" had too many elements')
              }

              yield {
                field: `${prefix}.cheques[]`,
                index: obj.cheques,
                value: reader.bytes()
              }

              obj.cheques++

              break
            }
            case 5: {
              if (opts.limits?.receipts != null && obj.receipts === opts.limits.receipts) {
                throw new MaxLengthError('Streaming decode error - repeated field "receipts" had too many elements')
              }

              for (const evt of CollectedReceipt.codec().stream(reader, reader.uint32(), `${prefix}.receipts[]`, {
                limits: opts.limits?.receipts$
              })) {
                yield {
                  ...evt,
                  index: obj.receipts
                }
              }

              obj.receipts++

              break
            }
            case 6: {
              if (opts.limits?.acks != null && obj.acks === opts.limits.acks) {
                throw new MaxLengthError('Streaming decode error - repeated field "acks" had too many elements')
              }

              yield {
                field: `${prefix}.acks[]`,
                index: obj.acks,
                value: reader.bytes()
              }

              obj.acks++

              break
            }
            case 7: {
              yield {
                field: `${prefix}.final`,
                value: reader.bytes()
              }
              break
            }
            case 8: {
              if (opts.limits?.ends != null && obj.ends === opts.limits.ends) {
                throw new MaxLengthError('Streaming decode error - repeated field "ends" had too many elements')
              }

              yield {
                field: `${prefix}.ends[]`,
                index: obj.ends,
                value: reader.bytes()
              }

              obj.ends++

              break
            }
            case 9: {
              yield * Heartbeat.codec().stream(reader, reader.uint32(), `${prefix}.heartbeat`, {
                limits: opts.limits?.heartbeat
              })

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

  export interface ReceiptsRequestHelloDocumentsFieldEvent {
    field: '$.hello.documents[]'
    index: number
    value: string
  }

  export interface ReceiptsRequestHelloClockMsFieldEvent {
    field: '$.hello.clockMs'
    value: number
  }

  export interface ReceiptsRequestBatchFieldEvent {
    field: '$.batch'
    value: number
  }

  export interface ReceiptsRequestSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptsRequestChequesFieldEvent {
    field: '$.cheques[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptsRequestReceiptsAuthorisationFieldEvent {
    field: '$.receipts[].authorisation'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ReceiptsRequestReceiptsReceiptFieldEvent {
    field: '$.receipts[].receipt'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ReceiptsRequestReceiptsTickAckFieldEvent {
    field: '$.receipts[].tickAck'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ReceiptsRequestAcksFieldEvent {
    field: '$.acks[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptsRequestFinalFieldEvent {
    field: '$.final'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptsRequestEndsFieldEvent {
    field: '$.ends[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptsRequestHeartbeatCountFieldEvent {
    field: '$.heartbeat.count'
    value: number
  }

  export function encode (obj: Partial<ReceiptsRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ReceiptsRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReceiptsRequest>): ReceiptsRequest {
    return decodeMessage(buf, ReceiptsRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReceiptsRequest>): Generator<ReceiptsRequestHelloDocumentsFieldEvent | ReceiptsRequestHelloClockMsFieldEvent | ReceiptsRequestBatchFieldEvent | ReceiptsRequestSessionIdFieldEvent | ReceiptsRequestChequesFieldEvent | ReceiptsRequestReceiptsAuthorisationFieldEvent | ReceiptsRequestReceiptsReceiptFieldEvent | ReceiptsRequestReceiptsTickAckFieldEvent | ReceiptsRequestAcksFieldEvent | ReceiptsRequestFinalFieldEvent | ReceiptsRequestEndsFieldEvent | ReceiptsRequestHeartbeatCountFieldEvent> {
    return streamMessage(buf, ReceiptsRequest.codec(), opts)
  }
}

export interface ReceiptsAnswer {
  hello?: Hello
  batch?: number
  notice?: Uint8Array<ArrayBuffer>
  failure?: Failure
  heartbeat?: Heartbeat
}

export namespace ReceiptsAnswer {
  let _codec: Codec<ReceiptsAnswer>

  export const codec = (): Codec<ReceiptsAnswer> => {
    if (_codec == null) {
      _codec = message<ReceiptsAnswer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.batch != null) {
          w.uint32(16)
          w.uint64Number(obj.batch)
        }

        if (obj.notice != null) {
          w.uint32(26)
          w.bytes(obj.notice)
        }

        if (obj.failure != null) {
          w.uint32(34)
          Failure.codec().encode(obj.failure, w)
        }

        if (obj.heartbeat != null) {
          w.uint32(42)
          Heartbeat.codec().encode(obj.heartbeat, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.batch = reader.uint64Number()
              break
            }
            case 3: {
              obj.notice = reader.bytes()
              break
            }
            case 4: {
              obj.failure = Failure.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.failure
              })
              break
            }
            case 5: {
              obj.heartbeat = Heartbeat.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heartbeat
              })
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
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.batch`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.notice`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield * Failure.codec().stream(reader, reader.uint32(), `${prefix}.failure`, {
                limits: opts.limits?.failure
              })

              break
            }
            case 5: {
              yield * Heartbeat.codec().stream(reader, reader.uint32(), `${prefix}.heartbeat`, {
                limits: opts.limits?.heartbeat
              })

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

  export interface ReceiptsAnswerHelloDocumentsFieldEvent {
    field: '$.hello.documents[]'
    index: number
    value: string
  }

  export interface ReceiptsAnswerHelloClockMsFieldEvent {
    field: '$.hello.clockMs'
    value: number
  }

  export interface ReceiptsAnswerBatchFieldEvent {
    field: '$.batch'
    value: number
  }

  export interface ReceiptsAnswerNoticeFieldEvent {
    field: '$.notice'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptsAnswerFailureCodeFieldEvent {
    field: '$.failure.code'
    value: string
  }

  export interface ReceiptsAnswerFailureSessionIdFieldEvent {
    field: '$.failure.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptsAnswerFailureMoneyWhereFieldEvent {
    field: '$.failure.money.where'
    value: string
  }

  export interface ReceiptsAnswerFailureMoneyMinMicrosFieldEvent {
    field: '$.failure.money.minMicros'
    value: bigint
  }

  export interface ReceiptsAnswerFailureMoneyMaxMicrosFieldEvent {
    field: '$.failure.money.maxMicros'
    value: bigint
  }

  export interface ReceiptsAnswerFailureMoneyDeliveredFieldEvent {
    field: '$.failure.money.delivered'
    value: boolean
  }

  export interface ReceiptsAnswerFailureExpectedFieldEvent {
    field: '$.failure.expected'
    value: number
  }

  export interface ReceiptsAnswerFailureHeadFieldEvent {
    field: '$.failure.head'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptsAnswerHeartbeatCountFieldEvent {
    field: '$.heartbeat.count'
    value: number
  }

  export function encode (obj: Partial<ReceiptsAnswer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ReceiptsAnswer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReceiptsAnswer>): ReceiptsAnswer {
    return decodeMessage(buf, ReceiptsAnswer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReceiptsAnswer>): Generator<ReceiptsAnswerHelloDocumentsFieldEvent | ReceiptsAnswerHelloClockMsFieldEvent | ReceiptsAnswerBatchFieldEvent | ReceiptsAnswerNoticeFieldEvent | ReceiptsAnswerFailureCodeFieldEvent | ReceiptsAnswerFailureSessionIdFieldEvent | ReceiptsAnswerFailureMoneyWhereFieldEvent | ReceiptsAnswerFailureMoneyMinMicrosFieldEvent | ReceiptsAnswerFailureMoneyMaxMicrosFieldEvent | ReceiptsAnswerFailureMoneyDeliveredFieldEvent | ReceiptsAnswerFailureExpectedFieldEvent | ReceiptsAnswerFailureHeadFieldEvent | ReceiptsAnswerHeartbeatCountFieldEvent> {
    return streamMessage(buf, ReceiptsAnswer.codec(), opts)
  }
}

export interface Debit {
  sessionId: Uint8Array<ArrayBuffer>
  version: number
  totalMicros: bigint
  tsMs: number
}

export namespace Debit {
  let _codec: Codec<Debit>

  export const codec = (): Codec<Debit> => {
    if (_codec == null) {
      _codec = message<Debit>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sessionId != null && obj.sessionId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.sessionId)
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.version)
        }

        if ((obj.totalMicros != null && obj.totalMicros !== 0n)) {
          w.uint32(24)
          writeUint64(w, obj.totalMicros)
        }

        if ((obj.tsMs != null && obj.tsMs !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.tsMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sessionId: uint8ArrayAlloc(0),
          version: 0,
          totalMicros: 0n,
          tsMs: 0
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
              obj.version = reader.uint64Number()
              break
            }
            case 3: {
              obj.totalMicros = reader.uint64()
              break
            }
            case 4: {
              obj.tsMs = reader.uint64Number()
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
                field: `${prefix}.version`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.totalMicros`,
                value: reader.uint64()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.tsMs`,
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

  export interface DebitSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DebitVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export interface DebitTotalMicrosFieldEvent {
    field: '$.totalMicros'
    value: bigint
  }

  export interface DebitTsMsFieldEvent {
    field: '$.tsMs'
    value: number
  }

  export function encode (obj: Partial<Debit>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Debit.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Debit>): Debit {
    return decodeMessage(buf, Debit.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Debit>): Generator<DebitSessionIdFieldEvent | DebitVersionFieldEvent | DebitTotalMicrosFieldEvent | DebitTsMsFieldEvent> {
    return streamMessage(buf, Debit.codec(), opts)
  }
}

export interface Close {
  sessionId: Uint8Array<ArrayBuffer>
  base: number
  totalMicros: bigint
}

export namespace Close {
  let _codec: Codec<Close>

  export const codec = (): Codec<Close> => {
    if (_codec == null) {
      _codec = message<Close>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sessionId != null && obj.sessionId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.sessionId)
        }

        if ((obj.base != null && obj.base !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.base)
        }

        if ((obj.totalMicros != null && obj.totalMicros !== 0n)) {
          w.uint32(24)
          writeUint64(w, obj.totalMicros)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sessionId: uint8ArrayAlloc(0),
          base: 0,
          totalMicros: 0n
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
              obj.base = reader.uint64Number()
              break
            }
            case 3: {
              obj.totalMicros = reader.uint64()
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
                field: `${prefix}.base`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.totalMicros`,
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

  export interface CloseSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CloseBaseFieldEvent {
    field: '$.base'
    value: number
  }

  export interface CloseTotalMicrosFieldEvent {
    field: '$.totalMicros'
    value: bigint
  }

  export function encode (obj: Partial<Close>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Close.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Close>): Close {
    return decodeMessage(buf, Close.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Close>): Generator<CloseSessionIdFieldEvent | CloseBaseFieldEvent | CloseTotalMicrosFieldEvent> {
    return streamMessage(buf, Close.codec(), opts)
  }
}

export interface CosignRequest {
  hello?: Hello
  debit?: Debit
  close?: Close
  contest?: CollectedReceipt
  notice?: Uint8Array<ArrayBuffer>
}

export namespace CosignRequest {
  let _codec: Codec<CosignRequest>

  export const codec = (): Codec<CosignRequest> => {
    if (_codec == null) {
      _codec = message<CosignRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.debit != null) {
          w.uint32(18)
          Debit.codec().encode(obj.debit, w)
        }

        if (obj.close != null) {
          w.uint32(26)
          Close.codec().encode(obj.close, w)
        }

        if (obj.contest != null) {
          w.uint32(34)
          CollectedReceipt.codec().encode(obj.contest, w)
        }

        if (obj.notice != null) {
          w.uint32(42)
          w.bytes(obj.notice)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.debit = Debit.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.debit
              })
              break
            }
            case 3: {
              obj.close = Close.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.close
              })
              break
            }
            case 4: {
              obj.contest = CollectedReceipt.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.contest
              })
              break
            }
            case 5: {
              obj.notice = reader.bytes()
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
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield * Debit.codec().stream(reader, reader.uint32(), `${prefix}.debit`, {
                limits: opts.limits?.debit
              })

              break
            }
            case 3: {
              yield * Close.codec().stream(reader, reader.uint32(), `${prefix}.close`, {
                limits: opts.limits?.close
              })

              break
            }
            case 4: {
              yield * CollectedReceipt.codec().stream(reader, reader.uint32(), `${prefix}.contest`, {
                limits: opts.limits?.contest
              })

              break
            }
            case 5: {
              yield {
                field: `${prefix}.notice`,
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

  export interface CosignRequestHelloDocumentsFieldEvent {
    field: '$.hello.documents[]'
    index: number
    value: string
  }

  export interface CosignRequestHelloClockMsFieldEvent {
    field: '$.hello.clockMs'
    value: number
  }

  export interface CosignRequestDebitSessionIdFieldEvent {
    field: '$.debit.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CosignRequestDebitVersionFieldEvent {
    field: '$.debit.version'
    value: number
  }

  export interface CosignRequestDebitTotalMicrosFieldEvent {
    field: '$.debit.totalMicros'
    value: bigint
  }

  export interface CosignRequestDebitTsMsFieldEvent {
    field: '$.debit.tsMs'
    value: number
  }

  export interface CosignRequestCloseSessionIdFieldEvent {
    field: '$.close.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CosignRequestCloseBaseFieldEvent {
    field: '$.close.base'
    value: number
  }

  export interface CosignRequestCloseTotalMicrosFieldEvent {
    field: '$.close.totalMicros'
    value: bigint
  }

  export interface CosignRequestContestAuthorisationFieldEvent {
    field: '$.contest.authorisation'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CosignRequestContestReceiptFieldEvent {
    field: '$.contest.receipt'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CosignRequestContestTickAckFieldEvent {
    field: '$.contest.tickAck'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CosignRequestNoticeFieldEvent {
    field: '$.notice'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<CosignRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, CosignRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CosignRequest>): CosignRequest {
    return decodeMessage(buf, CosignRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CosignRequest>): Generator<CosignRequestHelloDocumentsFieldEvent | CosignRequestHelloClockMsFieldEvent | CosignRequestDebitSessionIdFieldEvent | CosignRequestDebitVersionFieldEvent | CosignRequestDebitTotalMicrosFieldEvent | CosignRequestDebitTsMsFieldEvent | CosignRequestCloseSessionIdFieldEvent | CosignRequestCloseBaseFieldEvent | CosignRequestCloseTotalMicrosFieldEvent | CosignRequestContestAuthorisationFieldEvent | CosignRequestContestReceiptFieldEvent | CosignRequestContestTickAckFieldEvent | CosignRequestNoticeFieldEvent> {
    return streamMessage(buf, CosignRequest.codec(), opts)
  }
}

export interface CosignAnswer {
  hello?: Hello
  signatures: Uint8Array<ArrayBuffer>[]
  cheque?: Uint8Array<ArrayBuffer>
  ack?: Uint8Array<ArrayBuffer>
  failure?: Failure
}

export namespace CosignAnswer {
  let _codec: Codec<CosignAnswer>

  export const codec = (): Codec<CosignAnswer> => {
    if (_codec == null) {
      _codec = message<CosignAnswer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.signatures != null && obj.signatures.length > 0) {
          for (const value of obj.signatures) {
            w.uint32(18)
            w.bytes(value)
          }
        }

        if (obj.cheque != null) {
          w.uint32(26)
          w.bytes(obj.cheque)
        }

        if (obj.ack != null) {
          w.uint32(34)
          w.bytes(obj.ack)
        }

        if (obj.failure != null) {
          w.uint32(42)
          Failure.codec().encode(obj.failure, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          signatures: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              if (opts.limits?.signatures != null && obj.signatures.length === opts.limits.signatures) {
                throw new MaxLengthError('Decode error - repeated field "signatures" had too many elements')
              }

              obj.signatures.push(reader.bytes())
              break
            }
            case 3: {
              obj.cheque = reader.bytes()
              break
            }
            case 4: {
              obj.ack = reader.bytes()
              break
            }
            case 5: {
              obj.failure = Failure.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.failure
              })
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
          signatures: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              if (opts.limits?.signatures != null && obj.signatures === opts.limits.signatures) {
                throw new MaxLengthError('Streaming decode error - repeated field "signatures" had too many elements')
              }

              yield {
                field: `${prefix}.signatures[]`,
                index: obj.signatures,
                value: reader.bytes()
              }

              obj.signatures++

              break
            }
            case 3: {
              yield {
                field: `${prefix}.cheque`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.ack`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield * Failure.codec().stream(reader, reader.uint32(), `${prefix}.failure`, {
                limits: opts.limits?.failure
              })

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

  export interface CosignAnswerHelloDocumentsFieldEvent {
    field: '$.hello.documents[]'
    index: number
    value: string
  }

  export interface CosignAnswerHelloClockMsFieldEvent {
    field: '$.hello.clockMs'
    value: number
  }

  export interface CosignAnswerSignaturesFieldEvent {
    field: '$.signatures[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface CosignAnswerChequeFieldEvent {
    field: '$.cheque'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CosignAnswerAckFieldEvent {
    field: '$.ack'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CosignAnswerFailureCodeFieldEvent {
    field: '$.failure.code'
    value: string
  }

  export interface CosignAnswerFailureSessionIdFieldEvent {
    field: '$.failure.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CosignAnswerFailureMoneyWhereFieldEvent {
    field: '$.failure.money.where'
    value: string
  }

  export interface CosignAnswerFailureMoneyMinMicrosFieldEvent {
    field: '$.failure.money.minMicros'
    value: bigint
  }

  export interface CosignAnswerFailureMoneyMaxMicrosFieldEvent {
    field: '$.failure.money.maxMicros'
    value: bigint
  }

  export interface CosignAnswerFailureMoneyDeliveredFieldEvent {
    field: '$.failure.money.delivered'
    value: boolean
  }

  export interface CosignAnswerFailureExpectedFieldEvent {
    field: '$.failure.expected'
    value: number
  }

  export interface CosignAnswerFailureHeadFieldEvent {
    field: '$.failure.head'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<CosignAnswer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, CosignAnswer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CosignAnswer>): CosignAnswer {
    return decodeMessage(buf, CosignAnswer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CosignAnswer>): Generator<CosignAnswerHelloDocumentsFieldEvent | CosignAnswerHelloClockMsFieldEvent | CosignAnswerSignaturesFieldEvent | CosignAnswerChequeFieldEvent | CosignAnswerAckFieldEvent | CosignAnswerFailureCodeFieldEvent | CosignAnswerFailureSessionIdFieldEvent | CosignAnswerFailureMoneyWhereFieldEvent | CosignAnswerFailureMoneyMinMicrosFieldEvent | CosignAnswerFailureMoneyMaxMicrosFieldEvent | CosignAnswerFailureMoneyDeliveredFieldEvent | CosignAnswerFailureExpectedFieldEvent | CosignAnswerFailureHeadFieldEvent> {
    return streamMessage(buf, CosignAnswer.codec(), opts)
  }
}

export interface StatementRequest {
  hello?: Hello
  sessionId?: Uint8Array<ArrayBuffer>
}

export namespace StatementRequest {
  let _codec: Codec<StatementRequest>

  export const codec = (): Codec<StatementRequest> => {
    if (_codec == null) {
      _codec = message<StatementRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.sessionId != null) {
          w.uint32(18)
          w.bytes(obj.sessionId)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.sessionId = reader.bytes()
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
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.sessionId`,
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

  export interface StatementRequestHelloDocumentsFieldEvent {
    field: '$.hello.documents[]'
    index: number
    value: string
  }

  export interface StatementRequestHelloClockMsFieldEvent {
    field: '$.hello.clockMs'
    value: number
  }

  export interface StatementRequestSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<StatementRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StatementRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StatementRequest>): StatementRequest {
    return decodeMessage(buf, StatementRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StatementRequest>): Generator<StatementRequestHelloDocumentsFieldEvent | StatementRequestHelloClockMsFieldEvent | StatementRequestSessionIdFieldEvent> {
    return streamMessage(buf, StatementRequest.codec(), opts)
  }
}

export interface StatementAnswer {
  hello?: Hello
  notice?: Uint8Array<ArrayBuffer>
  statements: Uint8Array<ArrayBuffer>[]
  payouts: Uint8Array<ArrayBuffer>[]
  failure?: Failure
}

export namespace StatementAnswer {
  let _codec: Codec<StatementAnswer>

  export const codec = (): Codec<StatementAnswer> => {
    if (_codec == null) {
      _codec = message<StatementAnswer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.notice != null) {
          w.uint32(18)
          w.bytes(obj.notice)
        }

        if (obj.statements != null && obj.statements.length > 0) {
          for (const value of obj.statements) {
            w.uint32(26)
            w.bytes(value)
          }
        }

        if (obj.payouts != null && obj.payouts.length > 0) {
          for (const value of obj.payouts) {
            w.uint32(34)
            w.bytes(value)
          }
        }

        if (obj.failure != null) {
          w.uint32(42)
          Failure.codec().encode(obj.failure, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          statements: [],
          payouts: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.notice = reader.bytes()
              break
            }
            case 3: {
              if (opts.limits?.statements != null && obj.statements.length === opts.limits.statements) {
                throw new MaxLengthError('Decode error - repeated field "statements" had too many elements')
              }

              obj.statements.push(reader.bytes())
              break
            }
            case 4: {
              if (opts.limits?.payouts != null && obj.payouts.length === opts.limits.payouts) {
                throw new MaxLengthError('Decode error - repeated field "payouts" had too many elements')
              }

              obj.payouts.push(reader.bytes())
              break
            }
            case 5: {
              obj.failure = Failure.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.failure
              })
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
          statements: 0,
          payouts: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.notice`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              if (opts.limits?.statements != null && obj.statements === opts.limits.statements) {
                throw new MaxLengthError('Streaming decode error - repeated field "statements" had too many elements')
              }

              yield {
                field: `${prefix}.statements[]`,
                index: obj.statements,
                value: reader.bytes()
              }

              obj.statements++

              break
            }
            case 4: {
              if (opts.limits?.payouts != null && obj.payouts === opts.limits.payouts) {
                throw new MaxLengthError('Streaming decode error - repeated field "payouts" had too many elements')
              }

              yield {
                field: `${prefix}.payouts[]`,
                index: obj.payouts,
                value: reader.bytes()
              }

              obj.payouts++

              break
            }
            case 5: {
              yield * Failure.codec().stream(reader, reader.uint32(), `${prefix}.failure`, {
                limits: opts.limits?.failure
              })

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

  export interface StatementAnswerHelloDocumentsFieldEvent {
    field: '$.hello.documents[]'
    index: number
    value: string
  }

  export interface StatementAnswerHelloClockMsFieldEvent {
    field: '$.hello.clockMs'
    value: number
  }

  export interface StatementAnswerNoticeFieldEvent {
    field: '$.notice'
    value: Uint8Array<ArrayBuffer>
  }

  export interface StatementAnswerStatementsFieldEvent {
    field: '$.statements[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface StatementAnswerPayoutsFieldEvent {
    field: '$.payouts[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface StatementAnswerFailureCodeFieldEvent {
    field: '$.failure.code'
    value: string
  }

  export interface StatementAnswerFailureSessionIdFieldEvent {
    field: '$.failure.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface StatementAnswerFailureMoneyWhereFieldEvent {
    field: '$.failure.money.where'
    value: string
  }

  export interface StatementAnswerFailureMoneyMinMicrosFieldEvent {
    field: '$.failure.money.minMicros'
    value: bigint
  }

  export interface StatementAnswerFailureMoneyMaxMicrosFieldEvent {
    field: '$.failure.money.maxMicros'
    value: bigint
  }

  export interface StatementAnswerFailureMoneyDeliveredFieldEvent {
    field: '$.failure.money.delivered'
    value: boolean
  }

  export interface StatementAnswerFailureExpectedFieldEvent {
    field: '$.failure.expected'
    value: number
  }

  export interface StatementAnswerFailureHeadFieldEvent {
    field: '$.failure.head'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<StatementAnswer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StatementAnswer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StatementAnswer>): StatementAnswer {
    return decodeMessage(buf, StatementAnswer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StatementAnswer>): Generator<StatementAnswerHelloDocumentsFieldEvent | StatementAnswerHelloClockMsFieldEvent | StatementAnswerNoticeFieldEvent | StatementAnswerStatementsFieldEvent | StatementAnswerPayoutsFieldEvent | StatementAnswerFailureCodeFieldEvent | StatementAnswerFailureSessionIdFieldEvent | StatementAnswerFailureMoneyWhereFieldEvent | StatementAnswerFailureMoneyMinMicrosFieldEvent | StatementAnswerFailureMoneyMaxMicrosFieldEvent | StatementAnswerFailureMoneyDeliveredFieldEvent | StatementAnswerFailureExpectedFieldEvent | StatementAnswerFailureHeadFieldEvent> {
    return streamMessage(buf, StatementAnswer.codec(), opts)
  }
}

export interface BlobRequest {
  hello?: Hello
  get?: Uint8Array<ArrayBuffer>
  put?: Uint8Array<ArrayBuffer>
  bytes: number
  offset: number
  sessionId?: Uint8Array<ArrayBuffer>
  chunk?: Uint8Array<ArrayBuffer>
}

export namespace BlobRequest {
  let _codec: Codec<BlobRequest>

  export const codec = (): Codec<BlobRequest> => {
    if (_codec == null) {
      _codec = message<BlobRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.get != null) {
          w.uint32(18)
          w.bytes(obj.get)
        }

        if (obj.put != null) {
          w.uint32(26)
          w.bytes(obj.put)
        }

        if ((obj.bytes != null && obj.bytes !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.bytes)
        }

        if ((obj.offset != null && obj.offset !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.offset)
        }

        if (obj.sessionId != null) {
          w.uint32(50)
          w.bytes(obj.sessionId)
        }

        if (obj.chunk != null) {
          w.uint32(58)
          w.bytes(obj.chunk)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          bytes: 0,
          offset: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.get = reader.bytes()
              break
            }
            case 3: {
              obj.put = reader.bytes()
              break
            }
            case 4: {
              obj.bytes = reader.uint64Number()
              break
            }
            case 5: {
              obj.offset = reader.uint64Number()
              break
            }
            case 6: {
              obj.sessionId = reader.bytes()
              break
            }
            case 7: {
              obj.chunk = reader.bytes()
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
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.get`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.put`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.bytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.offset`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.sessionId`,
                value: reader.bytes()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.chunk`,
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

  export interface BlobRequestHelloDocumentsFieldEvent {
    field: '$.hello.documents[]'
    index: number
    value: string
  }

  export interface BlobRequestHelloClockMsFieldEvent {
    field: '$.hello.clockMs'
    value: number
  }

  export interface BlobRequestGetFieldEvent {
    field: '$.get'
    value: Uint8Array<ArrayBuffer>
  }

  export interface BlobRequestPutFieldEvent {
    field: '$.put'
    value: Uint8Array<ArrayBuffer>
  }

  export interface BlobRequestBytesFieldEvent {
    field: '$.bytes'
    value: number
  }

  export interface BlobRequestOffsetFieldEvent {
    field: '$.offset'
    value: number
  }

  export interface BlobRequestSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface BlobRequestChunkFieldEvent {
    field: '$.chunk'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<BlobRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, BlobRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<BlobRequest>): BlobRequest {
    return decodeMessage(buf, BlobRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<BlobRequest>): Generator<BlobRequestHelloDocumentsFieldEvent | BlobRequestHelloClockMsFieldEvent | BlobRequestGetFieldEvent | BlobRequestPutFieldEvent | BlobRequestBytesFieldEvent | BlobRequestOffsetFieldEvent | BlobRequestSessionIdFieldEvent | BlobRequestChunkFieldEvent> {
    return streamMessage(buf, BlobRequest.codec(), opts)
  }
}

export interface BlobAnswer {
  hello?: Hello
  have?: number
  size?: number
  chunk?: Uint8Array<ArrayBuffer>
  done: boolean
  failure?: Failure
}

export namespace BlobAnswer {
  let _codec: Codec<BlobAnswer>

  export const codec = (): Codec<BlobAnswer> => {
    if (_codec == null) {
      _codec = message<BlobAnswer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.have != null) {
          w.uint32(16)
          w.uint64Number(obj.have)
        }

        if (obj.size != null) {
          w.uint32(24)
          w.uint64Number(obj.size)
        }

        if (obj.chunk != null) {
          w.uint32(34)
          w.bytes(obj.chunk)
        }

        if ((obj.done != null && obj.done !== false)) {
          w.uint32(40)
          w.bool(obj.done)
        }

        if (obj.failure != null) {
          w.uint32(50)
          Failure.codec().encode(obj.failure, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          done: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.have = reader.uint64Number()
              break
            }
            case 3: {
              obj.size = reader.uint64Number()
              break
            }
            case 4: {
              obj.chunk = reader.bytes()
              break
            }
            case 5: {
              obj.done = reader.bool()
              break
            }
            case 6: {
              obj.failure = Failure.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.failure
              })
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
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.have`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.size`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.chunk`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.done`,
                value: reader.bool()
              }
              break
            }
            case 6: {
              yield * Failure.codec().stream(reader, reader.uint32(), `${prefix}.failure`, {
                limits: opts.limits?.failure
              })

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

  export interface BlobAnswerHelloDocumentsFieldEvent {
    field: '$.hello.documents[]'
    index: number
    value: string
  }

  export interface BlobAnswerHelloClockMsFieldEvent {
    field: '$.hello.clockMs'
    value: number
  }

  export interface BlobAnswerHaveFieldEvent {
    field: '$.have'
    value: number
  }

  export interface BlobAnswerSizeFieldEvent {
    field: '$.size'
    value: number
  }

  export interface BlobAnswerChunkFieldEvent {
    field: '$.chunk'
    value: Uint8Array<ArrayBuffer>
  }

  export interface BlobAnswerDoneFieldEvent {
    field: '$.done'
    value: boolean
  }

  export interface BlobAnswerFailureCodeFieldEvent {
    field: '$.failure.code'
    value: string
  }

  export interface BlobAnswerFailureSessionIdFieldEvent {
    field: '$.failure.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface BlobAnswerFailureMoneyWhereFieldEvent {
    field: '$.failure.money.where'
    value: string
  }

  export interface BlobAnswerFailureMoneyMinMicrosFieldEvent {
    field: '$.failure.money.minMicros'
    value: bigint
  }

  export interface BlobAnswerFailureMoneyMaxMicrosFieldEvent {
    field: '$.failure.money.maxMicros'
    value: bigint
  }

  export interface BlobAnswerFailureMoneyDeliveredFieldEvent {
    field: '$.failure.money.delivered'
    value: boolean
  }

  export interface BlobAnswerFailureExpectedFieldEvent {
    field: '$.failure.expected'
    value: number
  }

  export interface BlobAnswerFailureHeadFieldEvent {
    field: '$.failure.head'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<BlobAnswer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, BlobAnswer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<BlobAnswer>): BlobAnswer {
    return decodeMessage(buf, BlobAnswer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<BlobAnswer>): Generator<BlobAnswerHelloDocumentsFieldEvent | BlobAnswerHelloClockMsFieldEvent | BlobAnswerHaveFieldEvent | BlobAnswerSizeFieldEvent | BlobAnswerChunkFieldEvent | BlobAnswerDoneFieldEvent | BlobAnswerFailureCodeFieldEvent | BlobAnswerFailureSessionIdFieldEvent | BlobAnswerFailureMoneyWhereFieldEvent | BlobAnswerFailureMoneyMinMicrosFieldEvent | BlobAnswerFailureMoneyMaxMicrosFieldEvent | BlobAnswerFailureMoneyDeliveredFieldEvent | BlobAnswerFailureExpectedFieldEvent | BlobAnswerFailureHeadFieldEvent> {
    return streamMessage(buf, BlobAnswer.codec(), opts)
  }
}
