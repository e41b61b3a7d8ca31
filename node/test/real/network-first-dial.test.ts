import { afterEach, expect, test } from 'vitest'
import { createLibp2pNetwork } from '../../src/network/libp2p.ts'
import type { FrameStream, Network } from '../../src/network/port.ts'
import { capabilityOf, PROTOCOLS } from '../../src/network/protocols.ts'

const nodes: Network[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

async function node(role: 'server' | 'client', near: readonly Network[]): Promise<Network> {
  const made = await createLibp2pNetwork({
    privateKeySeed: new Uint8Array(32).fill(nodes.length + 1),
    listen: role === 'server' ? ['/ip4/127.0.0.1/tcp/0'] : [],
    bootstrap: near.flatMap((other) => other.addresses()),
    role,
    loopback: true,
    records: () => undefined,
    topics: [],
  })
  nodes.push(made)
  return made
}

/** Less than the 5 s that a look-up stands still for when it and kad's first query wait for each other. */
const DIAL_MS = 4_500

test('behavior: peers named by PeerId alone are reached in the very first moment of a node', async () => {
  const bootstrap = await node('server', [])
  const targets = await Promise.all([1, 2, 3, 4].map(() => node('server', [bootstrap])))
  for (const target of targets) {
    await target.handle(PROTOCOLS.offer, (stream) => stream.close())
    await target.provide(capabilityOf('echo'))
  }
  for (let start = 1; start <= 3; start++) {
    const client = await node('client', [bootstrap])
    const dial = ({ peer }: Network): Promise<FrameStream> =>
      client.dial({ peer }, PROTOCOLS.offer, { timeoutMs: DIAL_MS })
    const streams = await Promise.all(targets.map(dial))
    expect(streams.map(({ peer }) => peer)).toEqual(targets.map(({ peer }) => peer))
  }
})
