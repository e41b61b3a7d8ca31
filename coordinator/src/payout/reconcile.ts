import { hex, payoutIdOf } from '@orien/protocol'
import type { Core } from '../core.ts'
import { legBlocked, payoutTaken } from '../ledger/postings.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import type { Candidate, PayoutLedger } from './ledger.ts'
import { plain, signAttempts } from './make.ts'
import type { PayoutLegRecord, PayoutRecord } from './record.ts'
import { formSet, legNonce, type PayoutSet } from './set.ts'

/** Holds the gas key's account nonce on the chain against the book. */
export interface Reconciler {
  /** `ahead`: the chain shows more of our transactions than the book knows; nothing may be made. */
  look(): Promise<'agrees' | 'ahead'>
  /** Whether the chain shows more now, by one reading. Throws `unreachable`. */
  isAhead(): Promise<boolean>
  /** The operator answers for what is not explained. Throws `unreachable`. */
  excuse(): Promise<void>
}

const DOUBT = 'gasNonceAhead'

/** Readings in a row that must show more before the book is doubted: one can be a lie. */
const READINGS = 2
/** And so many that must show no more before it is trusted again: a node that lags says so for a while. */
const CALM_READINGS = 12

export function createReconciler(core: Core, ledger: PayoutLedger): Reconciler {
  let ahead = 0
  let calm = CALM_READINGS
  /** What the doubt was last told of: explaining is tried again only when that changes. */
  let triedMs = -Infinity

  const look = async (): Promise<'agrees' | 'ahead'> => {
    const chainNonce = await core.chain.nextAccountNonce()
    // What the key did before this book was begun is none of its business.
    if (!ledger.laneKnown && core.book.entries === 0) ledger.beginLane({ nextNonce: chainNonce })
    if (chainNonce <= knownThrough(ledger)) {
      ahead = 0
      calm += 1
      if (calm < CALM_READINGS) return 'ahead'
      core.book.doubts.settle(DOUBT)
      return 'agrees'
    }
    ahead += 1
    if (ahead < READINGS) return 'ahead'
    const nowMs = core.clock.monoMs()
    if (nowMs - triedMs >= core.config.times.watchMs) {
      triedMs = nowMs
      await adoptLost(core, ledger, chainNonce)
    }
    if (chainNonce <= knownThrough(ledger)) return explained()
    calm = 0
    raise(core, chainNonce - knownThrough(ledger))
    return 'ahead'
  }

  const explained = (): 'agrees' => {
    ahead = 0
    calm = CALM_READINGS
    core.book.doubts.settle(DOUBT)
    return 'agrees'
  }

  return {
    look,
    isAhead: async () => (await core.chain.nextAccountNonce()) > knownThrough(ledger),
    async excuse() {
      const chainNonce = await core.chain.nextAccountNonce()
      const { nextNonce, flight } = ledger.lane()
      if (chainNonce > nextNonce) {
        await ledger.saveLane({ nextNonce: chainNonce, ...(flight === undefined ? {} : { flight }) })
      }
      explained()
    },
  }
}

/** The account nonce up to which every transaction can be ours: also one that was given up for a lower nonce and mined all the same. */
function knownThrough(ledger: PayoutLedger): number {
  const { nextNonce, signedThrough = -1 } = ledger.lane()
  return Math.max(nextNonce, signedThrough + 1)
}

function raise({ book, chain, log }: Core, transactions: number): void {
  if (!book.doubts.all().some(({ id }) => id === DOUBT)) log('gasNonceAhead', { transactions })
  book.doubts.raise({
    id: DOUBT,
    kind: DOUBT,
    found: `the gas key sent ${transactions} transactions that are not in the book`,
    missing: 'payouts that were made after this book was saved, and whatever else was decided since',
    next: `Start on the newest copy of the book if there is one. Else look up on the chain what ${chain.treasury} paid since, run \`orien-coordinator resume\` only when those sessions are in the book as paid or you accept that they may be paid again.`,
  })
}

/**
 * Looks for payouts that were made after the book was saved. A set is the oldest-first prefix of the waiting Statements and its nonces follow
 * from it, so a prefix whose authorisations are used was paid: it is taken up as a payout again, and its legs are proved or sent by the
 * same nonces, which the token pays once. Each one explains one transaction.
 */
async function adoptLost(core: Core, ledger: PayoutLedger, chainNonce: number): Promise<void> {
  const { platform, reserve, payout } = core.config
  const waiting = await ledger.candidates(core.clock.wallMs(), COORDINATOR_LIMITS.maxPayoutStatements)
  const limits = { maxLegs: payout.maxLegs, maxStatements: COORDINATOR_LIMITS.maxLostPrefix }
  let from = 0
  for (let through = 1; through <= waiting.length && chainNonce > knownThrough(ledger); through++) {
    const prefix = waiting.slice(from, through)
    const means = { ...limits, availableMicros: COORDINATOR_LIMITS.maxClaimedNumerator }
    const set = formSet(prefix, { platform, reserve }, means)
    if (set.statements.length < prefix.length) return
    if (!(await wasSigned(core, set))) continue
    await adopt(core, ledger, set, prefix)
    from = through
  }
}

/** True when an authorisation of the set's first legs is used: only our keys make one. */
async function wasSigned(core: Core, set: PayoutSet): Promise<boolean> {
  const { chainId, token } = core.config
  const { treasury } = core.chain
  const payoutId = payoutIdOf(
    core.crypto,
    set.statements.map(({ statementId }) => statementId),
  )
  const validBeforeS = await core.chain.chainTimeS()
  for (const { recipient, micros } of set.legs.slice(0, 3)) {
    const nonce = legNonce({ chainId, token, treasury, payoutId, recipient, attempt: 1 })
    const leg = { recipient, micros, nonce, validBeforeS, signature: new Uint8Array() }
    const reading = await core.chain.authorization(leg)
    if (reading.used && reading.paidBy !== undefined) return true
  }
  return false
}

async function adopt(core: Core, ledger: PayoutLedger, set: PayoutSet, taken: readonly Candidate[]): Promise<void> {
  const payoutId = payoutIdOf(
    core.crypto,
    set.statements.map(({ statementId }) => statementId),
  )
  const id = hex(payoutId)
  const signed = await signAttempts(
    core,
    payoutId,
    set.legs.map((leg) => ({ ...leg, attempt: 1 })),
  )
  const legs = signed.map((leg): PayoutLegRecord => ({ ...leg, state: 'blocked' }))
  const record: PayoutRecord = { payoutId, createdMs: core.clock.wallMs(), statements: set.statements.map(plain), legs }
  const moves = taken.flatMap(({ split, payoutWallet }) => payoutTaken(id, split, payoutWallet))
  const { flight } = ledger.lane()
  core.log('payoutFoundAgain', { payout: id, statements: set.statements.length })
  await ledger.save({
    record,
    finished: false,
    // All below the chain's nonce are used, so this one is the next that is known.
    lane: { nextNonce: knownThrough(ledger) + 1, ...(flight === undefined ? {} : { flight }) },
    postings: [
      { kind: 'payout', ref: id, moves },
      ...set.legs.map(({ recipient, micros }) => legBlocked(id, recipient, micros)),
    ],
    taken,
  })
}
