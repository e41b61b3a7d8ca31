import type { Stream } from '@libp2p/interface'
import { StreamAbortEvent, StreamCloseEvent, StreamMessageEvent, StreamResetEvent } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { createLibp2pTransport } from '../../src/network/libp2p-stream.ts'
import type { ByteSink } from '../../src/network/transport.ts'

/** The behaviour of a js-libp2p 3 stream that the transport relies on, driven by hand. */
class FakeStream extends EventTarget {
  status = 'open'
  readStatus = 'readable'
  remoteWriteStatus = 'writable'
  readableEnded = false
  writableNeedsDrain = false
  readonly held: number[] = []
  /** What the muxer was last told: whether it may send window updates. */
  windowOpen = true
  resumeFails = false

  pause(): void {
    this.readStatus = 'paused'
    this.windowOpen = false
  }

  resume(): void {
    this.readStatus = 'readable'
    for (const byte of this.held.splice(0)) this.give(byte)
    this.windowOpen = true
    if (this.resumeFails || this.status !== 'open') throw new Error('cannot write to a closed stream')
  }

  send(): boolean {
    throw new Error('the connection is closing')
  }

  abort(error: Error): void {
    if (this.status !== 'open') return
    this.status = 'aborted'
    this.dispatchEvent(new StreamAbortEvent(error))
  }

  give(byte: number): void {
    this.dispatchEvent(new StreamMessageEvent(Uint8Array.of(byte)))
  }
}

function open(stream = new FakeStream()) {
  const said: string[] = []
  const transport = createLibp2pTransport(stream as unknown as Stream)
  let onData = (): void => undefined
  const sink: ByteSink = {
    data: (chunks) => {
      for (const chunk of chunks) said.push(`data ${chunk[0]}`)
      onData()
    },
    writable: () => said.push('writable'),
    finished: () => said.push('finished'),
    gone: (how) => said.push(how),
  }
  transport.open(sink)
  return { stream, transport, said, onData: (run: () => void) => void (onData = run) }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('behavior: a drain that left bytes behind makes no room', async () => {
  const { stream, said } = open()
  stream.writableNeedsDrain = true
  stream.dispatchEvent(new Event('drain'))
  await turn()
  expect(said).toEqual([])
  stream.writableNeedsDrain = false
  stream.dispatchEvent(new Event('drain'))
  await turn()
  expect(said).toEqual(['writable'])
})

test('behavior: a pause inside a delivery that resume() started holds', () => {
  const { stream, transport, said, onData } = open()
  transport.pause()
  stream.held.push(1, 2)
  onData(() => transport.pause())
  transport.resume()
  expect(said).toEqual(['data 1', 'data 2'])
  expect(stream.windowOpen).toBe(false)
  onData(() => undefined)
  transport.resume()
  expect(stream.windowOpen).toBe(true)
})

test('behavior: closed by the peer, reset by the peer and gone are told apart', async () => {
  const closed = open()
  closed.stream.dispatchEvent(new Event('remoteCloseWrite'))
  closed.stream.dispatchEvent(new Event('end'))
  closed.stream.give(9)
  closed.stream.dispatchEvent(new StreamCloseEvent())
  const reset = open()
  reset.stream.dispatchEvent(new StreamResetEvent(new Error('reset')))
  const gone = open()
  gone.stream.dispatchEvent(new Event('end'))
  gone.stream.dispatchEvent(new StreamCloseEvent())
  const cut = open()
  cut.stream.dispatchEvent(new StreamAbortEvent(new Error('the connection was cut')))
  await turn()
  expect(closed.said).toEqual(['data 9', 'finished'])
  expect(reset.said).toEqual(['aborted'])
  expect(gone.said).toEqual(['lost'])
  expect(cut.said).toEqual(['lost'])
})

test('behavior: what happened before anybody listened is told', async () => {
  const early = new FakeStream()
  early.remoteWriteStatus = 'closed'
  early.readableEnded = true
  const lost = new FakeStream()
  lost.status = 'closed'
  const reset = new FakeStream()
  reset.status = 'reset'
  const all = [early, lost, reset].map((stream) => open(stream).said)
  await turn()
  expect(all).toEqual([['finished'], ['lost'], ['aborted']])
})

test('behavior: bytes held back when the connection went away are still delivered by resume()', async () => {
  const { stream, transport, said } = open()
  transport.pause()
  stream.held.push(4)
  stream.dispatchEvent(new Event('remoteCloseWrite'))
  stream.status = 'closed'
  stream.dispatchEvent(new StreamCloseEvent())
  transport.resume()
  stream.dispatchEvent(new Event('end'))
  await turn()
  expect(said).toEqual(['data 4', 'finished'])
})

test('error: a write or resume on a connection that goes down loses the stream and throws nothing', () => {
  const writing = open()
  expect(writing.transport.write([Uint8Array.of(1), Uint8Array.of(2)])).toBe(false)
  expect(writing.said).toEqual(['lost'])
  const reading = open()
  reading.transport.pause()
  reading.stream.held.push(1)
  reading.stream.resumeFails = true
  reading.transport.resume()
  expect(reading.said).toEqual(['data 1', 'lost'])
})
