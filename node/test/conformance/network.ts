import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sendAll } from '../../src/network/frame-pipe.ts'
import type { FrameStream, Network, RecordValidator, StreamProtocol, Verdict } from '../../src/network/port.ts'
import { isOrienError, peerOfKey } from '@orien/protocol'
import type { ErrorCode, PeerText } from '@orien/protocol'

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

const PROTOCOL: StreamProtocol = {
  id: '/test/frames/1.0.0',
  maxFrameBytes: 256 * 1024,
  firstFrameMs: 20_000,
  idleMs: 60_000,
  maxInboundStreams: 4,
}
const TOPIC = '/test/topic/1'
/** The topics a fixture must allow. */
export const CONFORMANCE_TOPICS = [TOPIC]

/** Test records: 1, sequence, anything. */
export const conformanceRecords: RecordValidator = (key, value) =>
  key.startsWith('/orien/') && value[0] === 1 ? { seq: value[1] ?? 0 } : undefined

/** The contract of node/src/network/port.ts. Every adapter passes it. */
export function networkConformance(name: string, make: () => Promise<NetworkFixture>): void {
  describe(`network: ${name}`, () => {
    let fixture: NetworkFixture
    beforeEach(async () => {
      fixture = await make()
    })
    afterEach(async () => {
      await fixture.end()
    })
    frames(() => fixture)
    backPressure(() => fixture)
    endings(() => fixture)
    limits(() => fixture)
    dialling(() => fixture)
    gossip(() => fixture)
    records(() => fixture)
  })
}

type Get = () => NetworkFixture

function frames(get: Get): void {
  test('behavior: frames of every size arrive whole and in order, both ways', async () => {
    const { client, server, stream } = await pair(get(), PROTOCOL)
    const sizes = [0, 1, 3, 4, 5, 100, 8_191, 8_192, 8_193, 65_515, 65_536, 200_000, 256 * 1024, 7]
    const sent = sizes.map((size, at) => pattern(size, at))
    const echo = (async () => {
      for await (const frame of server.frames) server.send(frame)
      await server.close()
    })()
    for (const frame of sent) stream.send(frame)
    const back = await collect(stream, sent.length)
    expect(back.map((frame) => frame.length)).toEqual(sizes)
    expect(back.every((frame, at) => same(frame, sent[at]))).toBe(true)
    await stream.close()
    await echo
    expect(await stream.ended).toBe('closed')
    expect(await server.ended).toBe('closed')
    expect(server.peer).toBe(client.peer)
    expect(stream.protocol).toBe(PROTOCOL.id)
  })

  test('behavior: thousands of small frames sent in one turn keep their order', async () => {
    const { server, stream } = await pair(get(), PROTOCOL)
    const count = 5_000
    for (let at = 0; at < count; at++) stream.send(Uint8Array.of(at >> 8, at & 0xff))
    const received = await collect(server, count)
    expect(received.every((frame, at) => frame[0] === at >> 8 && frame[1] === (at & 0xff))).toBe(true)
    expect(received[0]?.constructor).toBe(Uint8Array)
  })

  test('behavior: a reader that leaves its loop can go on later, and misses nothing', async () => {
    const { server, stream } = await pair(get(), PROTOCOL)
    for (let at = 0; at < 40; at++) stream.send(Uint8Array.of(at))
    const seen: number[] = []
    while (seen.length < 40) {
      for await (const frame of server.frames) {
        seen.push(frame[0] ?? -1)
        if (seen.length % 7 === 0 || seen.length === 40) break
      }
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, at) => at))
  })

  test('behavior: streams of one connection do not wait for each other', async () => {
    const fixture = get()
    const { client, serverNode, server, stream } = await pair(fixture, PROTOCOL)
    while (stream.send(pattern(64 * 1024, 1)));
    const other: StreamProtocol = { ...PROTOCOL, id: '/test/other/1.0.0' }
    await serveEcho(serverNode, other)
    const second = await client.dial({ peer: serverNode.peer }, other)
    expect(await roundTrip(second, 9)).toBe(9)
    expect(server.peer).toBe(client.peer)
  })
}

