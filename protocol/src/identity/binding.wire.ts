// Generated from binding.wire.proto by "npm run check -- --fix"; do not edit.
/* oxlint-disable */
// @ts-nocheck
import { decodeMessage, encodeMessage, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface WalletBinding {
  peer: string
  wallet: string
  role: string
  notBeforeMs: number
  expiresAtMs: number
  walletSignature: Uint8Array<ArrayBuffer>
  oldWalletSignature?: Uint8Array<ArrayBuffer>
}

export namespace WalletBinding {
  let _codec: Codec<WalletBinding>

  export const codec = (): Codec<WalletBinding> => {
    if (_codec == null) {
      _codec = message<WalletBinding>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.peer != null && obj.peer !== '')) {
          w.uint32(10)
          w.string(obj.peer)
        }

        if ((obj.wallet != null && obj.wallet !== '')) {
          w.uint32(18)
          w.string(obj.wallet)
        }

        if ((obj.role != null && obj.role !== '')) {
          w.uint32(26)
          w.string(obj.role)
        }

        if ((obj.notBeforeMs != null && obj.notBeforeMs !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.notBeforeMs)
        }

        if ((obj.expiresAtMs != null && obj.expiresAtMs !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.expiresAtMs)
        }

        if ((obj.walletSignature != null && obj.walletSignature.byteLength > 0)) {
          w.uint32(50)
          w.bytes(obj.walletSignature)
        }

        if (obj.oldWalletSignature != null) {
          w.uint32(58)
          w.bytes(obj.oldWalletSignature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peer: '',
          wallet: '',
          role: '',
          notBeforeMs: 0,
          expiresAtMs: 0,
          walletSignature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.peer = reader.string()
              break
            }
            case 2: {
              obj.wallet = reader.string()
              break
            }
            case 3: {
              obj.role = reader.string()
              break
            }
            case 4: {
              obj.notBeforeMs = reader.uint64Number()
              break
            }
            case 5: {
              obj.expiresAtMs = reader.uint64Number()
              break
            }
            case 6: {
              obj.walletSignature = reader.bytes()
              break
            }
            case 7: {
              obj.oldWalletSignature = reader.bytes()
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
                field: `${prefix}.peer`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.wallet`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.role`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.notBeforeMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.expiresAtMs`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.walletSignature`,
                value: reader.bytes()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.oldWalletSignature`,
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

  export interface WalletBindingPeerFieldEvent {
    field: '$.peer'
    value: string
  }

  export interface WalletBindingWalletFieldEvent {
    field: '$.wallet'
    value: string
  }

  export interface WalletBindingRoleFieldEvent {
    field: '$.role'
    value: string
  }

  export interface WalletBindingNotBeforeMsFieldEvent {
    field: '$.notBeforeMs'
    value: number
  }

  export interface WalletBindingExpiresAtMsFieldEvent {
    field: '$.expiresAtMs'
    value: number
  }

  export interface WalletBindingWalletSignatureFieldEvent {
    field: '$.walletSignature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WalletBindingOldWalletSignatureFieldEvent {
    field: '$.oldWalletSignature'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<WalletBinding>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WalletBinding.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WalletBinding>): WalletBinding {
    return decodeMessage(buf, WalletBinding.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WalletBinding>): Generator<WalletBindingPeerFieldEvent | WalletBindingWalletFieldEvent | WalletBindingRoleFieldEvent | WalletBindingNotBeforeMsFieldEvent | WalletBindingExpiresAtMsFieldEvent | WalletBindingWalletSignatureFieldEvent | WalletBindingOldWalletSignatureFieldEvent> {
    return streamMessage(buf, WalletBinding.codec(), opts)
  }
}
