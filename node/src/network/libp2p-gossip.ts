import type { GossipSub, Message } from '@libp2p/gossipsub'
import { TopicValidatorResult } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import { OrienError } from '@orien/protocol'
import type { PeerText } from '@orien/protocol'
import { NETWORK_LIMITS } from './limits.ts'
import type { Verdict } from './port.ts'
import { createBucket } from './rates.ts'
import type { Bucket } from './rates.ts'
import type { TopicTable } from './topics.ts'

const RESULTS: Record<Verdict, TopicValidatorResult> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}

/** Listens to a topic with the table's verdict, which is given before a message is passed on. */
export function joinTopic(gossip: GossipSub, table: TopicTable, topic: string): void {
  gossip.topicValidators.set(topic, (_from: PeerId, message: Message) => {
    if (message.type !== 'signed') return TopicValidatorResult.Reject
    return RESULTS[table.judge(topic, new Uint8Array(message.data), message.from.toString() as PeerText)]
  })
  gossip.subscribe(topic)
}

export function leaveTopic(gossip: GossipSub, topic: string): void {
  gossip.unsubscribe(topic)
  gossip.topicValidators.delete(topic)
}

interface GossipInsides {
  handleReceivedRpc: (from: PeerId, rpc: unknown) => Promise<void>
}

/** Cuts off a peer that sends more than gossipRpcsPerSecond: checking a flood's signatures alone stops a node. */
export function guardGossip(
  gossip: GossipSub,
  monoMs: () => number,
  onFlood: (from: PeerId) => void,
): (peer: PeerId) => void {
  const insides = gossip as unknown as GossipInsides
  const { handleReceivedRpc } = insides
  if (typeof handleReceivedRpc !== 'function') {
    throw new OrienError('internal', { message: 'the guard does not know this version of gossipsub' })
  }
  const buckets = new Map<string, Bucket>()
  insides.handleReceivedRpc = async (from, rpc) => {
    const peer = from.toString()
    const bucket = buckets.get(peer) ?? createBucket(NETWORK_LIMITS.gossipRpcsPerSecond, monoMs)
    buckets.set(peer, bucket)
    if (bucket.take()) await handleReceivedRpc.call(gossip, from, rpc)
    else onFlood(from)
  }
  return (peer) => void buckets.delete(peer.toString())
}
