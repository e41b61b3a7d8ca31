import {
  acceptedOf,
  Ack,
  exceptionFor,
  floorMicros,
  least,
  micros,
  numerator,
  Grant,
  Statement,
  type Address,
  type Micros,
} from '@orien/protocol'
import type { MemoryDisk } from '@orien/node/store'
import type { LedgerChannelView } from '../world.ts'
import { FUNDS } from '../parties/settings.ts'
import type { Stage, Violation } from '../run/stage.ts'
import { documentsUnder, type ProviderSession } from './books.ts'

/** The price list: what the platform and the reserve take, in basis points. Not the product's own: that may be wrong. */
const SPLIT_BPS = { platform: 700, reserve: 300 } as const

/** The channel ledger holds what was put in, whatever anybody did. */
export function auditSupply({ ground }: Stage): readonly Violation[] {
  const total = ground.ledger.total()
  let minted = 0n
  for (const amount of ground.witness.dust.values()) minted += amount
  const supply = FUNDS.agentMicros * BigInt(ground.cast.agents.length) + minted
  if (total !== supply)
    return [{ invariant: 'ledgerConserved', detail: `the channel ledger holds ${total} of ${supply}` }]
  return []
}

type Complain = (invariant: string, detail: string) => void

/** What one session must come to, worked out from receipts and from what the channel ledger paid: no book of the coordinator's is read. */
interface Settled {
  readonly session: ProviderSession
  readonly channel: LedgerChannelView
  readonly totalMicros: Micros
  readonly receivedMicros: Micros
}

/**
 * Every micro-USDC of a world, expected from the providers' receipts, the channels as the ledger closed them and the price list, against the
 * wallets on ledger and chain.
 */
export function auditMoney(stage: Stage, sessions: readonly ProviderSession[]): readonly Violation[] {
  const violations: Violation[] = []
  const complain: Complain = (invariant, detail) => void violations.push({ invariant, detail })
  const settled = sessions.map((session) => settle(stage, session, complain))
  auditChannels(stage, settled, complain)
  auditWallets(stage, settled, complain)
  auditPayouts(stage, settled, complain)
  auditLegs(stage, complain)
  return violations
}

function settle(stage: Stage, session: ProviderSession, complain: Complain): Settled {
  const { ground } = stage
  const { grant, calls } = session
  const channel = ground.channelOf(grant.channel.appSessionId)
  if (isExit(session, channel)) return exited(stage, session, channel, complain)
  const statement = statementOf(stage, session)
  const claims = calls.map(({ receipt }) => receipt.value.numerator)
  const collected = statement?.receipts ?? 0
  const sum = claims.slice(0, collected).reduce((all, one) => all + one, 0n)
  const fewest = floorMicros(numerator(acceptedThrough(stage, session, collected)))
  const most = floorMicros(numerator(sum))
  const sid = session.sid.slice(0, 8)
  if (statement === undefined) complain('stated', `${sid} has no Statement at ${session.provider}`)
  else {
    if (statement.totalMicros < fewest || statement.totalMicros > most)
      complain(
        'totalIsReceipts',
        `${sid}: stated ${statement.totalMicros}, receipts 1…${collected} are ${fewest} to ${most}`,
      )
    if (collected < (session.notice?.collectedThrough ?? 0))
      complain(
        'acknowledgedIsSettled',
        `${sid}: ${session.notice?.collectedThrough} acknowledged, ${collected} settled`,
      )
    // Paid in a channel that the two closed on their own, a provider has nothing more to bring.
    const left = session.statements.length === 0 && ground.witness.foreign.has(grant.channel.appSessionId)
    if (collected < calls.length && !left && !mayMiss(ground, session))
      complain('everythingCollected', `${sid}: ${collected} of ${calls.length} receipts settled`)
  }
  if (channel.status === 'open') complain('closed', `the channel of ${sid} is open`)
  const receivedMicros = channel.status === 'closed' ? channel.allocations.coordinatorMicros : micros(0n)
  if (statement !== undefined && statement.receivedMicros !== receivedMicros)
    complain('receivedIsLedger', `${sid}: stated ${statement.receivedMicros}, the ledger paid ${receivedMicros}`)
  return { session, channel, totalMicros: statement?.totalMicros ?? fewest, receivedMicros }
}

/** Agent and provider left a coordinator that was away too long: the channel paid the provider, and the coordinator nothing. */
function isExit({ statements }: ProviderSession, { status, allocations }: LedgerChannelView): boolean {
  const { coordinatorMicros, providerMicros } = allocations
  return status === 'closed' && statements.length === 0 && providerMicros > 0n && coordinatorMicros === 0n
}

function exited(stage: Stage, session: ProviderSession, channel: LedgerChannelView, complain: Complain): Settled {
  const { providerMicros } = channel.allocations
  const agreed = floorMicros(numerator(acceptedThrough(stage, session, ackedCalls(stage, session))))
  // What the two did on their own is theirs.
  const foreign = stage.ground.witness.foreign.has(session.grant.channel.appSessionId)
  if (providerMicros !== agreed && !foreign)
    complain('exitIsAgreed', `${session.sid.slice(0, 8)} paid its provider ${providerMicros}, countersigned ${agreed}`)
  return { session, channel, totalMicros: micros(0n), receivedMicros: micros(0n) }
}

