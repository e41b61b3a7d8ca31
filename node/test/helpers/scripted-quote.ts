import {
  DEFAULT_SPLIT,
  Grant,
  Offer,
  Open,
  openDocument,
  peekDocument,
  Quote,
  signDocument,
  TIMES,
  WalletBinding,
  type Address,
  type PeerText,
} from '@orien/protocol'
import type { Script, ScriptedParts } from './scripted-types.ts'

/** The Quote for an Open: the Grant that the offer and the wish ask for, as the script changes it. */
export function quoteOf(parts: ScriptedParts, script: Script, agent: PeerText, bytes: Uint8Array): Uint8Array {
  const { scope, signer, nowMs } = parts
  const open = openDocument(scope, Open, bytes, agent)
  const grant = grantOf(parts, agent, open.value, open.id)
  return signDocument(scope, signer, Quote, {
    validUntilMs: nowMs() + (script.quoteMs ?? TIMES.quoteMs),
    grant: Grant.encode(script.grant?.(grant) ?? grant),
  }).bytes
}

function grantOf(parts: ScriptedParts, agent: PeerText, open: Open, openId: Uint8Array): Grant {
  const { scope, rail, network, nowMs } = parts
  const { provider } = peekDocument(scope, Offer, open.offer).value
  const offer = openDocument(scope, Offer, open.offer, provider).value
  const walletOf = (list: readonly Uint8Array[], role: string): Address => {
    const found = list.map((one) => peekDocument(scope, WalletBinding, one).value).find((one) => one.role === role)
    if (found === undefined) throw new Error(`no ${role} binding`)
    return found.wallet
  }
  const parties = {
    agentWallet: walletOf(open.bindings, 'spend'),
    coordinatorWallet: parts.wallet,
    providerWallet: walletOf(offer.bindings, 'spend'),
  }
  const { definition, id } = rail.define(parties, openId.subarray(0, 8))
  const expiresAtMs = nowMs() + open.durationMs
  return {
    openId,
    documents: [],
    agent,
    provider,
    coordinator: network.peer,
    bindings: [...open.bindings, ...parts.bindings],
    ...parties,
    payoutWallet: walletOf(offer.bindings, 'payout'),
    asset: parts.asset,
    channel: { rail: parts.railName, url: parts.url, appSessionId: id, definition },
    allowanceMicros: open.allowanceMicros,
    terms: offer.tools.map(({ toolId, priceMicrosPerMin, maxMs }) => ({ toolId, priceMicrosPerMin, maxMs })),
    splitBps: DEFAULT_SPLIT,
    windowMicros: open.windowMicros,
    windowCalls: open.windowCalls,
    expiresAtMs,
    collectMs: TIMES.collectMs,
    contestMs: TIMES.contestMs,
    chequeTsMs: expiresAtMs + TIMES.chequeMs,
    payoutMs: TIMES.payoutMs,
  }
}
