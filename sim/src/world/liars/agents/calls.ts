import {
  Authorisation,
  encodeExit,
  Grant,
  hex,
  Open,
  peekDocument,
  sessionAnswers,
  sessionRequests,
  signDocument,
  utf8,
  utf8Text,
  workRequests,
  type Micros,
} from '@orien/protocol'
import { PROTOCOLS } from '@orien/node/network'
import { START_MS } from '../../kernel/machine.ts'
import { RAIL, RAIL_URL } from '../../parties/settings.ts'
import type { Work } from '../../ports/tools.ts'
import type { FrameBends } from '../bend.ts'
import { ARGS_HASH, CALL_NUMBERS, CANCELLED_FREE, EXIT_CHECKS, OPEN_RATES, TICK_STOP } from '../patches.ts'
import type { Liar, LiarStage, Strategy } from '../strategy.ts'
import { hello } from '../talk.ts'
import { bentAgent, bendCosign } from './cheques.ts'

const MINUTE_CAP = 60_000n as Micros
const CANCEL_AHEAD_MS = 60
const FLOOD = 240
const FLOOD_MOST = 90

/** A frame with the same call and another work. */
function otherWork(args: Uint8Array, label: string, ms: number): Uint8Array {
  const work = JSON.parse(utf8Text(args)) as Work
  return utf8(JSON.stringify({ ...work, label: `${work.label}${label}`, ms }))
}

export const CALL_LIES: readonly Strategy[] = [
  {
    name: 'number-twice',
    party: 'agent',
    story: 'authorises two calls under one number; the second is refused, both are kept, the session freezes',
    settings: { windowCalls: 2 },
    without: CALL_NUMBERS,
    play: ({ ground, me }) => {
      const { scope } = ground.cast
      const twice: FrameBends = {
        out: (frame, { protocol }) => {
          const request = protocol === 'work' ? workRequests.decode(frame) : undefined
          const call = request?.call
          if (request === undefined || call === undefined) return frame
          const { value } = peekDocument(scope, Authorisation, call.authorisation)
          const args = otherWork(call.args, 'b', 5_000)
          const argsHash = scope.crypto.sha256(args)
          const authorisation = signDocument(scope, me.signer, Authorisation, { ...value, argsHash }).bytes
          return [frame, workRequests.encode({ call: { ...call, args, authorisation } })]
        },
      }
      return bentAgent(twice)
    },
  },
  {
    name: 'args-swapped',
    party: 'agent',
    story: 'sends other arguments than it signed for; nothing runs',
    without: ARGS_HASH,
    play: () =>
      bentAgent({
        out: (frame, { protocol }) => {
          const request = protocol === 'work' ? workRequests.decode(frame) : undefined
          if (request?.call === undefined) return frame
          const { call } = request
          return workRequests.encode({ ...request, call: { ...call, args: otherWork(call.args, 'x', 20_000) } })
        },
      }),
  },
  {
    name: 'vanishes-mid-call',
    party: 'agent',
    story: 'starts calls, and signs neither their meter nor their receipts; they stop when nobody is seen to watch',
    settings: { callCapMicros: 120_000n as Micros },
    workMs: (rng) => rng.between(33_000, 60_000),
    without: TICK_STOP,
    play: () =>
      bentAgent(
        {
          out: (frame, { protocol }) => {
            if (protocol !== 'work') return frame
            const request = workRequests.decode(frame)
            if (request.ack !== undefined || request.tickAck !== undefined) return undefined
            if (request.attach?.ack === undefined) return frame
            const { ack: _held, ...attach } = request.attach
            return workRequests.encode({ ...request, attach })
          },
        },
        bendCosign(() => undefined),
      ),
  },
  {
    name: 'cancels-at-the-end',
    party: 'agent',
    story: 'cancels every call just before it is done; what ran is billed',
    workMs: (rng) => rng.between(2_000, 20_000),
    without: CANCELLED_FREE,
    play: ({ ground }) =>
      bentAgent({
        out: (frame, stream) => {
          const call = stream.protocol === 'work' ? workRequests.decode(frame).call : undefined
          if (call === undefined) return frame
          const { ms } = JSON.parse(utf8Text(call.args)) as Work
          const { callSeq } = peekDocument(ground.cast.scope, Authorisation, call.authorisation).value
          ground.time.after(Math.max(0, ms - CANCEL_AHEAD_MS), () =>
            stream.send(workRequests.encode({ cancel: callSeq })),
          )
          return frame
        },
      }),
  },
  {
    name: 'exit-early',
    party: 'agent',
    story:
      'proposes to leave the channel with its provider unpaid, while the coordinator is there; the provider does not sign',
    without: EXIT_CHECKS,
    play: exitEarly,
  },
  {
    name: 'opens-flood',
    party: 'agent',
    story: 'asks for hundreds of Quotes at once; after a burst it is told to wait',
    without: OPEN_RATES,
    play: floodOpens,
  },
]

