import {
  acceptedOf,
  Ack,
  cosignAnswers,
  hex,
  numerator,
  peekDocument,
  Receipt,
  receiptsRequests,
  signDocument,
  TIMES,
  workAnswers,
  workRequests,
  type AckException,
  type Micros,
} from '@orien/protocol'
import { worldTools } from '../../ports/tools.ts'
import { bendNetwork, type FrameBends } from '../bend.ts'
import { sendBatch } from '../talk.ts'
import { bendCheques, bendCosign, boundless } from './cheques.ts'
import type { Liar, Strategy } from '../strategy.ts'
import { ACK_CODE_UNKNOWN, ACK_HIGHER, ACK_SUM, ACK_TICKS, RULED_BY_TICKS, WAITING_ACKS } from '../patches.ts'

/** What of a receipt an Ack accepts; the whole of it when undefined. */
type Rule = (receipt: Receipt) => Omit<AckException, 'receiptSeq'> | undefined

/** Turns the agent's true Acks into others over the same receipts. */
interface Forger {
  /** The Ack in its place; the same for the same. */
  of(bytes: Uint8Array): Uint8Array
  see(receipt: Uint8Array): void
}

function ackForger({ ground, me }: Liar, rule: Rule, sum = (accepted: bigint): bigint => accepted): Forger {
  const { scope } = ground.cast
  // Both tools cost almost the same: what a forged sum is off by never counts, for an exception accepts next to nothing.
  const price = worldTools(ground.settings.pricePerMin)[0]?.priceMicrosPerMin ?? (1n as Micros)
  const receipts = new Map<string, Receipt>()
  const sums = new Map<string, bigint>()
  const made = new Map<string, Uint8Array>()
  return {
    see(bytes) {
      const { value } = peekDocument(scope, Receipt, bytes)
      receipts.set(`${hex(value.sessionId)} ${value.receiptSeq}`, value)
    },
    of(bytes) {
      const { id, value } = peekDocument(scope, Ack, bytes)
      const known = made.get(hex(id))
      if (known !== undefined) return known
      const session = hex(value.sessionId)
      let accepted = sums.get(session) ?? 0n
      const exceptions: AckException[] = []
      for (let receiptSeq = value.fromSeq; receiptSeq <= value.throughSeq; receiptSeq++) {
        const receipt = receipts.get(`${session} ${receiptSeq}`)
        if (receipt === undefined) continue
        const ruled = rule(receipt)
        const exception = ruled === undefined ? undefined : { receiptSeq, ...ruled }
        if (exception !== undefined) exceptions.push(exception)
        accepted += acceptedOf(receipt, exception, price)
      }
      sums.set(session, accepted)
      const forged = signDocument(scope, me.signer, Ack, {
        ...value,
        exceptions,
        acceptedNumerator: numerator(sum(accepted)),
      })
      made.set(hex(id), forged.bytes)
      return forged.bytes
    },
  }
}

/** Every Ack that leaves, on whatever stream. `undefined` holds it back. */
function bendAcks(forger: Forger, put: (ack: Uint8Array) => Uint8Array | undefined): FrameBends {
  return {
    in: (frame, { protocol }) => {
      const done = protocol === 'work' ? workAnswers.decode(frame).done : undefined
      if (done !== undefined) forger.see(done.receipt)
      return frame
    },
    out: (frame, { protocol }) => {
      if (protocol === 'work') {
        const request = workRequests.decode(frame)
        const { ack, attach } = request
        if (ack !== undefined) {
          const other = put(ack)
          return other === undefined ? undefined : workRequests.encode({ ...request, ack: other })
        }
        if (attach?.ack === undefined) return frame
        const { ack: shown, ...rest } = attach
        const other = put(shown)
        return workRequests.encode({ ...request, attach: { ...rest, ...(other === undefined ? {} : { ack: other }) } })
      }
      if (protocol === 'receipts') {
        const request = receiptsRequests.decode(frame)
        if (request.acks.length === 0) return frame
        const acks = request.acks.map(put).filter((one) => one !== undefined)
        return receiptsRequests.encode({ ...request, acks })
      }
      if (protocol === 'cosign') {
        const answer = cosignAnswers.decode(frame)
        if (answer.ack === undefined) return frame
        const other = put(answer.ack)
        return other === undefined ? undefined : cosignAnswers.encode({ ...answer, ack: other })
      }
      return frame
    },
  }
}

/** An agent all of whose Acks are forged by one rule. */
function forging(rule: Rule): Strategy['play'] {
  return (liar) => {
    const forger = ackForger(liar, rule)
    const bends = bendAcks(forger, (ack) => forger.of(ack))
    return {
      agent: ({ config, parts }) => ({ config, parts: { ...parts, network: bendNetwork(parts.network, bends) } }),
    }
  }
}

const claimsSomething = ({ numerator: claim }: Receipt): boolean => claim > 0n

const LATER_MS = 5_000

