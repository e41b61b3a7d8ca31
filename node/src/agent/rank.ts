import { TIERS } from '@orien/protocol'
import type { Found } from './finder.ts'

/** Orders candidates, best first. Ranking is the agent's own business and pluggable; the coordinator never routes. */
export type Rank = (found: readonly Found[]) => readonly Found[]

/** Cheapest first, then the stronger tier, then the quicker answer, then the PeerId, so that the order is the same everywhere. */
export const cheapestFirst: Rank = (found) =>
  found.toSorted((a, b) => {
    const price = a.tool.priceMicrosPerMin - b.tool.priceMicrosPerMin
    if (price !== 0n) return price < 0n ? -1 : 1
    const tier = TIERS.indexOf(a.offer.value.tier) - TIERS.indexOf(b.offer.value.tier)
    if (tier !== 0) return tier
    if (a.answerMs !== b.answerMs) return a.answerMs - b.answerMs
    return a.offer.value.provider < b.offer.value.provider ? -1 : 1
  })
