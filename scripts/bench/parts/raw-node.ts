// The baseline of transfers: the same libp2p node, one raw stream, nothing but bytes; the other side answers when it has them all.
import { multiaddr } from '@multiformats/multiaddr'
import { OFFERS_TOPIC, offerRecords } from '@orien/node/network'
import { createNode, createRecordBook } from '../built.mjs'
import { serve } from '../serve.ts'
import { freshIdentity, scope } from './identity.ts'

const PROTOCOL = '/orien-bench/raw/1.0.0'
const CHUNK_BYTES = 256 * 1024
const me = freshIdentity()
let node: Awaited<ReturnType<typeof createNode>> | undefined

type Stream = Awaited<ReturnType<NonNullable<typeof node>['dialProtocol']>>

async function start(): Promise<string> {
  node = await createNode({
    privateKeySeed: me.seed,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    role: 'server',
    loopback: true,
    topics: [OFFERS_TOPIC],
    records: createRecordBook(offerRecords(scope), () => Date.now()),
    log: () => undefined,
    onWrongPeer: () => undefined,
  })
  await node.start()
  await node.handle(PROTOCOL, (stream) => swallow(stream))
  return node.getMultiaddrs()[0]?.toString() ?? ''
}

/** The first eight bytes say how many follow. */
function swallow(stream: Stream): void {
  let expected = -1
  let got = -8
  stream.addEventListener('message', ({ data }) => {
    if (expected < 0) expected = Number(new DataView(Uint8Array.from(data.subarray(0, 8)).buffer).getBigUint64(0))
    got += data.byteLength
    if (got >= expected) stream.send(new Uint8Array(1))
  })
}

/** Milliseconds from the first byte sent to the answer that all have come. */
async function transfer({ address, bytes }: { readonly address: string; readonly bytes: number }): Promise<number> {
  if (node === undefined) throw new Error('not started')
  const stream = await node.dialProtocol(multiaddr(address), PROTOCOL)
  const content = crypto.getRandomValues(new Uint8Array(65_536))
  const chunk = new Uint8Array(CHUNK_BYTES)
  for (let at = 0; at < CHUNK_BYTES; at += content.length) chunk.set(content, at)
  const answered = new Promise<void>((resolve) => stream.addEventListener('message', () => resolve(), { once: true }))
  const from = performance.now()
  const header = new Uint8Array(8)
  new DataView(header.buffer).setBigUint64(0, BigInt(bytes))
  stream.send(header)
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) {
    if (!stream.send(chunk.subarray(0, Math.min(left, CHUNK_BYTES)))) await room(stream)
  }
  await answered
  const ms = performance.now() - from
  await stream.close()
  return ms
}

/** `drain` comes with every window update; there is room only when the stream still says so a microtask later. */
async function room(stream: Stream): Promise<void> {
  while (stream.writableNeedsDrain) {
    await new Promise<void>((resolve) =>
      stream.addEventListener('drain', () => queueMicrotask(resolve), { once: true }),
    )
  }
}

serve({ start, transfer, stop: () => node?.stop() })
