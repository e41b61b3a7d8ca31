import type { Patch } from './strategy.ts'

/** The checks that stop liars, each as what takes it out of the sources. */

const ACKS = 'coordinator/src/collect/acks.ts'
const ACK_BOOK = 'node/src/provider/ack-book.ts'
const SESSION = 'node/src/provider/session.ts'
const SINGLE_PAPER = 'node/src/rails/single-paper.ts'

export const ACK_TICKS: readonly Patch[] = [
  { file: ACKS, find: 'if (below && brief.authorised)', replace: 'if (below && !below)' },
  {
    file: ACK_BOOK,
    find: 'if (exception !== undefined && exception.acceptedMs < receipt.lastTick)',
    replace: 'if (exception !== undefined && exception.acceptedMs < 0)',
  },
]

export const ACK_CODE_UNKNOWN: readonly Patch[] = [
  {
    file: 'coordinator/src/collect/receipts.ts',
    find: 'authorised: !unknown || isSigned(draft, read)',
    replace: 'authorised: !unknown || !isSigned(draft, read)',
  },
  {
    file: ACK_BOOK,
    find: "if (exception?.code === 'unknown')",
    replace: "if (exception?.code === 'unknown' && false)",
  },
  {
    file: ACK_BOOK,
    find: 'if (exception !== undefined && exception.acceptedMs < receipt.lastTick)',
    replace: 'if (exception !== undefined && exception.acceptedMs < 0)',
  },
]

export const ACK_SUM: readonly Patch[] = [
  { file: ACK_BOOK, find: 'if (accepted !== ack.acceptedNumerator)', replace: 'if (accepted < ack.acceptedNumerator)' },
  {
    file: ACKS,
    find: 'if (ackedNumerator !== acceptedNumerator && session.twoAcks === undefined)',
    replace: 'if (ackedNumerator < acceptedNumerator && session.twoAcks === undefined)',
  },
]

export const RULED_BY_TICKS: readonly Patch[] = [
  {
    file: 'coordinator/src/collect/settlements.ts',
    find: 'return uncontestedOf(brief, brief.priceMicrosPerMin)',
    replace: 'return numerator(uncontestedOf(brief, brief.priceMicrosPerMin) * 0n)',
  },
]

export const ACK_HIGHER: readonly Patch[] = [
  {
    file: 'coordinator/src/collect/settlements.ts',
    find: '=> !byOthers && accepted > settled,',
    replace: '=> !byOthers && accepted > settled && accepted < settled,',
  },
]

export const WAITING_ACKS: readonly Patch[] = [
  {
    file: ACKS,
    find: 'live.waitingAcks.size >= COORDINATOR_LIMITS.maxWaitingAcks',
    replace: 'live.waitingAcks.size >= COORDINATOR_LIMITS.maxWaitingAcks * 1_000',
  },
]

export const CHEQUE_COVER: readonly Patch[] = [
  {
    file: SESSION,
    find: "if (ceiling === undefined || all > NUMERATOR_PER_MICRO * ceiling) return 'chequeNeeded'",
    replace: "if (ceiling === undefined) return 'chequeNeeded'",
  },
  {
    file: SESSION,
    find: "if (all > NUMERATOR_PER_MICRO * (held + windowMicros)) return 'chequeNeeded'",
    replace: "if (held < 0n) return 'chequeNeeded'",
  },
]

export const CHEQUE_BASE: readonly Patch[] = [
  {
    file: 'node/src/provider/cheque-book.ts',
    find: '(cheque.base !== base && cheque.base !== base + 1)',
    replace: 'cheque.base < base',
  },
  {
    file: 'node/src/provider/cheque-book.ts',
    find: "return cheque.base === base ? 'now' : 'next'",
    replace: "return cheque.base === base + 1 ? 'next' : 'now'",
  },
]

export const CHEQUE_SIGNER: readonly Patch[] = [
  {
    file: SINGLE_PAPER,
    find: "requireSigner(words.close(lane, closeOf(lane, cheque)), cheque.signatures, lane.agentWallet, 'the cheque')",
    replace: '',
  },
  { file: 'coordinator/src/debit/debit.ts', find: "alive: answer === 'alive',", replace: 'alive: true,' },
]

