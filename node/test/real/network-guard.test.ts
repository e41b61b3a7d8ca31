import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@chainsafe/libp2p-yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { isOrienError } from '@orien/protocol'
import { createLibp2pNetwork } from '../../src/network/libp2p.ts'
import type { Libp2pNetworkOptions } from '../../src/network/libp2p.ts'
import { NETWORK_LIMITS } from '../../src/network/limits.ts'
import type { Network, StreamProtocol } from '../../src/network/port.ts'

const ECHO: StreamProtocol = {
  id: '/test/echo/1.0.0',
  maxFrameBytes: 1024,
  firstFrameMs: 20_000,
  idleMs: 20_000,
  maxInboundStreams: 4,
}
/** Frame types and flags of the yamux specification. */
const [DATA, UPDATE, PING, SYN, RST] = [0, 1, 2, 1, 8]

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

interface Offence {
  readonly what: unknown
  readonly banned: unknown
}

function options(seed: number, loopback: boolean): Libp2pNetworkOptions {
  return {
    privateKeySeed: new Uint8Array(32).fill(seed),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    role: 'server',
    loopback,
    records: () => undefined,
    topics: [],
  }
}

async function node(seed: number, loopback = true): Promise<Network & { readonly offences: Offence[] }> {
  const offences: Offence[] = []
  const network = await createLibp2pNetwork({
    ...options(seed, loopback),
    log: (event, { what, banned }) => void (event === 'network.offence' && offences.push({ what, banned })),
  })
  cleanUps.push(() => network.stop())
  await network.handle(ECHO, async (stream) => {
    for await (const frame of stream.frames) stream.send(frame)
    await stream.close()
  })
  return Object.assign(network, { offences })
}

async function echo(from: Network, to: Network): Promise<number | undefined> {
  const [address = ''] = to.addresses()
  const stream = await from.dial({ address }, ECHO)
  stream.send(Uint8Array.of(42))
  for await (const frame of stream.frames) return frame[0]
  return undefined
}

interface Attack {
  /** Sends one muxer frame; false once the victim has cut the connection. */
  readonly frame: (type: number, flag: number, streamID: number, length: number) => boolean
  readonly cut: Promise<unknown>
}

interface Muxer {
  readonly send: (bytes: Uint8Array) => boolean
  handleFrame: () => void
}

/** A bare libp2p node without manners. */
async function attack(victim: Network): Promise<Attack> {
  const attacker = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  })
  cleanUps.push(() => attacker.stop())
  // Before the victim listens, another limit (ten early streams) ends the connection.
  const met = new Promise((resolve) => victim.onConnect(resolve))
  const connection = await attacker.dial(multiaddr(victim.addresses()[0]))
  await met
  const { muxer } = connection as unknown as { muxer: Muxer }
  // Answers to pings nobody sent would make the attacker's own muxer give up.
  muxer.handleFrame = () => undefined
  const cut = new Promise((resolve) => connection.addEventListener('close', resolve))
  return {
    cut,
    frame: (type, flag, streamID, length) => {
      if (connection.status !== 'open') return false
      const header = Buffer.alloc(12)
      header[1] = type
      header.writeUInt16BE(flag, 2)
      header.writeUInt32BE(streamID, 4)
      header.writeUInt32BE(length, 8)
      muxer.send(header)
      return true
    },
  }
}

const attacks: [string, (attack: Attack) => void][] = [
  ['pings', ({ frame }) => repeat(NETWORK_LIMITS.pingsPerSecond * 3, (at) => frame(PING, SYN, 0, at))],
  [
    'streams opened',
    ({ frame }) => repeat(NETWORK_LIMITS.opensPerSecond * 2, (at) => frame(UPDATE, SYN | RST, 2 * at + 1, 0)),
  ],
  [
    'control frames',
    ({ frame }) => repeat(NETWORK_LIMITS.controlFramesPerSecond * 2, () => frame(UPDATE, 0, 1_001, 1)),
  ],
  ['data frame beyond every window', ({ frame }) => void frame(DATA, 0, 1, 2 ** 32 - 1)],
]

