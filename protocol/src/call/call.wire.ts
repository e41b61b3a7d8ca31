// Generated from call.wire.proto by "npm run check -- --fix"; do not edit.
/* oxlint-disable */
// @ts-nocheck
import { writeUint64 } from '../wire/uint64.ts'
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Authorisation {
  sessionId: Uint8Array<ArrayBuffer>
  callSeq: number
  toolId: string
  argsHash: Uint8Array<ArrayBuffer>
  inputsHash: Uint8Array<ArrayBuffer>
  capMicros: bigint
  startByMs: number
  parentRef?: Uint8Array<ArrayBuffer>
}

export namespace Authorisation {
  let _codec: Codec<Authorisation>

  export const codec = (): Codec<Authorisation> => {
    if (_codec == null) {
      _codec = message<Authorisation>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sessionId != null && obj.sessionId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.sessionId)
        }

        if ((obj.callSeq != null && obj.callSeq !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.callSeq)
        }

        if ((obj.toolId != null && obj.toolId !== '')) {
          w.uint32(26)
          w.string(obj.toolId)
        }

        if ((obj.argsHash != null && obj.argsHash.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.argsHash)
        }

        if ((obj.inputsHash != null && obj.inputsHash.byteLength > 0)) {
          w.uint32(42)
          w.bytes(obj.inputsHash)
        }

        if ((obj.capMicros != null && obj.capMicros !== 0n)) {
          w.uint32(48)
          writeUint64(w, obj.capMicros)
        }

        if ((obj.startByMs != null && obj.startByMs !== 0)) {
          w.uint32(56)
          w.uint64Number(obj.startByMs)
        }

