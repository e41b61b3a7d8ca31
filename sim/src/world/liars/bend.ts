import type { FrameStream, Network } from '@orien/node/network'

/** A frame that goes on, frames in its place, or nothing. */
export type Bent = Uint8Array | readonly Uint8Array[] | undefined

/** One stream of a liar, for whoever bends its frames. */
export interface BentStream {
  readonly peer: string
  /** `work`, `receipts`, `cosign`, `session`, `statement`, … */
  readonly protocol: string
  /** True when the liar opened it. */
  readonly dialled: boolean
  /** Sends a frame that nobody bends. */
  send(frame: Uint8Array): void
}

/** What becomes of the frames of one party. A promise holds up everything behind it on that stream. */
export interface FrameBends {
  out?(frame: Uint8Array, stream: BentStream): Bent | Promise<Bent>
  in?(frame: Uint8Array, stream: BentStream): Bent | Promise<Bent>
}

/** A network whose frames are changed, doubled or dropped on their way out and in. */
export function bendNetwork(network: Network, bends: FrameBends): Network {
  return {
    ...network,
    handle: (protocol, handler) => network.handle(protocol, (stream) => handler(bendStream(stream, bends, false))),
    dial: async (target, protocol, options) => bendStream(await network.dial(target, protocol, options), bends, true),
  }
}

/** Several bends, one after the other: the first is next to the party. */
export function bendAll(network: Network, all: readonly FrameBends[]): Network {
  return all.toReversed().reduce((inner, bends) => bendNetwork(inner, bends), network)
}

function bendStream(stream: FrameStream, bends: FrameBends, dialled: boolean): FrameStream {
  const of: BentStream = {
    peer: stream.peer,
    protocol: stream.protocol.split('/')[2] ?? stream.protocol,
    dialled,
    send: (frame) => sendQuietly(stream, frame),
  }
  let waiting: Promise<void> | undefined
  const sendAll = (bent: Bent): boolean => {
    let room = true
    for (const frame of listOf(bent)) room = stream.send(frame)
    return room
  }
  return {
    peer: stream.peer,
    protocol: stream.protocol,
    ended: stream.ended,
    drained: () => stream.drained(),
    close: async () => {
      await waiting
      await stream.close()
    },
    abort: (reason) => stream.abort(reason),
    send(frame) {
      const bent = bends.out === undefined ? frame : bends.out(frame, of)
      if (waiting === undefined && !(bent instanceof Promise)) return sendAll(bent)
      const before = waiting ?? Promise.resolve()
      const sent = before.then(async () => {
        for (const one of listOf(await orTrue(bent, frame))) sendQuietly(stream, one)
      })
      waiting = sent
      return true
    },
    frames: {
      async *[Symbol.asyncIterator]() {
        for await (const frame of stream.frames)
          yield* listOf(bends.in === undefined ? frame : await orTrue(bends.in(frame, of), frame))
      },
    },
  }
}

/** A lie that cannot be made up now, for the ledger does not answer, is not told. */
async function orTrue(bent: Bent | Promise<Bent>, frame: Uint8Array): Promise<Bent> {
  try {
    return await bent
  } catch {
    return frame
  }
}

function listOf(bent: Bent): readonly Uint8Array[] {
  if (bent === undefined) return []
  return bent instanceof Uint8Array ? [bent] : bent
}

/** A stream that is gone takes nothing more: that is no trouble of a liar's. */
function sendQuietly(stream: FrameStream, frame: Uint8Array): void {
  try {
    stream.send(frame)
  } catch {
    stream.abort('gone')
  }
}
