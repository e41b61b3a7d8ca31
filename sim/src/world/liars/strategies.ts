import { ACK_LIES } from './agents/acks.ts'
import { CALL_LIES } from './agents/calls.ts'
import { CHEQUE_LIES } from './agents/cheques.ts'
import { WALLET_LIES } from './agents/wallets.ts'
import { COSIGN_LIES } from './coordinators/cosigns.ts'
import { MONEY_LIES } from './coordinators/money.ts'
import { QUOTE_LIES } from './coordinators/quotes.ts'
import { CHANNEL_LIES } from './providers/exits.ts'
import { RECEIPT_LIES } from './providers/receipts.ts'
import { VOUCHED_LIES } from './providers/vouched.ts'
import type { Strategy } from './strategy.ts'

/** Every way to lie there is; the seed of a world chooses one. */
export const STRATEGIES: readonly Strategy[] = [
  ...ACK_LIES,
  ...CHEQUE_LIES,
  ...CALL_LIES,
  ...WALLET_LIES,
  ...RECEIPT_LIES,
  ...VOUCHED_LIES,
  ...CHANNEL_LIES,
  ...QUOTE_LIES,
  ...COSIGN_LIES,
  ...MONEY_LIES,
]
