// Generated from cheque.wire.proto by "npm run check -- --fix"; do not edit.
/* oxlint-disable */
// @ts-nocheck
import { writeUint64 } from '../wire/uint64.ts'
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Cheque {
  sessionId: Uint8Array<ArrayBuffer>
  chequeSeq: number
  base: number
  ceilingMicros: bigint
  signatures: Uint8Array<ArrayBuffer>[]
}

export namespace Cheque {
  let _codec: Codec<Cheque>

  export const codec = (): Codec<Cheque> => {
    if (_codec == null) {
      _codec = message<Cheque>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sessionId != null && obj.sessionId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.sessionId)
        }

        if ((obj.chequeSeq != null && obj.chequeSeq !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.chequeSeq)
        }

        if ((obj.base != null && obj.base !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.base)
        }

        if ((obj.ceilingMicros != null && obj.ceilingMicros !== 0n)) {
          w.uint32(32)
          writeUint64(w, obj.ceilingMicros)
        }

        if (obj.signatures != null && obj.signatures.length > 0) {
          for (const value of obj.signatures) {
            w.uint32(42)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sessionId: uint8ArrayAlloc(0),
          chequeSeq: 0,
          base: 0,
          ceilingMicros: 0n,
          signatures: []
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
              obj.chequeSeq = reader.uint64Number()
              break
            }
            case 3: {
              obj.base = reader.uint64Number()
              break
            }
            case 4: {
              obj.ceilingMicros = reader.uint64()
              break
            }
            case 5: {
              if (opts.limits?.signatures != null && obj.signatures.length === opts.limits.signatures) {
                throw new MaxLengthError('Decode error - repeated field "signatures" had too many elements')
              }

              obj.signatures.push(reader.bytes())
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
              yield {
                field: `${prefix}.sessionId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.chequeSeq`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.base`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.ceilingMicros`,
                value: reader.uint64()
              }
              break
            }
            case 5: {
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

  export interface ChequeSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ChequeChequeSeqFieldEvent {
    field: '$.chequeSeq'
    value: number
  }

  export interface ChequeBaseFieldEvent {
    field: '$.base'
    value: number
  }

  export interface ChequeCeilingMicrosFieldEvent {
    field: '$.ceilingMicros'
    value: bigint
  }

  export interface ChequeSignaturesFieldEvent {
    field: '$.signatures[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Cheque>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Cheque.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Cheque>): Cheque {
    return decodeMessage(buf, Cheque.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Cheque>): Generator<ChequeSessionIdFieldEvent | ChequeChequeSeqFieldEvent | ChequeBaseFieldEvent | ChequeCeilingMicrosFieldEvent | ChequeSignaturesFieldEvent> {
    return streamMessage(buf, Cheque.codec(), opts)
  }
}

export interface Exit {
  sessionId: Uint8Array<ArrayBuffer>
  base: number
  totalMicros: bigint
  tsMs: number
  agentSignatures: Uint8Array<ArrayBuffer>[]
  providerSignatures: Uint8Array<ArrayBuffer>[]
}

export namespace Exit {
  let _codec: Codec<Exit>

  export const codec = (): Codec<Exit> => {
    if (_codec == null) {
      _codec = message<Exit>((obj, w, opts = {}) => {
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

        if ((obj.tsMs != null && obj.tsMs !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.tsMs)
        }

        if (obj.agentSignatures != null && obj.agentSignatures.length > 0) {
          for (const value of obj.agentSignatures) {
            w.uint32(42)
            w.bytes(value)
          }
        }

        if (obj.providerSignatures != null && obj.providerSignatures.length > 0) {
          for (const value of obj.providerSignatures) {
            w.uint32(50)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sessionId: uint8ArrayAlloc(0),
          base: 0,
          totalMicros: 0n,
          tsMs: 0,
          agentSignatures: [],
          providerSignatures: []
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
            case 4: {
              obj.tsMs = reader.uint64Number()
              break
            }
            case 5: {
              if (opts.limits?.agentSignatures != null && obj.agentSignatures.length === opts.limits.agentSignatures) {
                throw new MaxLengthError('Decode error - repeated field "agentSignatures" had too many elements')
              }

              obj.agentSignatures.push(reader.bytes())
              break
            }
            case 6: {
              if (opts.limits?.providerSignatures != null && obj.providerSignatures.length === opts.limits.providerSignatures) {
                throw new MaxLengthError('Decode error - repeated field "providerSignatures" had too many elements')
              }

              obj.providerSignatures.push(reader.bytes())
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
          agentSignatures: 0,
          providerSignatures: 0
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
            case 4: {
              yield {
                field: `${prefix}.tsMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              if (opts.limits?.agentSignatures != null && obj.agentSignatures === opts.limits.agentSignatures) {
                throw new MaxLengthError('Streaming decode error - repeated field "agentSignatures" had too many elements')
              }

              yield {
                field: `${prefix}.agentSignatures[]`,
                index: obj.agentSignatures,
                value: reader.bytes()
              }

              obj.agentSignatures++

              break
            }
            case 6: {
              if (opts.limits?.providerSignatures != null && obj.providerSignatures === opts.limits.providerSignatures) {
                throw new MaxLengthError('Streaming decode error - repeated field "providerSignatures" had too many elements')
              }

              yield {
                field: `${prefix}.providerSignatures[]`,
                index: obj.providerSignatures,
                value: reader.bytes()
              }

              obj.providerSignatures++

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

  export interface ExitSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ExitBaseFieldEvent {
    field: '$.base'
    value: number
  }

  export interface ExitTotalMicrosFieldEvent {
    field: '$.totalMicros'
    value: bigint
  }

  export interface ExitTsMsFieldEvent {
    field: '$.tsMs'
    value: number
  }

  export interface ExitAgentSignaturesFieldEvent {
    field: '$.agentSignatures[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface ExitProviderSignaturesFieldEvent {
    field: '$.providerSignatures[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Exit>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Exit.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Exit>): Exit {
    return decodeMessage(buf, Exit.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Exit>): Generator<ExitSessionIdFieldEvent | ExitBaseFieldEvent | ExitTotalMicrosFieldEvent | ExitTsMsFieldEvent | ExitAgentSignaturesFieldEvent | ExitProviderSignaturesFieldEvent> {
    return streamMessage(buf, Exit.codec(), opts)
  }
}
