import type { Movement } from '@orien/node/rails'
import type { StoreOp } from '@orien/node/store'
import { hex, isOrienError, micros, type Address, type CancelTimer, type Micros } from '@orien/protocol'
import { decodeRecord, encodeRecord } from '../codec.ts'
import type { Core } from '../core.ts'
import { after, keys } from '../keys.ts'
import { accounts } from '../ledger/accounts.ts'
import { movedIn, movedOut, type Posting } from '../ledger/postings.ts'
import type { Live } from '../sessions/live.ts'
import type { Registry } from '../sessions/registry.ts'
import type { Session } from '../sessions/session.ts'

/** A transfer that left our wallet and that no refund of this book explains. */
interface Unexplained {
  readonly id: string
  readonly wallet: Address
  readonly micros: Micros
  /** The operator answers for it: it is no doubt any more, but still explains a refund. */
  readonly excused: boolean
}

/** How far the movements of our wallet were read. */
interface Cursor {
  /** Read from there: the newest movement of the reading before the last, so that each is looked for twice. A reading can be torn. */
  readonly id?: string
  readonly newest?: string
  /** Movements up to then were there before the book was. */
  readonly sinceMs: number
}

/**
 * Reads what moved in and out of our wallet in the channel ledger, each movement once. Money nobody asked for is booked `unclaimed:`; a transfer
 * that only we could have signed and that the book does not know makes the book read-only.
 */
export interface Holdings {
  /** Reads once, if the ledger answers, and then every watchMs; until it was read for the first time after pauses that double. */
  start(): Promise<void>
  stop(): Promise<void>
  /** True while the movements were never read since the start: no transfer is signed before that. */
  readonly unread: boolean
  /** A refund that a transfer nobody explained has already paid, by wallet and amount: it is booked and not sent again. */
  settleRefund(live: Live): Promise<boolean>
  /** The operator answers for every transfer that is not explained. */
  excuse(): Promise<void>
}

export function createHoldings(core: Core, registry: Registry): Holdings {
  return new WalletHoldings(core, registry)
}

