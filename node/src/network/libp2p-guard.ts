import { yamux } from '@chainsafe/libp2p-yamux'
import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { OrienError } from '@orien/protocol'
import { NETWORK_LIMITS } from './limits.ts'
import { createBucket } from './rates.ts'

/**
 * Budgets that no setting of yamux gives. The members named here are private in the muxer; a version that moved them
 * is refused at the first connection, and the real tier's tests flood a node to show that the budgets bite.
 */
interface MuxerInsides {
  handleFrame: (frame: Frame) => void
  sendFrame: (header: FrameHeader, data?: unknown) => boolean
  abort: (error: Error) => void
  _newStream: (...args: unknown[]) => StreamInsides
  readonly decoder: { readonly buffer: Bytes; readFrame: () => unknown }
}

interface StreamInsides {
  readonly state: number
  readonly recvWindow: number
  readonly recvWindowCapacity: number
  sendWindowUpdate: () => void
}

interface Frame {
  readonly header: FrameHeader
}

interface FrameHeader {
  readonly type: number
  readonly flag: number
  readonly length: number
}

interface Bytes {
  readonly byteLength: number
  get(at: number): number
}

/** Wire numbers of the yamux specification. */
const DATA = 0
const PING = 2
const SYN = 1
/** The muxer's own states in which a window update carries a flag that opens the stream. */
const OPENING: readonly number[] = [0, 2]
const HEADER_BYTES = 12
const TYPE_AT = 1
const LENGTH_AT = 8

/** yamux with ORIEN's limits and budgets. `onOffence` hears of every connection cut for breaking them. */
export function guardedYamux(
  onOffence: (connection: MessageStream, what: string) => void,
  monoMs: () => number,
): () => StreamMuxerFactory {
  const create = yamux({
    maxInboundStreams: NETWORK_LIMITS.maxConnectionStreams,
    // Streams of a dialler that is done before this side is; the default of ten ends an honest connection.
    maxEarlyStreams: NETWORK_LIMITS.maxConnectionStreams,
    streamOptions: {
      maxStreamWindowSize: NETWORK_LIMITS.streamWindowBytes,
      maxReadBufferLength: NETWORK_LIMITS.streamBufferBytes,
      maxWriteBufferLength: NETWORK_LIMITS.streamBufferBytes,
    },
  })
  return () => {
    const factory = create()
    return {
      protocol: factory.protocol,
      createStreamMuxer: (connection) => {
        connection.maxWriteBufferLength = NETWORK_LIMITS.connectionBufferBytes
        const muxer = factory.createStreamMuxer(connection)
        const insides = insidesOf(muxer)
        guard(insides, (what) => onOffence(connection, what), monoMs)
        spareUpdates(insides)
        return muxer
      },
    }
  }
}

function insidesOf(muxer: StreamMuxer): MuxerInsides {
  const insides = muxer as unknown as Partial<MuxerInsides>
  const { handleFrame, sendFrame, abort, _newStream, decoder } = insides
  const known =
    typeof handleFrame === 'function' &&
    typeof sendFrame === 'function' &&
    typeof abort === 'function' &&
    typeof _newStream === 'function' &&
    typeof decoder?.readFrame === 'function' &&
    typeof decoder.buffer?.get === 'function'
  if (!known) throw new OrienError('internal', { message: 'the guard does not know this version of the muxer' })
  return insides as MuxerInsides
}

function guard(muxer: MuxerInsides, offence: (what: string) => void, monoMs: () => number): void {
  const control = createBucket(NETWORK_LIMITS.controlFramesPerSecond, monoMs)
  const pings = createBucket(NETWORK_LIMITS.pingsPerSecond, monoMs)
  const opens = createBucket(NETWORK_LIMITS.opensPerSecond, monoMs)
  /** Each data frame we send earns the peer one window update. */
  let owedUpdates = 0
  let aborted = false

  const refuse = (what: string): never => {
    aborted = true
    offence(what)
    // Thrown through the muxer, which aborts itself and its connection.
    throw new OrienError('tooLarge', { message: `the peer broke a limit of the muxer: ${what}` })
  }

  const { handleFrame, sendFrame, abort, decoder } = muxer
  const { readFrame, buffer } = decoder
  decoder.readFrame = () => {
    if (
      buffer.byteLength >= HEADER_BYTES &&
      buffer.get(TYPE_AT) === DATA &&
      dataLength(buffer) > NETWORK_LIMITS.streamWindowBytes
    ) {
      refuse('data frame beyond every window')
    }
    return readFrame.call(decoder)
  }
  muxer.sendFrame = (header, data) => {
    if (header.type === DATA) owedUpdates++
    return sendFrame.call(muxer, header, data)
  }
  muxer.abort = (error) => {
    aborted = true
    abort.call(muxer, error)
  }
  muxer.handleFrame = (frame) => {
    // The library goes on reading after it gave up; a peer that goes on sending would be served for nothing.
    if (aborted) refuse('frames after the end')
    const { type, flag, length } = frame.header
    if ((flag & SYN) !== 0 && type !== PING && !opens.take()) refuse('streams opened')
    if (type === PING) {
      if (!pings.take()) refuse('pings')
    } else if (type !== DATA || length === 0) {
      if (owedUpdates > 0) owedUpdates--
      else if (!control.take()) refuse('control frames')
    }
    handleFrame.call(muxer, frame)
  }
}

/**
 * The library answers every data frame with a window update, a packet and a system call of its own before the answer
 * proper. One for each half window does the same, as in other implementations, and halves what a small call costs.
 */
function spareUpdates(muxer: MuxerInsides): void {
  const { _newStream } = muxer
  muxer._newStream = (...args) => {
    const stream = _newStream.apply(muxer, args)
    const { sendWindowUpdate } = stream
    const known = typeof sendWindowUpdate === 'function' && typeof stream.recvWindowCapacity === 'number'
    if (!known) throw new OrienError('internal', { message: 'the guard does not know this version of the muxer' })
    stream.sendWindowUpdate = () => {
      const spare = stream.recvWindowCapacity > stream.recvWindow / 2
      if (!spare || OPENING.includes(stream.state)) sendWindowUpdate.call(stream)
    }
    return stream
  }
}

function dataLength(buffer: Bytes): number {
  let length = 0
  for (let at = LENGTH_AT; at < HEADER_BYTES; at++) length = length * 256 + buffer.get(at)
  return length
}
