/**
 * How long copies of one signal may take to arrive. A signal sent to the whole process group reaches the child by itself,
 * and this process twice: directly, and from npm, which passes on what it gets. One sent to npm alone arrives here once.
 */
export const COPIES_MS = 250

/**
 * Decides which signals the child must be sent. Returns `{ receive(signal), stop() }`.
 * `send(signal)` reaches the child; `after(ms, action)` returns a function that cancels; `hasTerminal()` says whether a
 * terminal may have sent the signal, for a terminal delivers Ctrl-C to the child as well.
 */
export function createRelay({ send, after, hasTerminal }) {
  const waiting = new Map()
  const decide = (signal) => {
    const { copies } = waiting.get(signal)
    waiting.delete(signal)
    if (copies === 1) send(signal)
  }
  const receive = (signal) => {
    if (signal === 'SIGINT' && hasTerminal()) return
    if (signal === 'SIGHUP') {
      send(signal)
      return
    }
    const entry = waiting.get(signal)
    if (entry !== undefined) entry.copies++
    else waiting.set(signal, { copies: 1, cancel: after(COPIES_MS, () => decide(signal)) })
  }
  const stop = () => {
    for (const { cancel } of waiting.values()) cancel()
    waiting.clear()
  }
  return { receive, stop }
}
