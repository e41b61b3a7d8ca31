import { mutant, type Mutant } from './mutant.ts'

const src = 'coordinator/src/payout'

/** Mistakes in payouts on the chain. */
export const PAYOUT_MUTANTS: readonly Mutant[] = [
  mutant(
    'payout.split',
    'payout',
    "the platform's share is rounded up",
    'protocol/src/money/split.ts',
    'const platformMicros = micros((total * BigInt(shares.platform)) / 10_000n)',
    'const platformMicros = micros((total * BigInt(shares.platform) + 9_999n) / 10_000n)',
  ),
  mutant(
    'payout.takenAgain',
    'payout',
    'a Statement stays in the queue when it enters a payout',
    `${src}/ledger.ts`,
    "ops.push({ type: 'del', key }, { type: 'put'",
    "ops.push({ type: 'put'",
  ),
  mutant(
    'payout.resign',
    'payout',
    'a leg that failed is signed anew although its authorisation is still good',
    `${src}/legs.ts`,
    "return reading.chainTimeS >= leg.validBeforeS ? 'readDead' : 'readUnused'",
    "return reading.chainTimeS >= 0 && leg.validBeforeS > 0 ? 'readDead' : 'readUnused'",
  ),
  mutant(
    'payout.optimistic',
    'payout',
    'every leg of a mined transaction counts as paid',
    `${src}/legs.ts`,
    "proof?.outcome === 'paid' ? 'minedPaid' : 'minedFailed'",
    "proof !== undefined ? 'minedPaid' : 'minedFailed'",
  ),
  mutant(
    'payout.nonceWithoutSet',
    'payout',
    'the nonce of a leg does not depend on its payout',
    `${src}/set.ts`,
    'payoutId,\n      addressWord(recipient),',
    'addressWord(recipient),',
  ),
  {
    name: 'payout.norebroadcast',
    area: 'payout',
    what: 'a transaction that the chain forgot is not sent again',
    patches: [
      {
        file: `${src}/flight.ts`,
        find: 'readOnly ? await looksSuperseded(core, newest) : await core.chain.send(newest)',
        replace: 'await looksSuperseded(core, newest)',
      },
      {
        file: `${src}/steps.ts`,
        find: 'ageMs < feeBumpMs)',
        replace: 'ageMs < feeBumpMs || feeBumpMs > 0)',
      },
    ],
  },
  mutant(
    'payout.blockedNever',
    'payout',
    'a leg that failed is never looked at again',
    `${src}/retry.ts`,
    "state === 'blocked' && retryAtMs <= core.clock.wallMs()",
    "state === 'blocked' && retryAtMs < 0",
  ),
]
