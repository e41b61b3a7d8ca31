import { peerOfKey } from '@orien/protocol'
import type { CancelTimer, Timers } from '@orien/protocol'
import { createMemoryHub, createMemoryNetwork } from '../../src/network/memory.ts'
import type { Network } from '../../src/network/port.ts'
import { conformanceRecords, networkConformance } from '../conformance/network.ts'
import type { NetworkFixture, NodeOptions } from '../conformance/network.ts'

networkConformance('memory', async () => memoryFixture())

function memoryFixture(): NetworkFixture {
  const clock = createManualTimers()
  const hub = createMemoryHub({ timers: clock.timers, gossip: 'connections' })
  const nodes: Network[] = []
  const node = async ({ near = [], role = 'server', dialable = true }: NodeOptions = {}): Promise<Network> => {
    const peer = peerOfKey(new Uint8Array(32).fill(nodes.length + 1))
    const made = createMemoryNetwork(hub, {
      peer,
      records: conformanceRecords,
      role,
      dialable,
      bootstrap: near.map((other) => addressOf(other)),
    })
    nodes.push(made)
    return made
  }
  return {
    node,
    address: addressOf,
    silentAddress: async (peer) => hub.silentAddress(peer),
    cut: async (cutOff) => {
      for (const other of nodes) hub.disconnect(cutOff.peer, other.peer)
    },
    elapse: (ms) => clock.elapse(ms),
    end: async () => {
      const stopping = Promise.all(nodes.map((each) => each.stop()))
      await clock.elapse(60_000)
      await stopping
    },
  }
}

function addressOf(node: Network): string {
  const [address] = node.addresses()
  if (address === undefined) throw new Error('the node is not dialable')
  return address
}

/** Timers that fire only when told that time passed, each in its own turn. */
function createManualTimers(): { timers: Timers; elapse(ms: number): Promise<void> } {
  let nowMs = 0
  const waiting = new Set<{ readonly atMs: number; readonly fire: () => void }>()
  const after = (delayMs: number, fire: () => void): CancelTimer => {
    const timer = { atMs: nowMs + delayMs, fire }
    waiting.add(timer)
    return () => void waiting.delete(timer)
  }
  const elapse = async (ms: number): Promise<void> => {
    const endMs = nowMs + ms
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      const [next] = [...waiting].sort((a, b) => a.atMs - b.atMs)
      if (next === undefined || next.atMs > endMs) break
      nowMs = next.atMs
      waiting.delete(next)
      next.fire()
    }
    nowMs = endMs
  }
  return { timers: { after }, elapse }
}