export const CLOSE_WITHOUT_AGENT: readonly Patch[] = [
  {
    file: 'coordinator/src/settle/close.ts',
    find: 'const choice = exact ?? keptChoice(live, lane.base, total) ?? (await chooseFinishing(core, live, reading))',
    replace: 'const choice = exact',
  },
]

export const CALL_NUMBERS: readonly Patch[] = [
  {
    file: 'node/src/provider/work-calls.ts',
    find: 'if (callSeq <= session.lastCallSeq) return',
    replace: 'if (callSeq < session.lastCallSeq) return',
  },
]

export const ARGS_HASH: readonly Patch[] = [
  {
    file: 'node/src/provider/admission.ts',
    find: 'need(equalBytes(crypto.sha256(args), value.argsHash),',
    replace: 'need(!equalBytes(crypto.sha256(args), value.inputsHash),',
  },
]

export const TICK_STOP: readonly Patch[] = [
  {
    file: 'node/src/provider/call.ts',
    find: "if (ms > (call.lastTick?.ms ?? 0) + parts.tickAckMs) return stopCall(call, 'tickAck')",
    replace: "if (ms > (call.lastTick?.ms ?? 0) + 100 * parts.tickAckMs) return stopCall(call, 'tickAck')",
  },
]

export const CANCELLED_FREE: readonly Patch[] = [
  {
    file: 'node/src/provider/receipt-book.ts',
    find: "const free = result.outcome === 'providerError' || result.outcome === 'notStarted'",
    replace:
      "const free = result.outcome === 'providerError' || result.outcome === 'notStarted' || result.outcome === 'cancelled'",
  },
]

export const EXIT_CHECKS: readonly Patch[] = [
  {
    file: 'node/src/provider/exits.ts',
    find: 'await this.#check(session, exit)',
    replace: 'if (exit.totalMicros < 0n) await this.#check(session, exit)',
  },
]

export const OPEN_RATES: readonly Patch[] = [
  {
    file: 'coordinator/src/sessions/rates.ts',
    find: 'if (tokens < 1) throw',
    replace: 'if (tokens < -1e9) throw',
  },
]

export const MAX_UNPAID: readonly Patch[] = [
  {
    file: SESSION,
    find: "if (elsewhere + all > NUMERATOR_PER_MICRO * maxUnpaidMicros) return 'exposureFull'",
    replace: "if (elsewhere + all > NUMERATOR_PER_MICRO * maxUnpaidMicros * 1_000n) return 'exposureFull'",
  },
  {
    file: 'node/src/provider/grant-checks.ts',
    find: 'context.unpaidAt(coordinator) < NUMERATOR_PER_MICRO * config.maxUnpaidMicros',
    replace: 'context.unpaidAt(coordinator) < NUMERATOR_PER_MICRO * config.maxUnpaidMicros * 1_000n',
  },
]

export const UNOPENED: readonly Patch[] = [
  {
    file: 'coordinator/src/sessions/opening.ts',
    find: "return status === 'open' && definitionMatches && allocations.agentMicros === live.grant.allowanceMicros",
    replace:
      "return status !== 'closed' || definitionMatches || allocations.agentMicros === live.grant.allowanceMicros",
  },
  {
    file: 'node/src/provider/grant-checks.ts',
    find: "need(reading.status === 'open',",
    replace: "need(reading.status !== 'closed',",
  },
  {
    file: 'node/src/provider/grant-checks.ts',
    find: "need(reading.definitionMatches, 'badDocument', 'the channel has another definition')",
    replace: '',
  },
  {
    file: 'node/src/provider/grant-checks.ts',
    find: 'need(all === grant.value.allowanceMicros,',
    replace: 'need(all <= grant.value.allowanceMicros,',
  },
]

export const CLOSED_BEHIND: readonly Patch[] = [
  {
    file: 'coordinator/src/settle/closed.ts',
    find: "const receivedMicros = reading.status === 'closed' ? reading.allocations.coordinatorMicros : micros(0n)",
    replace: "const receivedMicros = reading.status === 'closed' ? totalMicros : micros(0n)",
  },
]

