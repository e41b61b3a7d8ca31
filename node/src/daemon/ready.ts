import type { PeerText } from '@orien/protocol'

/** What whoever starts a daemon needs to know of it. */
export interface ReadyFacts {
  readonly peer: PeerText
  /** Dialable addresses, each ending in `/p2p/<peer>`. */
  readonly addrs: readonly string[]
  readonly home: string
}

/**
 * Says that the daemon is ready: one line of JSON on stdout, `{"event":"ready","peer","addrs","home","pid"}`. A daemon writes nothing
 * else there.
 */
export function announceReady({ peer, addrs, home }: ReadyFacts): void {
  process.stdout.write(`${JSON.stringify({ event: 'ready', peer, addrs, home, pid: process.pid })}\n`)
}