function backPressure(get: Get): void {
  test('behavior: a slow reader stops the writer; memory stays bounded and nothing is lost', async () => {
    const { client, serverNode, server, stream } = await pair(get(), PROTOCOL)
    const other: StreamProtocol = { ...PROTOCOL, id: '/test/other/1.0.0' }
    await serveEcho(serverNode, other)
    const second = await client.dial({ peer: serverNode.peer }, other)
    const frameBytes = 32 * 1024
    const total = 512
    let sent = 0
    const writing = (async () => {
      for (; sent < total; sent++) if (!stream.send(pattern(frameBytes, sent))) await stream.drained()
      await stream.close()
    })()
    // Stalled: the writer moves no more while the same connection carries other traffic.
    for (let last = -1, calm = 0; calm < 20; calm = sent === last ? calm + 1 : 0) {
      last = sent
      await roundTrip(second, 1)
    }
    expect(sent).toBeGreaterThan(0)
    expect(sent * frameBytes).toBeLessThan(4 * 1024 * 1024)
    const received = await collect(server, total)
    expect(received.every((frame, at) => same(frame, pattern(frameBytes, at)))).toBe(true)
    await writing
    await server.close()
    expect(await server.ended).toBe('closed')
  })

  test('behavior: a long transfer of large frames arrives whole, at the pace of its reader', async () => {
    const { server, stream } = await pair(get(), PROTOCOL)
    for (const frameBytes of [64 * 1024, 256 * 1024]) {
      const total = (24 * 1024 * 1024) / frameBytes
      const chunks = Array.from({ length: total }, (_, at) => pattern(frameBytes, at))
      const writing = sendAll(chunks, stream)
      const received = await collect(server, total)
      expect(received.length).toBe(total)
      expect(received.every((frame, at) => same(frame, chunks[at]))).toBe(true)
      expect(await writing).toBe(total)
    }
  })

  test('error: who sends on and on without waiting loses the stream, not the memory', async () => {
    const { stream } = await pair(get(), PROTOCOL)
    const frame = pattern(256 * 1024, 1)
    const flood = (): void => {
      for (let at = 0; at < 1_000; at++) stream.send(frame)
    }
    expect(codeOf(flood)).toBe('streamClosed')
    expect(await stream.ended).toBe('aborted')
    await stream.drained()
  })
}

