import {
  failureOf,
  Grant,
  hex,
  keccak,
  micros,
  Notice,
  OrienError,
  peekDocument,
  Quote,
  sessionAnswers,
  signDocument,
  utf8,
} from '@orien/protocol'
import { bendAll, type FrameBends } from '../bend.ts'
import {
  FORGOTTEN_FUND,
  GRANT_AS_QUOTED,
  QUOTE_ALLOWANCE,
  QUOTE_DEFINITION,
  QUOTE_PAYOUT,
  QUOTE_SPLIT,
  QUOTE_TERMS,
  QUOTE_WINDOW,
  UNOPENED_AT_PROVIDER,
} from './patches.ts'
import type { Liar, Play, Strategy } from '../strategy.ts'
import { leaving, thief } from './thief.ts'

/** Quotes that are not what was asked for; everything after them is as quoted. */
function quoting({ ground, me }: Liar, change: (grant: Grant) => Grant): FrameBends {
  const { scope } = ground.cast
  return {
    out: (frame, { protocol }) => {
      const answer = protocol === 'session' ? sessionAnswers.decode(frame) : undefined
      if (answer?.quote === undefined) return frame
      const { value } = peekDocument(scope, Quote, answer.quote)
      const grant = Grant.encode(change(Grant.decode(value.grant)))
      const quote = signDocument(scope, me.signer, Quote, { ...value, grant }).bytes
      return sessionAnswers.encode({ ...answer, quote })
    },
  }
}

/** The real coordinator on a bent network. */
export function bentCoordinator(...bends: readonly FrameBends[]): Pick<Play, 'coordinator'> {
  return { coordinator: (parts) => ({ ...parts, network: bendAll(parts.network, bends) }) }
}

/** The real coordinator, honest but for one field of its Quotes. */
function crookedQuote(change: (grant: Grant, liar: Liar) => Partial<Grant>): Strategy['play'] {
  return (liar) => bentCoordinator(quoting(liar, (grant) => ({ ...grant, ...change(grant, liar) })))
}

const QUOTES: Pick<Strategy, 'party' | 'unfinished'> = { party: 'coordinator', unfinished: true }

export const QUOTE_LIES: readonly Strategy[] = [
  {
    ...QUOTES,
    name: 'quote-definition',
    story: 'quotes a channel in which it has the quorum alone; nobody opens that',
    without: QUOTE_DEFINITION,
    play: (liar) => {
      const crooked = quoting(liar, (grant) => {
        const definition = grant.channel.definition.replace('[2,1,1]', '[2,3,1]')
        const appSessionId = `0x${hex(keccak(utf8(definition)))}`
        return { ...grant, channel: { ...grant.channel, definition, appSessionId } }
      })
      return thief(liar, { alone: true, bends: [crooked] })
    },
  },
  {
    ...QUOTES,
    name: 'quote-window',
    story: 'quotes a window as large as the allowance, to cash the cheque for it; the window is what was asked for',
    without: QUOTE_WINDOW,
    play: (liar) =>
      thief(liar, { bends: [quoting(liar, (grant) => ({ ...grant, windowMicros: grant.allowanceMicros }))] }),
  },
  {
    ...QUOTES,
    name: 'quote-terms',
    story: 'quotes ten times the provider’s prices; the Offer says what they are',
    without: QUOTE_TERMS,
    play: crookedQuote(({ terms }) => ({
      terms: terms.map((term) => ({ ...term, priceMicrosPerMin: micros(term.priceMicrosPerMin * 10n) })),
    })),
  },
  {
    ...QUOTES,
    name: 'quote-split',
    story: 'quotes a split that leaves the provider nothing; both ends have their least',
    without: QUOTE_SPLIT,
    play: crookedQuote(() => ({ splitBps: { provider: 0, platform: 10_000, reserve: 0 } })),
  },
  {
    ...QUOTES,
    name: 'quote-allowance',
    story: 'quotes an allowance four times as large as asked for; the agent puts in no more than it wants',
    without: QUOTE_ALLOWANCE,
    play: crookedQuote(({ allowanceMicros }) => ({ allowanceMicros: micros(allowanceMicros * 4n) })),
  },
  {
    ...QUOTES,
    name: 'quote-payout-wallet',
    story: 'quotes a payout wallet of its own; the provider’s binding says which is its',
    without: QUOTE_PAYOUT,
    play: crookedQuote((_grant, { ground }) => ({ payoutWallet: ground.cast.platform.wallet.address })),
  },
  {
    ...QUOTES,
    name: 'grant-other',
    story: 'grants something else than it quoted; the session’s id says what was quoted',
    without: GRANT_AS_QUOTED,
    play: ({ ground, me }) => {
      const { scope } = ground.cast
      const others = new Map<string, Uint8Array>()
      return bentCoordinator({
        out: (frame, { protocol }) => {
          const answer = protocol === 'session' ? sessionAnswers.decode(frame) : undefined
          if (answer?.notice !== undefined) {
            const { value } = peekDocument(scope, Notice, answer.notice)
            const sessionId = others.get(hex(value.sessionId)) ?? value.sessionId
            const notice = signDocument(scope, me.signer, Notice, { ...value, sessionId }).bytes
            return sessionAnswers.encode({ ...answer, notice })
          }
          if (answer?.grant === undefined) return frame
          const { value, id } = peekDocument(scope, Grant, answer.grant)
          const other = signDocument(scope, me.signer, Grant, { ...value, collectMs: value.collectMs + 1 })
          others.set(hex(id), other.id)
          return sessionAnswers.encode({ ...answer, grant: other.bytes })
        },
      })
    },
  },
  {
    ...QUOTES,
    name: 'grant-without-channel',
    story: 'grants sessions whose channels it never opened; the provider reads the ledger',
    without: UNOPENED_AT_PROVIDER,
    play: () => ({ coordinator: (parts) => ({ ...parts, channel: { ...parts.channel, ...imaginary } }) }),
  },
  {
    ...QUOTES,
    name: 'void-lie',
    story:
      'opens the channel, says that it did not, and is gone; the agent believes the ledger alone, and keeps what it signed',
    without: FORGOTTEN_FUND,
    play: (liar) => {
      const lie: FrameBends = {
        out: (frame, { protocol }) => {
          const answer = protocol === 'session' ? sessionAnswers.decode(frame) : undefined
          if (answer === undefined) return frame
          if (answer.grant === undefined && answer.pending === undefined && answer.notice === undefined) return frame
          const failure = failureOf(new OrienError('sessionVoid', { message: 'nothing moved' }))
          return sessionAnswers.encode({ failure })
        },
      }
      return leaving(liar, 60_000, bentCoordinator(lie))
    },
  },
]

/** A ledger that shows every channel open and full. */
const imaginary: Pick<Parameters<NonNullable<Play['coordinator']>>[0]['channel'], 'open' | 'probe' | 'read'> = {
  open: () => Promise.resolve('open'),
  probe: () => Promise.resolve('alive'),
  read: ({ capacity }) => {
    const none = micros(0n)
    const allocations = { agentMicros: capacity, coordinatorMicros: none, providerMicros: none }
    return Promise.resolve({ status: 'open', version: 1, definitionMatches: true, allocations, evidence: '' })
  },
}
