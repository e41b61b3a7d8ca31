import { memoryStore, type StoreOp } from '@orien/node/store'
import { isOrienError } from '@orien/protocol'
import { expect, test } from 'vitest'
import type { AgentSession } from '../helpers/agent.ts'
import { AGENT_FUNDS, TREASURY_FUNDS, World } from '../helpers/world.ts'

/** When a power cut happens: at which flush, and on which side of it. */
interface Cut {
  readonly at: number
  readonly durable: boolean
}

interface Run {
  readonly flushes: number
  readonly cuts: number
}

/** A world whose coordinator loses power at one flush, and is started again on what is on the disk. */
class Crashing {
  readonly world: World
  flushes = 0
  cuts = 0
  #down = false

  constructor(cut: Cut | undefined, debitMovesBase: boolean) {
    const onCommit = async (ops: readonly StoreOp[]): Promise<void> => {
      if (++this.flushes !== cut?.at) return
      if (cut.durable) await memoryStore({ disk: this.world.disk }).commit(ops)
      this.cuts += 1
      this.#down = true
      throw new Error('power cut')
    }
    this.world = new World({ onCommit, debitMovesBase, times: { retryMs: 100 } })
  }

  /** Does a step again and again, with new coordinators, until it is done. What the cut interrupts, its party repeats. */
  async until(step: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 300; tries++) {
      const done = await this.#timed(this.#attempt(step))
      await this.world.time.advance(1_500)
      if (done && !this.#down) return
      if (this.#down) await this.#revive()
    }
    throw new Error('the step never came to an end')
  }

  /** Lets time pass while a step waits: an answer may be due only then. */
  async #timed(step: Promise<boolean>): Promise<boolean> {
    let open = true
    const ended = step.finally(() => (open = false))
    await this.world.time.settle()
    for (let turns = 0; open && turns < 100; turns++) await this.world.time.advance(500)
    return ended
  }

  async #attempt(step: () => Promise<boolean>): Promise<boolean> {
    try {
      return await step()
    } catch (error) {
      // The party's stream ended with the coordinator.
      if (isOrienError(error) || (error instanceof Error && error.message.startsWith('no '))) return false
      throw error
    }
  }

  async #revive(): Promise<void> {
    this.#down = false
    await this.world.kill()
    await this.world.start()
    await this.world.reconnect()
  }
}

/** Opening, two calls, a debit, a close by cheque with a refund, and the payout: every kind of durable decision. */
async function wholeSession(
  cut: Cut | undefined,
  debitMovesBase: boolean,
  trouble: (w: World) => void = () => undefined,
): Promise<Run> {
  const crashing = new Crashing(cut, debitMovesBase)
  const w = crashing.world
  trouble(w)
  await w.start()
  await w.agent.serve()
  const session = await open(crashing)
  for (const ms of [1_500, 700]) await call(crashing, session, ms)
  await crashing.until(async () => (await w.coordinator.session(session.sessionId))?.debitedMicros === 1_500n)
  w.agent.cosign = 'refuse'
  await crashing.until(async () => {
    await w.provider.send(session, { ends: [w.agent.end(session)], final: w.provider.final(session) })
    return (await w.stateOf(session)) !== 'OPEN'
  })
  await crashing.until(async () => (await w.stateOf(session)) === 'PAID')
  await expectExact(w)
  await w.end()
  return crashing
}

async function open(crashing: Crashing): Promise<AgentSession> {
  const w = crashing.world
  const { quote } = await w.agent.quote((await w.offer()).bytes, { windowMicros: 1_000n })
  const session = await w.agent.prepare(quote!)
  await crashing.until(async () => {
    const [first] = await w.agent.talk({ fund: session.fund }, 2)
    return first?.grant !== undefined
  })
  return session
}

async function call(crashing: Crashing, session: AgentSession, ms: number): Promise<void> {
  const w = crashing.world
  const receipts = [w.provider.receipt(session, w.agent.authorise(session), ms)]
  const acks = [w.agent.ack(session)]
  const cheques = [await w.agent.cheque(session, session.accepted / 60_000n + 1_000n)]
  await crashing.until(async () => {
    const answer = await w.provider.send(session, { cheques, receipts, acks })
    return answer?.notice !== undefined
  })
}

async function expectExact(w: World): Promise<void> {
  expect(await w.problems()).toEqual([])
  expect(w.ledger.balance(w.agent.party.wallet.address)).toBe(AGENT_FUNDS - 2_200n)
  expect(w.ledger.balance(w.coordinatorParty.wallet.address)).toBe(2_200n)
  expect(w.chain.balance(w.treasury.address)).toBe(TREASURY_FUNDS - 2_200n)
  expect(w.chain.balance(w.payoutWallet.address)).toBe(1_980n)
  expect(w.coordinator.status()).toMatchObject({ holdsMicros: 0n, unpaidMicros: 0n, sessions: {}, payoutsInFlight: 0 })
}

for (const debitMovesBase of [false, true]) {
  for (const durable of [false, true]) {
    const side = durable ? 'after' : 'before'
    const rail = debitMovesBase ? 'debits move the base' : 'debits leave the cheques'
    test(`behavior: power cut ${side} any flush ends in the same books, and everybody is paid once (${rail})`, async () => {
      const { flushes } = await wholeSession(undefined, debitMovesBase)
      expect(flushes).toBeGreaterThan(12)
      for (let at = 1; at <= flushes; at++) {
        const run = await wholeSession({ at, durable }, debitMovesBase)
        expect({ at, cuts: run.cuts }).toEqual({ at, cuts: 1 })
      }
    })
  }
}

/** What else goes wrong in the same run: every first request of a kind to the ledger has this fate, and the chain is no better. */
const troubles: Readonly<Record<string, (w: World) => void>> = {
  'answers of the ledger and the chain are lost': (w) => loseFirst(w, 'answerLost', 'answer'),
  'requests to the ledger and the chain are lost': (w) => loseFirst(w, 'requestLost', 'request'),
  'the ledger serves late': (w) => {
    loseFirst(w, 'late', 'answer')
    const land = (): void => {
      w.ledger.landLate()
      w.time.timers.after(5_000, land)
    }
    w.time.timers.after(5_000, land)
  },
  'the provider is blocked for a while': (w) => {
    w.chain.block(w.payoutWallet.address, true)
    w.time.timers.after(90_000, () => w.chain.block(w.payoutWallet.address, false))
  },
}

function loseFirst(w: World, fate: 'answerLost' | 'requestLost' | 'late', what: 'request' | 'answer'): void {
  const seen = new Set<string>()
  w.chain.loseNext(what)
  w.ledger.onRequest(({ kind }) => {
    if (kind === 'read' || kind === 'probe' || seen.has(kind)) return 'served'
    seen.add(kind)
    return fate
  })
}

for (const [what, trouble] of Object.entries(troubles)) {
  for (const debitMovesBase of [false, true]) {
    test(`behavior: a power cut at any flush while ${what} still pays everybody once (base ${debitMovesBase ? 'moves' : 'stays'})`, async () => {
      const { flushes } = await wholeSession(undefined, debitMovesBase, trouble)
      for (let at = 1; at <= flushes; at++) {
        for (const durable of [false, true]) {
          const { cuts } = await wholeSession({ at, durable }, debitMovesBase, trouble)
          expect({ at, cuts }).toEqual({ at, cuts: 1 })
        }
      }
    })
  }
}
