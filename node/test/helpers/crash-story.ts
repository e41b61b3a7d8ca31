import {
  Ack,
  decodeCheque,
  hex,
  isOrienError,
  micros,
  NUMERATOR_PER_MICRO,
  OrienError,
  peekDocument,
  utf8,
} from '@orien/protocol'
import { expect } from 'vitest'
import { agentKeys } from '../../src/agent/records.ts'
import { memoryStore, type MemoryDisk } from '../../src/store/memory.ts'
import type { StoreOp } from '../../src/store/port.ts'
import type { Program } from '../../src/tools/runner/in-process.ts'
import { scope } from './parties.ts'
import { toolNamed } from './rig-parts.ts'
import type { SeenSession } from './scripted-types.ts'
import { startTimedRig, type TimedRig } from './timed.ts'
import { Witness } from './witness.ts'

export type Who = 'agent' | 'provider'

/** What happens to whom at which flush. `before` and `after` are power cuts on either side of it; `full` is a disk that takes no more. */
export interface Cut {
  readonly who: Who
  readonly at: number
  readonly how: 'before' | 'after' | 'full'
}

/** What a story came to. */
export interface Told {
  readonly flushes: Readonly<Record<Who, number>>
  readonly cuts: number
}

const FUNDS = 10_000_000n
const STEP_MS = 250
/** A step that takes longer than this has no end. */
const MAX_STEPS = 400
const MAX_TRIES = 40
const FLUSH_TURNS = 3

/**
 * A whole session: calls in flight and one after the other, their Acks, a co-signed debit, one more call, the end, the exact close and the payout;
 * with one party cut off at one flush, started again on the disk that stands, and what was interrupted done again.
 */
export async function tellStory(cut?: Cut): Promise<Told> {
  const story = new Story(cut)
  await story.begin()
  await story.calls([1_000, 1_500])
  await story.calls([700])
  await story.debit()
  await story.calls([400, 300, 200])
  await story.settle()
  story.judge()
  await story.rig.stop()
  return { flushes: story.flushes, cuts: story.cuts }
}

/** The story once whole, then once for each flush of a party, cut there. Returns how many flushes there were, and how many were cut. */
export async function cutEverywhere(
  who: Who,
  how: Cut['how'],
): Promise<{ readonly flushes: number; readonly cuts: number }> {
  const { flushes } = await tellStory()
  let cuts = 0
  for (let at = 1; at <= flushes[who]; at++) {
    const told = await tellStory({ who, at, how }).catch((cause: unknown) => {
      throw new Error(`${how} flush ${at} of ${flushes[who]}`, { cause })
    })
    cuts += told.cuts
  }
  return { flushes: flushes[who], cuts }
}

class Story {
  rig!: TimedRig
  readonly flushes: Record<Who, number> = { agent: 0, provider: 0 }
  cuts = 0
  readonly #cut: Cut | undefined
  readonly #witness = new Witness((who) => this.#diskOf(who))
  readonly #results = new Set<string>()
  #down: Who | undefined
  #running: Record<Who, boolean> = { agent: false, provider: false }

  constructor(cut: Cut | undefined) {
    this.#cut = cut
  }

  async begin(): Promise<void> {
    this.rig = await startTimedRig({
      start: { agent: false, provider: false },
      programs: { sleep: this.#sleeper() },
      tools: [toolNamed('sleep')],
      provider: { firstWindow: { windowMicros: micros(10_000n), windowCalls: 2 }, collectLingerMs: 20 },
      policy: {
        windowCalls: 2,
        maxCallMicros: micros(4_000n),
        sessionMicros: micros(40_000n),
        totalMicros: micros(80_000n),
      },
      onProviderCommit: (ops) => this.#onFlush('provider', ops),
      onAgentCommit: (ops) => this.#onFlush('agent', ops),
      onFrame: this.#witness.see,
    })
    await this.#until(async () => {
      for (const who of ['provider', 'agent'] as const) if (!this.#running[who]) await this.#start(who)
      return true
    })
  }

