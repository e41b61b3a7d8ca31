import { peerOfKey } from '@orien/protocol'
import type { PeerText } from '@orien/protocol'
import { expect, test } from 'vitest'
import type { StreamProtocol, Verdict } from '../../src/network/port.ts'
import { codeOfPromise, metBy, PROTOCOL, roundTrip, roundTripBetween, serveEcho, TOPIC, until } from './network-kit.ts'
import type { Get } from './network-kit.ts'

export function dialling(get: Get): void {
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
}

export function connections(get: Get): void {
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

export function gossip(get: Get): void {
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

export function records(get: Get): void {
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
