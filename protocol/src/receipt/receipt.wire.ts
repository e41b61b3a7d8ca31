// Generated from receipt.wire.proto by "npm run check -- --fix"; do not edit.
/* oxlint-disable */
// @ts-nocheck
import { writeUint64 } from '../wire/uint64.ts'
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Receipt {
  sessionId: Uint8Array<ArrayBuffer>
  authId: Uint8Array<ArrayBuffer>
  callSeq: number
  receiptSeq: number
  prevId: Uint8Array<ArrayBuffer>
  outcome: string
  exitCode?: number
  startedAtMs: number
  queuedMs: number
  effectiveMs: number
  cpuMs: number
  throttledMs: number
  maxRssBytes: number
  outputHash: Uint8Array<ArrayBuffer>
  logHash: Uint8Array<ArrayBuffer>
  lastTick?: number
  numerator: bigint
  resumesReceipt?: Uint8Array<ArrayBuffer>
}

export namespace Receipt {
  let _codec: Codec<Receipt>

  export const codec = (): Codec<Receipt> => {
    if (_codec == null) {
      _codec = message<Receipt>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sessionId != null && obj.sessionId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.sessionId)
        }

        if ((obj.authId != null && obj.authId.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.authId)
        }

        if ((obj.callSeq != null && obj.callSeq !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.callSeq)
        }

        if ((obj.receiptSeq != null && obj.receiptSeq !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.receiptSeq)
        }

        if ((obj.prevId != null && obj.prevId.byteLength > 0)) {
          w.uint32(42)
          w.bytes(obj.prevId)
        }

        if ((obj.outcome != null && obj.outcome !== '')) {
          w.uint32(50)
          w.string(obj.outcome)
        }

        if (obj.exitCode != null) {
          w.uint32(56)
          w.uint64Number(obj.exitCode)
        }

        if ((obj.startedAtMs != null && obj.startedAtMs !== 0)) {
          w.uint32(64)
          w.uint64Number(obj.startedAtMs)
        }

        if ((obj.queuedMs != null && obj.queuedMs !== 0)) {
          w.uint32(72)
          w.uint64Number(obj.queuedMs)
        }

        if ((obj.effectiveMs != null && obj.effectiveMs !== 0)) {
          w.uint32(80)
          w.uint64Number(obj.effectiveMs)
        }

        if ((obj.cpuMs != null && obj.cpuMs !== 0)) {
          w.uint32(88)
          w.uint64Number(obj.cpuMs)
        }

        if ((obj.throttledMs != null && obj.throttledMs !== 0)) {
          w.uint32(96)
          w.uint64Number(obj.throttledMs)
        }

        if ((obj.maxRssBytes != null && obj.maxRssBytes !== 0)) {
          w.uint32(104)
          w.uint64Number(obj.maxRssBytes)
        }

        if ((obj.outputHash != null && obj.outputHash.byteLength > 0)) {
          w.uint32(114)
          w.bytes(obj.outputHash)
        }

        if ((obj.logHash != null && obj.logHash.byteLength > 0)) {
          w.uint32(122)
          w.bytes(obj.logHash)
        }

        if (obj.lastTick != null) {
          w.uint32(128)
          w.uint64Number(obj.lastTick)
        }

        if ((obj.numerator != null && obj.numerator !== 0n)) {
          w.uint32(136)
          writeUint64(w, obj.numerator)
        }

