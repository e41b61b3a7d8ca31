import { expect, test } from 'vitest'
import { sendAll } from '../../src/network/frame-pipe.ts'
import type { FrameStream, StreamProtocol } from '../../src/network/port.ts'
import {
  codeOf,
  codeOfPromise,
  collect,
  pair,
  pattern,
  PROTOCOL,
  roundTrip,
  same,
  serveEcho,
  until,
} from './network-kit.ts'
import type { Get } from './network-kit.ts'

export function frames(get: Get): void {
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

export function backPressure(get: Get): void {
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

export function endings(get: Get): void {
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
}

export function losses(get: Get): void {
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

export function limits(get: Get): void {
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
