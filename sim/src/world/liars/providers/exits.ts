import {
  decodeCheque,
  decodeExit,
  encodeExit,
  Grant,
  hex,
  peekDocument,
  workAnswers,
  workRequests,
} from '@orien/protocol'
import { START_MS } from '../../kernel/machine.ts'
import { RAIL, RAIL_URL } from '../../parties/settings.ts'
import { bendNetwork, type FrameBends } from '../bend.ts'
import { AGENT_EXIT, REFUND } from '../patches.ts'
import type { Liar, Play, Strategy } from '../strategy.ts'

export const CHANNEL_LIES: readonly Strategy[] = [
  {
    name: 'exit-inflated',
    party: 'provider',
    story: 'proposes to leave the channel with all of it, while the coordinator is there; the agent does not sign',
    without: AGENT_EXIT,
    play: exitInflated,
  },
  {
    name: 'cashes-cheque',
    party: 'provider',
    story:
      'cashes its agent’s cheque itself, behind the coordinator’s back; what that takes above the receipts goes back',
    without: REFUND,
    play: cashesCheque,
  },
]

function bentProvider(bends: FrameBends): Pick<Play, 'provider'> {
  return {
    provider: ({ config, parts }) => ({ config, parts: { ...parts, network: bendNetwork(parts.network, bends) } }),
  }
}

/** Shown once in each session, behind its first receipt. */
function exitInflated({ ground, me }: Liar): Play {
  const grants = new Map<string, Uint8Array>()
  const shown = new Set<string>()
  return bentProvider({
    in: async (frame, { protocol, peer }) => {
      if (protocol !== 'work') return frame
      const { attach, exit } = workRequests.decode(frame)
      if (attach !== undefined) grants.set(peer, attach.grant)
      const grant = grants.get(peer)
      if (exit === undefined || grant === undefined) return frame
      // Signed by both: it goes to the ledger at once, whatever the own logic thinks of it.
      const signed = decodeExit(exit)
      const { value, id } = peekDocument(ground.cast.scope, Grant, grant)
      const rail = await ground.railsOf(me).use(RAIL, RAIL_URL)
      if (signed.agentSignatures.length > 0) await rail.cash({ ...rail.lane(value, id), base: signed.base }, signed)
      return frame
    },
    out: async (frame, { protocol, peer }) => {
      const grant = grants.get(peer)
      if (protocol !== 'work' || grant === undefined || workAnswers.decode(frame).done === undefined) return frame
      const { value, id } = peekDocument(ground.cast.scope, Grant, grant)
      if (shown.has(hex(id))) return frame
      shown.add(hex(id))
      const rail = await ground.railsOf(me).use(RAIL, RAIL_URL)
      const lane = rail.lane(value, id)
      const { version } = await rail.read(lane)
      const base = rail.capabilities.debitMovesBase ? version : lane.base
      const tsMs = Math.floor(START_MS + ground.time.nowMs)
      const totalMicros = value.allowanceMicros
      const providerSignatures: Uint8Array[] = []
      for (const draft of rail.draftExit({ ...lane, base }, totalMicros, tsMs))
        providerSignatures.push(await me.wallet.sign(draft))
      const exit = encodeExit({ sessionId: id, base, totalMicros, tsMs, agentSignatures: [], providerSignatures })
      return [frame, workAnswers.encode({ exit })]
    },
  })
}

/** With the agent's signature and its own it has the quorum. */
function cashesCheque({ ground, me }: Liar): Play {
  const grants = new Map<string, Uint8Array>()
  const cash = async (grant: Uint8Array, bytes: Uint8Array): Promise<void> => {
    const { value, id } = peekDocument(ground.cast.scope, Grant, grant)
    const rail = await ground.railsOf(me).use(RAIL, RAIL_URL)
    const cheque = decodeCheque(bytes)
    await rail.cash({ ...rail.lane(value, id), base: cheque.base }, cheque)
  }
  return bentProvider({
    in: (frame, { protocol, peer }) => {
      if (protocol !== 'work') return frame
      const { attach } = workRequests.decode(frame)
      if (attach?.cheque === undefined) return frame
      grants.set(peer, attach.grant)
      const { cheque } = attach
      ground.time.after(60_000, () => {
        cash(attach.grant, cheque).catch((error: unknown) => ground.trace.add(me.name, `cannot cash: ${String(error)}`))
      })
      return frame
    },
  })
}
