// Generated from settlement.wire.proto by "npm run check -- --fix"; do not edit.
/* oxlint-disable */
// @ts-nocheck
import { writeUint64 } from '../wire/uint64.ts'
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface SettledSplit {
  providerMicros: bigint
  platformMicros: bigint
  reserveMicros: bigint
}

export namespace SettledSplit {
  let _codec: Codec<SettledSplit>

  export const codec = (): Codec<SettledSplit> => {
    if (_codec == null) {
      _codec = message<SettledSplit>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.providerMicros != null && obj.providerMicros !== 0n)) {
          w.uint32(8)
          writeUint64(w, obj.providerMicros)
        }

        if ((obj.platformMicros != null && obj.platformMicros !== 0n)) {
          w.uint32(16)
          writeUint64(w, obj.platformMicros)
        }

        if ((obj.reserveMicros != null && obj.reserveMicros !== 0n)) {
          w.uint32(24)
          writeUint64(w, obj.reserveMicros)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          providerMicros: 0n,
          platformMicros: 0n,
          reserveMicros: 0n
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.providerMicros = reader.uint64()
              break
            }
            case 2: {
              obj.platformMicros = reader.uint64()
              break
            }
            case 3: {
              obj.reserveMicros = reader.uint64()
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
                field: `${prefix}.providerMicros`,
                value: reader.uint64()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.platformMicros`,
                value: reader.uint64()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.reserveMicros`,
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

  export interface SettledSplitProviderMicrosFieldEvent {
    field: '$.providerMicros'
    value: bigint
  }

  export interface SettledSplitPlatformMicrosFieldEvent {
    field: '$.platformMicros'
    value: bigint
  }

  export interface SettledSplitReserveMicrosFieldEvent {
    field: '$.reserveMicros'
    value: bigint
  }

  export function encode (obj: Partial<SettledSplit>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SettledSplit.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SettledSplit>): SettledSplit {
    return decodeMessage(buf, SettledSplit.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SettledSplit>): Generator<SettledSplitProviderMicrosFieldEvent | SettledSplitPlatformMicrosFieldEvent | SettledSplitReserveMicrosFieldEvent> {
    return streamMessage(buf, SettledSplit.codec(), opts)
  }
}

export interface Statement {
  sessionId: Uint8Array<ArrayBuffer>
  statementSeq: number
  root: Uint8Array<ArrayBuffer>
  receipts: number
  totalMicros: bigint
  receivedMicros: bigint
  split?: SettledSplit
  closeEvidence: string
}

export namespace Statement {
  let _codec: Codec<Statement>

  export const codec = (): Codec<Statement> => {
    if (_codec == null) {
      _codec = message<Statement>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sessionId != null && obj.sessionId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.sessionId)
        }

        if ((obj.statementSeq != null && obj.statementSeq !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.statementSeq)
        }

        if ((obj.root != null && obj.root.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.root)
        }

        if ((obj.receipts != null && obj.receipts !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.receipts)
        }

        if ((obj.totalMicros != null && obj.totalMicros !== 0n)) {
          w.uint32(40)
          writeUint64(w, obj.totalMicros)
        }

        if ((obj.receivedMicros != null && obj.receivedMicros !== 0n)) {
          w.uint32(48)
          writeUint64(w, obj.receivedMicros)
        }

        if (obj.split != null) {
          w.uint32(58)
          SettledSplit.codec().encode(obj.split, w)
        }

        if ((obj.closeEvidence != null && obj.closeEvidence !== '')) {
          w.uint32(66)
          w.string(obj.closeEvidence)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sessionId: uint8ArrayAlloc(0),
          statementSeq: 0,
          root: uint8ArrayAlloc(0),
          receipts: 0,
          totalMicros: 0n,
          receivedMicros: 0n,
          closeEvidence: ''
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
              obj.statementSeq = reader.uint64Number()
              break
            }
            case 3: {
              obj.root = reader.bytes()
              break
            }
            case 4: {
              obj.receipts = reader.uint64Number()
              break
            }
            case 5: {
              obj.totalMicros = reader.uint64()
              break
            }
            case 6: {
              obj.receivedMicros = reader.uint64()
              break
            }
            case 7: {
              obj.split = SettledSplit.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.split
              })
              break
            }
            case 8: {
              obj.closeEvidence = reader.string()
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
                field: `${prefix}.statementSeq`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.root`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.receipts`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.totalMicros`,
                value: reader.uint64()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.receivedMicros`,
                value: reader.uint64()
              }
              break
            }
            case 7: {
              yield * SettledSplit.codec().stream(reader, reader.uint32(), `${prefix}.split`, {
                limits: opts.limits?.split
              })

              break
            }
            case 8: {
              yield {
                field: `${prefix}.closeEvidence`,
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

  export interface StatementSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface StatementStatementSeqFieldEvent {
    field: '$.statementSeq'
    value: number
  }

  export interface StatementRootFieldEvent {
    field: '$.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface StatementReceiptsFieldEvent {
    field: '$.receipts'
    value: number
  }

  export interface StatementTotalMicrosFieldEvent {
    field: '$.totalMicros'
    value: bigint
  }

  export interface StatementReceivedMicrosFieldEvent {
    field: '$.receivedMicros'
    value: bigint
  }

  export interface StatementSplitProviderMicrosFieldEvent {
    field: '$.split.providerMicros'
    value: bigint
  }

  export interface StatementSplitPlatformMicrosFieldEvent {
    field: '$.split.platformMicros'
    value: bigint
  }

  export interface StatementSplitReserveMicrosFieldEvent {
    field: '$.split.reserveMicros'
    value: bigint
  }

  export interface StatementCloseEvidenceFieldEvent {
    field: '$.closeEvidence'
    value: string
  }

  export function encode (obj: Partial<Statement>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Statement.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Statement>): Statement {
    return decodeMessage(buf, Statement.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Statement>): Generator<StatementSessionIdFieldEvent | StatementStatementSeqFieldEvent | StatementRootFieldEvent | StatementReceiptsFieldEvent | StatementTotalMicrosFieldEvent | StatementReceivedMicrosFieldEvent | StatementSplitProviderMicrosFieldEvent | StatementSplitPlatformMicrosFieldEvent | StatementSplitReserveMicrosFieldEvent | StatementCloseEvidenceFieldEvent> {
    return streamMessage(buf, Statement.codec(), opts)
  }
}

export interface PayoutLeg {
  recipient: string
  micros: bigint
}

export namespace PayoutLeg {
  let _codec: Codec<PayoutLeg>

  export const codec = (): Codec<PayoutLeg> => {
    if (_codec == null) {
      _codec = message<PayoutLeg>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.recipient != null && obj.recipient !== '')) {
          w.uint32(10)
          w.string(obj.recipient)
        }

        if ((obj.micros != null && obj.micros !== 0n)) {
          w.uint32(16)
          writeUint64(w, obj.micros)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          recipient: '',
          micros: 0n
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.recipient = reader.string()
              break
            }
            case 2: {
              obj.micros = reader.uint64()
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
                field: `${prefix}.recipient`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.micros`,
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

  export interface PayoutLegRecipientFieldEvent {
    field: '$.recipient'
    value: string
  }

  export interface PayoutLegMicrosFieldEvent {
    field: '$.micros'
    value: bigint
  }

  export function encode (obj: Partial<PayoutLeg>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PayoutLeg.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PayoutLeg>): PayoutLeg {
    return decodeMessage(buf, PayoutLeg.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PayoutLeg>): Generator<PayoutLegRecipientFieldEvent | PayoutLegMicrosFieldEvent> {
    return streamMessage(buf, PayoutLeg.codec(), opts)
  }
}

export interface Payout {
  payoutId: Uint8Array<ArrayBuffer>
  statementIds: Uint8Array<ArrayBuffer>[]
  legs: PayoutLeg[]
  transaction: string
}

export namespace Payout {
  let _codec: Codec<Payout>

  export const codec = (): Codec<Payout> => {
    if (_codec == null) {
      _codec = message<Payout>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.payoutId != null && obj.payoutId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.payoutId)
        }

        if (obj.statementIds != null && obj.statementIds.length > 0) {
          for (const value of obj.statementIds) {
            w.uint32(18)
            w.bytes(value)
          }
        }

        if (obj.legs != null && obj.legs.length > 0) {
          for (const value of obj.legs) {
            w.uint32(26)
            PayoutLeg.codec().encode(value, w)
          }
        }

        if ((obj.transaction != null && obj.transaction !== '')) {
          w.uint32(34)
          w.string(obj.transaction)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          payoutId: uint8ArrayAlloc(0),
          statementIds: [],
          legs: [],
          transaction: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.payoutId = reader.bytes()
              break
            }
            case 2: {
              if (opts.limits?.statementIds != null && obj.statementIds.length === opts.limits.statementIds) {
                throw new MaxLengthError('Decode error - repeated field "statementIds" had too many elements')
              }

              obj.statementIds.push(reader.bytes())
              break
            }
            case 3: {
              if (opts.limits?.legs != null && obj.legs.length === opts.limits.legs) {
                throw new MaxLengthError('Decode error - repeated field "legs" had too many elements')
              }

              obj.legs.push(PayoutLeg.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.legs$
              }))
              break
            }
            case 4: {
              obj.transaction = reader.string()
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
          statementIds: 0,
          legs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.payoutId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              if (opts.limits?.statementIds != null && obj.statementIds === opts.limits.statementIds) {
                throw new MaxLengthError('Streaming decode error - repeated field "statementIds" had too many elements')
              }

              yield {
                field: `${prefix}.statementIds[]`,
                index: obj.statementIds,
                value: reader.bytes()
              }

              obj.statementIds++

              break
            }
            case 3: {
              if (opts.limits?.legs != null && obj.legs === opts.limits.legs) {
                throw new MaxLengthError('Streaming decode error - repeated field "legs" had too many elements')
              }

              for (const evt of PayoutLeg.codec().stream(reader, reader.uint32(), `${prefix}.legs[]`, {
                limits: opts.limits?.legs$
              })) {
                yield {
                  ...evt,
                  index: obj.legs
                }
              }

              obj.legs++

              break
            }
            case 4: {
              yield {
                field: `${prefix}.transaction`,
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

  export interface PayoutPayoutIdFieldEvent {
    field: '$.payoutId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface PayoutStatementIdsFieldEvent {
    field: '$.statementIds[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface PayoutLegsRecipientFieldEvent {
    field: '$.legs[].recipient'
    value: string
    index: number
  }

  export interface PayoutLegsMicrosFieldEvent {
    field: '$.legs[].micros'
    value: bigint
    index: number
  }

  export interface PayoutTransactionFieldEvent {
    field: '$.transaction'
    value: string
  }

  export function encode (obj: Partial<Payout>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Payout.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Payout>): Payout {
    return decodeMessage(buf, Payout.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Payout>): Generator<PayoutPayoutIdFieldEvent | PayoutStatementIdsFieldEvent | PayoutLegsRecipientFieldEvent | PayoutLegsMicrosFieldEvent | PayoutTransactionFieldEvent> {
    return streamMessage(buf, Payout.codec(), opts)
  }
}
