import { OrienError } from '@orien/protocol'
import type { PeerText, Timers } from '@orien/protocol'
import { FramedStream } from './frames.ts'
import type { FrameStreamOptions } from './frames.ts'
import { NETWORK_LIMITS } from './limits.ts'
import type { FrameStream, StreamHandler, StreamProtocol } from './port.ts'
import type { ByteTransport } from './transport.ts'

export type NetworkLog = (event: string, fields: Record<string, unknown>) => void

interface Served {
  readonly protocol: StreamProtocol
  readonly handler: StreamHandler
  /** Open inbound streams of each peer. */
  readonly open: Map<PeerText, number>
}

/** The streams of one node: who serves what, how many each peer holds open, and all that must end when the node stops. */
export interface StreamTable {
  /** Throws `internal` when the protocol is served already. */
  serve(protocol: StreamProtocol, handler: StreamHandler): void
  stopServing(protocol: StreamProtocol): void
  served(id: string): StreamProtocol | undefined
  /** A stream that the other side opened. Reset when nobody serves it or the peer holds too many. */
  accept(id: string, peer: PeerText, transport: ByteTransport): void
  /** A stream that this side opened. */
  adopt(protocol: StreamProtocol, peer: PeerText, transport: ByteTransport): FrameStream
  /** Closes every stream, gives them stopMs to deliver what they hold, and aborts the others. */
  closeAll(): Promise<void>
}

export interface StreamTableOptions {
  readonly timers: Timers
  readonly laterTurn: FrameStreamOptions['laterTurn']
  readonly log: NetworkLog
}

export function createStreamTable({ timers, laterTurn, log }: StreamTableOptions): StreamTable {
  const served = new Map<string, Served>()
  const open = new Set<FrameStream>()

  const adopt = (
    protocol: StreamProtocol,
    peer: PeerText,
    transport: ByteTransport,
    onDone?: () => void,
  ): FrameStream => {
    const stream = new FramedStream(transport, {
      peer,
      protocol,
      timers,
      laterTurn,
      onDone: () => {
        open.delete(stream)
        onDone?.()
      },
    })
    open.add(stream)
    return stream
  }

  const accept = (id: string, peer: PeerText, transport: ByteTransport): void => {
    const entry = served.get(id)
    const held = entry?.open.get(peer) ?? 0
    if (entry === undefined || held >= entry.protocol.maxInboundStreams) {
      log('network.streamRefused', { peer, protocol: id, held })
      transport.reset('refused')
      return
    }
    entry.open.set(peer, held + 1)
    const stream = adopt(entry.protocol, peer, transport, () => {
      const left = (entry.open.get(peer) ?? 1) - 1
      if (left > 0) entry.open.set(peer, left)
      else entry.open.delete(peer)
    })
    void run(entry.handler, stream, log)
  }

  return {
    serve(protocol, handler) {
      if (served.has(protocol.id)) {
        throw new OrienError('internal', {
          message: 'the protocol is served already',
          details: { protocol: protocol.id },
        })
      }
      served.set(protocol.id, { protocol, handler, open: new Map() })
    },
    stopServing: (protocol) => void served.delete(protocol.id),
    served: (id) => served.get(id)?.protocol,
    accept,
    adopt: (protocol, peer, transport) => adopt(protocol, peer, transport),
    closeAll: () => closeAll(open, timers),
  }
}

async function closeAll(open: ReadonlySet<FrameStream>, timers: Timers): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const cancel = timers.after(NETWORK_LIMITS.stopMs, resolve)
  const pending = new Set(open)
  const closing = Array.from(open, async (stream) => {
    await stream.close()
    pending.delete(stream)
  })
  await Promise.race([late, Promise.all(closing)])
  cancel()
  for (const stream of pending) stream.abort('stopped')
}

/** A handler that fails ends its stream, and nothing else. */
async function run(handler: StreamHandler, stream: FrameStream, log: NetworkLog): Promise<void> {
  try {
    await handler(stream)
  } catch (error) {
    log('network.handlerFailed', { peer: stream.peer, protocol: stream.protocol, error: codeOf(error) })
    stream.abort('handler failed')
  }
}

function codeOf(error: unknown): string {
  if (error instanceof OrienError) return error.code
  return error instanceof Error ? error.name : typeof error
}
