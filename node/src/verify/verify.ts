import {
  acceptedOf,
  Ack,
  Authorisation,
  equalBytes,
  exceptionFor,
  findBinding,
  floorMicros,
  formatUsdc,
  Grant,
  hex,
  isOrienError,
  NO_RECEIPT,
  numerator,
  Offer,
  openDocument,
  Payout,
  payoutIdOf,
  peekDocument,
  Receipt,
  settledRoot,
  splitTotal,
  Statement,
  uncontestedOf,
  withinTerms,
  least,
  type Id,
  type Numerator,
  type Scope,
  type Signed,
} from '@orien/protocol'
import type { EvidenceBundle, EvidenceCall, EvidenceLink, EvidenceStep } from './evidence.ts'

/** A receipt with what the agent accepted of it, and whether it did. */
interface Settled {
  readonly receipt: Signed<Receipt>
  readonly numerator: Numerator
}

interface Walk {
  readonly scope: Scope
  readonly chainId: number
  readonly bundle: EvidenceBundle
  readonly grant: Signed<Grant>
  readonly steps: EvidenceStep[]
}

/**
 * Walks the evidence chain of a session offline: offer → grant → authorisation → receipt → ack → close → statement → payout.
 * Every signature, hash, sum and link is recomputed; nothing is believed because somebody said so. The close and the payout are the
 * coordinator's signed word here: ask the channel ledger and the chain to confirm them.
 *
 * Never throws for bad evidence: the step says what is wrong. Throws `badDocument` when the grant cannot be read at all.
 */
export function verifyEvidence(scope: Scope, chainId: number, bundle: EvidenceBundle): EvidenceStep[] {
  const grant = peekDocument(scope, Grant, bundle.grant)
  const walk: Walk = { scope, chainId, bundle, grant, steps: [] }
  // Each step looks at its own document first, then at those before it: the first bad one names what was tampered with.
  step(walk, 'offer', () => checkOffer(walk))
  step(walk, 'grant', () => checkGrantLink(walk))
  const calls = bundle.calls
  step(walk, 'authorisation', () => (calls.length === 0 ? undefined : checkAuthorisations(walk, calls)))
  step(walk, 'receipt', () => (calls.length === 0 ? undefined : checkReceipts(walk, calls)))
  const settled = settledOf(walk, calls)
  step(walk, 'ack', () => (bundle.acks.length === 0 ? undefined : checkAcks(walk, calls)))
  step(walk, 'close', () => checkClose(walk))
  step(walk, 'statement', () => checkStatement(walk, settled))
  step(walk, 'payout', () => checkPayout(walk))
  return walk.steps
}

/** True when nothing is bad; links may be missing while a session is under way. */
export function isSound(steps: readonly EvidenceStep[]): boolean {
  return steps.every((one) => one.verdict !== 'bad')
}

/** Runs one check: its text when good, undefined when there is nothing to check yet, an error when bad. */
function step({ steps }: Walk, link: EvidenceLink, check: () => string | undefined): void {
  try {
    const detail = check()
    steps.push({ link, verdict: detail === undefined ? 'missing' : 'good', detail: detail ?? 'not there yet' })
  } catch (error) {
    if (!isOrienError(error) && !(error instanceof Wrong)) throw error
    steps.push({ link, verdict: 'bad', detail: error.message })
  }
}

class Wrong extends Error {}

function need(holds: boolean, what: string): void {
  if (!holds) throw new Wrong(what)
}

function checkOffer({ scope, bundle }: Walk): string | undefined {
  if (bundle.offer === undefined) return undefined
  const { provider } = peekDocument(scope, Offer, bundle.offer).value
  const offer = openDocument(scope, Offer, bundle.offer, provider)
  const prices = offer.value.tools.map((tool) => `${tool.toolId} at ${formatUsdc(tool.priceMicrosPerMin)} USDC/min`)
  return `${provider} offered ${prices.join(', ')}`
}

function checkGrantLink(walk: Walk): string {
  const { scope, chainId, bundle, grant } = walk
  const { coordinator, agent, agentWallet, coordinatorWallet, allowanceMicros, bindings } = grant.value
  openDocument(scope, Grant, bundle.grant, coordinator)
  const wanted = { role: 'spend', chainId, nowMs: timeOf(walk) } as const
  const mine = findBinding(scope, bindings, { ...wanted, peer: agent })
  const theirs = findBinding(scope, bindings, { ...wanted, peer: coordinator })
  need(mine.value.wallet === agentWallet && theirs.value.wallet === coordinatorWallet, 'a wallet is not the bound one')
  checkAgainstOffer(walk)
  return `${coordinator} granted ${formatUsdc(allowanceMicros)} USDC to ${agent}, session ${hex(grant.id)}`
}