        if (obj.resumesReceipt != null) {
          w.uint32(146)
          w.bytes(obj.resumesReceipt)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sessionId: uint8ArrayAlloc(0),
          authId: uint8ArrayAlloc(0),
          callSeq: 0,
          receiptSeq: 0,
          prevId: uint8ArrayAlloc(0),
          outcome: '',
          startedAtMs: 0,
          queuedMs: 0,
          effectiveMs: 0,
          cpuMs: 0,
          throttledMs: 0,
          maxRssBytes: 0,
          outputHash: uint8ArrayAlloc(0),
          logHash: uint8ArrayAlloc(0),
          numerator: 0n
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
              obj.authId = reader.bytes()
              break
            }
            case 3: {
              obj.callSeq = reader.uint64Number()
              break
            }
            case 4: {
              obj.receiptSeq = reader.uint64Number()
              break
            }
            case 5: {
              obj.prevId = reader.bytes()
              break
            }
            case 6: {
              obj.outcome = reader.string()
              break
            }
            case 7: {
              obj.exitCode = reader.uint64Number()
              break
            }
            case 8: {
              obj.startedAtMs = reader.uint64Number()
              break
            }
            case 9: {
              obj.queuedMs = reader.uint64Number()
              break
            }
            case 10: {
              obj.effectiveMs = reader.uint64Number()
              break
            }
            case 11: {
              obj.cpuMs = reader.uint64Number()
              break
            }
            case 12: {
              obj.throttledMs = reader.uint64Number()
              break
            }
            case 13: {
              obj.maxRssBytes = reader.uint64Number()
              break
            }
            case 14: {
              obj.outputHash = reader.bytes()
              break
            }
            case 15: {
              obj.logHash = reader.bytes()
              break
            }
            case 16: {
              obj.lastTick = reader.uint64Number()
              break
            }
            case 17: {
              obj.numerator = reader.uint64()
              break
            }
            case 18: {
              obj.resumesReceipt = reader.bytes()
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
                field: `${prefix}.authId`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.callSeq`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.receiptSeq`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.prevId`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.outcome`,
                value: reader.string()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.exitCode`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.startedAtMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.queuedMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.effectiveMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.cpuMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 12: {
              yield {
                field: `${prefix}.throttledMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 13: {
              yield {
                field: `${prefix}.maxRssBytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 14: {
              yield {
                field: `${prefix}.outputHash`,
                value: reader.bytes()
              }
              break
            }
            case 15: {
              yield {
                field: `${prefix}.logHash`,
                value: reader.bytes()
              }
              break
            }
            case 16: {
              yield {
                field: `${prefix}.lastTick`,
                value: reader.uint64Number()
              }
              break
            }
            case 17: {
              yield {
                field: `${prefix}.numerator`,
                value: reader.uint64()
              }
              break
            }
            case 18: {
              yield {
                field: `${prefix}.resumesReceipt`,
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

  export interface ReceiptSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptAuthIdFieldEvent {
    field: '$.authId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptCallSeqFieldEvent {
    field: '$.callSeq'
    value: number
  }

  export interface ReceiptReceiptSeqFieldEvent {
    field: '$.receiptSeq'
    value: number
  }

  export interface ReceiptPrevIdFieldEvent {
    field: '$.prevId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptOutcomeFieldEvent {
    field: '$.outcome'
    value: string
  }

  export interface ReceiptExitCodeFieldEvent {
    field: '$.exitCode'
    value: number
  }

  export interface ReceiptStartedAtMsFieldEvent {
    field: '$.startedAtMs'
    value: number
  }

  export interface ReceiptQueuedMsFieldEvent {
    field: '$.queuedMs'
    value: number
  }

  export interface ReceiptEffectiveMsFieldEvent {
    field: '$.effectiveMs'
    value: number
  }

  export interface ReceiptCpuMsFieldEvent {
    field: '$.cpuMs'
    value: number
  }

  export interface ReceiptThrottledMsFieldEvent {
    field: '$.throttledMs'
    value: number
  }

  export interface ReceiptMaxRssBytesFieldEvent {
    field: '$.maxRssBytes'
    value: number
  }

  export interface ReceiptOutputHashFieldEvent {
    field: '$.outputHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptLogHashFieldEvent {
    field: '$.logHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ReceiptLastTickFieldEvent {
    field: '$.lastTick'
    value: number
  }

  export interface ReceiptNumeratorFieldEvent {
    field: '$.numerator'
    value: bigint
  }

  export interface ReceiptResumesReceiptFieldEvent {
    field: '$.resumesReceipt'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Receipt>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Receipt.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Receipt>): Receipt {
    return decodeMessage(buf, Receipt.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Receipt>): Generator<ReceiptSessionIdFieldEvent | ReceiptAuthIdFieldEvent | ReceiptCallSeqFieldEvent | ReceiptReceiptSeqFieldEvent | ReceiptPrevIdFieldEvent | ReceiptOutcomeFieldEvent | ReceiptExitCodeFieldEvent | ReceiptStartedAtMsFieldEvent | ReceiptQueuedMsFieldEvent | ReceiptEffectiveMsFieldEvent | ReceiptCpuMsFieldEvent | ReceiptThrottledMsFieldEvent | ReceiptMaxRssBytesFieldEvent | ReceiptOutputHashFieldEvent | ReceiptLogHashFieldEvent | ReceiptLastTickFieldEvent | ReceiptNumeratorFieldEvent | ReceiptResumesReceiptFieldEvent> {
    return streamMessage(buf, Receipt.codec(), opts)
  }
}

export interface AckException {
  receiptSeq: number
  acceptedMs: number
  code: string
}

export namespace AckException {
  let _codec: Codec<AckException>

  export const codec = (): Codec<AckException> => {
    if (_codec == null) {
      _codec = message<AckException>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.receiptSeq != null && obj.receiptSeq !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.receiptSeq)
        }

        if ((obj.acceptedMs != null && obj.acceptedMs !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.acceptedMs)
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(26)
          w.string(obj.code)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          receiptSeq: 0,
          acceptedMs: 0,
          code: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.receiptSeq = reader.uint64Number()
              break
            }
            case 2: {
              obj.acceptedMs = reader.uint64Number()
              break
            }
            case 3: {
              obj.code = reader.string()
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
                field: `${prefix}.receiptSeq`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.acceptedMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.code`,
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

  export interface AckExceptionReceiptSeqFieldEvent {
    field: '$.receiptSeq'
    value: number
  }

  export interface AckExceptionAcceptedMsFieldEvent {
    field: '$.acceptedMs'
    value: number
  }

  export interface AckExceptionCodeFieldEvent {
    field: '$.code'
    value: string
  }

  export function encode (obj: Partial<AckException>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, AckException.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<AckException>): AckException {
    return decodeMessage(buf, AckException.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<AckException>): Generator<AckExceptionReceiptSeqFieldEvent | AckExceptionAcceptedMsFieldEvent | AckExceptionCodeFieldEvent> {
    return streamMessage(buf, AckException.codec(), opts)
  }
}

export interface Ack {
  sessionId: Uint8Array<ArrayBuffer>
  fromSeq: number
  throughSeq: number
  headId: Uint8Array<ArrayBuffer>
  exceptions: AckException[]
  acceptedNumerator: bigint
}

export namespace Ack {
  let _codec: Codec<Ack>

  export const codec = (): Codec<Ack> => {
    if (_codec == null) {
      _codec = message<Ack>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sessionId != null && obj.sessionId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.sessionId)
        }

        if ((obj.fromSeq != null && obj.fromSeq !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.fromSeq)
        }

        if ((obj.throughSeq != null && obj.throughSeq !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.throughSeq)
        }

        if ((obj.headId != null && obj.headId.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.headId)
        }

        if (obj.exceptions != null && obj.exceptions.length > 0) {
          for (const value of obj.exceptions) {
            w.uint32(42)
            AckException.codec().encode(value, w)
          }
        }

        if ((obj.acceptedNumerator != null && obj.acceptedNumerator !== 0n)) {
          w.uint32(48)
          writeUint64(w, obj.acceptedNumerator)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sessionId: uint8ArrayAlloc(0),
          fromSeq: 0,
          throughSeq: 0,
          headId: uint8ArrayAlloc(0),
          exceptions: [],
          acceptedNumerator: 0n
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
              obj.fromSeq = reader.uint64Number()
              break
            }
            case 3: {
              obj.throughSeq = reader.uint64Number()
              break
            }
            case 4: {
              obj.headId = reader.bytes()
              break
            }
            case 5: {
              if (opts.limits?.exceptions != null && obj.exceptions.length === opts.limits.exceptions) {
                throw new MaxLengthError('Decode error - repeated field "exceptions" had too many elements')
              }

              obj.exceptions.push(AckException.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.exceptions$
              }))
              break
            }
            case 6: {
              obj.acceptedNumerator = reader.uint64()
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
          exceptions: 0
        }

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
                field: `${prefix}.fromSeq`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.throughSeq`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.headId`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              if (opts.limits?.exceptions != null && obj.exceptions === opts.limits.exceptions) {
                throw new MaxLengthError('Streaming decode error - repeated field "exceptions" had too many elements')
              }

              for (const evt of AckException.codec().stream(reader, reader.uint32(), `${prefix}.exceptions[]`, {
                limits: opts.limits?.exceptions$
              })) {
                yield {
                  ...evt,
                  index: obj.exceptions
                }
              }

              obj.exceptions++

              break
            }
            case 6: {
              yield {
                field: `${prefix}.acceptedNumerator`,
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

  export interface AckSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AckFromSeqFieldEvent {
    field: '$.fromSeq'
    value: number
  }

  export interface AckThroughSeqFieldEvent {
    field: '$.throughSeq'
    value: number
  }

  export interface AckHeadIdFieldEvent {
    field: '$.headId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AckExceptionsReceiptSeqFieldEvent {
    field: '$.exceptions[].receiptSeq'
    value: number
    index: number
  }

  export interface AckExceptionsAcceptedMsFieldEvent {
    field: '$.exceptions[].acceptedMs'
    value: number
    index: number
  }

  export interface AckExceptionsCodeFieldEvent {
    field: '$.exceptions[].code'
    value: string
    index: number
  }

  export interface AckAcceptedNumeratorFieldEvent {
    field: '$.acceptedNumerator'
    value: bigint
  }

  export function encode (obj: Partial<Ack>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Ack.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ack>): Ack {
    return decodeMessage(buf, Ack.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ack>): Generator<AckSessionIdFieldEvent | AckFromSeqFieldEvent | AckThroughSeqFieldEvent | AckHeadIdFieldEvent | AckExceptionsReceiptSeqFieldEvent | AckExceptionsAcceptedMsFieldEvent | AckExceptionsCodeFieldEvent | AckAcceptedNumeratorFieldEvent> {
    return streamMessage(buf, Ack.codec(), opts)
  }
}
