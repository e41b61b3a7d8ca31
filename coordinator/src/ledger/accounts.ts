import type { Address } from '@orien/protocol'

/**
 * The chart of accounts. Positive balances are what the coordinator has or is owed, negative ones what it owes.
 *
 * - `channel:` what a channel holds beside our standing share · `standing:` our share by landed debits
 * - `agent:` what of a channel belongs to its agent; positive: settled work the close did not pay
 * - `earned:` settled work that is not closed · `shortfall:` settled work that no close paid
 * - `rail` our wallet in the channel ledger · `treasury` what the payout chain still has of ours (negative: paid out, not yet refilled)
 * - `payable:`, `platform`, `reserve` shares nobody took yet · `payout:` shares in a signed payout · `blocked:` legs that failed so far
 * - `refund:` overshoot of a close, owed to the agent · `refunding:` its transfer is signed
 * - `sent:` transfers to a wallet that we signed and that are not dead, `seen:` those the ledger shows; memoranda, each against its own total
 * - `unclaimed:` money that nobody asked for · `gas` what transactions cost, `gasKey` who paid it
 */
export const accounts = {
  channel: (sid: string) => `channel:${sid}`,
  standing: (sid: string) => `standing:${sid}`,
  agent: (sid: string) => `agent:${sid}`,
  earned: (sid: string) => `earned:${sid}`,
  shortfall: (sid: string) => `shortfall:${sid}`,
  refund: (sid: string) => `refund:${sid}`,
  refunding: (sid: string) => `refunding:${sid}`,
  sent: (wallet: string) => `sent:${wallet}`,
  seen: (wallet: string) => `seen:${wallet}`,
  unclaimed: (account: string) => `unclaimed:${account}`,
  payable: (wallet: Address) => `payable:${wallet}`,
  payout: (payoutId: string) => `payout:${payoutId}`,
  blocked: (wallet: Address) => `blocked:${wallet}`,
  sentTotal: 'sent',
  seenTotal: 'seen',
  platform: 'platform',
  reserve: 'reserve',
  rail: 'rail',
  treasury: 'treasury',
  gas: 'gas',
  gasKey: 'gasKey',
} as const

/** The part of an account's name before the colon. */
export function kindOf(account: string): string {
  const colon = account.indexOf(':')
  return colon < 0 ? account : account.slice(0, colon)
}
