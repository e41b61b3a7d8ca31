import type { GossipSub } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import { isOrienError, peerOfKey } from '@orien/protocol'
import type { PeerText } from '@orien/protocol'
import { expect, test } from 'vitest'
import { withDeadline } from '../../src/network/deadline.ts'
import { guardGossip } from '../../src/network/libp2p-gossip.ts'
import { NETWORK_LIMITS } from '../../src/network/limits.ts'
import { createMemoryHub, createMemoryNetwork } from '../../src/network/memory.ts'
import type { StreamProtocol } from '../../src/network/port.ts'
import { capabilityOf, PROTOCOLS, recordKeyOf } from '../../src/network/protocols.ts'
import { createBanList, createBucket } from '../../src/network/rates.ts'
import { createRecordBook } from '../../src/network/records.ts'
import { realTimers } from '../../src/network/timers.ts'
import { createTopicTable } from '../../src/network/topics.ts'

const peerNumber = (seed: number) => peerOfKey(new Uint8Array(32).fill(seed))
const [alice, bob, carol] = [peerNumber(1), peerNumber(2), peerNumber(3)] as const

test('behavior: keys and capabilities are spelled as the protocol says', () => {
  expect(capabilityOf('solve')).toBe('orien/capability/1/solve')
  expect(recordKeyOf(alice)).toBe(`/orien/${alice}`)
  expect(Object.values(PROTOCOLS).map(({ id }) => id)).toEqual([
    '/orien/session/1.0.0',
    '/orien/work/1.0.0',
    '/orien/receipts/1.0.0',
    '/orien/cosign/1.0.0',
    '/orien/statement/1.0.0',
    '/orien/offer/1.0.0',
    '/orien/blob/1.0.0',
  ])
})

test('behavior: a bucket gives a second at once, refills steadily and never saves more', () => {
  let nowMs = 0
  const bucket = createBucket(10, () => nowMs)
  const drain = (): number => {
    let taken = 0
    while (bucket.take()) taken++
    return taken
  }
  expect(drain()).toBe(10)
  nowMs += 500
  expect(drain()).toBe(5)
  nowMs += 60_000
  expect(drain()).toBe(10)
})

test('behavior: a banned host is refused for its time, and only so many are remembered', () => {
  let nowMs = 0
  const bans = createBanList(() => nowMs)
  bans.ban('192.0.2.1')
  expect([bans.has('192.0.2.1'), bans.has('192.0.2.2')]).toEqual([true, false])
  nowMs += NETWORK_LIMITS.banMs
  expect(bans.has('192.0.2.1')).toBe(false)
  for (let host = 0; host <= NETWORK_LIMITS.maxBans; host++) bans.ban(`host ${host}`)
  expect([bans.has('host 0'), bans.has('host 1')]).toEqual([false, true])
})

test('error: older, oversize, invalid and too many records are refused; old keys make room', () => {
  let nowMs = 0
  const book = createRecordBook(
    (_, value) => (value[0] === 1 ? { seq: value[1] ?? 0 } : undefined),
    () => nowMs,
  )
  const record = (seq: number) => Uint8Array.of(1, seq)
  expect([book.admit('a', record(5)), book.admit('a', record(5)), book.admit('a', record(4))]).toEqual([
    true,
    true,
    false,
  ])
  expect(book.seqOf('a', record(4))).toBe(4)
  expect(book.admit('b', Uint8Array.of(2, 1))).toBe(false)
  const large = new Uint8Array(NETWORK_LIMITS.maxRecordBytes + 1).fill(1)
  expect([book.admit('b', large), book.admit('b', large.subarray(1))]).toEqual([false, true])
  for (let at = 0; at < NETWORK_LIMITS.maxRecords; at++) book.admit(`key ${at}`, record(1))
  expect(book.admit('one more', record(1))).toBe(false)
  expect(book.admit('a', record(6))).toBe(true)
  nowMs += NETWORK_LIMITS.recordMs
  expect(book.admit('one more', record(1))).toBe(true)
})

