import {
  documentId,
  equalBytes,
  findBinding,
  Grant,
  hex,
  LIMITS,
  OrienError,
  type ErrorCode,
  type Id,
  type Offer,
  type Open,
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
  const { scope, config, open, offer } = context
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
  checkTimes(context, grant)
  need(equalBytes(grant.openId, open.id), 'quoteMismatch', `the quote is for another open than ${hex(open.id)}`)
  return { grant, sessionId, lane }
}

function checkOpen({ open, config }: QuoteContext, grant: Grant): void {
  const asked = open.value
  const same =
    grant.coordinator === asked.coordinator &&
    grant.allowanceMicros === asked.allowanceMicros &&
    grant.windowMicros <= asked.windowMicros &&
    grant.windowCalls <= asked.windowCalls &&
    grant.splitBps.provider >= config.policy.minProviderBps
  need(same, 'quoteMismatch', 'the quote is not what was asked for')
}

function checkTerms(grant: Grant, offer: Offer): void {
  need(grant.provider === offer.provider, 'quoteMismatch', 'the quote names another provider')
  for (const term of grant.terms) {
    const tool = offer.tools.find((one) => one.toolId === term.toolId)
    const same = tool?.priceMicrosPerMin === term.priceMicrosPerMin && tool.maxMs === term.maxMs
    need(same, 'priceChanged', `the terms of ${term.toolId} are not the offered ones`)
  }
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

function checkTimes({ config: { policy }, nowMs, open }: QuoteContext, grant: Grant): void {
  const fits =
    grant.expiresAtMs <= nowMs + open.value.durationMs + 120_000 &&
    grant.expiresAtMs - nowMs <= LIMITS.maxSessionMs &&
    grant.collectMs <= policy.maxCollectMs &&
    grant.contestMs <= policy.maxContestMs &&
    grant.payoutMs <= policy.maxPayoutMs
  need(fits, 'policy', 'the times of the quote are longer than accepted')
}

function need(holds: boolean, code: ErrorCode, message: string): void {
  if (!holds) throw new OrienError(code, { message })
}
