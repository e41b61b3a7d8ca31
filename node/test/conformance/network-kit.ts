import type { ErrorCode, PeerText } from '@orien/protocol'
import { isOrienError } from '@orien/protocol'
import { expect } from 'vitest'
import type { FrameStream, Network, RecordValidator, StreamProtocol } from '../../src/network/port.ts'

export interface NodeOptions {
  /** Kept connected to these. */
  readonly near?: readonly Network[]
  /** The default is `server`. */
  readonly role?: 'server' | 'client'
  /** False: others reach it only on connections it opened. */
  readonly dialable?: boolean
}

/** What an adapter brings to be tested: nodes of one network of its own, and the faults only it can make. */
export interface NetworkFixture {
  node(options?: NodeOptions): Promise<Network>
  /** An address where a dial meets silence. */
  silentAddress(peer: PeerText): Promise<string>
  /** Cuts every connection of a node, as a cable would be cut. Its addresses must have been dialled through `address`. */
  cut(node: Network): Promise<void>
  /** An address of the node whose connections cut() can cut. */
  address(node: Network): string
  /** Lets time pass where the adapter's timers are not the machine's own. */
  elapse(ms: number): Promise<void>
  /** Stops every node. */
  end(): Promise<void>
}

/** How the groups of the suite reach the fixture of the running test. */
export type Get = () => NetworkFixture

export const PROTOCOL: StreamProtocol = {
  id: '/test/frames/1.0.0',
  maxFrameBytes: 256 * 1024,
  firstFrameMs: 20_000,
  idleMs: 60_000,
  maxInboundStreams: 4,
}
export const TOPIC = '/test/topic/1'
/** The topics a fixture must allow. */
export const CONFORMANCE_TOPICS = [TOPIC]

/** Test records: 1, sequence, anything. */
export const conformanceRecords: RecordValidator = (key, value) =>
  key.startsWith('/orien/') && value[0] === 1 ? { seq: value[1] ?? 0 } : undefined

export interface Pair {
  readonly client: Network
  readonly serverNode: Network
  /** The client's end and the server's end of one stream. */
  readonly stream: FrameStream
  readonly server: FrameStream
}

export async function pair(fixture: NetworkFixture, protocol: StreamProtocol, served = protocol): Promise<Pair> {
  const [serverNode, client] = [await fixture.node(), await fixture.node()]
  const { promise, resolve } = Promise.withResolvers<FrameStream>()
  await serverNode.handle(served, resolve)
  const stream = await client.dial({ address: fixture.address(serverNode) }, protocol)
  return { client, serverNode, stream, server: await promise }
}

export async function serveEcho(node: Network, protocol: StreamProtocol): Promise<void> {
  await node.handle(protocol, async (stream) => {
    for await (const frame of stream.frames) if (!stream.send(frame)) await stream.drained()
    await stream.close()
  })
}

/** Sends one byte to an echo and returns what comes back. */
export async function roundTrip(stream: FrameStream, value: number): Promise<number | undefined> {
  stream.send(Uint8Array.of(value))
  return (await collect(stream, 1))[0]?.[0]
}

export async function roundTripBetween(from: Network, to: Network): Promise<void> {
  const protocol: StreamProtocol = { ...PROTOCOL, id: '/test/between/1.0.0' }
  await serveEcho(to, protocol)
  expect(await roundTrip(await from.dial({ peer: to.peer }, protocol), 1)).toBe(1)
}

/** Up to `count` frames; fewer when the stream ends first. */
export async function collect(stream: FrameStream, count: number): Promise<Uint8Array[]> {
  const taken: Uint8Array[] = []
  for await (const frame of stream.frames) if (taken.push(frame) === count) break
  return taken
}

export function metBy(node: Network, other: Network): Promise<void> {
  return new Promise((resolve) => {
    const stop = node.onConnect((peer) => {
      if (peer !== other.peer) return
      stop()
      resolve()
    })
  })
}

/** Waits for a condition that events bring about; `again` is done before each look. The test's own time limit ends it. */
export async function until(condition: () => boolean, again?: () => Promise<void>): Promise<void> {
  while (!condition()) {
    await again?.()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export function pattern(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += 97) bytes[at] = (at * 31 + seed * 7) & 0xff
  return bytes
}

export function same(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0
}

export function codeOf(run: () => unknown): ErrorCode | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (isOrienError(error)) return error.code
    throw error
  }
}

export async function codeOfPromise(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    if (isOrienError(error)) return error.code
    throw error
  }
}
