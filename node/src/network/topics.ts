import { OrienError } from '@orien/protocol'
import type { PeerText } from '@orien/protocol'
import { NETWORK_LIMITS } from './limits.ts'
import type { Verdict } from './port.ts'

export type TopicListener = (message: Uint8Array, from: PeerText) => Verdict

/** Who listens to which topic at one node, and what they say of a message together. */
export interface TopicTable {
  /** Adds a listener; true when it is the first of its topic. */
  add(topic: string, listener: TopicListener): boolean
  /** Takes a listener away; true when it was the last of its topic. */
  remove(topic: string, listener: TopicListener): boolean
  has(topic: string): boolean
  /** Every listener hears the message. One `reject` rejects it, else one `accept` passes it on. Oversize is rejected unheard. */
  judge(topic: string, message: Uint8Array, from: PeerText): Verdict
}

export function createTopicTable(onThrow: (error: unknown) => void): TopicTable {
  const topics = new Map<string, Set<TopicListener>>()
  return {
    add(topic, listener) {
      const listeners = topics.get(topic) ?? new Set()
      topics.set(topic, listeners.add(listener))
      return listeners.size === 1
    },
    remove(topic, listener) {
      const listeners = topics.get(topic)
      if (listeners === undefined || !listeners.delete(listener) || listeners.size > 0) return false
      return topics.delete(topic)
    },
    has: (topic) => topics.has(topic),
    judge(topic, message, from) {
      if (message.length > NETWORK_LIMITS.maxGossipBytes) return 'reject'
      let verdict: Verdict = 'ignore'
      for (const listener of topics.get(topic) ?? []) {
        const said = ask(listener, message, from, onThrow)
        if (said === 'reject') verdict = 'reject'
        else if (said === 'accept' && verdict === 'ignore') verdict = 'accept'
      }
      return verdict
    },
  }
}

function ask(listener: TopicListener, message: Uint8Array, from: PeerText, onThrow: (error: unknown) => void): Verdict {
  try {
    return listener(message, from)
  } catch (error) {
    onThrow(error)
    return 'ignore'
  }
}

/** Throws `tooLarge` for a message that every validator would reject. */
export function assertGossipSize(message: Uint8Array): void {
  const maxBytes = NETWORK_LIMITS.maxGossipBytes
  if (message.length <= maxBytes) return
  throw new OrienError('tooLarge', {
    message: 'the message is too long to gossip',
    details: { bytes: message.length, maxBytes },
  })
}
