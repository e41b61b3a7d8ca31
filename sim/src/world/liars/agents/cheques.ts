import {
  decodeCheque,
  encodeCheque,
  Grant,
  hex,
  peekDocument,
  sessionAnswers,
  utf8Text,
  workRequests,
  type Cheque,
  type Micros,
} from '@orien/protocol'
import { RAIL, RAIL_URL } from '../../parties/settings.ts'
import { bendAll, type FrameBends } from '../bend.ts'
import { bendNotices, gullible } from '../gullible.ts'
import { CHEQUE_BASE, CHEQUE_COVER, CHEQUE_SIGNER, CLOSE_WITHOUT_AGENT } from '../patches.ts'
import type { Liar, Play, Strategy } from '../strategy.ts'

/** A liar whose cheques to the provider are replaced, or held back; the first one, of its Fund, is true. */
export function bendCheques(put: (cheque: Uint8Array) => Uint8Array | undefined | Promise<Uint8Array>): FrameBends {
  const first = new Map<string, Uint8Array>()
  return {
    out: async (frame, { protocol }) => {
      if (protocol !== 'work') return frame
      const request = workRequests.decode(frame)
      const { cheque, attach } = request
      if (cheque !== undefined) {
        const other = await put(cheque)
        return other === undefined ? undefined : workRequests.encode({ ...request, cheque: other })
      }
      if (attach?.cheque === undefined) return frame
      const session = hex(decodeCheque(attach.cheque).sessionId)
      const shown = first.get(session) ?? attach.cheque
      first.set(session, shown)
      return workRequests.encode({ ...request, attach: { ...attach, cheque: shown } })
    },
  }
}

/** Its own gate believes that the coordinator holds every cheque it drew. */
export function boundless(liar: Liar, ...bends: readonly FrameBends[]): Pick<Play, 'agent'> {
  const { me, ground } = liar
  const drawn = new Map<string, Micros>()
  const seen: FrameBends = {
    out: (frame, { protocol }) => {
      const { cheque } = protocol === 'work' ? workRequests.decode(frame) : {}
      if (cheque === undefined) return frame
      const { sessionId, ceilingMicros } = decodeCheque(cheque)
      drawn.set(hex(sessionId), ceilingMicros)
      return frame
    },
  }
  const held = bendNotices(ground.cast.scope, me.signer, (notice) => ({
    ...notice,
    ceilingHeldMicros: drawn.get(hex(notice.sessionId)) ?? notice.ceilingHeldMicros,
  }))
  return {
    agent: ({ config, parts }) => ({
      config,
      parts: { ...parts, scope: gullible(parts.scope), network: bendAll(parts.network, [seen, held, ...bends]) },
    }),
  }
}

/** The Grants a liar was given, by session. */
export function keepGrants({ ground }: Liar): { readonly grants: Map<string, Uint8Array>; readonly bends: FrameBends } {
  const grants = new Map<string, Uint8Array>()
  return {
    grants,
    bends: {
      in: (frame, { protocol }) => {
        const grant = protocol === 'session' ? sessionAnswers.decode(frame).grant : undefined
        if (grant !== undefined) grants.set(hex(peekDocument(ground.cast.scope, Grant, grant).id), grant)
        return frame
      },
    },
  }
}

/** A cheque of the liar's own making. */
export async function redraw(
  { ground, me }: Liar,
  grant: Uint8Array,
  cheque: Cheque,
  change: Partial<Pick<Cheque, 'base' | 'ceilingMicros'>>,
): Promise<Uint8Array> {
  const rail = await ground.railsOf(me).use(RAIL, RAIL_URL)
  const { value, id } = peekDocument(ground.cast.scope, Grant, grant)
  const next = { ...cheque, ...change }
  const lane = { ...rail.lane(value, id), base: next.base }
  const signatures: Uint8Array[] = []
  for (const draft of rail.draft(lane, next.chequeSeq, next.ceilingMicros)) signatures.push(await me.wallet.sign(draft))
  return encodeCheque({ ...next, signatures })
}

const BASES_AHEAD = 7
const SHORT = { callCapMicros: 20_000n as Micros, sessionMs: 360_000 }
const shortWork: Strategy['workMs'] = (rng) => rng.between(6_000, 18_000)

export const CHEQUE_LIES: readonly Strategy[] = [
  {
    name: 'cheque-withheld',
    party: 'agent',
    story: 'gives no cheque but the first, and asks for calls beyond it; they are refused',
    settings: SHORT,
    workMs: shortWork,
    eager: true,
    without: CHEQUE_COVER,
    play: (liar) =>
      boundless(
        liar,
        bendCheques(() => undefined),
        bendCosign(() => undefined),
      ),
  },
  {
    name: 'cheque-wrong-base',
    party: 'agent',
    story: 'draws its cheques on a state of the channel that is not there; no call is admitted on them',
    settings: { ...SHORT, debitMovesBase: true },
    workMs: shortWork,
    eager: true,
    without: CHEQUE_BASE,
    play: (liar) => {
      const { grants, bends } = keepGrants(liar)
      const cheques = bendCheques(async (bytes) => {
        const cheque = decodeCheque(bytes)
        const grant = grants.get(hex(cheque.sessionId))
        return grant === undefined ? bytes : redraw(liar, grant, cheque, { base: cheque.base + BASES_AHEAD })
      })
      return boundless(
        liar,
        bends,
        cheques,
        bendCosign(() => undefined),
      )
    },
  },
  {
    name: 'cheque-other-wallet',
    party: 'agent',
    story: 'has a wallet sign its cheques that is not in the channel; nobody takes them',
    settings: SHORT,
    workMs: shortWork,
    without: CHEQUE_SIGNER,
    play: (liar) => {
      const accomplice = liar.ground.cast.reserve.wallet
      return {
        agent: ({ config, parts }) => {
          const { wallet } = parts
          const sign: typeof wallet.sign = (unsigned) => {
            const { kind, seq } = JSON.parse(utf8Text(unsigned.bytes)) as { kind: string; seq: number }
            return kind === 'close' && seq > 1 ? accomplice.sign(unsigned) : wallet.sign(unsigned)
          }
          return { config, parts: { ...parts, wallet: { ...wallet, sign } } }
        },
      }
    },
  },
  {
    name: 'cosign-withheld',
    party: 'agent',
    story:
      'signs no debit and no close; the coordinator closes with a cheque that covers the total, and sends back the rest',
    without: CLOSE_WITHOUT_AGENT,
    play: () => bentAgent(bendCosign(() => undefined)),
  },
]

/** Answers of the agent to its coordinator. */
export function bendCosign(put: (answer: Uint8Array) => Uint8Array | undefined): FrameBends {
  return { out: (frame, { protocol }) => (protocol === 'cosign' ? put(frame) : frame) }
}

/** The real agent on a bent network. */
export function bentAgent(...bends: readonly FrameBends[]): Pick<Play, 'agent'> {
  return { agent: ({ config, parts }) => ({ config, parts: { ...parts, network: bendAll(parts.network, bends) } }) }
}
