import {
  CLOCK_SKEW_MS,
  documentId,
  equalBytes,
  findBinding,
  Grant,
  hex,
  LIMITS,
  OrienError,
  TIMES,
  type ErrorCode,
  type Id,
  type Offer,
  type Open,
  type PeerText,
  type Quote,
  type Scope,
  type Signed,
} from '@orien/protocol'
import type { ChannelRail, Lane } from '../rails/channel.ts'
import type { AgentConfig } from './ports.ts'

/** What a Quote is held against. */
export interface QuoteContext {
  readonly scope: Scope
  readonly config: AgentConfig
  readonly rail: ChannelRail
  readonly me: PeerText
  readonly myWallet: string
  readonly nowMs: number
  readonly open: Signed<Open>
  readonly offer: Signed<Offer>
}

/** A Quote that passed: the Grant to come, its id, its channel. */
export interface CheckedQuote {
  readonly grant: Grant
  readonly sessionId: Id
  readonly lane: Lane
}

/** PROTOCOL's checks of an agent on a Quote, in order; its envelope was opened before. Throws with the code that says which failed. */
export function checkQuote(context: QuoteContext, quote: Quote): CheckedQuote {
  const { scope, config, offer } = context
  need(context.nowMs < quote.validUntilMs, 'quoteExpired', 'the quote is over')
  const grant = Grant.decode(quote.grant)
  const sessionId = documentId(scope, Grant, quote.grant)
  checkOpen(context, grant)
  const { rail, url, asset } = config.channel
  need(
    grant.channel.rail === rail && grant.channel.url === url && grant.asset === asset,
    'policy',
    'the quote is for another channel ledger',
  )
  checkTerms(grant, offer.value)
  checkWallets(context, grant)
  const lane = context.rail.lane(grant, sessionId)
  checkPolicy(context, grant)
  return { grant, sessionId, lane }
}

function checkOpen({ open, me }: QuoteContext, grant: Grant): void {
  const asked = open.value
  need(equalBytes(grant.openId, open.id), 'quoteMismatch', `the quote is for another open than ${hex(open.id)}`)
  const same =
    grant.agent === me &&
    grant.coordinator === asked.coordinator &&
    grant.allowanceMicros === asked.allowanceMicros &&
    grant.windowMicros <= asked.windowMicros &&
    grant.windowCalls <= asked.windowCalls
  need(same, 'quoteMismatch', 'the quote is not what was asked for')
}

function checkTerms(grant: Grant, offer: Offer): void {
  need(grant.provider === offer.provider, 'quoteMismatch', 'the quote names another provider')
  for (const term of grant.terms) {
    const tool = offer.tools.find((one) => one.toolId === term.toolId)
    const same = tool?.priceMicrosPerMin === term.priceMicrosPerMin && tool.maxMs === term.maxMs
    need(same, 'priceChanged', `the terms of ${term.toolId} are not the offered ones`)
  }
  need(grant.terms.length === offer.tools.length, 'quoteMismatch', 'the quote leaves tools of the offer out')
}

function checkWallets({ scope, config, offer, myWallet, nowMs }: QuoteContext, grant: Grant): void {
  const { chainId } = config
  const provider = grant.provider
  const spend = findBinding(scope, offer.value.bindings, { peer: provider, role: 'spend', chainId, nowMs })
  const payout = findBinding(scope, offer.value.bindings, { peer: provider, role: 'payout', chainId, nowMs })
  need(
    grant.providerWallet === spend.value.wallet && grant.payoutWallet === payout.value.wallet,
    'badBinding',
    'the provider wallets are not the offered ones',
  )
  const coordinator = findBinding(scope, grant.bindings, { peer: grant.coordinator, role: 'spend', chainId, nowMs })
  need(
    grant.coordinatorWallet === coordinator.value.wallet,
    'badBinding',
    'the coordinator wallet is not the bound one',
  )
  need(grant.agentWallet === myWallet, 'quoteMismatch', 'the quote is for another wallet')
}

function checkPolicy({ config: { policy }, nowMs, open }: QuoteContext, grant: Grant): void {
  need(grant.splitBps.provider >= policy.minProviderBps, 'policy', "the provider's share is smaller than accepted")
  const fits =
    grant.expiresAtMs <= nowMs + open.value.durationMs + CLOCK_SKEW_MS &&
    grant.expiresAtMs - nowMs <= LIMITS.maxSessionMs &&
    grant.collectMs <= policy.maxCollectMs &&
    grant.contestMs <= policy.maxContestMs &&
    grant.payoutMs <= policy.maxPayoutMs &&
    // Cheques of ours are good until then.
    grant.chequeTsMs - grant.expiresAtMs <= TIMES.chequeMs
  need(fits, 'policy', 'the times of the quote are longer than accepted')
}

function need(holds: boolean, code: ErrorCode, message: string): void {
  if (!holds) throw new OrienError(code, { message })
}
