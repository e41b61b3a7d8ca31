import { mutant, type Mutant } from './mutant.ts'

const src = 'node/src/provider'

/** Mistakes in what a provider claims, keeps and sends. */
export const PROVIDER_MUTANTS: readonly Mutant[] = [
  mutant(
    'outbox.sentFirst',
    'provider outbox',
    'a receipt leaves before it is on disk',
    `${src}/receipt-book.ts`,
    'await parts.store.commit(ops)',
    'await parts.store.commit(ops, { durable: false })',
  ),
  mutant(
    'outbox.finalEarly',
    'provider outbox',
    'the Final does not wait for calls that run',
    `${src}/collector.ts`,
    'return over && session.openCaps.size === 0 && whole',
    'return over && whole',
  ),
  mutant(
    'outbox.headLost',
    'provider outbox',
    'what was claimed before a restart is forgotten',
    `${src}/load-session.ts`,
    'session.claimed += numerator\n',
    '',
  ),
  mutant(
    'receipts.queueBilled',
    'receipts',
    'waiting for a place is billed',
    `${src}/receipt-book.ts`,
    'claimOf(terms, result.billedMs ?? result.effectiveMs)',
    'claimOf(terms, (result.billedMs ?? result.effectiveMs) + result.queuedMs)',
  ),
  mutant(
    'receipts.roundDown',
    'receipts',
    'effective time is rounded down',
    'node/src/tools/runner/in-process.ts',
    'Math.ceil(clock.monoMs() - releasedAtMs)',
    'Math.floor(clock.monoMs() - releasedAtMs)',
  ),
]