        if (obj.parentRef != null) {
          w.uint32(66)
          w.bytes(obj.parentRef)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sessionId: uint8ArrayAlloc(0),
          callSeq: 0,
          toolId: '',
          argsHash: uint8ArrayAlloc(0),
          inputsHash: uint8ArrayAlloc(0),
          capMicros: 0n,
          startByMs: 0
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
              obj.callSeq = reader.uint64Number()
              break
            }
            case 3: {
              obj.toolId = reader.string()
              break
            }
            case 4: {
              obj.argsHash = reader.bytes()
              break
            }
            case 5: {
              obj.inputsHash = reader.bytes()
              break
            }
            case 6: {
              obj.capMicros = reader.uint64()
              break
            }
            case 7: {
              obj.startByMs = reader.uint64Number()
              break
            }
            case 8: {
              obj.parentRef = reader.bytes()
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
                field: `${prefix}.callSeq`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.toolId`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.argsHash`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.inputsHash`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.capMicros`,
                value: reader.uint64()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.startByMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.parentRef`,
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

  export interface AuthorisationSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AuthorisationCallSeqFieldEvent {
    field: '$.callSeq'
    value: number
  }

  export interface AuthorisationToolIdFieldEvent {
    field: '$.toolId'
    value: string
  }

  export interface AuthorisationArgsHashFieldEvent {
    field: '$.argsHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AuthorisationInputsHashFieldEvent {
    field: '$.inputsHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AuthorisationCapMicrosFieldEvent {
    field: '$.capMicros'
    value: bigint
  }

  export interface AuthorisationStartByMsFieldEvent {
    field: '$.startByMs'
    value: number
  }

  export interface AuthorisationParentRefFieldEvent {
    field: '$.parentRef'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Authorisation>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Authorisation.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Authorisation>): Authorisation {
    return decodeMessage(buf, Authorisation.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Authorisation>): Generator<AuthorisationSessionIdFieldEvent | AuthorisationCallSeqFieldEvent | AuthorisationToolIdFieldEvent | AuthorisationArgsHashFieldEvent | AuthorisationInputsHashFieldEvent | AuthorisationCapMicrosFieldEvent | AuthorisationStartByMsFieldEvent | AuthorisationParentRefFieldEvent> {
    return streamMessage(buf, Authorisation.codec(), opts)
  }
}

export interface Refusal {
  authId?: Uint8Array<ArrayBuffer>
  sessionId?: Uint8Array<ArrayBuffer>
  code: string
  last?: number
}

export namespace Refusal {
  let _codec: Codec<Refusal>

  export const codec = (): Codec<Refusal> => {
    if (_codec == null) {
      _codec = message<Refusal>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.authId != null) {
          w.uint32(10)
          w.bytes(obj.authId)
        }

        if (obj.sessionId != null) {
          w.uint32(18)
          w.bytes(obj.sessionId)
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(26)
          w.string(obj.code)
        }

        if (obj.last != null) {
          w.uint32(32)
          w.uint64Number(obj.last)
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
              obj.authId = reader.bytes()
              break
            }
            case 2: {
              obj.sessionId = reader.bytes()
              break
            }
            case 3: {
              obj.code = reader.string()
              break
            }
            case 4: {
              obj.last = reader.uint64Number()
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
                field: `${prefix}.sessionId`,
                value: reader.bytes()
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
            case 4: {
              yield {
                field: `${prefix}.last`,
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

  export interface RefusalAuthIdFieldEvent {
    field: '$.authId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface RefusalSessionIdFieldEvent {
    field: '$.sessionId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface RefusalCodeFieldEvent {
    field: '$.code'
    value: string
  }

  export interface RefusalLastFieldEvent {
    field: '$.last'
    value: number
  }

  export function encode (obj: Partial<Refusal>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Refusal.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Refusal>): Refusal {
    return decodeMessage(buf, Refusal.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Refusal>): Generator<RefusalAuthIdFieldEvent | RefusalSessionIdFieldEvent | RefusalCodeFieldEvent | RefusalLastFieldEvent> {
    return streamMessage(buf, Refusal.codec(), opts)
  }
}

export interface TickAck {
  authId: Uint8Array<ArrayBuffer>
  ms: number
}

export namespace TickAck {
  let _codec: Codec<TickAck>

  export const codec = (): Codec<TickAck> => {
    if (_codec == null) {
      _codec = message<TickAck>((obj, w, opts = {}) => {
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

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          authId: uint8ArrayAlloc(0),
          ms: 0
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

  export interface TickAckAuthIdFieldEvent {
    field: '$.authId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface TickAckMsFieldEvent {
    field: '$.ms'
    value: number
  }

  export function encode (obj: Partial<TickAck>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, TickAck.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<TickAck>): TickAck {
    return decodeMessage(buf, TickAck.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<TickAck>): Generator<TickAckAuthIdFieldEvent | TickAckMsFieldEvent> {
    return streamMessage(buf, TickAck.codec(), opts)
  }
}

export interface FileEntry {
  path: string
  sha256: Uint8Array<ArrayBuffer>
  bytes: number
}

export namespace FileEntry {
  let _codec: Codec<FileEntry>

  export const codec = (): Codec<FileEntry> => {
    if (_codec == null) {
      _codec = message<FileEntry>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.path != null && obj.path !== '')) {
          w.uint32(10)
          w.string(obj.path)
        }

        if ((obj.sha256 != null && obj.sha256.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.sha256)
        }

        if ((obj.bytes != null && obj.bytes !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.bytes)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          path: '',
          sha256: uint8ArrayAlloc(0),
          bytes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.path = reader.string()
              break
            }
            case 2: {
              obj.sha256 = reader.bytes()
              break
            }
            case 3: {
              obj.bytes = reader.uint64Number()
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
                field: `${prefix}.path`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.sha256`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.bytes`,
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

  export interface FileEntryPathFieldEvent {
    field: '$.path'
    value: string
  }

  export interface FileEntrySha256FieldEvent {
    field: '$.sha256'
    value: Uint8Array<ArrayBuffer>
  }

  export interface FileEntryBytesFieldEvent {
    field: '$.bytes'
    value: number
  }

  export function encode (obj: Partial<FileEntry>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, FileEntry.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<FileEntry>): FileEntry {
    return decodeMessage(buf, FileEntry.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<FileEntry>): Generator<FileEntryPathFieldEvent | FileEntrySha256FieldEvent | FileEntryBytesFieldEvent> {
    return streamMessage(buf, FileEntry.codec(), opts)
  }
}

export interface Inputs {
  files: FileEntry[]
}

export namespace Inputs {
  let _codec: Codec<Inputs>

  export const codec = (): Codec<Inputs> => {
    if (_codec == null) {
      _codec = message<Inputs>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.files != null && obj.files.length > 0) {
          for (const value of obj.files) {
            w.uint32(10)
            FileEntry.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          files: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.files != null && obj.files.length === opts.limits.files) {
                throw new MaxLengthError('Decode error - repeated field "files" had too many elements')
              }

              obj.files.push(FileEntry.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.files$
              }))
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
          files: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.files != null && obj.files === opts.limits.files) {
                throw new MaxLengthError('Streaming decode error - repeated field "files" had too many elements')
              }

              for (const evt of FileEntry.codec().stream(reader, reader.uint32(), `${prefix}.files[]`, {
                limits: opts.limits?.files$
              })) {
                yield {
                  ...evt,
                  index: obj.files
                }
              }

              obj.files++

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

  export interface InputsFilesPathFieldEvent {
    field: '$.files[].path'
    value: string
    index: number
  }

  export interface InputsFilesSha256FieldEvent {
    field: '$.files[].sha256'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface InputsFilesBytesFieldEvent {
    field: '$.files[].bytes'
    value: number
    index: number
  }

  export function encode (obj: Partial<Inputs>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Inputs.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Inputs>): Inputs {
    return decodeMessage(buf, Inputs.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Inputs>): Generator<InputsFilesPathFieldEvent | InputsFilesSha256FieldEvent | InputsFilesBytesFieldEvent> {
    return streamMessage(buf, Inputs.codec(), opts)
  }
}

export interface Output {
  stdoutHash: Uint8Array<ArrayBuffer>
  stdoutBytes: number
  files: FileEntry[]
}

export namespace Output {
  let _codec: Codec<Output>

  export const codec = (): Codec<Output> => {
    if (_codec == null) {
      _codec = message<Output>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.stdoutHash != null && obj.stdoutHash.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.stdoutHash)
        }

        if ((obj.stdoutBytes != null && obj.stdoutBytes !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.stdoutBytes)
        }

        if (obj.files != null && obj.files.length > 0) {
          for (const value of obj.files) {
            w.uint32(26)
            FileEntry.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          stdoutHash: uint8ArrayAlloc(0),
          stdoutBytes: 0,
          files: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.stdoutHash = reader.bytes()
              break
            }
            case 2: {
              obj.stdoutBytes = reader.uint64Number()
              break
            }
            case 3: {
              if (opts.limits?.files != null && obj.files.length === opts.limits.files) {
                throw new MaxLengthError('Decode error - repeated field "files" had too many elements')
              }

              obj.files.push(FileEntry.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.files$
              }))
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
          files: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.stdoutHash`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.stdoutBytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              if (opts.limits?.files != null && obj.files === opts.limits.files) {
                throw new MaxLengthError('Streaming decode error - repeated field "files" had too many elements')
              }

              for (const evt of FileEntry.codec().stream(reader, reader.uint32(), `${prefix}.files[]`, {
                limits: opts.limits?.files$
              })) {
                yield {
                  ...evt,
                  index: obj.files
                }
              }

              obj.files++

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

  export interface OutputStdoutHashFieldEvent {
    field: '$.stdoutHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface OutputStdoutBytesFieldEvent {
    field: '$.stdoutBytes'
    value: number
  }

  export interface OutputFilesPathFieldEvent {
    field: '$.files[].path'
    value: string
    index: number
  }

  export interface OutputFilesSha256FieldEvent {
    field: '$.files[].sha256'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface OutputFilesBytesFieldEvent {
    field: '$.files[].bytes'
    value: number
    index: number
  }

  export function encode (obj: Partial<Output>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Output.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Output>): Output {
    return decodeMessage(buf, Output.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Output>): Generator<OutputStdoutHashFieldEvent | OutputStdoutBytesFieldEvent | OutputFilesPathFieldEvent | OutputFilesSha256FieldEvent | OutputFilesBytesFieldEvent> {
    return streamMessage(buf, Output.codec(), opts)
  }
}