function endings(get: Get): void {
  test('behavior: close delivers what is queued, and the other side may still answer', async () => {
    const { server, stream } = await pair(get(), PROTOCOL)
    for (let at = 0; at < 20; at++) stream.send(pattern(100_000, at))
    const closing = stream.close()
    const answers = collect(stream, 2)
    expect(codeOf(() => stream.send(Uint8Array.of(1)))).toBe('streamClosed')
    const received: Uint8Array[] = []
    for await (const frame of server.frames) received.push(frame)
    expect(received.length).toBe(20)
    expect(await server.ended).toBe('closed')
    server.send(Uint8Array.of(1))
    server.send(Uint8Array.of(2))
    await server.close()
    expect((await answers).map((frame) => frame[0])).toEqual([1, 2])
    await closing
    expect(await stream.ended).toBe('closed')
  })

  test('behavior: what nobody reads is dropped after close, so that both sides end', async () => {
    const { server, stream } = await pair(get(), PROTOCOL)
    const flooding = (async () => {
      for (let at = 0; at < 100; at++) if (!stream.send(pattern(64 * 1024, at))) await stream.drained()
      await stream.close()
    })()
    await server.close()
    await flooding
    expect(await server.ended).toBe('closed')
    expect(await stream.ended).toBe('closed')
  })

  test('behavior: an abort ends both sides at once', async () => {
    const { server, stream } = await pair(get(), PROTOCOL)
    stream.send(Uint8Array.of(1))
    await collect(server, 1)
    const reading = collect(server, 1)
    stream.abort('test')
    expect(await stream.ended).toBe('aborted')
    expect(await server.ended).toBe('aborted')
    expect(await reading).toEqual([])
    expect(codeOf(() => server.send(Uint8Array.of(1)))).toBe('streamClosed')
    await stream.close()
    await server.drained()
  })

  test('error: a handler that fails aborts its stream and nothing else', async () => {
    const fixture = get()
    const [serverNode, client] = [await fixture.node(), await fixture.node()]
    await serverNode.handle(PROTOCOL, async (stream) => {
      await collect(stream, 1)
      throw new Error('the test wants it')
    })
    for (let round = 0; round < 2; round++) {
      const stream = await client.dial({ address: fixture.address(serverNode) }, PROTOCOL)
      stream.send(Uint8Array.of(1))
      expect(await stream.ended).toBe('aborted')
    }
  })

  test('behavior: a peer that vanishes ends the iteration, and both sides know it is lost', async () => {
    const fixture = get()
    const { client, server, serverNode, stream } = await pair(fixture, PROTOCOL)
    stream.send(Uint8Array.of(1))
    expect((await collect(server, 1)).length).toBe(1)
    const [onServer, onClient] = [collect(server, 1), collect(stream, 1)]
    await fixture.cut(serverNode)
    expect(await stream.ended).toBe('lost')
    expect(await server.ended).toBe('lost')
    expect([await onServer, await onClient]).toEqual([[], []])
    await until(() => !client.isConnected(serverNode.peer))
  })

  test('behavior: a node that stops ends its streams, and refuses to go on', async () => {
    const fixture = get()
    const { client, server, serverNode, stream } = await pair(fixture, PROTOCOL)
    stream.send(Uint8Array.of(5))
    await client.stop()
    expect((await collect(server, 1))[0]?.[0]).toBe(5)
    expect(['closed', 'lost']).toContain(await server.ended)
    await stream.ended
    expect(await codeOfPromise(client.dial({ peer: serverNode.peer }, PROTOCOL))).toBe('stopped')
    await client.stop()
  })
}

function limits(get: Get): void {
  test('error: a frame beyond the limit is refused by the sender, and by a receiver with a lower one', async () => {
    const { server, stream } = await pair(get(), PROTOCOL, { ...PROTOCOL, maxFrameBytes: 1_000 })
    expect(codeOf(() => stream.send(new Uint8Array(PROTOCOL.maxFrameBytes + 1)))).toBe('tooLarge')
    stream.send(new Uint8Array(1_000))
    stream.send(new Uint8Array(1_001))
    expect(await server.ended).toBe('tooLarge')
    expect(await stream.ended).toBe('aborted')
    expect((await collect(server, 2)).map((frame) => frame.length)).toEqual([1_000])
  })

  test('error: a peer that opens a stream and says nothing is cut', async () => {
    const { server, stream } = await pair(get(), PROTOCOL, { ...PROTOCOL, firstFrameMs: 60 })
    await get().elapse(60)
    expect(await server.ended).toBe('timedOut')
    expect(await stream.ended).toBe('aborted')
  })

  test('error: a peer that falls silent is cut, and one that goes on is not', async () => {
    const { server, stream } = await pair(get(), PROTOCOL, { ...PROTOCOL, idleMs: 120 })
    for (let at = 0; at < 8; at++) {
      stream.send(Uint8Array.of(at))
      expect((await collect(server, 1))[0]?.[0]).toBe(at)
      await get().elapse(30)
    }
    await get().elapse(150)
    expect(await server.ended).toBe('timedOut')
    expect(await stream.ended).toBe('aborted')
  })

  test('behavior: frames that wait for their reader are no silence of the peer', async () => {
    const { server, stream } = await pair(get(), PROTOCOL, { ...PROTOCOL, idleMs: 40 })
    stream.send(Uint8Array.of(1))
    stream.send(Uint8Array.of(2))
    expect((await collect(server, 1))[0]?.[0]).toBe(1)
    await get().elapse(400)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect((await collect(server, 1))[0]?.[0]).toBe(2)
    await get().elapse(60)
    expect(await server.ended).toBe('timedOut')
  })

  test('error: a peer may hold so many streams open and no more', async () => {
    const fixture = get()
    const [serverNode, client] = [await fixture.node(), await fixture.node()]
    const served: FrameStream[] = []
    await serverNode.handle({ ...PROTOCOL, maxInboundStreams: 2 }, (stream) => void served.push(stream))
    const open = () => client.dial({ address: fixture.address(serverNode) }, PROTOCOL)
    const [first, second] = [await open(), await open()]
    const third = await open()
    expect(await third.ended).toBe('aborted')
    expect(served.length).toBe(2)
    first.abort('test')
    await Promise.race(served.map((stream) => stream.ended))
    const fourth = await open()
    await until(() => served.length === 3)
    second.abort('test')
    fourth.abort('test')
  })
}

