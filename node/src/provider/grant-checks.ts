import {
  findBinding,
  NUMERATOR_PER_MICRO,
  OrienError,
  type ErrorCode,
  type Grant,
  type PeerText,
  type Scope,
  type Signed,
  type Tool,
  type WindowLimits,
} from '@orien/protocol'
import type { ChannelRails, Lane } from '../rails/channel.ts'
import type { ProviderConfig } from './ports.ts'

/** What a Grant is held against. */
export interface GrantContext {
  readonly scope: Scope
  readonly config: ProviderConfig
  readonly me: PeerText
  /** The peer at the other end of the stream. */
  readonly agent: PeerText
  readonly nowMs: number
  readonly tools: readonly Tool[]
  /** Windows this agent may have. */
  readonly windows: WindowLimits
  /** Unpaid at the grant's coordinator, in numerators. */
  readonly unpaidAt: (coordinator: PeerText) => bigint
}

/**
 * PROTOCOL's checks of a provider on a Grant whose envelope is good, in order, except the channel's own. Throws an OrienError whose code
 * goes into the Refusal.
 */
export function checkGrant(context: GrantContext, value: Grant): void {
  const { config } = context
  const { coordinator } = value
  need(config.coordinators.includes(coordinator), 'wrongCoordinator', 'this coordinator is not accepted here')
  need(
    context.unpaidAt(coordinator) < NUMERATOR_PER_MICRO * config.maxUnpaidMicros,
    'exposureFull',
    'this coordinator owes too much',
  )
  need(value.provider === context.me, 'badDocument', 'the grant names another provider')
  checkBindings(context, value)
  need(
    value.providerWallet === config.providerWallet && value.payoutWallet === config.payoutWallet,
    'badBinding',
    'the wallets are not ours',
  )
  need(value.agent === context.agent, 'badDocument', 'the grant names another agent')
  checkPolicy(context, value)
  checkTerms(context, value)
  need(context.nowMs < value.expiresAtMs, 'expired', 'the session is over')
  const fits = value.windowMicros <= context.windows.windowMicros && value.windowCalls <= context.windows.windowCalls
  need(fits, 'policy', 'the windows are larger than this agent has here')
}

/** The channel read from the node: open, with this definition, the whole allowance in the agent's share. */
export async function checkChannel(channels: ChannelRails, grant: Signed<Grant>): Promise<Lane> {
  const { rail: name, url } = grant.value.channel
  const rail = await channels.use(name, url)
  const lane = rail.lane(grant.value, grant.id)
  const reading = await rail.read(lane)
  need(reading.status === 'open', 'sessionClosed', `the channel is ${reading.status}`)
  need(reading.definitionMatches, 'badDocument', 'the channel has another definition')
  const { agentMicros, coordinatorMicros, providerMicros } = reading.allocations
  const all = agentMicros + coordinatorMicros + providerMicros
  need(all === grant.value.allowanceMicros, 'insufficientBalance', 'the channel does not hold the allowance')
  return lane
}

function checkBindings({ scope, config, nowMs }: GrantContext, grant: Grant): void {
  const { chainId } = config
  const agent = findBinding(scope, grant.bindings, { peer: grant.agent, role: 'spend', chainId, nowMs })
  need(agent.value.wallet === grant.agentWallet, 'badBinding', 'the agent wallet is not the bound one')
  const coordinator = findBinding(scope, grant.bindings, { peer: grant.coordinator, role: 'spend', chainId, nowMs })
  need(
    coordinator.value.wallet === grant.coordinatorWallet,
    'badBinding',
    'the coordinator wallet is not the bound one',
  )
}

function checkPolicy({ config: { policy }, nowMs }: GrantContext, grant: Grant): void {
  need(grant.asset === policy.asset, 'policy', 'this asset is not accepted here')
  need(grant.splitBps.provider >= policy.minProviderBps, 'policy', 'the share is too small')
  const times =
    grant.expiresAtMs - nowMs <= policy.maxSessionMs &&
    grant.collectMs <= policy.maxCollectMs &&
    grant.contestMs <= policy.maxContestMs &&
    grant.payoutMs <= policy.maxPayoutMs &&
    // A cheque must outlive collection and contest, or nobody could close with it.
    grant.chequeTsMs >= grant.expiresAtMs + grant.collectMs + grant.contestMs
  need(times, 'policy', 'the times are longer than accepted here')
}

function checkTerms({ tools }: GrantContext, grant: Grant): void {
  for (const term of grant.terms) {
    const tool = tools.find((one) => one.toolId === term.toolId)
    need(tool !== undefined, 'unknownTool', `${term.toolId} is not offered`)
    const same = tool?.priceMicrosPerMin === term.priceMicrosPerMin && tool.maxMs === term.maxMs
    need(same, 'priceChanged', `the terms of ${term.toolId} are not the offered ones`)
  }
}

function need(holds: boolean, code: ErrorCode, message: string): void {
  if (!holds) throw new OrienError(code, { message })
}
