/** So many lines of a trace somebody reads. */
const SHOWN_LINES = 120
/** Of these so many may be about what the failure names, and so many about what went wrong from outside, however long ago that was. */
const NAMED_LINES = 60
const TROUBLE_LINES = 20
/** A session is named by its first letters everywhere, a call as `ada-7`. */
const NAME = /\b(?:[0-9a-f]{8}(?=[0-9a-f]*\b)|[a-z]+-\d+\b)/g

/** What goes on all the time and says nothing: heartbeats of quiet streams, readings of ledger and chain that found what there was, offers told again. */
const IDLE = [
  /^\S+ (?:work|receipts) [1-6] > /,
  /^\S+ channel (?:read|probe) served$/,
  /^\S+ chain (?:nonce|find|balances|time|fee|check|authorization)$/,
  /^\S+ log (?:announced|holdingsUnread) /,
]
/** What is done to parties, not by them. */
const TROUBLE = [/^(?:world|operator) /, /^\S+ power cut /]
/** How parties go about their work: frames, and what they write. */
const WORK = [/^\S+ \S+ \d+ > /, /^\S+ flush \d+$/]

/**
 * The lines of a trace that are worth reading after a failure, in their order: what is about the sessions and calls it names, what went wrong from outside, and
 * then the newest, idle talk left out. `open`: things are not over, rather than wrong; then what parties did again and again meanwhile is left out too.
 */
export function pickLines(trace: readonly string[], broken: readonly string[], open = false): readonly string[] {
  const names = new Set(broken.flatMap((line) => line.match(NAME) ?? []))
  const talk = trace.filter((line) => !isOne(IDLE, line))
  const picked = new Set<number>()
  const pick = (most: number, holds: (line: string) => boolean): void => {
    for (let at = talk.length - 1, left = most; at >= 0 && left > 0; at--) {
      if (picked.has(at) || !holds(talk[at] ?? '')) continue
      picked.add(at)
      left -= 1
    }
  }
  pick(NAMED_LINES, (line) => (line.match(NAME) ?? []).some((name) => names.has(name)))
  pick(TROUBLE_LINES, (line) => isOne(TROUBLE, line))
  pick(SHOWN_LINES - picked.size, (line) => !open || !isOne(WORK, line))
  return talk.filter((_line, at) => picked.has(at))
}

/** A line is time, who, and what. */
function isOne(kinds: readonly RegExp[], line: string): boolean {
  const said = line.trim().split(/\s+/).slice(1).join(' ')
  return kinds.some((kind) => kind.test(said))
}
