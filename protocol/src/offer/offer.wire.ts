// Generated from offer.wire.proto by "npm run check -- --fix"; do not edit.
/* oxlint-disable */
// @ts-nocheck
import { writeUint64 } from '../wire/uint64.ts'
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface ToolLimits {
  cpuMillis: number
  memoryBytes: number
  diskBytes: number
  pids: number
  outputBytes: number
}

export namespace ToolLimits {
  let _codec: Codec<ToolLimits>

  export const codec = (): Codec<ToolLimits> => {
    if (_codec == null) {
      _codec = message<ToolLimits>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.cpuMillis != null && obj.cpuMillis !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.cpuMillis)
        }

        if ((obj.memoryBytes != null && obj.memoryBytes !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.memoryBytes)
        }

        if ((obj.diskBytes != null && obj.diskBytes !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.diskBytes)
        }

        if ((obj.pids != null && obj.pids !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.pids)
        }

        if ((obj.outputBytes != null && obj.outputBytes !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.outputBytes)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          cpuMillis: 0,
          memoryBytes: 0,
          diskBytes: 0,
          pids: 0,
          outputBytes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.cpuMillis = reader.uint64Number()
              break
            }
            case 2: {
              obj.memoryBytes = reader.uint64Number()
              break
            }
            case 3: {
              obj.diskBytes = reader.uint64Number()
              break
            }
            case 4: {
              obj.pids = reader.uint64Number()
              break
            }
            case 5: {
              obj.outputBytes = reader.uint64Number()
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
                field: `${prefix}.cpuMillis`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.memoryBytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.diskBytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.pids`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.outputBytes`,
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

  export interface ToolLimitsCpuMillisFieldEvent {
    field: '$.cpuMillis'
    value: number
  }

  export interface ToolLimitsMemoryBytesFieldEvent {
    field: '$.memoryBytes'
    value: number
  }

  export interface ToolLimitsDiskBytesFieldEvent {
    field: '$.diskBytes'
    value: number
  }

  export interface ToolLimitsPidsFieldEvent {
    field: '$.pids'
    value: number
  }

  export interface ToolLimitsOutputBytesFieldEvent {
    field: '$.outputBytes'
    value: number
  }

  export function encode (obj: Partial<ToolLimits>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ToolLimits.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ToolLimits>): ToolLimits {
    return decodeMessage(buf, ToolLimits.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ToolLimits>): Generator<ToolLimitsCpuMillisFieldEvent | ToolLimitsMemoryBytesFieldEvent | ToolLimitsDiskBytesFieldEvent | ToolLimitsPidsFieldEvent | ToolLimitsOutputBytesFieldEvent> {
    return streamMessage(buf, ToolLimits.codec(), opts)
  }
}

export interface Tool {
  toolId: string
  name: string
  description: string
  inputSchema: string
  fileInputs: string[]
  fileOutputs: string[]
  priceMicrosPerMin: bigint
  maxMs: number
  limits?: ToolLimits
  tags: string[]
  verification: string
  thirdPartyUseAllowed: boolean
}

export namespace Tool {
  let _codec: Codec<Tool>

  export const codec = (): Codec<Tool> => {
    if (_codec == null) {
      _codec = message<Tool>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.toolId != null && obj.toolId !== '')) {
          w.uint32(10)
          w.string(obj.toolId)
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(18)
          w.string(obj.name)
        }

        if ((obj.description != null && obj.description !== '')) {
          w.uint32(26)
          w.string(obj.description)
        }

        if ((obj.inputSchema != null && obj.inputSchema !== '')) {
          w.uint32(34)
          w.string(obj.inputSchema)
        }

        if (obj.fileInputs != null && obj.fileInputs.length > 0) {
          for (const value of obj.fileInputs) {
            w.uint32(42)
            w.string(value)
          }
        }

        if (obj.fileOutputs != null && obj.fileOutputs.length > 0) {
          for (const value of obj.fileOutputs) {
            w.uint32(50)
            w.string(value)
          }
        }

        if ((obj.priceMicrosPerMin != null && obj.priceMicrosPerMin !== 0n)) {
          w.uint32(56)
          writeUint64(w, obj.priceMicrosPerMin)
        }

        if ((obj.maxMs != null && obj.maxMs !== 0)) {
          w.uint32(64)
          w.uint64Number(obj.maxMs)
        }

        if (obj.limits != null) {
          w.uint32(74)
          ToolLimits.codec().encode(obj.limits, w)
        }

        if (obj.tags != null && obj.tags.length > 0) {
          for (const value of obj.tags) {
            w.uint32(82)
            w.string(value)
          }
        }

        if ((obj.verification != null && obj.verification !== '')) {
          w.uint32(90)
          w.string(obj.verification)
        }

        if ((obj.thirdPartyUseAllowed != null && obj.thirdPartyUseAllowed !== false)) {
          w.uint32(96)
          w.bool(obj.thirdPartyUseAllowed)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          toolId: '',
          name: '',
          description: '',
          inputSchema: '',
          fileInputs: [],
          fileOutputs: [],
          priceMicrosPerMin: 0n,
          maxMs: 0,
          tags: [],
          verification: '',
          thirdPartyUseAllowed: false
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
              obj.name = reader.string()
              break
            }
            case 3: {
              obj.description = reader.string()
              break
            }
            case 4: {
              obj.inputSchema = reader.string()
              break
            }
            case 5: {
              if (opts.limits?.fileInputs != null && obj.fileInputs.length === opts.limits.fileInputs) {
                throw new MaxLengthError('Decode error - repeated field "fileInputs" had too many elements')
              }

              obj.fileInputs.push(reader.string())
              break
            }
            case 6: {
              if (opts.limits?.fileOutputs != null && obj.fileOutputs.length === opts.limits.fileOutputs) {
                throw new MaxLengthError('Decode error - repeated field "fileOutputs" had too many elements')
              }

              obj.fileOutputs.push(reader.string())
              break
            }
            case 7: {
              obj.priceMicrosPerMin = reader.uint64()
              break
            }
            case 8: {
              obj.maxMs = reader.uint64Number()
              break
            }
            case 9: {
              obj.limits = ToolLimits.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.limits
              })
              break
            }
            case 10: {
              if (opts.limits?.tags != null && obj.tags.length === opts.limits.tags) {
                throw new MaxLengthError('Decode error - repeated field "tags" had too many elements')
              }

              obj.tags.push(reader.string())
              break
            }
            case 11: {
              obj.verification = reader.string()
              break
            }
            case 12: {
              obj.thirdPartyUseAllowed = reader.bool()
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
          fileInputs: 0,
          fileOutputs: 0,
          tags: 0
        }

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
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.description`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.inputSchema`,
                value: reader.string()
              }
              break
            }
            case 5: {
              if (opts.limits?.fileInputs != null && obj.fileInputs === opts.limits.fileInputs) {
                throw new MaxLengthError('Streaming decode error - repeated field "fileInputs" had too many elements')
              }

              yield {
                field: `${prefix}.fileInputs[]`,
                index: obj.fileInputs,
                value: reader.string()
              }

              obj.fileInputs++

              break
            }
            case 6: {
              if (opts.limits?.fileOutputs != null && obj.fileOutputs === opts.limits.fileOutputs) {
                throw new MaxLengthError('Streaming decode error - repeated field "fileOutputs" had too many elements')
              }

              yield {
                field: `${prefix}.fileOutputs[]`,
                index: obj.fileOutputs,
                value: reader.string()
              }

              obj.fileOutputs++

              break
            }
            case 7: {
              yield {
                field: `${prefix}.priceMicrosPerMin`,
                value: reader.uint64()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.maxMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 9: {
              yield * ToolLimits.codec().stream(reader, reader.uint32(), `${prefix}.limits`, {
                limits: opts.limits?.limits
              })

              break
            }
            case 10: {
              if (opts.limits?.tags != null && obj.tags === opts.limits.tags) {
                throw new MaxLengthError('Streaming decode error - repeated field "tags" had too many elements')
              }

              yield {
                field: `${prefix}.tags[]`,
                index: obj.tags,
                value: reader.string()
              }

              obj.tags++

              break
            }
            case 11: {
              yield {
                field: `${prefix}.verification`,
                value: reader.string()
              }
              break
            }
            case 12: {
              yield {
                field: `${prefix}.thirdPartyUseAllowed`,
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

  export interface ToolToolIdFieldEvent {
    field: '$.toolId'
    value: string
  }

  export interface ToolNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface ToolDescriptionFieldEvent {
    field: '$.description'
    value: string
  }

  export interface ToolInputSchemaFieldEvent {
    field: '$.inputSchema'
    value: string
  }

  export interface ToolFileInputsFieldEvent {
    field: '$.fileInputs[]'
    index: number
    value: string
  }

  export interface ToolFileOutputsFieldEvent {
    field: '$.fileOutputs[]'
    index: number
    value: string
  }

  export interface ToolPriceMicrosPerMinFieldEvent {
    field: '$.priceMicrosPerMin'
    value: bigint
  }

  export interface ToolMaxMsFieldEvent {
    field: '$.maxMs'
    value: number
  }

  export interface ToolLimitsCpuMillisFieldEvent {
    field: '$.limits.cpuMillis'
    value: number
  }

  export interface ToolLimitsMemoryBytesFieldEvent {
    field: '$.limits.memoryBytes'
    value: number
  }

  export interface ToolLimitsDiskBytesFieldEvent {
    field: '$.limits.diskBytes'
    value: number
  }

  export interface ToolLimitsPidsFieldEvent {
    field: '$.limits.pids'
    value: number
  }

  export interface ToolLimitsOutputBytesFieldEvent {
    field: '$.limits.outputBytes'
    value: number
  }

  export interface ToolTagsFieldEvent {
    field: '$.tags[]'
    index: number
    value: string
  }

  export interface ToolVerificationFieldEvent {
    field: '$.verification'
    value: string
  }

  export interface ToolThirdPartyUseAllowedFieldEvent {
    field: '$.thirdPartyUseAllowed'
    value: boolean
  }

  export function encode (obj: Partial<Tool>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Tool.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Tool>): Tool {
    return decodeMessage(buf, Tool.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Tool>): Generator<ToolToolIdFieldEvent | ToolNameFieldEvent | ToolDescriptionFieldEvent | ToolInputSchemaFieldEvent | ToolFileInputsFieldEvent | ToolFileOutputsFieldEvent | ToolPriceMicrosPerMinFieldEvent | ToolMaxMsFieldEvent | ToolLimitsCpuMillisFieldEvent | ToolLimitsMemoryBytesFieldEvent | ToolLimitsDiskBytesFieldEvent | ToolLimitsPidsFieldEvent | ToolLimitsOutputBytesFieldEvent | ToolTagsFieldEvent | ToolVerificationFieldEvent | ToolThirdPartyUseAllowedFieldEvent> {
    return streamMessage(buf, Tool.codec(), opts)
  }
}

export interface WindowLimits {
  windowMicros: bigint
  windowCalls: number
}

export namespace WindowLimits {
  let _codec: Codec<WindowLimits>

  export const codec = (): Codec<WindowLimits> => {
    if (_codec == null) {
      _codec = message<WindowLimits>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.windowMicros != null && obj.windowMicros !== 0n)) {
          w.uint32(8)
          writeUint64(w, obj.windowMicros)
        }

        if ((obj.windowCalls != null && obj.windowCalls !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.windowCalls)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          windowMicros: 0n,
          windowCalls: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.windowMicros = reader.uint64()
              break
            }
            case 2: {
              obj.windowCalls = reader.uint64Number()
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
                field: `${prefix}.windowMicros`,
                value: reader.uint64()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.windowCalls`,
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

  export interface WindowLimitsWindowMicrosFieldEvent {
    field: '$.windowMicros'
    value: bigint
  }

  export interface WindowLimitsWindowCallsFieldEvent {
    field: '$.windowCalls'
    value: number
  }

  export function encode (obj: Partial<WindowLimits>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WindowLimits.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WindowLimits>): WindowLimits {
    return decodeMessage(buf, WindowLimits.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WindowLimits>): Generator<WindowLimitsWindowMicrosFieldEvent | WindowLimitsWindowCallsFieldEvent> {
    return streamMessage(buf, WindowLimits.codec(), opts)
  }
}

export interface Offer {
  seq: number
  issuedAtMs: number
  expiresAtMs: number
  provider: string
  bindings: Uint8Array<ArrayBuffer>[]
  name: string
  description: string
  ensName?: string
  region?: string
  tier: string
  selfTestDigest?: Uint8Array<ArrayBuffer>
  capacity: number
  coordinators: string[]
  maxWindow?: WindowLimits
  tools: Tool[]
}

export namespace Offer {
  let _codec: Codec<Offer>

  export const codec = (): Codec<Offer> => {
    if (_codec == null) {
      _codec = message<Offer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.seq != null && obj.seq !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.seq)
        }

        if ((obj.issuedAtMs != null && obj.issuedAtMs !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.issuedAtMs)
        }

        if ((obj.expiresAtMs != null && obj.expiresAtMs !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.expiresAtMs)
        }

        if ((obj.provider != null && obj.provider !== '')) {
          w.uint32(34)
          w.string(obj.provider)
        }

        if (obj.bindings != null && obj.bindings.length > 0) {
          for (const value of obj.bindings) {
            w.uint32(42)
            w.bytes(value)
          }
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(50)
          w.string(obj.name)
        }

        if ((obj.description != null && obj.description !== '')) {
          w.uint32(58)
          w.string(obj.description)
        }

        if (obj.ensName != null) {
          w.uint32(66)
          w.string(obj.ensName)
        }

        if (obj.region != null) {
          w.uint32(74)
          w.string(obj.region)
        }

        if ((obj.tier != null && obj.tier !== '')) {
          w.uint32(82)
          w.string(obj.tier)
        }

        if (obj.selfTestDigest != null) {
          w.uint32(90)
          w.bytes(obj.selfTestDigest)
        }

        if ((obj.capacity != null && obj.capacity !== 0)) {
          w.uint32(96)
          w.uint64Number(obj.capacity)
        }

        if (obj.coordinators != null && obj.coordinators.length > 0) {
          for (const value of obj.coordinators) {
            w.uint32(106)
            w.string(value)
          }
        }

        if (obj.maxWindow != null) {
          w.uint32(114)
          WindowLimits.codec().encode(obj.maxWindow, w)
        }

        if (obj.tools != null && obj.tools.length > 0) {
          for (const value of obj.tools) {
            w.uint32(122)
            Tool.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          seq: 0,
          issuedAtMs: 0,
          expiresAtMs: 0,
          provider: '',
          bindings: [],
          name: '',
          description: '',
          tier: '',
          capacity: 0,
          coordinators: [],
          tools: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.seq = reader.uint64Number()
              break
            }
            case 2: {
              obj.issuedAtMs = reader.uint64Number()
              break
            }
            case 3: {
              obj.expiresAtMs = reader.uint64Number()
              break
            }
            case 4: {
              obj.provider = reader.string()
              break
            }
            case 5: {
              if (opts.limits?.bindings != null && obj.bindings.length === opts.limits.bindings) {
                throw new MaxLengthError('Decode error - repeated field "bindings" had too many elements')
              }

              obj.bindings.push(reader.bytes())
              break
            }
            case 6: {
              obj.name = reader.string()
              break
            }
            case 7: {
              obj.description = reader.string()
              break
            }
            case 8: {
              obj.ensName = reader.string()
              break
            }
            case 9: {
              obj.region = reader.string()
              break
            }
            case 10: {
              obj.tier = reader.string()
              break
            }
            case 11: {
              obj.selfTestDigest = reader.bytes()
              break
            }
            case 12: {
              obj.capacity = reader.uint64Number()
              break
            }
            case 13: {
              if (opts.limits?.coordinators != null && obj.coordinators.length === opts.limits.coordinators) {
                throw new MaxLengthError('Decode error - repeated field "coordinators" had too many elements')
              }

              obj.coordinators.push(reader.string())
              break
            }
            case 14: {
              obj.maxWindow = WindowLimits.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.maxWindow
              })
              break
            }
            case 15: {
              if (opts.limits?.tools != null && obj.tools.length === opts.limits.tools) {
                throw new MaxLengthError('Decode error - repeated field "tools" had too many elements')
              }

              obj.tools.push(Tool.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.tools$
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
          bindings: 0,
          coordinators: 0,
          tools: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.seq`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.issuedAtMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.expiresAtMs`,
                value: reader.uint64Number()
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
            case 6: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.description`,
                value: reader.string()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.ensName`,
                value: reader.string()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.region`,
                value: reader.string()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.tier`,
                value: reader.string()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.selfTestDigest`,
                value: reader.bytes()
              }
              break
            }
            case 12: {
              yield {
                field: `${prefix}.capacity`,
                value: reader.uint64Number()
              }
              break
            }
            case 13: {
              if (opts.limits?.coordinators != null && obj.coordinators === opts.limits.coordinators) {
                throw new MaxLengthError('Streaming decode error - repeated field "coordinators" had too many elements')
              }

              yield {
                field: `${prefix}.coordinators[]`,
                index: obj.coordinators,
                value: reader.string()
              }

              obj.coordinators++

              break
            }
            case 14: {
              yield * WindowLimits.codec().stream(reader, reader.uint32(), `${prefix}.maxWindow`, {
                limits: opts.limits?.maxWindow
              })

              break
            }
            case 15: {
              if (opts.limits?.tools != null && obj.tools === opts.limits.tools) {
                throw new MaxLengthError('Streaming decode error - repeated field "tools" had too many elements')
              }

              for (const evt of Tool.codec().stream(reader, reader.uint32(), `${prefix}.tools[]`, {
                limits: opts.limits?.tools$
              })) {
                yield {
                  ...evt,
                  index: obj.tools
                }
              }

              obj.tools++

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

  export interface OfferSeqFieldEvent {
    field: '$.seq'
    value: number
  }

  export interface OfferIssuedAtMsFieldEvent {
    field: '$.issuedAtMs'
    value: number
  }

  export interface OfferExpiresAtMsFieldEvent {
    field: '$.expiresAtMs'
    value: number
  }

  export interface OfferProviderFieldEvent {
    field: '$.provider'
    value: string
  }

  export interface OfferBindingsFieldEvent {
    field: '$.bindings[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface OfferNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface OfferDescriptionFieldEvent {
    field: '$.description'
    value: string
  }

  export interface OfferEnsNameFieldEvent {
    field: '$.ensName'
    value: string
  }

  export interface OfferRegionFieldEvent {
    field: '$.region'
    value: string
  }

  export interface OfferTierFieldEvent {
    field: '$.tier'
    value: string
  }

  export interface OfferSelfTestDigestFieldEvent {
    field: '$.selfTestDigest'
    value: Uint8Array<ArrayBuffer>
  }

  export interface OfferCapacityFieldEvent {
    field: '$.capacity'
    value: number
  }

  export interface OfferCoordinatorsFieldEvent {
    field: '$.coordinators[]'
    index: number
    value: string
  }

  export interface OfferMaxWindowWindowMicrosFieldEvent {
    field: '$.maxWindow.windowMicros'
    value: bigint
  }

  export interface OfferMaxWindowWindowCallsFieldEvent {
    field: '$.maxWindow.windowCalls'
    value: number
  }

  export interface OfferToolsToolIdFieldEvent {
    field: '$.tools[].toolId'
    value: string
    index: number
  }

  export interface OfferToolsNameFieldEvent {
    field: '$.tools[].name'
    value: string
    index: number
  }

  export interface OfferToolsDescriptionFieldEvent {
    field: '$.tools[].description'
    value: string
    index: number
  }

  export interface OfferToolsInputSchemaFieldEvent {
    field: '$.tools[].inputSchema'
    value: string
    index: number
  }

  export interface OfferToolsFileInputsFieldEvent {
    field: '$.tools[].fileInputs[]'
    index: number
    value: string
  }

  export interface OfferToolsFileOutputsFieldEvent {
    field: '$.tools[].fileOutputs[]'
    index: number
    value: string
  }

  export interface OfferToolsPriceMicrosPerMinFieldEvent {
    field: '$.tools[].priceMicrosPerMin'
    value: bigint
    index: number
  }

  export interface OfferToolsMaxMsFieldEvent {
    field: '$.tools[].maxMs'
    value: number
    index: number
  }

  export interface OfferToolsLimitsCpuMillisFieldEvent {
    field: '$.tools[].limits.cpuMillis'
    value: number
    index: number
  }

  export interface OfferToolsLimitsMemoryBytesFieldEvent {
    field: '$.tools[].limits.memoryBytes'
    value: number
    index: number
  }

  export interface OfferToolsLimitsDiskBytesFieldEvent {
    field: '$.tools[].limits.diskBytes'
    value: number
    index: number
  }

  export interface OfferToolsLimitsPidsFieldEvent {
    field: '$.tools[].limits.pids'
    value: number
    index: number
  }

  export interface OfferToolsLimitsOutputBytesFieldEvent {
    field: '$.tools[].limits.outputBytes'
    value: number
    index: number
  }

  export interface OfferToolsTagsFieldEvent {
    field: '$.tools[].tags[]'
    index: number
    value: string
  }

  export interface OfferToolsVerificationFieldEvent {
    field: '$.tools[].verification'
    value: string
    index: number
  }

  export interface OfferToolsThirdPartyUseAllowedFieldEvent {
    field: '$.tools[].thirdPartyUseAllowed'
    value: boolean
    index: number
  }

  export function encode (obj: Partial<Offer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Offer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Offer>): Offer {
    return decodeMessage(buf, Offer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Offer>): Generator<OfferSeqFieldEvent | OfferIssuedAtMsFieldEvent | OfferExpiresAtMsFieldEvent | OfferProviderFieldEvent | OfferBindingsFieldEvent | OfferNameFieldEvent | OfferDescriptionFieldEvent | OfferEnsNameFieldEvent | OfferRegionFieldEvent | OfferTierFieldEvent | OfferSelfTestDigestFieldEvent | OfferCapacityFieldEvent | OfferCoordinatorsFieldEvent | OfferMaxWindowWindowMicrosFieldEvent | OfferMaxWindowWindowCallsFieldEvent | OfferToolsToolIdFieldEvent | OfferToolsNameFieldEvent | OfferToolsDescriptionFieldEvent | OfferToolsInputSchemaFieldEvent | OfferToolsFileInputsFieldEvent | OfferToolsFileOutputsFieldEvent | OfferToolsPriceMicrosPerMinFieldEvent | OfferToolsMaxMsFieldEvent | OfferToolsLimitsCpuMillisFieldEvent | OfferToolsLimitsMemoryBytesFieldEvent | OfferToolsLimitsDiskBytesFieldEvent | OfferToolsLimitsPidsFieldEvent | OfferToolsLimitsOutputBytesFieldEvent | OfferToolsTagsFieldEvent | OfferToolsVerificationFieldEvent | OfferToolsThirdPartyUseAllowedFieldEvent> {
    return streamMessage(buf, Offer.codec(), opts)
  }
}

export interface OfferRequest {
  knownSeq?: number
}

export namespace OfferRequest {
  let _codec: Codec<OfferRequest>

  export const codec = (): Codec<OfferRequest> => {
    if (_codec == null) {
      _codec = message<OfferRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.knownSeq != null) {
          w.uint32(8)
          w.uint64Number(obj.knownSeq)
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
              obj.knownSeq = reader.uint64Number()
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
                field: `${prefix}.knownSeq`,
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

  export interface OfferRequestKnownSeqFieldEvent {
    field: '$.knownSeq'
    value: number
  }

  export function encode (obj: Partial<OfferRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, OfferRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OfferRequest>): OfferRequest {
    return decodeMessage(buf, OfferRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OfferRequest>): Generator<OfferRequestKnownSeqFieldEvent> {
    return streamMessage(buf, OfferRequest.codec(), opts)
  }
}

export interface OfferAnswer {
  offer: Uint8Array<ArrayBuffer>
  windows?: WindowLimits
}

export namespace OfferAnswer {
  let _codec: Codec<OfferAnswer>

  export const codec = (): Codec<OfferAnswer> => {
    if (_codec == null) {
      _codec = message<OfferAnswer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.offer != null && obj.offer.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.offer)
        }

        if (obj.windows != null) {
          w.uint32(18)
          WindowLimits.codec().encode(obj.windows, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          offer: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.offer = reader.bytes()
              break
            }
            case 2: {
              obj.windows = WindowLimits.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.windows
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
              yield {
                field: `${prefix}.offer`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield * WindowLimits.codec().stream(reader, reader.uint32(), `${prefix}.windows`, {
                limits: opts.limits?.windows
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

  export interface OfferAnswerOfferFieldEvent {
    field: '$.offer'
    value: Uint8Array<ArrayBuffer>
  }

  export interface OfferAnswerWindowsWindowMicrosFieldEvent {
    field: '$.windows.windowMicros'
    value: bigint
  }

  export interface OfferAnswerWindowsWindowCallsFieldEvent {
    field: '$.windows.windowCalls'
    value: number
  }

  export function encode (obj: Partial<OfferAnswer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, OfferAnswer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OfferAnswer>): OfferAnswer {
    return decodeMessage(buf, OfferAnswer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OfferAnswer>): Generator<OfferAnswerOfferFieldEvent | OfferAnswerWindowsWindowMicrosFieldEvent | OfferAnswerWindowsWindowCallsFieldEvent> {
    return streamMessage(buf, OfferAnswer.codec(), opts)
  }
}