  /** Calls at the same time, each again until it gave its result. */
  async calls(times: readonly number[]): Promise<void> {
    const open = new Set(times)
    await this.#until(async () => {
      await Promise.all(
        [...open].map(async (ms) => {
          const { receipt } = await this.rig.agent.run('sleep', { ms })
          this.#results.add(hex(receipt.id))
          open.delete(ms)
        }),
      )
      return true
    })
  }

  /** The coordinator takes what was countersigned. */
  async debit(): Promise<void> {
    const { coordinator, agentParty } = this.rig
    await this.#until(async () => {
      const seen = this.#newest()
      const totalMicros = ackedOf(seen) / NUMERATOR_PER_MICRO
      const tsMs = this.rig.clock.wallMs()
      const ask = { sessionId: seen.id, version: 2, totalMicros, tsMs }
      const { signatures, cheque } = await coordinator.cosign(agentParty.peer, { debit: ask })
      if (cheque === undefined) return false
      coordinator.parts.rail.verifyDebit(seen.lane, { version: 2, totalMicros: micros(totalMicros), tsMs, signatures })
      this.#keep(seen, cheque)
      return true
    })
  }

  /** Ends every session, closes it at what was countersigned, and pays. */
  async settle(): Promise<void> {
    const { coordinator } = this.rig
    await this.#until(async () => {
      for (const live of this.rig.agent.sessions()) await live.end()
      for (const seen of coordinator.sessions.values()) await this.#contest(seen)
      return [...coordinator.sessions.values()].every((seen) => this.#isCollected(seen))
    })
    for (const [key, seen] of coordinator.sessions) {
      await this.#until(() => this.#close(seen))
      await coordinator.close(key)
      await this.#until(async () => this.#phaseOf('agent', key) === 'closed')
      coordinator.tell(key, 'PAID')
      await this.#until(async () => this.#isPaid(key))
    }
  }

  /** Nobody lost a cent, nobody contradicted itself, nothing is held any more. */
  judge(): void {
    const { coordinator, ledger, agentParty, provider, agent } = this.rig
    let total = 0n
    for (const [key, seen] of coordinator.sessions) {
      const { totalMicros } = seen.settled!.statement.value
      // Every receipt that ever left its provider was collected once, and is paid in full.
      expect(totalMicros).toBe(this.#witness.claimedMicros(key))
      expect(seen.acks.flatMap(({ exceptions }) => exceptions)).toEqual([])
      expect(new Set(seen.receipts.map(({ value }) => value.callSeq)).size).toBe(seen.receipts.length)
      expect(seen.settled!.statement.value.receipts).toBe(seen.receipts.length)
      // A paid session is not loaded again: by then everybody has what proves it.
      const { values } = this.rig.agentDisk
      const { statement, payout } = seen.settled!
      expect(values.get(agentKeys.statement(key, 1))).toEqual(statement.bytes)
      if (payout !== undefined)
        expect(values.get(agentKeys.payout(hex(payout.value.payoutId), payout.value.transaction))).toEqual(payout.bytes)
      total += totalMicros
    }
    const collected = new Set(
      [...coordinator.sessions.values()].flatMap((seen) => seen.receipts.map(({ id }) => hex(id))),
    )
    for (const id of this.#results) expect(collected.has(id)).toBe(true)
    expect(ledger.balance(agentParty.wallet.address)).toBe(FUNDS - total)
    expect([...provider.sessions()]).toEqual([])
    expect(agent.sessions()).toEqual([])
    expect(this.#witness.problems).toEqual([])
  }

  /** The exact close, co-signed. */
  async #close(seen: SeenSession): Promise<boolean> {
    const { coordinator, agentParty } = this.rig
    const totalMicros = ackedOf(seen) / NUMERATOR_PER_MICRO
    const ask = { sessionId: seen.id, base: seen.base, totalMicros }
    const { cheque } = await coordinator.cosign(agentParty.peer, { close: ask })
    if (cheque === undefined) return false
    expect(decodeCheque(cheque).ceilingMicros).toBe(totalMicros)
    // The highest cheque is what the script closes with: here that must be the exact one.
    seen.cheques.splice(0, seen.cheques.length, decodeCheque(cheque))
    return true
  }

  /** What the provider claims and the agent did not countersign, because its stream is gone, is shown to the agent. */
  async #contest(seen: SeenSession): Promise<void> {
    const { coordinator, agentParty } = this.rig
    const at = seen.acks.at(-1)?.throughSeq ?? 0
    const next = seen.receipts[at]
    if (!seen.final || next === undefined) return
    const contest = { authorisation: next.authorisationBytes, receipt: next.bytes }
    const { ack } = await coordinator.cosign(agentParty.peer, { contest })
    if (ack !== undefined) seen.acks.push(peekDocument(scope, Ack, ack).value)
  }

  #isCollected(seen: SeenSession): boolean {
    if (seen.ends.length === 0) return false
    const known = this.#phaseOf('provider', hex(seen.id)) !== undefined
    return !known || (seen.final && (seen.acks.at(-1)?.throughSeq ?? 0) === seen.receipts.length)
  }

  #isPaid(key: string): boolean {
    const provider = this.#phaseOf('provider', key)
    return (provider === undefined || provider === 'paid') && this.#phaseOf('agent', key) === 'paid'
  }

  #phaseOf(who: Who, key: string): string | undefined {
    const meta = this.#diskOf(who).values.get(`meta/${key}`)
    return meta === undefined
      ? undefined
      : (JSON.parse(new TextDecoder().decode(meta)) as { readonly phase: string }).phase
  }

  #newest(): SeenSession {
    const seen = [...this.rig.coordinator.sessions.values()].at(-1)
    if (seen === undefined) throw new Error('no session')
    return seen
  }

  #keep(seen: SeenSession, bytes: Uint8Array): void {
    const cheque = decodeCheque(bytes)
    seen.cheques.push(cheque)
    if (cheque.ceilingMicros > seen.ceiling) seen.ceiling = cheque.ceilingMicros
  }

  #diskOf(who: Who): MemoryDisk {
    return who === 'agent' ? this.rig.agentDisk : this.rig.providerDisk
  }

  async #onFlush(who: Who, ops: readonly StoreOp[]): Promise<void> {
    // A disk that takes its time: what leaves before its flush is seen.
    for (let turn = 0; turn < FLUSH_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve))
    this.flushes[who]++
    const cut = this.#cut
    if (cut?.who !== who || this.flushes[who] !== cut.at) return
    this.cuts++
    if (cut.how === 'after') await memoryStore({ disk: this.#diskOf(who) }).commit(ops)
    this.#down = who
    if (cut.how === 'full') throw new OrienError('storeFull', { message: 'the disk is full' })
    this.rig.hub.vanish(this.#partyOf(who).peer)
    throw new OrienError('stopped', { message: 'power cut' })
  }

  #partyOf(who: Who) {
    return who === 'agent' ? this.rig.agentParty : this.rig.providerParty
  }

  /** Does a step again and again until it is done; whoever went down in between is started again. */
  async #until(step: () => Promise<boolean>): Promise<void> {
    let why: unknown
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const done = await this.#patiently(step).catch((error: unknown) => {
        if (!isOrienError(error) && !(error instanceof Error && /^(no |the agent did)/.test(error.message))) throw error
        why = error
        return false
      })
      const isDown = this.#down !== undefined
      if (isDown) await this.#revive()
      if (done && !isDown) return
      await this.rig.time.advance(STEP_MS)
    }
    throw new Error(`the step never came to an end: ${String(why)}`)
  }

  /** Lets time pass while a step waits; it is not waited for when somebody went down. */
  async #patiently(step: () => Promise<boolean>): Promise<boolean> {
    let result: { readonly done: boolean } | { readonly error: unknown } | undefined
    step().then(
      (done) => (result = { done }),
      (error: unknown) => (result = { error }),
    )
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      await this.rig.time.settle()
      if (result !== undefined) break
      if (this.#down !== undefined) return false
      await this.rig.time.advance(STEP_MS)
    }
    if (result === undefined) throw new Error('a step waits for ever')
    if ('error' in result) throw result.error
    return result.done
  }

  async #revive(): Promise<void> {
    const who = this.#down
    if (who === undefined) return
    if (this.#cut?.how === 'full' && this.#running[who]) await this.#expectRefusal(who)
    this.#down = undefined
    await this.#start(who)
  }

  /** A party whose disk is full says so, and takes on nothing. */
  async #expectRefusal(who: Who): Promise<void> {
    const { provider, agent, time } = this.rig
    const failed = await (who === 'provider' ? provider : agent).failed
    expect(failed.code).toBe('storeFull')
    const before = this.flushes[who]
    const receipts = this.#witness.receipts.size
    const answer = agent.run('sleep', { ms: 1 }).then(
      () => 'ran',
      (error: unknown) => (isOrienError(error) ? error.code : String(error)),
    )
    if (who === 'agent') expect(await answer).toBe('storeFull')
    await time.advance(5_000)
    expect(this.flushes[who]).toBe(before)
    if (who === 'provider') expect(this.#witness.receipts.size).toBe(receipts)
  }

  async #start(who: Who): Promise<void> {
    this.#running[who] = false
    const { rig } = this
    const { peer } = this.#partyOf(who)
    let over = false
    const starting = (who === 'agent' ? rig.crashAgent() : rig.crashProvider()).then(
      () => (this.#running[who] = true),
      (error: unknown) => {
        // It went down while it started.
        if (!isOrienError(error)) throw error
        rig.hub.vanish(peer)
      },
    )
    void starting.finally(() => (over = true)).catch(() => undefined)
    for (let steps = 0; !over && steps < MAX_STEPS; steps++) await rig.time.advance(STEP_MS)
    await starting
  }

  #sleeper(): Program {
    return ({ argv, write, signal }) =>
      new Promise<number>((resolve) => {
        const { ms } = JSON.parse(argv[1] ?? '{}') as { ms: number }
        const cancel = this.rig.timers.after(ms, () => void write('stdout', utf8('ok')).then(() => resolve(0)))
        signal.addEventListener('abort', cancel)
      })
  }
}

/** A, by the Acks that were collected. */
function ackedOf(seen: SeenSession): bigint {
  return seen.acks.reduce((most, { acceptedNumerator }) => (acceptedNumerator > most ? acceptedNumerator : most), 0n)
}
