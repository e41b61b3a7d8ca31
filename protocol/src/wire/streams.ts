import { fromHex, hex } from '../bytes.ts'
import { isErrorCode, MONEY_WHERE, OrienError, type MoneyState } from '../errors.ts'
import { micros } from '../money/micros.ts'
import * as wire from './streams.wire.ts'

/**
 * Frames of the stream protocols: one message a frame, exactly one field set in requests and answers that say so.
 * Frames are unsigned; whatever matters travels inside them as envelopes and cheques.
 */
export type {
  SessionRequest,
  SessionAnswer,
  WorkRequest,
  WorkAnswer,
  ReceiptsRequest,
  ReceiptsAnswer,
  CosignRequest,
  CosignAnswer,
  StatementRequest,
  StatementAnswer,
  BlobRequest,
  BlobAnswer,
  Hello,
  Failure,
  Heartbeat,
  Attach,
  Attached,
  Call,
  Accepted,
  Log,
  Tick,
  Done,
  CollectedReceipt,
  Debit,
  Close,
} from './streams.wire.ts'

/** A frame to send: any bytes will do where the decoded form promises its own. */
export type Outgoing<T> = T extends Uint8Array
  ? Uint8Array
  : T extends readonly (infer E)[]
    ? readonly Outgoing<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Outgoing<T[K]> }
      : T

/** Encodes and decodes the frames of one direction of one protocol. */
export interface FrameCodec<T> {
  encode(frame: Partial<Outgoing<T>>): Uint8Array
  /** Throws `badDocument`, `tooLarge`. */
  decode(bytes: Uint8Array): T
}

const MAX_FRAME_BYTES = 1024 * 1024

function frameCodec<T>(
  name: string,
  codec: { encode(value: Partial<T>): Uint8Array; decode(bytes: Uint8Array): T },
): FrameCodec<T> {
  return {
    encode: (frame) => codec.encode(frame as Partial<T>),
    decode(bytes) {
      // Frames are unsigned, so any encoding will do; what is signed inside them is held to its one encoding.
      if (bytes.length > MAX_FRAME_BYTES)
        throw new OrienError('tooLarge', { message: `${name} is longer than ${MAX_FRAME_BYTES} bytes` })
      try {
        return codec.decode(bytes)
      } catch (cause) {
        throw new OrienError('badDocument', { message: `${name} cannot be decoded`, cause })
      }
    },
  }
}

export const sessionRequests = frameCodec<wire.SessionRequest>('session request', wire.SessionRequest)
export const sessionAnswers = frameCodec<wire.SessionAnswer>('session answer', wire.SessionAnswer)
export const workRequests = frameCodec<wire.WorkRequest>('work request', wire.WorkRequest)
export const workAnswers = frameCodec<wire.WorkAnswer>('work answer', wire.WorkAnswer)
export const receiptsRequests = frameCodec<wire.ReceiptsRequest>('receipts request', wire.ReceiptsRequest)
export const receiptsAnswers = frameCodec<wire.ReceiptsAnswer>('receipts answer', wire.ReceiptsAnswer)
export const cosignRequests = frameCodec<wire.CosignRequest>('cosign request', wire.CosignRequest)
export const cosignAnswers = frameCodec<wire.CosignAnswer>('cosign answer', wire.CosignAnswer)
export const statementRequests = frameCodec<wire.StatementRequest>('statement request', wire.StatementRequest)
export const statementAnswers = frameCodec<wire.StatementAnswer>('statement answer', wire.StatementAnswer)
export const blobRequests = frameCodec<wire.BlobRequest>('blob request', wire.BlobRequest)
export const blobAnswers = frameCodec<wire.BlobAnswer>('blob answer', wire.BlobAnswer)

/**
 * An error as it travels: its code, where the money is, and for `outOfOrder` what is expected: `details.expected`, the
 * next sequence number, and `details.head`, the id of the last receipt as hex.
 */
export function failureOf(error: OrienError, sessionId?: Uint8Array): Outgoing<wire.Failure> {
  const { where, minMicros, maxMicros, delivered } = error.money
  const { expected, head } = error.details
  const headId = typeof head === 'string' ? fromHex(head) : undefined
  return {
    code: error.code,
    money: { where, minMicros, maxMicros, delivered },
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(typeof expected === 'number' ? { expected } : {}),
    ...(headId === undefined ? {} : { head: headId }),
  }
}

/**
 * The error that a failure frame stands for. Unknown codes become `internal`, and money that is absent or somewhere we have no word
 * for becomes `unknown`: the peer is newer, or broken.
 */
export function errorOf(failure: wire.Failure, who: string): OrienError {
  const code = isErrorCode(failure.code) ? failure.code : 'internal'
  return new OrienError(code, {
    message: `${who} answered ${code}`,
    details: {
      ...(failure.expected === undefined ? {} : { expected: failure.expected }),
      ...(failure.head === undefined ? {} : { head: hex(failure.head) }),
    },
    money: moneyOf(failure.money),
  })
}

function moneyOf(money: wire.Money | undefined): MoneyState {
  const { minMicros = 0n, maxMicros = 0n, delivered = false } = money ?? {}
  const where = MONEY_WHERE.find((one) => one === money?.where) ?? 'unknown'
  return { where, minMicros: micros(minMicros), maxMicros: micros(maxMicros), delivered }
}