function dialling(get: Get): void {
  test('error: an unknown protocol is unreachable, and one served no longer', async () => {
    const fixture = get()
    const [serverNode, client] = [await fixture.node(), await fixture.node()]
    const address = fixture.address(serverNode)
    expect(await codeOfPromise(client.dial({ address }, PROTOCOL))).toBe('unreachable')
    await serveEcho(serverNode, PROTOCOL)
    expect(await codeOfPromise(serverNode.handle(PROTOCOL, () => undefined))).toBe('internal')
    expect(await roundTrip(await client.dial({ address }, PROTOCOL), 1)).toBe(1)
    await serverNode.unhandle(PROTOCOL)
    expect(await codeOfPromise(client.dial({ address }, PROTOCOL))).toBe('unreachable')
  })

  test('error: another identity at the address is a bad signature; an address without one is not dialled', async () => {
    const fixture = get()
    const [serverNode, client] = [await fixture.node(), await fixture.node()]
    await serveEcho(serverNode, PROTOCOL)
    const address = fixture.address(serverNode)
    const wrong = address.replace(serverNode.peer, peerOfKey(new Uint8Array(32).fill(9)))
    expect(await codeOfPromise(client.dial({ address: wrong }, PROTOCOL))).toBe('badSignature')
    const [bare = ''] = address.split('/p2p/')
    for (const bad of [bare, '', 'nonsense', `${bare}/p2p/nonsense`]) {
      expect(await codeOfPromise(client.dial({ address: bad }, PROTOCOL))).toBe('unreachable')
    }
    expect(client.isConnected(serverNode.peer)).toBe(false)
    expect(await roundTrip(await client.dial({ address }, PROTOCOL), 3)).toBe(3)
  })

  test('error: a dial that meets silence is cancelled by its signal, and given up after its time', async () => {
    const fixture = get()
    const client = await fixture.node()
    const address = await fixture.silentAddress(peerOfKey(new Uint8Array(32).fill(7)))
    const controller = new AbortController()
    const dial = codeOfPromise(client.dial({ address }, PROTOCOL, { signal: controller.signal }))
    controller.abort()
    expect(await dial).toBe('cancelled')
    expect(await codeOfPromise(client.dial({ address }, PROTOCOL, { signal: controller.signal }))).toBe('cancelled')
    const late = codeOfPromise(client.dial({ address }, PROTOCOL, { timeoutMs: 50 }))
    await fixture.elapse(50)
    expect(await late).toBe('timedOut')
  })

  test('behavior: a peer that cannot be dialled is reached on the connection it opened, while that stands', async () => {
    const fixture = get()
    const serverNode = await fixture.node()
    const client = await fixture.node({ role: 'client', dialable: false })
    await serveEcho(client, PROTOCOL)
    expect(client.addresses()).toEqual([])
    expect(await codeOfPromise(serverNode.dial({ peer: client.peer }, PROTOCOL, { timeoutMs: 200 }))).not.toBe(
      undefined,
    )
    const met = metBy(serverNode, client)
    const mine: StreamProtocol = { ...PROTOCOL, id: '/test/mine/1.0.0' }
    await serveEcho(serverNode, mine)
    expect(await roundTrip(await client.dial({ address: fixture.address(serverNode) }, mine), 2)).toBe(2)
    await met
    expect(serverNode.isConnected(client.peer)).toBe(true)
    expect(client.isConnected(serverNode.peer)).toBe(true)
    expect(await roundTrip(await serverNode.dial({ peer: client.peer }, PROTOCOL), 4)).toBe(4)
    await fixture.cut(serverNode)
    await until(() => !serverNode.isConnected(client.peer))
    const again = serverNode.dial({ peer: client.peer }, PROTOCOL, { timeoutMs: 300 })
    const code = codeOfPromise(again)
    await fixture.elapse(300)
    expect(['unreachable', 'timedOut']).toContain(await code)
  })

  test('behavior: both sides hear of a connection once, until they stop listening', async () => {
    const fixture = get()
    const [serverNode, client] = [await fixture.node(), await fixture.node()]
    await serveEcho(serverNode, PROTOCOL)
    const heard: PeerText[] = []
    const stopListening = serverNode.onConnect((peer) => heard.push(peer))
    const met = metBy(client, serverNode)
    const streams = await Promise.all([1, 2].map(() => client.dial({ address: fixture.address(serverNode) }, PROTOCOL)))
    for (const stream of streams) await roundTrip(stream, 1)
    await met
    expect(heard).toEqual([client.peer])
    stopListening()
    const third = await fixture.node()
    await roundTrip(await third.dial({ address: fixture.address(serverNode) }, PROTOCOL), 1)
    expect(heard).toEqual([client.peer])
  })
}

