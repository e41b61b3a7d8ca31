import { multiaddr } from '@multiformats/multiaddr'
import { peerOfAddress } from './libp2p-node.ts'
import type { OrienNode } from './libp2p-node.ts'
import { NETWORK_LIMITS } from './limits.ts'
import type { NetworkLog } from './serving.ts'

/**
 * Dials bootstrap peers again while they are not connected: libp2p's own bootstrap dials once, and a daemon that starts
 * before its coordinator would stay alone. Returns the way to stop.
 */
export function keepBootstrapped(node: OrienNode, addresses: readonly string[], log: NetworkLog): () => void {
  if (addresses.length === 0) return () => undefined
  const dialling = new Set<string>()
  const controller = new AbortController()
  const connect = async (address: string): Promise<void> => {
    if (dialling.has(address) || isConnected(node, address)) return
    dialling.add(address)
    try {
      await node.dial(multiaddr(address), {
        signal: AbortSignal.any([controller.signal, AbortSignal.timeout(NETWORK_LIMITS.dialMs)]),
      })
    } catch (error) {
      if (!controller.signal.aborted) {
        log('network.bootstrapFailed', { address, error: error instanceof Error ? error.name : 'unknown' })
      }
    } finally {
      dialling.delete(address)
    }
  }
  const round = (): void => {
    for (const address of addresses) void connect(address)
  }
  round()
  const timer = setInterval(round, NETWORK_LIMITS.bootstrapMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    controller.abort()
  }
}

function isConnected(node: OrienNode, address: string): boolean {
  const peer = peerOfAddress(address)?.peer
  return node.getConnections().some(({ remotePeer, status }) => status === 'open' && remotePeer.toString() === peer)
}