function checkAgainstOffer(walk: Walk): void {
  const { scope, chainId, bundle, grant } = walk
  if (bundle.offer === undefined) return
  const { provider, terms, providerWallet, payoutWallet } = grant.value
  const offer = peekDocument(scope, Offer, bundle.offer).value
  need(offer.provider === provider, 'the grant names another provider than the offer')
  for (const term of terms) {
    const tool = offer.tools.find((one) => one.toolId === term.toolId)
    const same = tool?.priceMicrosPerMin === term.priceMicrosPerMin && tool.maxMs === term.maxMs
    need(same, `the grant's terms of ${term.toolId} are not the offered ones`)
  }
  const wanted = { peer: provider, chainId, nowMs: timeOf(walk) }
  const spend = findBinding(scope, offer.bindings, { ...wanted, role: 'spend' }).value.wallet
  const payout = findBinding(scope, offer.bindings, { ...wanted, role: 'payout' }).value.wallet
  need(spend === providerWallet && payout === payoutWallet, "a wallet of the provider's is not the bound one")
}

/** A moment of the session: bindings had to be good then. */
function timeOf({ scope, bundle, grant }: Walk): number {
  const [first] = bundle.calls
  if (first === undefined) return grant.value.expiresAtMs
  try {
    return Math.min(peekDocument(scope, Receipt, first.receipt).value.startedAtMs, grant.value.expiresAtMs)
  } catch (error) {
    // Its own step says what is wrong with it.
    if (isOrienError(error)) return grant.value.expiresAtMs
    throw error
  }
}

function checkAuthorisations({ scope, grant }: Walk, calls: readonly EvidenceCall[]): string {
  const seen = new Set<number>()
  for (const call of calls) {
    const auth = openDocument(scope, Authorisation, call.authorisation, grant.value.agent)
    need(equalBytes(auth.value.sessionId, grant.id), 'an authorisation is for another session')
    need(!seen.has(auth.value.callSeq), `call ${auth.value.callSeq} is authorised twice`)
    seen.add(auth.value.callSeq)
  }
  return `${calls.length} calls authorised by ${grant.value.agent}`
}

function checkReceipts({ scope, grant }: Walk, calls: readonly EvidenceCall[]): string {
  let prevId: Id = NO_RECEIPT
  calls.forEach((call, at) => {
    const receipt = openDocument(scope, Receipt, call.receipt, grant.value.provider)
    const auth = peekDocument(scope, Authorisation, call.authorisation)
    const { value } = receipt
    need(equalBytes(value.sessionId, grant.id), 'a receipt is for another session')
    need(
      value.receiptSeq === at + 1 && equalBytes(value.prevId, prevId),
      `receipt ${at + 1} does not follow the one before`,
    )
    const fits = equalBytes(value.authId, auth.id) && value.callSeq === auth.value.callSeq
    need(fits, `receipt ${at + 1} is for another authorisation`)
    const term = grant.value.terms.find((one) => one.toolId === auth.value.toolId)
    if (term === undefined) throw new Wrong(`receipt ${at + 1} is for a tool the grant does not name`)
    const terms = { priceMicrosPerMin: term.priceMicrosPerMin, capMicros: auth.value.capMicros }
    need(withinTerms(value, terms), `receipt ${at + 1} claims more than its terms allow`)
    prevId = receipt.id
  })
  return `${calls.length} receipts by ${grant.value.provider}, one chain, each within its terms`
}

function checkAcks({ scope, grant, bundle }: Walk, calls: readonly EvidenceCall[]): string {
  let through = 0
  let sum = 0n
  for (const bytes of bundle.acks) {
    const ack = openDocument(scope, Ack, bytes, grant.value.agent).value
    need(equalBytes(ack.sessionId, grant.id), 'an ack is for another session')
    need(ack.fromSeq === through + 1 && ack.throughSeq <= calls.length, 'the acks leave a gap')
    for (let seq = ack.fromSeq; seq <= ack.throughSeq; seq++) sum += acceptedAt(scope, grant.value, calls, ack, seq)
    const head = calls[ack.throughSeq - 1]
    need(
      head !== undefined && equalBytes(peekDocument(scope, Receipt, head.receipt).id, ack.headId),
      'an ack names another receipt',
    )
    need(sum === ack.acceptedNumerator, 'the sum of an ack is wrong')
    through = ack.throughSeq
  }
  return `${through} of ${calls.length} receipts countersigned, ${formatUsdc(floorMicros(numerator(sum)))} USDC accepted`
}

function acceptedAt(scope: Scope, grant: Grant, calls: readonly EvidenceCall[], ack: Ack, seq: number): bigint {
  const call = calls[seq - 1]
  if (call === undefined) throw new Wrong(`receipt ${seq} is missing`)
  const receipt = peekDocument(scope, Receipt, call.receipt).value
  const toolId = peekDocument(scope, Authorisation, call.authorisation).value.toolId
  const price = grant.terms.find((term) => term.toolId === toolId)?.priceMicrosPerMin
  if (price === undefined) throw new Wrong(`receipt ${seq} is for a tool the grant does not name`)
  return acceptedOf(receipt, exceptionFor(ack, seq), price)
}

