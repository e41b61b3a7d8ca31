import { createServer, connect } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createLibp2pNetwork } from '../../src/network/libp2p.ts'
import type { Network } from '../../src/network/port.ts'
import { CONFORMANCE_TOPICS, conformanceRecords, networkConformance } from '../conformance/network.ts'
import type { NetworkFixture, NodeOptions } from '../conformance/network.ts'

networkConformance('libp2p over loopback TCP', async () => libp2pFixture())

interface Cable {
  readonly address: string
  cut(): void
  end(): Promise<void>
}

function libp2pFixture(): NetworkFixture {
  const nodes: Network[] = []
  const cables = new Map<Network, Cable>()
  const silent: Server[] = []
  const node = async ({ near = [], role = 'server', dialable = true }: NodeOptions = {}): Promise<Network> => {
    const made = await createLibp2pNetwork({
      privateKeySeed: new Uint8Array(32).fill(nodes.length + 1),
      listen: dialable ? ['/ip4/127.0.0.1/tcp/0'] : [],
      bootstrap: near.map((other) => addressOf(other)),
      role,
      loopback: true,
      records: conformanceRecords,
      topics: CONFORMANCE_TOPICS,
    })
    nodes.push(made)
    if (dialable) cables.set(made, await layCable(addressOf(made)))
    return made
  }
  return {
    node,
    address: (of) => cables.get(of)?.address ?? addressOf(of),
    silentAddress: async (peer) => {
      const server = createServer(() => undefined)
      silent.push(server)
      return `/ip4/127.0.0.1/tcp/${await listen(server)}/p2p/${peer}`
    },
    cut: async (cutOff) => cables.get(cutOff)?.cut(),
    elapse: async () => undefined,
    end: async () => {
      await Promise.all(nodes.map((each) => each.stop()))
      await Promise.all([...cables.values()].map((cable) => cable.end()))
      for (const server of silent) server.close()
    },
  }
}

/** A plain TCP relay before a node, so that its connections can be cut from outside. */
async function layCable(address: string): Promise<Cable> {
  const [, , host = '', , port = '', , peer = ''] = address.split('/')
  const sockets = new Set<Socket>()
  const join = (from: Socket, to: Socket): void => {
    sockets.add(from)
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
    from.pipe(to)
  }
  const server = createServer((near) => {
    const far = connect(Number(port), host)
    join(near, far)
    join(far, near)
  })
  const own = await listen(server)
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    address: `/ip4/127.0.0.1/tcp/${own}/p2p/${peer}`,
    cut,
    end: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function addressOf(node: Network): string {
  const [address] = node.addresses()
  if (address === undefined) throw new Error('the node is not dialable')
  return address
}
