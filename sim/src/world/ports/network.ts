import type { FrameStream, Network, StreamHandler } from '@orien/node/network'
import type { Life, Machine } from '../kernel/machine.ts'
import type { Rng } from '../kernel/rng.ts'
import type { WorldTime } from '../kernel/time.ts'
import type { Trace } from '../kernel/trace.ts'
import type { Faults } from './faults.ts'

/** One frame as it left a party. */
export interface SentFrame {
  readonly from: string
  readonly to: string
  readonly protocol: string
  /** True when the sender opened the stream. */
  readonly dialled: boolean
  readonly frame: Uint8Array
}

export interface PortWorld {
  readonly time: WorldTime
  readonly trace: Trace
  readonly rng: Rng
  readonly faults: Faults
  /** Names of peers, for the trace. */
  readonly nameOf: (peer: string) => string
  /** Sees every frame that leaves. */
  readonly onFrame: (frame: SentFrame) => void
  /** Sees which protocol a peer is spoken to once more in, by a stream that repeats an old one. */
  readonly onRepeat: (to: string, protocol: string) => void
}

/**
 * The network as one life of a machine has it: every frame is an I/O point, and a dead process neither sends nor hears. With the fault, a peer
 * repeats a whole stream of its own later, as one that forgot that it was answered.
 */
export function lifeNetwork(network: Network, machine: Machine, life: Life, world: PortWorld): Network {
  const wrap = (stream: FrameStream, dialled: boolean, record?: Uint8Array[]): FrameStream =>
    lifeStream(stream, dialled, { machine, life, world, record })
  return {
    ...network,
    handle: (protocol, handler: StreamHandler) =>
      network.handle(protocol, async (stream) => {
        if (life.alive) await handler(wrap(stream, false))
      }),
    async dial(target, protocol, options) {
      await machine.alive(life)
      machine.pass(life, 'dial', 'before')
      await machine.alive(life)
      const stream = await network.dial(target, protocol, options)
      await machine.alive(life)
      const record: Uint8Array[] | undefined = world.faults.roll('network.duplication', 0.02) ? [] : undefined
      if (record !== undefined)
        void stream.ended.then(() =>
          world.time.after(world.rng.between(10, 20_000), () => {
            world.onRepeat(world.nameOf(stream.peer), shortOf(stream))
            void replay(network, stream, record, protocol, life)
          }),
        )
      return wrap(stream, true, record)
    },
    onConnect: (listener) =>
      network.onConnect((peer) => {
        if (life.alive) listener(peer)
      }),
  }
}

interface StreamOf {
  readonly machine: Machine
  readonly life: Life
  readonly world: PortWorld
  readonly record: Uint8Array[] | undefined
}

function lifeStream(stream: FrameStream, dialled: boolean, { machine, life, world, record }: StreamOf): FrameStream {
  const { trace, nameOf, onFrame } = world
  const to = nameOf(stream.peer)
  const protocol = shortOf(stream)
  return {
    peer: stream.peer,
    protocol: stream.protocol,
    ended: stream.ended,
    frames: heard(stream, machine, life),
    drained: () => stream.drained(),
    close: () => stream.close(),
    abort: (reason) => stream.abort(reason),
    send(frame) {
      machine.pass(life, 'send', 'before')
      if (!life.alive) return true
      trace.add(machine.name, `${protocol} ${frame.length} > ${to}`)
      record?.push(frame)
      onFrame({ from: machine.name, to, protocol, dialled, frame })
      const room = stream.send(frame)
      machine.pass(life, 'send', 'after')
      return room
    },
  }
}

/** `/orien/work/1.0.0` is `work` here. */
function shortOf({ protocol }: FrameStream): string {
  return protocol.split('/')[2] ?? protocol
}

/** Frames for a process that lives; a dead one hears nothing more. */
function heard(stream: FrameStream, machine: Machine, life: Life): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const frame of stream.frames) {
        await machine.alive(life)
        yield frame
      }
    },
  }
}

async function replay(
  network: Network,
  old: FrameStream,
  frames: readonly Uint8Array[],
  protocol: Parameters<Network['dial']>[1],
  life: Life,
): Promise<void> {
  if (!life.alive) return
  try {
    const stream = await network.dial({ peer: old.peer }, protocol)
    for (const frame of frames) stream.send(frame)
    for await (const _answer of stream.frames) if (!life.alive) break
    await stream.close()
  } catch {
    // Nobody waits for a repetition: that it failed is as good as that it never was.
  }
}