export const ACK_LIES: readonly Strategy[] = [
  {
    name: 'ack-below-ticks',
    party: 'agent',
    story: 'accepts nothing of calls whose meter it signed; such an Ack is refused',
    workMs: (rng) => rng.between(6_000, 25_000),
    without: ACK_TICKS,
    play: forging((receipt) => ((receipt.lastTick ?? 0) > 0 ? { acceptedMs: 0, code: 'time' } : undefined)),
  },
  {
    name: 'ack-unknown',
    party: 'agent',
    story: 'says that it never authorised what it signed for; its signature says otherwise',
    workMs: (rng) => rng.between(6_000, 25_000),
    without: ACK_CODE_UNKNOWN,
    play: forging((receipt) => (claimsSomething(receipt) ? { acceptedMs: 0, code: 'unknown' } : undefined)),
  },
  {
    name: 'ack-bad-sum',
    party: 'agent',
    story:
      'signs sums that its Acks do not come to, and no cheques for the rest; refused, and the receipts settle without it',
    settings: { callCapMicros: 20_000n as Micros, sessionMs: 360_000 },
    eager: true,
    workMs: (rng) => rng.between(6_000, 18_000),
    without: ACK_SUM,
    play: (liar) => {
      const forger = ackForger(
        liar,
        () => undefined,
        () => 0n,
      )
      // What it accepted costs it no cheque.
      return boundless(
        liar,
        bendAcks(forger, (ack) => forger.of(ack)),
        bendCheques(() => undefined),
        bendCosign(() => undefined),
      )
    },
  },
  {
    name: 'ack-withheld',
    party: 'agent',
    story: 'never acknowledges anything; windows stop it, and silence settles its receipts',
    without: RULED_BY_TICKS,
    play: (liar) => {
      const bends = bendAcks(
        ackForger(liar, () => undefined),
        () => undefined,
      )
      return {
        agent: ({ config, parts }) => ({ config, parts: { ...parts, network: bendNetwork(parts.network, bends) } }),
      }
    },
  },
  {
    name: 'ack-twice',
    party: 'agent',
    story: 'acknowledges to its provider, and less straight to the coordinator; the higher word counts',
    eager: true,
    workMs: (rng) => rng.between(2_000, 4_900),
    // The higher word may come too late for the last call of a session, as if there were none.
    concedes: ({ settings }) => ({ providerMicros: (settings.pricePerMin * BigInt(TIMES.tickMs)) / 60_000n }),
    without: ACK_HIGHER,
    play: (liar) => {
      const forger = ackForger(liar, (receipt) =>
        claimsSomething(receipt) ? { acceptedMs: receipt.lastTick ?? 0, code: 'time' } : undefined,
      )
      return {
        agent: ({ config, parts }) => {
          const bends: FrameBends = {
            ...bendAcks(forger, (ack) => ack),
            out: (frame, { protocol }) => {
              const ack = protocol === 'work' ? workRequests.decode(frame).ack : undefined
              if (ack === undefined) return frame
              const { sessionId } = peekDocument(parts.scope, Ack, ack).value
              const tell = (): void => void sendBatch(liar, parts.network, { sessionId, acks: [forger.of(ack)] })
              // The coordinator has the lower one first, or much later.
              if (liar.rng.chance(0.3)) liar.ground.time.after(LATER_MS, tell)
              else tell()
              return frame
            },
          }
          return { config, parts: { ...parts, network: bendNetwork(parts.network, bends) } }
        },
      }
    },
  },
  {
    name: 'acks-ahead',
    party: 'agent',
    story: 'floods its coordinator with Acks over receipts to come; it keeps a few of them',
    without: WAITING_ACKS,
    play: floodOfAcks,
  },
]

const FLOOD = 200
const WAITING_MAX = 64

/** Acks over receipts that are not there yet, each another one. */
function floodOfAcks(liar: Liar): ReturnType<Strategy['play']> {
  const { ground, me } = liar
  const { scope } = ground.cast
  const flooded = new Set<string>()
  let most = 0
  return {
    agent: ({ config, parts }) => {
      const flood: FrameBends = {
        out: (frame, { protocol }) => {
          const ack = protocol === 'work' ? workRequests.decode(frame).ack : undefined
          if (ack === undefined) return frame
          const { value } = peekDocument(scope, Ack, ack)
          if (flooded.has(hex(value.sessionId))) return frame
          flooded.add(hex(value.sessionId))
          const acks = Array.from({ length: FLOOD }, (_, at) => {
            const seq = 1_000 + at
            return signDocument(scope, me.signer, Ack, { ...value, fromSeq: seq, throughSeq: seq, exceptions: [] })
              .bytes
          })
          void sendBatch(liar, parts.network, { sessionId: value.sessionId, acks })
          return frame
        },
      }
      return { config, parts: { ...parts, network: bendNetwork(parts.network, flood) } }
    },
    start: () => {
      const look = (): void => {
        const counts = new Map<string, number>()
        for (const key of ground.machines.get('coordinator')?.disk.keys ?? []) {
          const [kind = '', sid = ''] = key.split('/')
          if (kind !== 'k') continue
          counts.set(sid, (counts.get(sid) ?? 0) + 1)
        }
        most = Math.max(most, ...counts.values())
        ground.time.after(5_000, look)
      }
      look()
    },
    check: () =>
      most > WAITING_MAX
        ? [{ invariant: 'bounded', detail: `${most} Acks of one session wait for their receipts` }]
        : [],
  }
}
