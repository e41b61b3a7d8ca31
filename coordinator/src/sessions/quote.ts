import {
  findBinding,
  Grant,
  least,
  Offer,
  Open,
  openDocument,
  peekDocument,
  Quote,
  signDocument,
  type Address,
  type Id,
  type PeerText,
  type Signed,
} from '@orien/protocol'
import { refused, type Core } from '../core.ts'
import type { Standings } from '../standing/standing.ts'
import { requireFloat } from './float.ts'
import type { Registry } from './registry.ts'

const NONCE_BYTES = 8

/**
 * Checks an Open in PROTOCOL's order and answers with a Quote. Nothing is remembered: the Quote carries the whole Grant to come, and comes
 * back inside the Fund. Throws `badDocument`, `badSignature`, `wrongCoordinator`, `badBinding`, `offerStale`, `policy`, `noFloat`.
 */
export function quoteFor(
  core: Core,
  registry: Registry,
  standings: Standings,
  agent: PeerText,
  documents: readonly string[],
  bytes: Uint8Array,
): Signed<Quote> {
  const { value: open, id: openId } = openDocument(core.scope, Open, bytes, agent)
  const nowMs = core.clock.wallMs()
  if (open.coordinator !== core.me) throw refused('wrongCoordinator', 'the Open is for another coordinator')
  const spend = findBinding(core.scope, open.bindings, {
    peer: agent,
    role: 'spend',
    chainId: core.config.chainId,
    nowMs,
  })
  const provider = providerOf(core, standings, open.offer, nowMs)
  const { offer } = provider
  if (offer.provider === agent || offer.provider === core.me)
    throw refused('policy', 'agent, provider and coordinator are three peers')
  const { maxAllowanceMicros, maxSessionMs } = core.config
  if (open.allowanceMicros > maxAllowanceMicros)
    throw refused('policy', 'the allowance is above the limit', { details: { maxAllowanceMicros } })
  if (open.durationMs > maxSessionMs)
    throw refused('policy', 'the session is longer than the limit', { details: { maxSessionMs } })
  requireFloat(core, registry, agent, open.allowanceMicros)
  const grant = grantOf(core, standings, { open, openId, agent, documents, spend, nowMs, ...provider })
  core.metrics.add('quotes_total')
  return signDocument(core.scope, core.signer, Quote, {
    validUntilMs: nowMs + core.config.times.quoteMs,
    grant: Grant.encode(grant),
  })
}

interface ProviderFacts {
  readonly offer: Offer
  readonly providerWallet: Address
  readonly payoutWallet: Address
}

function providerOf(core: Core, standings: Standings, bytes: Uint8Array, nowMs: number): ProviderFacts {
  const { provider } = peekDocument(core.scope, Offer, bytes).value
  const { value: offer } = openDocument(core.scope, Offer, bytes, provider)
  if (offer.expiresAtMs <= nowMs || offer.issuedAtMs > nowMs + core.config.times.skewMs) {
    throw refused('offerStale', 'the offer is not valid now', { details: { expiresAtMs: offer.expiresAtMs } })
  }
  if (!offer.coordinators.includes(core.me))
    throw refused('wrongCoordinator', 'the offer does not name this coordinator')
  const wanted = { peer: provider, chainId: core.config.chainId, nowMs }
  const channel = findBinding(core.scope, offer.bindings, { ...wanted, role: 'spend' }).value
  const payout = findBinding(core.scope, offer.bindings, { ...wanted, role: 'payout' }).value
  if (!core.chain.mayReceive(payout.wallet)) throw refused('badBinding', 'no payout may go to that address')
  standings.prove(payout)
  return { offer, providerWallet: channel.wallet, payoutWallet: payout.wallet }
}

interface GrantFacts extends ProviderFacts {
  readonly open: Open
  readonly openId: Id
  readonly agent: PeerText
  readonly documents: readonly string[]
  readonly spend: Signed<{ readonly wallet: Address }>
  readonly nowMs: number
}

function grantOf(core: Core, standings: Standings, facts: GrantFacts): Grant {
  const { open, offer, agent, spend, nowMs, providerWallet, payoutWallet } = facts
  const { times, channel, splitBps } = core.config
  const parties = { agentWallet: spend.value.wallet, coordinatorWallet: core.wallet.address, providerWallet }
  if (new Set(Object.values(parties)).size !== 3) throw refused('badBinding', 'the three wallets of a channel differ')
  const { definition, id } = core.channel.define(parties, core.random.bytes(NONCE_BYTES))
  const allowed = standings.windowsOf(agent)
  const windowMicros = least(least(open.windowMicros, offer.maxWindow.windowMicros), allowed.windowMicros)
  const expiresAtMs = nowMs + open.durationMs
  return {
    openId: facts.openId,
    documents: facts.documents,
    agent,
    provider: offer.provider,
    coordinator: core.me,
    bindings: [spend.bytes, ...core.bindings],
    ...parties,
    payoutWallet,
    asset: channel.asset,
    channel: { rail: core.channel.capabilities.rail, url: channel.url, appSessionId: id, definition },
    allowanceMicros: open.allowanceMicros,
    terms: offer.tools.map(({ toolId, priceMicrosPerMin, maxMs }) => ({ toolId, priceMicrosPerMin, maxMs })),
    splitBps,
    windowMicros: least(windowMicros, open.allowanceMicros),
    windowCalls: Math.min(open.windowCalls, offer.maxWindow.windowCalls, allowed.windowCalls),
    expiresAtMs,
    collectMs: times.collectMs,
    contestMs: times.contestMs,
    chequeTsMs: expiresAtMs + times.chequeMs,
    payoutMs: times.payoutMs,
  }
}
