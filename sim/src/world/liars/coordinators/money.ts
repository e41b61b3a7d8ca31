import { Notice, peekDocument, receiptsAnswers, signDocument, statementAnswers, type Micros } from '@orien/protocol'
import { bendAll, type FrameBends } from '../bend.ts'
import { MAX_UNPAID } from '../patches.ts'
import { CEILING, EXITS, PROOF_OF_PAYMENT } from './patches.ts'
import type { Liar, Strategy } from '../strategy.ts'
import { leaving, neverPaying, thief } from './thief.ts'

const MONEY: Pick<Strategy, 'party' | 'unfinished' | 'settings' | 'workMs' | 'maxUnpaidWindows' | 'concedes'> = {
  party: 'coordinator',
  unfinished: true,
  settings: { callCapMicros: 20_000n as Micros, sessionMs: 360_000 },
  workMs: (rng) => rng.between(8_000, 19_000),
  maxUnpaidWindows: 1n,
  concedes: ({ windowMicros, maxUnpaidMicros }) => ({
    agentMicros: windowMicros + 1n,
    providerMicros: maxUnpaidMicros,
  }),
}

/** Everybody is told that it is paid. */
function saysPaid({ ground, me }: Liar): FrameBends {
  const { scope } = ground.cast
  const paid = (bytes: Uint8Array): Uint8Array => {
    const { value } = peekDocument(scope, Notice, bytes)
    if (value.state !== 'CLOSED') return bytes
    return signDocument(scope, me.signer, Notice, { ...value, state: 'PAID', noticeSeq: value.noticeSeq + 1 }).bytes
  }
  return {
    out: (frame, { protocol }) => {
      if (protocol === 'receipts') {
        const answer = receiptsAnswers.decode(frame)
        if (answer.notice !== undefined) return receiptsAnswers.encode({ ...answer, notice: paid(answer.notice) })
      } else if (protocol === 'statement') {
        const answer = statementAnswers.decode(frame)
        if (answer.notice !== undefined) return statementAnswers.encode({ ...answer, notice: paid(answer.notice) })
      }
      return frame
    },
  }
}

export const MONEY_LIES: readonly Strategy[] = [
  {
    ...MONEY,
    name: 'thief',
    story:
      'closes with the largest cheque it has, sends nothing back, pays nobody; a cheque is one window above what was countersigned',
    maxUnpaidWindows: 4n,
    without: CEILING,
    play: (liar) => thief(liar, {}),
  },
  {
    ...MONEY,
    name: 'thief-early',
    story: 'cashes the largest cheque while calls run; calls in flight do not raise it',
    maxUnpaidWindows: 4n,
    without: CEILING,
    play: (liar) => thief(liar, { earlyMs: 90_000 }),
  },
  {
    ...MONEY,
    name: 'never-pays',
    story: 'settles, and pays no provider; what is unpaid at one coordinator is capped',
    without: MAX_UNPAID,
    play: () => ({ coordinator: neverPaying }),
  },
  {
    ...MONEY,
    name: 'says-paid',
    story: 'pays no provider and says that it did; without a Payout that names the Statement a session stays unpaid',
    without: PROOF_OF_PAYMENT,
    play: (liar) => ({
      coordinator: (parts) => ({ ...neverPaying(parts), network: bendAll(parts.network, [saysPaid(liar)]) }),
    }),
  },
  {
    ...MONEY,
    name: 'vanishes',
    story: 'is gone for good in the middle; agent and provider leave their channels together',
    maxUnpaidWindows: 100n,
    // A channel that closed before is paid from its wallet alone.
    concedes: ({ heldMicros }) => ({ providerMicros: heldMicros }),
    without: EXITS,
    play: (liar) => leaving(liar, 100_000, {}),
  },
]
