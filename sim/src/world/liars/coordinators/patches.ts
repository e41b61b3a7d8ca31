import { UNOPENED } from '../patches.ts'
import type { Patch } from '../strategy.ts'

/** The checks that stop lying coordinators, as what takes them out. */

const SINGLE_PAPER = 'node/src/rails/single-paper.ts'
const QUOTE_CHECKS = 'node/src/agent/quote-checks.ts'
const GRANT_CHECKS = 'node/src/provider/grant-checks.ts'
const COSIGNER = 'node/src/agent/cosigner.ts'
const SAME_TERM = 'const same = tool?.priceMicrosPerMin === term.priceMicrosPerMin && tool.maxMs === term.maxMs'

export const QUOTE_DEFINITION: readonly Patch[] = [
  {
    file: SINGLE_PAPER,
    find: 'if (expected === undefined || expected.definition !== channel.definition || expected.id !== channel.appSessionId) {',
    replace: 'if (expected === undefined) {',
  },
  { file: SINGLE_PAPER, find: 'id: expected.id,', replace: 'id: channel.appSessionId,' },
  { file: SINGLE_PAPER, find: 'definition: expected.definition,', replace: 'definition: channel.definition,' },
]

export const QUOTE_WINDOW: readonly Patch[] = [
  {
    file: QUOTE_CHECKS,
    find: 'grant.windowMicros <= asked.windowMicros &&',
    replace: 'grant.windowMicros <= asked.allowanceMicros &&',
  },
]

export const QUOTE_TERMS: readonly Patch[] = [
  { file: QUOTE_CHECKS, find: SAME_TERM, replace: 'const same = tool?.maxMs === term.maxMs' },
  { file: GRANT_CHECKS, find: SAME_TERM, replace: 'const same = tool?.maxMs === term.maxMs' },
]

export const QUOTE_SPLIT: readonly Patch[] = [
  {
    file: QUOTE_CHECKS,
    find: 'grant.splitBps.provider >= policy.minProviderBps',
    replace: 'grant.splitBps.provider <= policy.minProviderBps',
  },
  {
    file: GRANT_CHECKS,
    find: 'grant.splitBps.provider >= policy.minProviderBps',
    replace: 'grant.splitBps.provider <= policy.minProviderBps',
  },
]

export const QUOTE_ALLOWANCE: readonly Patch[] = [
  {
    file: QUOTE_CHECKS,
    find: 'grant.allowanceMicros === asked.allowanceMicros &&',
    replace: 'grant.allowanceMicros >= asked.allowanceMicros &&',
  },
]

export const QUOTE_PAYOUT: readonly Patch[] = [
  {
    file: QUOTE_CHECKS,
    find: ' && grant.payoutWallet === payout.value.wallet',
    replace: ' && payout.value.wallet !== myWallet',
  },
  { file: GRANT_CHECKS, find: ' && value.payoutWallet === config.payoutWallet', replace: '' },
]

export const GRANT_AS_QUOTED: readonly Patch[] = [
  {
    file: 'node/src/agent/funding.ts',
    find: 'if (!equalBytes(grant.id, checked.sessionId))',
    replace: 'if (equalBytes(grant.id, grant.value.openId))',
  },
]

export const UNOPENED_AT_PROVIDER: readonly Patch[] = UNOPENED.filter(({ file }) => file === GRANT_CHECKS)

export const FORGOTTEN_FUND: readonly Patch[] = [
  {
    file: 'node/src/agent/funding.ts',
    find: "if (status === 'open' || (status === 'absent' &&",
    replace: "if (status === 'absent' && (status === 'absent' &&",
  },
]

const TOTAL = 'if (total < session.cosigned.totalMicros || total > owed) {'

export const TOTAL_OWED: readonly Patch[] = [
  { file: COSIGNER, find: TOTAL, replace: 'if (total < session.cosigned.totalMicros) {' },
]

export const TOTAL_FALLS: readonly Patch[] = [{ file: COSIGNER, find: TOTAL, replace: 'if (total > owed) {' }]

export const VERSION_NEXT: readonly Patch[] = [
  {
    file: COSIGNER,
    find: "if (reading.status !== 'open' || version !== reading.version + 1) {",
    replace: "if (reading.status !== 'open' || version <= reading.version) {",
  },
]

const AGENT_SESSION = 'node/src/agent/session.ts'
const CEILING_RULE = 'micros(ceilMicros(numerator(session.acked)) + windowMicros)'

export const CEILING: readonly Patch[] = [
  {
    file: AGENT_SESSION,
    find: CEILING_RULE,
    replace: 'micros(ceilMicros(numerator(session.acked)) + 100n * windowMicros)',
  },
]

export const PROOF_OF_PAYMENT: readonly Patch[] = [
  {
    file: 'node/src/provider/follower.ts',
    find: "const paidMicros = state === 'PAID' ? provedMicros(session, settlement) : statedMicros",
    replace: "const paidMicros = state === 'PAID' && provedMicros(session, settlement) < 0n ? 0n : statedMicros",
  },
]

export const EXITS: readonly Patch[] = [
  { file: 'node/src/provider/provider.ts', find: 'context.exits.watch(session)', replace: 'context.exits.stop()' },
  { file: 'node/src/agent/live-session.ts', find: 'this.#exits.watch()', replace: 'this.#exits.stop()' },
]
