import { mutant, type Mutant } from './mutant.ts'

const src = 'node/src/agent'

/** Mistakes in what an agent signs. */
export const AGENT_MUTANTS: readonly Mutant[] = [
  mutant(
    'spend.reuseCallSeq',
    'agent spend',
    'after a crash call numbers go on from the last receipt',
    `${src}/load-session.ts`,
    'session.lastCallSeq = meta.blockEnd',
    'session.lastCallSeq = Math.max(0, ...session.answered)',
  ),
  mutant(
    'spend.capIgnored',
    'agent spend',
    "an Authorisation carries the session's window, not the program's cap",
    `${src}/runs.ts`,
    'capMicros: least(run.capMicros, live.session.grant.windowMicros)',
    'capMicros: live.session.grant.windowMicros',
  ),
  mutant(
    'acks.sumOfTurn',
    'acks',
    'an Ack carries what its own receipts come to, not the sum from the first',
    `${src}/countersigner.ts`,
    'acceptedNumerator: numerator(session.accepted)',
    'acceptedNumerator: numerator(group.reduce((sum, { checked }) => sum + checked.acceptedNumerator, 0n))',
  ),
  mutant(
    'cheques.twoWindows',
    'cheques',
    'a ceiling is two windows above what the receipts come to',
    `${src}/session.ts`,
    'ceilMicros(numerator(session.acked)) + windowMicros',
    'ceilMicros(numerator(session.acked)) + windowMicros + windowMicros',
  ),
  mutant(
    'debit.forgotten',
    'debit',
    'an agent that was down signs a lower total for a version than before',
    `${src}/load-session.ts`,
    'session.cosigned = { version: meta.cosigned.version, totalMicros: micros(BigInt(meta.cosigned.totalMicros)) }',
    'session.cosigned = { version: meta.cosigned.version, totalMicros: micros(0n) }',
  ),
]