const COUNTERSIGNER = 'node/src/agent/countersigner.ts'
const WORK_CLIENT = 'node/src/agent/work-client.ts'
const RECEIPTS = 'coordinator/src/collect/receipts.ts'
/** The coordinator holds claims against price and cap as well. */
const TERMS: Patch = {
  file: RECEIPTS,
  find: 'if (!withinTerms(receipt, {',
  replace: 'if (receipt.numerator < 0n && !withinTerms(receipt, {',
}

export const AGENT_CLOCK_CHECK: readonly Patch[] = [
  {
    file: COUNTERSIGNER,
    find: 'if (!overPrice && !overCap && effectiveMs <= boundMs)',
    replace: 'if (!overPrice && !overCap && boundMs >= 0)',
  },
]

export const AGENT_CAP: readonly Patch[] = [
  {
    file: COUNTERSIGNER,
    find: 'const overCap = receipt.numerator > capNumerator(auth.value.capMicros)',
    replace: 'const overCap = receipt.numerator < 0n * capNumerator(auth.value.capMicros)',
  },
  TERMS,
]

export const AGENT_PRICE: readonly Patch[] = [
  {
    file: COUNTERSIGNER,
    find: 'const overPrice = receipt.numerator > price * BigInt(effectiveMs)',
    replace: 'const overPrice = receipt.numerator > 100n * price * BigInt(effectiveMs)',
  },
  TERMS,
]

export const HEAD_OF_ACK: readonly Patch[] = [
  {
    file: ACKS,
    find: "if (!equalBytes(briefAt(draft, throughSeq).id, headId)) throw refused('badDocument', 'the Ack names another head')",
    replace: '',
  },
  {
    file: ACKS,
    find: 'if (ackedNumerator !== acceptedNumerator && session.twoAcks === undefined)',
    replace: 'if (ackedNumerator < acceptedNumerator && session.twoAcks === undefined)',
  },
]

export const AGENT_FORGED: readonly Patch[] = [
  {
    file: WORK_CLIENT,
    find: 'const auth = openDocument(scope, Authorisation, shown, network.peer)',
    replace: 'const auth = peekDocument(scope, Authorisation, shown)',
  },
]

export const CALL_ONCE: readonly Patch[] = [
  {
    file: COUNTERSIGNER,
    find: "if (facts !== 'forged' && session.answered.has(value.callSeq))",
    replace: "if (facts !== 'forged' && session.answered.has(-value.callSeq))",
  },
  { file: RECEIPTS, find: 'live.calls.has(receipt.callSeq)', replace: 'live.calls.has(-receipt.callSeq)' },
]

export const AGENT_TICKS: readonly Patch[] = [
  {
    file: WORK_CLIENT,
    find: 'const seen = Math.min(ms, agentBoundMs(parts.clock.monoMs() - call.sentMono, queuedMs))',
    replace: 'const seen = Math.max(ms, agentBoundMs(parts.clock.monoMs() - call.sentMono, queuedMs))',
  },
]

export const TICKS_AFTER_CRASH: readonly Patch[] = [
  {
    file: COUNTERSIGNER,
    find: 'if (sentMono === undefined) return lastTickMs + TIMES.tickAckMs',
    replace: 'if (sentMono === undefined) return Math.max(lastTickMs, receipt.lastTick ?? 0) + TIMES.tickAckMs',
  },
]

export const PROVEN_TICK: readonly Patch[] = [
  {
    file: RECEIPTS,
    find: 'if (lastTick === undefined || tickAck === undefined) return undefined',
    replace: 'if (tickAck === undefined || lastTick === undefined) return lastTick',
  },
]

export const AGENT_EXIT: readonly Patch[] = [
  {
    file: 'node/src/agent/exits.ts',
    find: 'await this.#check(exit)',
    replace: 'if (exit.totalMicros < 0n) await this.#check(exit)',
  },
]

export const REFUND: readonly Patch[] = [
  {
    file: 'coordinator/src/sessions/rows.ts',
    find: '...(over > 0n ? { refund: { micros: micros(over) } } : {}),',
    replace: '...(over < 0n ? { refund: { micros: micros(over) } } : {}),',
  },
]

export const UNAUTHORISED: readonly Patch[] = [
  {
    file: 'coordinator/src/collect/settlements.ts',
    find: "row('unauthorised', 'silence', true, ({ authorised }) => !authorised, nothing),",
    replace: "row('unauthorised', 'silence', true, ({ authorised }) => !authorised, uncontested),",
  },
]