/** What each receipt settles at: as countersigned, else uncontested. Unreadable evidence settles at nothing; its own step says so. */
function settledOf({ scope, grant, bundle }: Walk, calls: readonly EvidenceCall[]): readonly Settled[] | undefined {
  try {
    const acks = bundle.acks.map((bytes) => peekDocument(scope, Ack, bytes).value)
    return calls.map((call, at) => {
      const receipt = peekDocument(scope, Receipt, call.receipt)
      const ack = acks.find((one) => one.fromSeq <= at + 1 && at + 1 <= one.throughSeq)
      const toolId = peekDocument(scope, Authorisation, call.authorisation).value.toolId
      const price = grant.value.terms.find((term) => term.toolId === toolId)?.priceMicrosPerMin
      if (price === undefined) throw new Wrong('no term')
      const settled =
        ack === undefined ? uncontestedOf(receipt.value, price) : acceptedAt(scope, grant.value, calls, ack, at + 1)
      return { receipt, numerator: numerator(settled) }
    })
  } catch (error) {
    if (isOrienError(error) || error instanceof Wrong) return undefined
    throw error
  }
}

function lastStatement({ scope, grant, bundle }: Walk): Signed<Statement> | undefined {
  const bytes = bundle.statements.at(-1)
  return bytes === undefined ? undefined : openDocument(scope, Statement, bytes, grant.value.coordinator)
}

/** The close is told by the Statement: one that cannot be opened is the Statement's fault. */
function readableStatement(walk: Walk): Signed<Statement> | undefined {
  try {
    return lastStatement(walk)
  } catch (error) {
    if (isOrienError(error)) return undefined
    throw error
  }
}

function checkClose(walk: Walk): string | undefined {
  const statement = readableStatement(walk)
  if (statement === undefined) return undefined
  const { receivedMicros, totalMicros, closeEvidence } = statement.value
  need(receivedMicros <= walk.grant.value.allowanceMicros, 'the close paid more than the channel held')
  need(receivedMicros >= totalMicros || closeEvidence !== '', 'the close paid less than the total and nothing says why')
  return `the channel paid the coordinator ${formatUsdc(receivedMicros)} USDC (${closeEvidence})`
}

function checkStatement(walk: Walk, settled: readonly Settled[] | undefined): string | undefined {
  const statement = lastStatement(walk)
  if (statement === undefined) return undefined
  const { scope, grant } = walk
  const { value } = statement
  need(equalBytes(value.sessionId, grant.id), 'the statement is for another session')
  if (settled === undefined) throw new Wrong('the receipts it settles cannot be read')
  const leaves = settled.map((one) => ({ receiptId: one.receipt.id, settledNumerator: one.numerator }))
  need(
    value.receipts === settled.length && equalBytes(settledRoot(scope.crypto, leaves), value.root),
    'the statement settles other receipts, or at other amounts',
  )
  const total = floorMicros(numerator(settled.reduce((sum, one) => sum + one.numerator, 0n)))
  need(
    total === value.totalMicros,
    `the receipts add up to ${formatUsdc(total)} USDC, the statement says ${formatUsdc(value.totalMicros)}`,
  )
  const split = splitTotal(least(value.totalMicros, value.receivedMicros), grant.value.splitBps)
  need(
    split.providerMicros === value.split.providerMicros && split.platformMicros === value.split.platformMicros,
    'the split is not the granted one',
  )
  return `${formatUsdc(value.totalMicros)} USDC settled: provider ${formatUsdc(split.providerMicros)}, platform ${formatUsdc(split.platformMicros)}, reserve ${formatUsdc(split.reserveMicros)}`
}

function checkPayout(walk: Walk): string | undefined {
  const statement = readableStatement(walk)
  const { scope, grant, bundle } = walk
  if (statement === undefined || bundle.payouts.length === 0) return undefined
  if (statement.value.split.providerMicros === 0n) return 'nothing to pay'
  const payouts = bundle.payouts.map((bytes) => openDocument(scope, Payout, bytes, grant.value.coordinator))
  const mine = payouts.filter(({ value }) => value.statementIds.some((id) => equalBytes(id, statement.id)))
  for (const { value } of mine)
    need(
      equalBytes(payoutIdOf(scope.crypto, value.statementIds), value.payoutId),
      'the payout id is not that of its statements',
    )
  // Each transaction has a document of its own: a leg that was blocked is paid by a later one.
  const distinct = [...new Map(mine.map((one) => [hex(one.id), one.value])).values()]
  const paying = distinct.filter(({ legs }) => legs.some(({ recipient }) => recipient === grant.value.payoutWallet))
  if (paying.length === 0) return undefined
  const legs = paying.flatMap((one) => one.legs).filter(({ recipient }) => recipient === grant.value.payoutWallet)
  const paidMicros = legs.reduce((sum, leg) => sum + leg.micros, 0n)
  need(paidMicros >= statement.value.split.providerMicros, 'the payout pays the provider less than the statement owes')
  return `paid to ${grant.value.payoutWallet} in ${paying.map(({ transaction }) => transaction).join(' and ')}`
}
