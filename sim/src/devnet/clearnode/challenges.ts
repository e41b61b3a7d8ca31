import { randomUUID } from 'node:crypto'
import { clearnodeLimits } from './limits.ts'

/** What a log-in asked for; kept until it is swept. */
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
  expiresMs: number
  completed: boolean
}

/**
 * Challenges, in memory. At most 1 000, and those already answered count too: they stay until the sweep, every 10
 * minutes, finds them expired. So 1 000 log-ins within one sweep block further ones just as 1 000 unanswered do.
 */
export interface Challenges {
  /** A fresh challenge, or undefined while there are too many. */
  readonly make: (claim: Claim) => string | undefined
  readonly find: (challenge: string) => Claim | undefined
  /** Whether this signer answers it: the claimed address, in time, for the first time. */
  readonly complete: (challenge: string, signer: string) => boolean
}

export const makeChallenges = (nowMs: () => number): Challenges => {
  const challenges = new Map<string, Pending>()
  let sweptMs = nowMs()
  const sweep = (): void => {
    const ticks = Math.floor((nowMs() - sweptMs) / clearnodeLimits.challengeSweepMs)
    if (ticks < 1) return
    sweptMs += ticks * clearnodeLimits.challengeSweepMs
    for (const [key, { expiresMs }] of challenges) if (sweptMs > expiresMs) challenges.delete(key)
  }
  return {
    make: (claim) => {
      sweep()
      if (challenges.size >= clearnodeLimits.challenges) return undefined
      const challenge = randomUUID()
      const expiresMs = nowMs() + clearnodeLimits.challengeTtlMs
      challenges.set(challenge, { ...claim, expiresMs, completed: false })
      return challenge
    },
    find: (challenge) => {
      sweep()
      return challenges.get(challenge)
    },
    complete: (challenge, signer) => {
      const pending = challenges.get(challenge)
      if (pending === undefined || pending.address !== signer) return false
      if (nowMs() > pending.expiresMs || pending.completed) {
        challenges.delete(challenge)
        return false
      }
      pending.completed = true
      pending.expiresMs = nowMs() + clearnodeLimits.answeredTtlMs
      return true
    },
  }
}