/** How many receipts of a session its agent countersigned. */
function ackedCalls({ ground }: Stage, { sid, grant }: ProviderSession): number {
  const disk = agentDisk(ground, grant)
  const acks = disk === undefined ? [] : documentsUnder(ground.cast.scope, disk, `ack/${sid}/`, Ack)
  return acks.reduce((most, { value }) => Math.max(most, value.throughSeq), 0)
}

/**
 * The newest Statement: the provider's. Where the two closed a channel on their own and left with what it paid them, whoever else has one; its
 * figures are held against receipts and ledger all the same.
 */
function statementOf({ ground }: Stage, { sid, grant, statements }: ProviderSession): Statement | undefined {
  const own = statements.at(-1)?.value
  if (own !== undefined || !ground.witness.foreign.has(grant.channel.appSessionId)) return own
  const { cast, machines } = ground
  const places = [
    { disk: agentDisk(ground, grant), prefix: `statement/${sid}/` },
    { disk: machines.get(cast.coordinator.name)?.disk, prefix: `t/${sid}/` },
  ]
  for (const { disk, prefix } of places) {
    const found = disk === undefined ? undefined : documentsUnder(cast.scope, disk, prefix, Statement).at(-1)
    if (found !== undefined) return found.value
  }
  return undefined
}

function agentDisk({ cast, machines }: Stage['ground'], { agent }: Grant): MemoryDisk | undefined {
  const party = cast.agents.find(({ peer }) => peer === agent)
  return party === undefined ? undefined : machines.get(party.name)?.disk
}

/**
 * What of receipts 1 … `through` the agent accepted, by its own Acks; one without is taken as claimed. Less than claimed only where clocks run at
 * different paces.
 */
function acceptedThrough({ ground }: Stage, { sid, grant, calls }: ProviderSession, through: number): bigint {
  const disk = agentDisk(ground, grant)
  const acks = disk === undefined ? [] : documentsUnder(ground.cast.scope, disk, `ack/${sid}/`, Ack)
  let sum = 0n
  for (const { receipt, authorisation } of calls.slice(0, through)) {
    const { receiptSeq } = receipt.value
    const ack = acks.find(({ value }) => value.fromSeq <= receiptSeq && receiptSeq <= value.throughSeq)?.value
    const price =
      grant.terms.find(({ toolId }) => toolId === authorisation.value.toolId)?.priceMicrosPerMin ?? micros(0n)
    const exception = ack === undefined ? undefined : exceptionFor(ack, receiptSeq)
    sum += acceptedOf(receipt.value, exception, price)
  }
  return sum
}

/** A party that was away through the whole collection loses what it did not bring: only where parties can be away. */
function mayMiss({ faults, machines, cast }: Stage['ground'], { provider, grant }: ProviderSession): boolean {
  const awayMs = [provider, cast.coordinator.name].map((name) => machines.get(name)?.longestDownMs ?? 0)
  return Math.max(...awayMs) > grant.collectMs - REACH_MS || (faults.counts.get('clock.jump') ?? 0) > 0
}

/** Of a collection, what partitions, retries and slow streams may take away from a provider that is up. */
const REACH_MS = 150_000

/** A hijacked wallet kills its cheques; a clock that jumps can make a close too late. */
function mayBeShort({ faults }: Stage['ground']): boolean {
  return [...faults.counts].some(([kind, count]) => count > 0 && (kind === 'channel.hijacked' || kind === 'clock.jump'))
}

/** Nobody but agent and provider together took anything from a channel that its receipts, or a cheque within the window, do not cover. */
function auditChannels({ ground }: Stage, settled: readonly Settled[], complain: Complain): void {
  const known = new Set(settled.map(({ session }) => session.grant.channel.appSessionId))
  for (const [id, { status }] of ground.channels()) {
    if (known.has(id) || ground.witness.foreign.has(id)) continue
    // Its Grant never reached the provider: nothing can have run in it.
    if (status === 'open') complain('closed', `channel ${id.slice(0, 10)}, without receipts, is open`)
  }
  for (const { session, channel, totalMicros, receivedMicros } of settled) {
    if (ground.witness.foreign.has(session.grant.channel.appSessionId)) continue
    const bound = session.grant.allowanceMicros
    if (receivedMicros > bound)
      complain('withinAllowance', `${session.sid.slice(0, 8)} paid ${receivedMicros} of ${bound}`)
    // Admission keeps every total below a cheque that the coordinator holds.
    if (receivedMicros < totalMicros && !mayBeShort(ground))
      complain('paidInFull', `${session.sid.slice(0, 8)} paid ${receivedMicros} of its total ${totalMicros}`)
    // An Exit pays the provider alone.
    const { providerMicros, coordinatorMicros } = channel.allocations
    if (channel.status === 'closed' && providerMicros > 0n && coordinatorMicros > 0n)
      complain('exitIsAgreed', `${session.sid.slice(0, 8)} paid both its provider and the coordinator`)
  }
}