function gossip(get: Get): void {
  test('behavior: gossip is judged before it is passed on, and names its author', async () => {
    const fixture = get()
    const middle = await fixture.node()
    const [author, far] = [
      await fixture.node({ near: [middle], role: 'client' }),
      await fixture.node({ near: [middle], role: 'client' }),
    ]
    const verdicts: Verdict[] = ['reject', 'ignore', 'accept']
    const heard: { first: number; from: PeerText }[] = []
    const judged: number[] = []
    const leave = middle.subscribe(TOPIC, (message) => {
      judged.push(message[0] ?? -1)
      return verdicts[message[0] ?? -1] ?? 'ignore'
    })
    far.subscribe(TOPIC, (message, from) => {
      heard.push({ first: message[0] ?? -1, from })
      return 'accept'
    })
    // Until the topic is known along the way, messages may get lost: that is gossip.
    let round = 0
    await until(
      () => heard.length > 0,
      () => author.publish(TOPIC, Uint8Array.of(2, round++)),
    )
    await author.publish(TOPIC, Uint8Array.of(0))
    await author.publish(TOPIC, Uint8Array.of(1))
    await until(() => judged.includes(0) && judged.includes(1))
    const before = heard.length
    await until(
      () => heard.length > before,
      () => author.publish(TOPIC, Uint8Array.of(2, round++)),
    )
    expect(new Set(heard.map(({ first }) => first))).toEqual(new Set([2]))
    expect(new Set(heard.map(({ from }) => from))).toEqual(new Set([author.peer]))
    expect(await codeOfPromise(author.publish(TOPIC, new Uint8Array(65 * 1024)))).toBe('tooLarge')
    leave()
    const count = judged.length
    await author.publish(TOPIC, Uint8Array.of(2, 255, 255))
    await roundTripBetween(author, middle)
    expect(judged.length).toBe(count)
  })
}

