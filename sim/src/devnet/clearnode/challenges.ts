import { randomUUID } from 'node:crypto'
import { clearnodeLimits } from './limits.ts'

/** What a log-in asked for; kept until it is proven or swept. */
export interface Claim {
  readonly address: string
  readonly sessionKey: string
  readonly application: string
  readonly scope: string
  readonly allowances: readonly { readonly asset: string; readonly amount: string }[]
  /** Unix seconds. */
  readonly expiresAt: bigint
}

interface Pending extends Claim {
  readonly madeMs: number
}

/** Pending log-ins, in memory. At most 1 000; a dead one still counts until the next sweep. */
export interface Challenges {
  /** A fresh challenge, or undefined while too many are pending. */
  readonly make: (claim: Claim) => string | undefined
  /** Takes a live challenge out, or undefined when there is none. */
  readonly find: (challenge: string) => Claim | undefined
  readonly remove: (challenge: string) => void
}

export const makeChallenges = (nowMs: () => number): Challenges => {
  const pending = new Map<string, Pending>()
  let sweptMs = nowMs()
  const sweep = (): void => {
    const now = nowMs()
    if (now - sweptMs < clearnodeLimits.challengeSweepMs) return
    sweptMs = now
    for (const [key, { madeMs }] of pending) if (now - madeMs > clearnodeLimits.challengeTtlMs) pending.delete(key)
  }
  return {
    make: (claim) => {
      sweep()
      if (pending.size >= clearnodeLimits.pendingChallenges) return undefined
      const challenge = randomUUID()
      pending.set(challenge, { ...claim, madeMs: nowMs() })
      return challenge
    },
    find: (challenge) => {
      const found = pending.get(challenge)
      if (found === undefined || nowMs() - found.madeMs > clearnodeLimits.challengeTtlMs) return undefined
      return found
    },
    remove: (challenge) => void pending.delete(challenge),
  }
}