/** Agents: what they put in, less what their sessions came to. The coordinator: what closes paid, less what was too much. */
function auditWallets(stage: Stage, settled: readonly Settled[], complain: Complain): void {
  const { ground } = stage
  const { cast, ledger, witness } = ground
  const expected = new Map<Address, bigint>()
  const add = (wallet: Address, amount: bigint): void =>
    void expected.set(wallet, (expected.get(wallet) ?? 0n) + amount)
  for (const { wallet } of cast.agents) add(wallet.address, FUNDS.agentMicros)
  for (const { wallet } of cast.all) add(wallet.address, witness.dust.get(wallet.address) ?? 0n)
  for (const [, { status, participants, allocations, capacity }] of ground.channels()) {
    const [agent, coordinator, provider] = participants
    if (agent === undefined || coordinator === undefined || provider === undefined) continue
    add(agent, -capacity)
    // What others moved about in a channel that never came to a session stays in it.
    if (status === 'open') continue
    add(agent, allocations.agentMicros)
    add(coordinator, allocations.coordinatorMicros)
    add(provider, allocations.providerMicros)
  }
  // What a close paid above the total goes back; a session whose provider never had its Grant has a total of 0.
  const totals = new Map(settled.map(({ session, totalMicros }) => [session.grant.channel.appSessionId, totalMicros]))
  const granted = grantedChannels(ground)
  for (const [id, { status, participants, allocations }] of ground.channels()) {
    const [agent, coordinator] = participants
    // Closed by others before it came to a session: what it paid the coordinator is `unclaimed:`, for whoever shows that it is theirs.
    if (!totals.has(id) && !granted.has(id)) continue
    if (status !== 'closed' || agent === undefined || coordinator === undefined) continue
    const received = allocations.coordinatorMicros
    const over = received - least(totals.get(id) ?? micros(0n), received)
    add(agent, over)
    add(coordinator, -over)
  }
  for (const { name, wallet } of cast.all) {
    const held = ledger.balance(wallet.address)
    const want = expected.get(wallet.address) ?? 0n
    if (held !== want) complain('ledgerWallet', `${name} holds ${held} in the channel ledger, expected ${want}`)
  }
}

/** Channels of the sessions that agents know by their Grants, or of which the coordinator signed a Statement. */
function grantedChannels({ cast, machines }: Stage['ground']): ReadonlySet<string> {
  const channels = new Set<string>()
  const stated = machines.get(cast.coordinator.name)?.disk
  for (const key of stated?.keys ?? []) {
    const sid = key.startsWith('i/') ? stated?.values.get(key) : undefined
    const prefix = sid === undefined ? undefined : `t/${new TextDecoder().decode(sid)}/`
    if (prefix !== undefined && stated?.keys.some((one) => one.startsWith(prefix))) channels.add(key.slice(2))
  }
  for (const { name } of cast.agents) {
    const disk = machines.get(name)?.disk
    const grants = disk === undefined ? [] : documentsUnder(cast.scope, disk, 'session/', Grant)
    for (const { value } of grants) channels.add(value.channel.appSessionId)
  }
  return channels
}

/** Whoever saw a payout on its way can submit its legs alone, at any time: one that is not paid must be worth nothing by now. */
function auditLegs({ ground: { chain, cast, witness } }: Stage, complain: Complain): void {
  for (const leg of witness.sent.values()) {
    if (chain.state.failure(cast.treasury.wallet.address, leg) !== undefined) continue
    complain('nothingLoose', `a leg of ${leg.micros} to ${leg.recipient} can still be submitted`)
  }
}

/** On the chain everybody has exactly the shares of what their sessions received, once. */
function auditPayouts({ ground }: Stage, settled: readonly Settled[], complain: Complain): void {
  const { cast, chain } = ground
  const expected = new Map<Address, bigint>()
  const add = (wallet: Address, amount: bigint): void =>
    void expected.set(wallet, (expected.get(wallet) ?? 0n) + amount)
  let paid = 0n
  for (const { session, totalMicros, receivedMicros } of settled) {
    const share = least(totalMicros, receivedMicros)
    const platform = (share * BigInt(SPLIT_BPS.platform)) / 10_000n
    const reserve = (share * BigInt(SPLIT_BPS.reserve)) / 10_000n
    add(session.grant.payoutWallet, share - platform - reserve)
    add(cast.platform.wallet.address, platform)
    add(cast.reserve.wallet.address, reserve)
    paid += share
  }
  for (const { name, wallet } of [...cast.providers, cast.platform, cast.reserve]) {
    const held = chain.balance(wallet.address)
    const want = expected.get(wallet.address) ?? 0n
    if (held !== want) complain('paidOnce', `${name} was paid ${held} on the chain, expected ${want}`)
  }
  const treasury = chain.balance(cast.treasury.wallet.address)
  if (treasury !== FUNDS.treasuryMicros - paid)
    complain('treasury', `the treasury holds ${treasury}, expected ${FUNDS.treasuryMicros - paid}`)
}