function records(get: Get): void {
  test('behavior: the DHT keeps the newest valid record, and servers refuse to go back', async () => {
    const fixture = get()
    const serverNode = await fixture.node()
    const writer = await fixture.node({ near: [serverNode], role: 'client' })
    const reader = await fixture.node({ near: [serverNode], role: 'client' })
    const key = '/orien/somebody'
    expect(await reader.get(key)).toBe(undefined)
    expect(await writer.put(key, Uint8Array.of(1, 5, 50))).toBe(1)
    expect(await reader.get(key)).toEqual(Uint8Array.of(1, 5, 50))
    const rollback = await fixture.node({ near: [serverNode], role: 'client' })
    expect(await rollback.put(key, Uint8Array.of(1, 4, 40))).toBe(0)
    expect(await rollback.put(key, Uint8Array.of(2, 9, 90))).toBe(0)
    expect(await reader.get(key)).toEqual(Uint8Array.of(1, 5, 50))
    expect(await writer.put(key, Uint8Array.of(1, 6, 60))).toBe(1)
    expect(await reader.get(key)).toEqual(Uint8Array.of(1, 6, 60))
    const controller = new AbortController()
    controller.abort()
    expect(await codeOfPromise(reader.get(key, { signal: controller.signal }))).toBe('cancelled')
  })

  test('behavior: providers of a capability are found by others', async () => {
    const fixture = get()
    const serverNode = await fixture.node()
    const providers = await Promise.all([1, 2].map(() => fixture.node({ near: [serverNode], role: 'client' })))
    const seeker = await fixture.node({ near: [serverNode], role: 'client' })
    for (const provider of providers) await provider.provide('orien/capability/1/solve')
    const found = new Set<PeerText>()
    for await (const peer of seeker.find('orien/capability/1/solve')) found.add(peer)
    expect(found).toEqual(new Set(providers.map(({ peer }) => peer)))
    const none: PeerText[] = []
    for await (const peer of seeker.find('orien/capability/1/nothing')) none.push(peer)
    expect(none).toEqual([])
  })
}

interface Pair {
  readonly client: Network
  readonly serverNode: Network
  /** The client's end and the server's end of one stream. */
  readonly stream: FrameStream
  readonly server: FrameStream
}

async function pair(fixture: NetworkFixture, protocol: StreamProtocol, served = protocol): Promise<Pair> {
  const [serverNode, client] = [await fixture.node(), await fixture.node()]
  const { promise, resolve } = Promise.withResolvers<FrameStream>()
  await serverNode.handle(served, resolve)
  const stream = await client.dial({ address: fixture.address(serverNode) }, protocol)
  return { client, serverNode, stream, server: await promise }
}

async function serveEcho(node: Network, protocol: StreamProtocol): Promise<void> {
  await node.handle(protocol, async (stream) => {
    for await (const frame of stream.frames) if (!stream.send(frame)) await stream.drained()
    await stream.close()
  })
}

/** Sends one byte to an echo and returns what comes back. */
async function roundTrip(stream: FrameStream, value: number): Promise<number | undefined> {
  stream.send(Uint8Array.of(value))
  return (await collect(stream, 1))[0]?.[0]
}

async function roundTripBetween(from: Network, to: Network): Promise<void> {
  const protocol: StreamProtocol = { ...PROTOCOL, id: '/test/between/1.0.0' }
  await serveEcho(to, protocol)
  expect(await roundTrip(await from.dial({ peer: to.peer }, protocol), 1)).toBe(1)
}

/** Up to `count` frames; fewer when the stream ends first. */
async function collect(stream: FrameStream, count: number): Promise<Uint8Array[]> {
  const taken: Uint8Array[] = []
  for await (const frame of stream.frames) if (taken.push(frame) === count) break
  return taken
}

function metBy(node: Network, other: Network): Promise<void> {
  return new Promise((resolve) => {
    const stop = node.onConnect((peer) => {
      if (peer !== other.peer) return
      stop()
      resolve()
    })
  })
}

/** Waits for a condition that events bring about; `again` is done before each look. The test's own time limit ends it. */
async function until(condition: () => boolean, again?: () => Promise<void>): Promise<void> {
  while (!condition()) {
    await again?.()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function pattern(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += 97) bytes[at] = (at * 31 + seed * 7) & 0xff
  return bytes
}

function same(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0
}

function codeOf(run: () => unknown): ErrorCode | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (isOrienError(error)) return error.code
    throw error
  }
}

async function codeOfPromise(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    if (isOrienError(error)) return error.code
    throw error
  }
}