class WalletHoldings implements Holdings {
  unread = true
  readonly #core: Core
  readonly #registry: Registry
  readonly #unexplained = new Map<string, Unexplained>()
  #cursor: Cursor | undefined
  /** Readings that failed since the last one that did not. */
  #failures = 0
  #stopped = false
  #cancel: CancelTimer | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(core: Core, registry: Registry) {
    this.#core = core
    this.#registry = registry
  }

  async start(): Promise<void> {
    const { store } = this.#core
    const stored = await store.get(keys.movementCursor)
    if (stored !== undefined) this.#cursor = decodeRecord<Cursor>(stored, keys.movementCursor)
    for await (const [key, value] of store.scan({ gte: keys.unexplaineds, lt: after(keys.unexplaineds) })) {
      const one = decodeRecord<Unexplained>(value, key)
      this.#unexplained.set(one.id, one)
    }
    tellDoubt(this.#core, this.#unexplained)
    await this.#turn()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    await this.#running
  }

  async settleRefund(live: Live): Promise<boolean> {
    const { refund } = live.session
    if (refund === undefined || refund.bytes !== undefined) return false
    const wallet = live.grant.agentWallet
    const match = [...this.#unexplained.values()].find((one) => one.wallet === wallet && one.micros === refund.micros)
    if (match === undefined) return false
    // Taken at once: another session of the agent may owe the same amount.
    this.#unexplained.delete(match.id)
    const gone: StoreOp = { type: 'del', key: keys.unexplained(match.id) }
    const taken = await this.#registry.feed(live, { type: 'refundFound', nowMs: this.#core.clock.wallMs() }, [gone])
    if (!taken) this.#unexplained.set(match.id, match)
    tellDoubt(this.#core, this.#unexplained)
    return taken
  }

  async excuse(): Promise<void> {
    const ops: StoreOp[] = []
    for (const one of this.#unexplained.values()) {
      const excused = { ...one, excused: true }
      this.#unexplained.set(one.id, excused)
      ops.push({ type: 'put', key: keys.unexplained(one.id), value: encodeRecord(excused) })
    }
    if (ops.length > 0) await this.#core.book.commit({ nowMs: this.#core.clock.wallMs(), postings: [], ops })
    tellDoubt(this.#core, this.#unexplained)
  }

  async #turn(): Promise<void> {
    const { book, config, log, timers } = this.#core
    try {
      await this.#read()
      this.#failures = 0
    } catch (error) {
      this.#failures += 1
      log('holdingsUnread', { code: isOrienError(error) ? error.code : 'internal' })
    }
    if (this.#stopped || book.failure !== undefined) return
    const { retryMs, maxRetryMs, watchMs } = config.times
    const againMs = Math.min(maxRetryMs, retryMs * 2 ** Math.min(20, this.#failures - 1))
    this.#cancel = timers.after(this.unread ? againMs : watchMs, () => {
      this.#running = this.#turn()
    })
  }

  async #read(): Promise<void> {
    const { book, channel, wallet } = this.#core
    const { movements } = await channel.holdings(wallet.address, this.#cursor?.id)
    const [newest] = movements
    if (this.#cursor === undefined) {
      this.#cursor = cursorAt(newest?.id, newest?.id, newest?.atMs ?? -1)
      book.attach({ type: 'put', key: keys.movementCursor, value: encodeRecord(this.#cursor) })
    } else {
      const all = await this.#freshOf(movements, this.#cursor.sinceMs)
      const fresh = all.filter(({ account }) => !this.#isUndecided(account))
      if (fresh.length > 0) {
        // What nobody can tell yet is read again.
        if (fresh.length === all.length) this.#cursor = cursorAt(this.#cursor.newest, newest?.id, this.#cursor.sinceMs)
        const found = await bookMovements(this.#core, this.#registry, fresh, this.#cursor)
        for (const one of found) this.#unexplained.set(one.id, one)
      }
    }
    this.unread = false
    for (const live of [...this.#registry.all()]) await this.settleRefund(live)
    tellDoubt(this.#core, this.#unexplained)
  }

  /** Whether a session that is being funded has a channel of its own is not known before it is open or void. */
  #isUndecided(channel: string): boolean {
    for (const { session, firstLane } of this.#registry.all())
      if (session.state === 'FUNDING' && firstLane.id === channel) return true
    return false
  }

  /** Movements that were not taken yet, oldest first. A node that lost its place shows everything again. */
  async #freshOf(movements: readonly Movement[], sinceMs: number): Promise<readonly Movement[]> {
    const fresh: Movement[] = []
    for (const movement of movements.toReversed()) {
      if (movement.atMs <= sinceMs) continue
      if ((await this.#core.store.get(keys.movement(movement.id))) === undefined) fresh.push(movement)
    }
    return fresh
  }
}

function cursorAt(id: string | undefined, newest: string | undefined, sinceMs: number): Cursor {
  return { ...(id === undefined ? {} : { id }), ...(newest === undefined ? {} : { newest }), sinceMs }
}

const DOUBT = 'transferUnknown'

function tellDoubt({ book }: Core, unexplained: ReadonlyMap<string, Unexplained>): void {
  const open = [...unexplained.values()].filter(({ excused }) => !excused)
  if (open.length === 0) return book.doubts.settle(DOUBT)
  const sum = open.reduce((total, one) => total + one.micros, 0n)
  return book.doubts.raise({
    id: DOUBT,
    kind: DOUBT,
    found: `${open.length} transfers of ${sum} micro-USDC left our wallet in the channel ledger and are not in the book`,
    missing: 'refunds that were signed after this book was saved, and whatever else was decided since',
    next: 'Start on the newest copy of the book if there is one. Else wait until providers have sent their receipts again, then run `orien-coordinator resume`: refunds that these transfers paid are found and not sent again.',
  })
}

/** Books movements in one durable batch with their marks and the cursor. Returns those that nobody explains. */
async function bookMovements(
  core: Core,
  registry: Registry,
  fresh: readonly Movement[],
  cursor: Cursor,
): Promise<readonly Unexplained[]> {
  const ops: StoreOp[] = [{ type: 'put', key: keys.movementCursor, value: encodeRecord(cursor) }]
  const postings: Posting[] = []
  const found: Unexplained[] = []
  const seen = new Map<string, bigint>()
  for (const { id, account, micros: amount, atMs } of fresh) {
    ops.push({ type: 'put', key: keys.movement(id), value: encodeRecord({ atMs }) })
    if (amount > 0n && !(await isOfSession(core, registry, account)))
      postings.push(movedIn(id, account, micros(amount)))
    if (amount >= 0n) continue
    const out = micros(0n - amount)
    postings.push(movedOut(id, account, out))
    const total = (seen.get(account) ?? core.book.balance(accounts.seen(account))) + out
    seen.set(account, total)
    if (total <= core.book.balance(accounts.sent(account))) continue
    // The next such transfer is measured against what stays.
    const one: Unexplained = { id, wallet: account as Address, micros: out, excused: false }
    found.push(one)
    ops.push({ type: 'put', key: keys.unexplained(id), value: encodeRecord(one) })
    core.log('transferUnknown', { account, micros: out.toString() })
  }
  await core.book.commit({ nowMs: core.clock.wallMs(), postings, ops })
  return found
}

/** True for the channel of a session whose close books what it paid. One that never opened for us has nothing to book. */
async function isOfSession(core: Core, registry: Registry, channel: string): Promise<boolean> {
  const sid = await core.store.get(keys.channel(channel))
  if (sid === undefined) return false
  const id = new TextDecoder().decode(sid)
  const session: Session | undefined = registry.get(id)?.session ?? (await registry.finished(id))
  return session !== undefined && session.state !== 'VOID' && hex(session.sessionId) === id
}
