import {
  cosignAnswers,
  cosignRequests,
  decodeCheque,
  Grant,
  hex,
  peekDocument,
  sessionAnswers,
  type Micros,
} from '@orien/protocol'
import { RAIL, RAIL_URL } from '../../parties/settings.ts'
import type { FrameBends } from '../bend.ts'
import { TOTAL_FALLS, TOTAL_OWED, VERSION_NEXT } from './patches.ts'
import type { Liar, Play, Strategy } from '../strategy.ts'
import { bentCoordinator } from './quotes.ts'
import { thief } from './thief.ts'

const COSIGNS: Pick<Strategy, 'party' | 'unfinished' | 'settings' | 'workMs'> = {
  party: 'coordinator',
  unfinished: true,
  settings: { callCapMicros: 20_000n as Micros, sessionMs: 360_000 },
  workMs: (rng) => rng.between(12_000, 19_000),
}

interface Asked {
  readonly version: number
  readonly totalMicros: bigint
}

/** A debit is asked for as it never was. */
function asking(change: (debit: Asked) => Asked): Strategy['play'] {
  return () =>
    bentCoordinator({
      out: (frame, { protocol }) => {
        const request = protocol === 'cosign' ? cosignRequests.decode(frame) : undefined
        if (request?.debit === undefined) return frame
        return cosignRequests.encode({ ...request, debit: { ...request.debit, ...change(request.debit) } })
      },
    })
}

export const COSIGN_LIES: readonly Strategy[] = [
  {
    ...COSIGNS,
    name: 'debit-too-high',
    story: 'asks for a debit above what was countersigned; the agent signs what its receipts come to',
    without: TOTAL_OWED,
    play: asking(({ version, totalMicros }) => ({ version, totalMicros: totalMicros + 30_000n })),
  },
  {
    ...COSIGNS,
    name: 'debit-skips',
    story: 'asks for a debit on a version to come; the agent reads which one is next',
    without: VERSION_NEXT,
    play: asking(({ version, totalMicros }) => ({ version: version + 3, totalMicros })),
  },
  {
    ...COSIGNS,
    name: 'debit-twice',
    story: 'asks for two totals of one version, the second one lower; totals never fall',
    without: TOTAL_FALLS,
    play: () =>
      bentCoordinator({
        out: (frame, { protocol }) => {
          const request = protocol === 'cosign' ? cosignRequests.decode(frame) : undefined
          if (request?.debit === undefined) return frame
          const totalMicros = request.debit.totalMicros - 10_000n
          return [frame, cosignRequests.encode({ debit: { ...request.debit, totalMicros } })]
        },
      }),
  },
  {
    ...COSIGNS,
    name: 'close-too-high',
    maxUnpaidWindows: 4n,
    concedes: ({ windowMicros, maxUnpaidMicros }) => ({
      agentMicros: windowMicros + 1n,
      providerMicros: maxUnpaidMicros,
    }),
    story: 'asks for a close at all of the allowance, to cash and keep it; the agent signs what its receipts come to',
    without: TOTAL_OWED,
    play: closeTooHigh,
  },
]

function closeTooHigh(liar: Liar): Play {
  const { ground, me } = liar
  const grants = new Map<string, Uint8Array>()
  const cash = async (bytes: Uint8Array): Promise<void> => {
    const cheque = decodeCheque(bytes)
    const grant = grants.get(hex(cheque.sessionId))
    if (grant === undefined) return
    const rail = await ground.railsOf(me).use(RAIL, RAIL_URL)
    const { value, id } = peekDocument(ground.cast.scope, Grant, grant)
    await rail.cash({ ...rail.lane(value, id), base: cheque.base }, cheque)
  }
  const bends: FrameBends = {
    out: (frame, { protocol }) => {
      if (protocol === 'session') {
        const { grant } = sessionAnswers.decode(frame)
        if (grant !== undefined) grants.set(hex(peekDocument(ground.cast.scope, Grant, grant).id), grant)
      }
      const request = protocol === 'cosign' ? cosignRequests.decode(frame) : undefined
      const grant = grants.get(hex(request?.close?.sessionId ?? new Uint8Array()))
      if (request?.close === undefined || grant === undefined) return frame
      const totalMicros = peekDocument(ground.cast.scope, Grant, grant).value.allowanceMicros
      return cosignRequests.encode({ ...request, close: { ...request.close, totalMicros } })
    },
    in: async (frame, { protocol }) => {
      const answer = protocol === 'cosign' ? cosignAnswers.decode(frame) : undefined
      if (answer?.cheque !== undefined && answer.signatures.length === 0) await cash(answer.cheque)
      return frame
    },
  }
  return thief(liar, { bends: [bends] })
}