test('behavior: one rejection rejects, one acceptance accepts, a listener that throws counts as none', () => {
  const thrown: unknown[] = []
  const table = createTopicTable((error) => thrown.push(error))
  const message = Uint8Array.of(1)
  expect(table.judge('t', message, alice)).toBe('ignore')
  expect(table.add('t', () => 'accept')).toBe(true)
  expect(
    table.add('t', () => {
      throw new Error('listener')
    }),
  ).toBe(false)
  expect([table.judge('t', message, alice), thrown.length]).toEqual(['accept', 1])
  table.add('t', () => 'reject')
  expect(table.judge('t', message, alice)).toBe('reject')
  const heard: number[] = []
  const listener = (got: Uint8Array) => {
    heard.push(got.length)
    return 'accept' as const
  }
  expect(table.add('u', listener)).toBe(true)
  expect(table.judge('u', new Uint8Array(NETWORK_LIMITS.maxGossipBytes + 1), alice)).toBe('reject')
  expect(heard).toEqual([])
  expect([table.remove('u', listener), table.remove('u', listener), table.has('u')]).toEqual([true, false, false])
})

test('behavior: what comes after the deadline is discarded, not lost', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const discarded = Promise.withResolvers<string>()
  const controller = new AbortController()
  const outcome = withDeadline(realTimers, 60_000, { signal: controller.signal }, () => promise, discarded.resolve)
  controller.abort()
  const error: unknown = await outcome.catch((caught: unknown) => caught)
  expect(isOrienError(error, 'cancelled')).toBe(true)
  resolve('late')
  expect(await discarded.promise).toBe('late')
})

test('error: a peer that gossips beyond its rate is reported, others are heard', async () => {
  let nowMs = 0
  const heard = new Map<string, number>()
  const gossip = {
    handleReceivedRpc: async (from: PeerId) => void heard.set(from.toString(), (heard.get(from.toString()) ?? 0) + 1),
  }
  const floods: string[] = []
  const forget = guardGossip(
    gossip as unknown as GossipSub,
    () => nowMs,
    (from) => floods.push(from.toString()),
  )
  const named = (name: string) => ({ toString: () => name }) as PeerId
  const [loud, calm] = [named('loud'), named('calm')] as const
  const receive = async (from: PeerId, times: number) => {
    for (let at = 0; at < times; at++) await gossip.handleReceivedRpc(from)
  }
  await receive(loud, NETWORK_LIMITS.gossipRpcsPerSecond + 3)
  await receive(calm, 5)
  expect([heard.get('loud'), heard.get('calm'), floods.length]).toEqual([NETWORK_LIMITS.gossipRpcsPerSecond, 5, 3])
  nowMs += 1_000
  await receive(loud, 1)
  expect(floods.length).toBe(3)
  forget(loud)
})

test('behavior: in memory, gossip reaches every node of the hub, and a vanished one takes its streams along', async () => {
  const hub = createMemoryHub()
  const records = () => undefined
  const make = (peer: PeerText) => createMemoryNetwork(hub, { peer, records })
  const [a, b, c] = [make(alice), make(bob), make(carol)] as const
  const heard: string[] = []
  c.subscribe('t', (_, from) => {
    heard.push(from)
    return 'accept'
  })
  await a.publish('t', Uint8Array.of(1))
  await new Promise((resolve) => setImmediate(resolve))
  expect(heard).toEqual([alice])
  const protocol: StreamProtocol = { ...PROTOCOLS.work, id: '/test/1' }
  await b.handle(protocol, () => undefined)
  const stream = await a.dial({ peer: bob }, protocol)
  hub.vanish(bob)
  expect(await stream.ended).toBe('lost')
  expect(a.isConnected(bob)).toBe(false)
  await Promise.all([a, b, c].map((node) => node.stop()))
})