/** An Exit at nothing, shown on the work stream after the second receipt of a session. */
function exitEarly(liar: Liar): ReturnType<Strategy['play']> {
  const { ground, me } = liar
  const shown = new Map<string, number>()
  let grant: Uint8Array | undefined
  return bentAgent({
    in: (frame, { protocol }) => {
      const given = protocol === 'session' ? sessionAnswers.decode(frame).grant : undefined
      if (given !== undefined) grant = given
      return frame
    },
    out: async (frame, { protocol }) => {
      const ack = protocol === 'work' ? workRequests.decode(frame).ack : undefined
      if (ack === undefined || grant === undefined) return frame
      const { value, id } = peekDocument(ground.cast.scope, Grant, grant)
      const times = (shown.get(hex(id)) ?? 0) + 1
      shown.set(hex(id), times)
      if (times !== 2) return frame
      const rail = await ground.railsOf(me).use(RAIL, RAIL_URL)
      const lane = rail.lane(value, id)
      const { version } = await rail.read(lane)
      const base = rail.capabilities.debitMovesBase ? version : lane.base
      const tsMs = Math.floor(START_MS + ground.time.nowMs)
      const none = 0n as Micros
      const agentSignatures: Uint8Array[] = []
      for (const draft of rail.draftExit({ ...lane, base }, none, tsMs))
        agentSignatures.push(await me.wallet.sign(draft))
      const exit = encodeExit({ sessionId: id, base, totalMicros: none, tsMs, agentSignatures, providerSignatures: [] })
      return [frame, workRequests.encode({ exit })]
    },
  })
}

/** Opens without end, each a signed one. */
function floodOpens(liar: Liar): ReturnType<Strategy['play']> {
  const { ground, me, rng } = liar
  let quotes = 0
  let network: Parameters<NonNullable<ReturnType<typeof bentAgent>['agent']>>[0]['parts']['network'] | undefined
  const flood = async ({ providers }: LiarStage): Promise<void> => {
    const offer = providers[0]?.running?.offer
    if (network === undefined || offer === undefined) return
    const stream = await network.dial({ peer: ground.cast.coordinator.peer }, PROTOCOLS.session)
    for (let at = 0; at < FLOOD; at++) {
      const open = signDocument(ground.cast.scope, me.signer, Open, {
        nonce16: rng.bytes(16),
        coordinator: ground.cast.coordinator.peer,
        offer: offer.bytes,
        bindings: [me.bindings.spend],
        allowanceMicros: MINUTE_CAP,
        durationMs: 60_000,
        windowMicros: MINUTE_CAP,
        windowCalls: 1,
      })
      stream.send(sessionRequests.encode({ ...(at === 0 ? { hello: hello() } : {}), open: open.bytes }))
    }
    for await (const frame of stream.frames) if (sessionAnswers.decode(frame).quote !== undefined) quotes += 1
  }
  return {
    agent: (of) => {
      network = of.parts.network
      return of
    },
    start: (stage) => void ground.time.after(20_000, () => void flood(stage).catch(() => undefined)),
    check: () =>
      quotes > FLOOD_MOST ? [{ invariant: 'bounded', detail: `${quotes} Quotes were signed at once` }] : [],
  }
}