for (const [what, run] of attacks) {
  test(`error: a flood of the muxer is cut, and an honest peer is served meanwhile: ${what}`, async () => {
    const [victim, honest] = [await node(1), await node(2)]
    expect(await echo(honest, victim)).toBe(42)
    const attacker = await attack(victim)
    run(attacker)
    await attacker.cut
    expect(victim.offences[0]).toEqual({ what, banned: false })
    expect(await echo(honest, victim)).toBe(42)
    expect(honest.offences).toEqual([])
  })
}

test('error: the host of an offender is banned, except on a devnet', async () => {
  const victim = await node(1, false)
  const attacker = await attack(victim)
  attacker.frame(DATA, 0, 1, 2 ** 32 - 1)
  await attacker.cut
  expect(victim.offences[0]?.banned).toBe(true)
  const honest = await node(2)
  const refused: unknown = await echo(honest, victim).catch((error: unknown) => error)
  expect(isOrienError(refused, 'unreachable')).toBe(true)
})

test('behavior: an honest stream of small frames at full speed is no flood', async () => {
  const [victim, honest] = [await node(1), await node(2)]
  const [address = ''] = victim.addresses()
  const stream = await honest.dial({ address }, ECHO)
  const total = 6_000
  const frames = stream.frames[Symbol.asyncIterator]()
  for (let at = 0; at < total; at++) {
    stream.send(Uint8Array.of(at & 0xff))
    expect((await frames.next()).value?.[0]).toBe(at & 0xff)
  }
  expect([victim.offences, honest.offences]).toEqual([[], []])
})

test('behavior: many streams opened at once on a fresh connection are all served', async () => {
  const [victim, honest] = [await node(1), await node(2)]
  const many: StreamProtocol = { ...ECHO, id: '/test/many/1.0.0', maxInboundStreams: 64 }
  await victim.handle(many, async (stream) => {
    for await (const frame of stream.frames) stream.send(frame)
  })
  const [address = ''] = victim.addresses()
  const answers = Array.from({ length: 64 }, async (_, at) => {
    const stream = await honest.dial({ address }, many)
    stream.send(Uint8Array.of(at))
    for await (const frame of stream.frames) return frame[0]
    return undefined
  })
  expect(await Promise.all(answers)).toEqual(answers.map((_, at) => at))
})

test('behavior: a bootstrap peer that comes up late is found', async () => {
  const early = await node(1)
  const port = Number(early.addresses()[0]?.split('/')[4])
  const [address = ''] = early.addresses()
  await early.stop()
  const waiting = await createLibp2pNetwork({ ...options(2, true), bootstrap: [address] })
  cleanUps.push(() => waiting.stop())
  const met = new Promise((resolve) => waiting.onConnect(resolve))
  const late = await createLibp2pNetwork({ ...options(1, true), listen: [`/ip4/127.0.0.1/tcp/${port}`] })
  cleanUps.push(() => late.stop())
  expect(await met).toBe(late.peer)
})

test('error: a seed, bootstrap or listening address that cannot be used is a configuration error', async () => {
  const bad = [
    { privateKeySeed: new Uint8Array(31) },
    { bootstrap: ['/ip4/127.0.0.1/tcp/1'] },
    { bootstrap: ['nonsense'] },
    { listen: ['/ip4/192.0.2.1/tcp/1'] },
  ]
  for (const wrong of bad) {
    const error: unknown = await createLibp2pNetwork({ ...options(1, true), ...wrong }).catch(
      (caught: unknown) => caught,
    )
    expect(isOrienError(error, 'badConfig')).toBe(true)
  }
})

test('behavior: twenty slow sockets do not lock others out', async () => {
  const [victim, honest] = [await node(1), await node(2)]
  const [, , host = '', , port = ''] = victim.addresses()[0]?.split('/') ?? []
  const slow = await Promise.all(
    Array.from({ length: 20 }, () => {
      const socket: Socket = connect(Number(port), host)
      socket.on('error', () => undefined)
      cleanUps.push(() => socket.destroy())
      return new Promise((resolve) => socket.once('connect', () => socket.write('\u0013', resolve)))
    }),
  )
  expect(slow.length).toBe(20)
  expect(await echo(honest, victim)).toBe(42)
})

function repeat(times: number, run: (at: number) => unknown): void {
  for (let at = 0; at < times; at++) if (run(at) === false) return
}
