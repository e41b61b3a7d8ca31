// One thing made wrong for each code of the audit.
import { decodeCheque, encodeCheque, hex, micros, numerator, signDocument, Statement } from '@orien/protocol'
import type { AuditCode, Audited } from '../../src/demo/audit/types.ts'
import { account, addresses, cast, scope } from './audit-parties.ts'
import { bookOf, makeRun, payment, refund, usualLedger, type Run, type RunChanges } from './audit-run.ts'
import type { MadeSession } from './audit-session.ts'

export interface Case {
  readonly what: Audited
  readonly id: RegExp
  /** Every code that is found, in alphabetical order: the damage and what follows from it. */
  readonly codes: readonly AuditCode[]
  readonly make: () => Promise<Run>
}

const SID = '[0-9a-f]{12}'

/** A good run, damaged afterwards. */
function damaged(damage: (run: Run) => void, changes?: RunChanges): () => Promise<Run> {
  return async () => {
    const run = await makeRun(changes)
    damage(run)
    return run
  }
}

const sidOf = ({ grant }: MadeSession): string => hex(grant.id)

/** Takes a session out of a book, or out of all. */
function forget(run: Run, session: MadeSession, ...names: readonly string[]): void {
  for (const name of names) {
    const book = bookOf(run.books, name)
    for (const key of [...book.keys()]) if (key.includes(sidOf(session))) book.delete(key)
  }
}

/** Changes rows of the ledger in place. */
function editRows(run: Run, edit: (row: Record<string, unknown>) => Record<string, unknown> | undefined): void {
  run.ledger.forEach((line, at) => {
    const rows = line.rows.flatMap((row) => (edit({ ...row }) as typeof row | undefined) ?? [])
    run.ledger[at] = { ...line, rows }
  })
}

/** Changes the entry with that number. */
function editEntry(run: Run, id: number, change: Record<string, unknown> | undefined): void {
  editRows(run, (row) => {
    if (row['table'] !== 'entry' || row['id'] !== id) return row
    return change === undefined ? undefined : { ...row, ...change }
  })
}

const seq = '0'.repeat(15)

const BOOKS = {
  bookUnreadable: {
    what: 'ack',
    id: new RegExp(`^ada ack/${SID}/1$`),
    codes: ['bookUnreadable'],
    make: damaged(({ books, sessions: [exact] }) => {
      const key = `ack/${sidOf(exact)}/${seq}1`
      const book = bookOf(books, 'ada/agent')
      book.set(key, book.get(key)?.slice(1) ?? new Uint8Array())
    }),
  },
  badSignature: {
    what: 'statement',
    id: new RegExp(`^build-barn statement/${SID}/1$`),
    codes: ['badSignature'],
    make: damaged(({ books, sessions: [exact] }) => {
      const forged = signDocument(scope, cast.ada.signer, Statement, exact.statement.value)
      bookOf(books, 'build-barn/provider').set(`statement/${sidOf(exact)}/${seq}1`, forged.bytes)
    }),
  },
  brokenChain: {
    what: 'ack',
    id: new RegExp(`^session ack/${SID}$`),
    codes: ['brokenChain'],
    make: () => makeRun({ documents: [{ ack: (ack) => ({ ...ack, acceptedNumerator: numerator(1n) }) }] }),
  },
  copiesDiffer: {
    what: 'statement',
    id: new RegExp(`^build-barn statement/${SID}/1$`),
    codes: ['copiesDiffer'],
    make: damaged(({ books, sessions: [exact] }) => {
      const value = { ...exact.statement.value, closeEvidence: 'another story' }
      const other = signDocument(scope, cast.coordinator.signer, Statement, value)
      bookOf(books, 'build-barn/provider').set(`statement/${sidOf(exact)}/${seq}1`, other.bytes)
    }),
  },
  evidenceMissing: {
    what: 'statement',
    id: new RegExp(`^session statement/${SID}$`),
    codes: ['balanceMismatch', 'evidenceMissing', 'legAmount', 'paidNotDebited', 'payoutStatementUnknown'],
    make: damaged(({ books, sessions: [exact] }) => {
      for (const name of ['ada/agent', 'build-barn/provider'])
        bookOf(books, name).delete(`statement/${sidOf(exact)}/${seq}1`)
    }),
  },
  bookMissing: {
    what: 'book',
    id: new RegExp(`^build-barn grant/${SID}$`),
    codes: ['bookMissing'],
    make: damaged((run) => forget(run, run.sessions[0], 'build-barn/provider')),
  },
  foreignWallet: {
    what: 'grant',
    id: new RegExp(`^(ada|build-barn) grant/${SID}$`),
    codes: ['balanceMismatch', 'brokenChain', 'foreignWallet', 'legAmount'],
    make: () => makeRun({ documents: [{ grant: (grant) => ({ ...grant, payoutWallet: account(99) }) }] }),
  },
  overTerms: {
    what: 'receipt',
    id: new RegExp(`^build-barn receipt/${SID}/2$`),
    codes: ['brokenChain', 'overTerms'],
    make: () =>
      makeRun({
        documents: [
          {
            receipt: (one, at) => (at === 2 ? { ...one, numerator: numerator(one.numerator + 1n) } : one),
          },
        ],
      }),
  },
} as const satisfies Partial<Record<AuditCode, Case>>

const CHEQUES = {
  chequeMissing: {
    what: 'cheque',
    id: new RegExp(`^ada cheque/${SID}$`),
    codes: ['chequeMissing'],
    make: damaged(({ books, sessions: [exact] }) => bookOf(books, 'ada/agent').delete(`cheque/${sidOf(exact)}`)),
  },
  badCheque: {
    what: 'cheque',
    id: new RegExp(`^number-mill cheque/${SID}$`),
    codes: ['badCheque'],
    make: damaged(({ books, sessions: [, vanished] }) => {
      const higher = { ...decodeCheque(vanished.cheque), ceilingMicros: micros(350_000n) }
      bookOf(books, 'number-mill/provider').set(`cheque/${sidOf(vanished)}`, encodeCheque(higher))
    }),
  },
  chequeOverAllowance: {
    what: 'cheque',
    id: new RegExp(`^ada cheque/${SID}$`),
    codes: ['chequeOverAllowance'],
    make: () => makeRun({ documents: [{ ceiling: 1_000_001n }] }),
  },
  chequeTooSmall: {
    what: 'cheque',
    id: new RegExp(`^session cheque/${SID}$`),
    codes: ['chequeTooSmall'],
    make: () => makeRun({ documents: [{}, { ceiling: 299_999n }] }),
  },
} as const satisfies Partial<Record<AuditCode, Case>>

const LEDGER = {
  ledgerUnreadable: {
    what: 'ledger',
    id: /^clearnode$/,
    codes: ['balanceMismatch', 'ledgerUnreadable'],
    make: damaged((run) => editEntry(run, 1, { credit: 'two' })),
  },
  entryUnexplained: {
    what: 'ledger',
    id: /^clearnode entry\/4$/,
    codes: ['assetNotConserved', 'balanceMismatch', 'entryUnexplained'],
    make: damaged((run) => editEntry(run, 4, { debit: '0.9' })),
  },
  entryMissing: {
    what: 'ledger',
    id: /^clearnode entry\/4$/,
    codes: ['assetNotConserved', 'balanceMismatch', 'channelFunding', 'entryMissing'],
    make: damaged((run) => editEntry(run, 4, undefined)),
  },
  ledgerUnbalanced: {
    what: 'ledger',
    id: /^clearnode entry\/8,9$/,
    codes: ['assetNotConserved', 'entryUnexplained', 'ledgerUnbalanced'],
    make: damaged((run) => editEntry(run, 9, { credit: '0.016' })),
  },
  assetNotConserved: {
    what: 'ledger',
    id: /^clearnode asset\/usdc$/,
    codes: ['assetNotConserved', 'balanceMismatch', 'entryUnexplained'],
    make: damaged((run) => editEntry(run, 1, { credit: '9' })),
  },
  channelUnknown: {
    what: 'ledger',
    id: new RegExp(`^clearnode channel/0x${SID}$`),
    codes: ['balanceMismatch', 'channelUnknown', 'legAmount', 'paidNotDebited', 'payoutStatementUnknown'],
    make: damaged((run) => forget(run, run.sessions[2], 'grace/agent', 'build-barn/provider')),
  },
  channelMissing: {
    what: 'ledger',
    id: new RegExp(`^clearnode channel/0x${SID}$`),
    codes: ['balanceMismatch', 'channelMissing'],
    make: () =>
      makeRun({
        ledger(script, [exact, vanished]) {
          script.faucet(cast.ada.wallet.address, 2_000_000n)
          script.faucet(cast.grace.wallet.address, 2_000_000n)
          for (const one of [exact, vanished]) {
            script.open(one)
            script.close(one)
          }
          refund(script, vanished)
        },
      }),
  },
  channelFunding: {
    what: 'ledger',
    id: new RegExp(`^clearnode channel/0x${SID}$`),
    codes: ['channelFunding', 'restMismatch'],
    make: ledgerOf((script, session) => {
      script.open(session, 900_000n)
      script.close(session, { agent: 900_000n - session.received })
    }),
  },
  channelOpen: {
    what: 'ledger',
    id: new RegExp(`^clearnode channel/0x${SID}$`),
    codes: ['balanceMismatch', 'channelOpen'],
    make: ledgerOf((script, session) => script.open(session)),
  },
  receivedMismatch: {
    what: 'close',
    id: new RegExp(`^session close/${SID}$`),
    codes: ['balanceMismatch', 'receivedMismatch'],
    make: ledgerOf((script, session) => {
      script.open(session)
      script.close(session, { coordinator: 22_000n })
    }),
  },
  restMismatch: {
    what: 'ledger',
    id: new RegExp(`^clearnode channel/0x${SID}$`),
    codes: ['assetNotConserved', 'balanceMismatch', 'ledgerUnbalanced', 'restMismatch'],
    make: ledgerOf((script, session) => {
      script.open(session)
      script.close(session, { agent: 900_000n })
    }),
  },
  refundMissing: {
    what: 'ledger',
    id: new RegExp(`^clearnode refund/${SID}$`),
    codes: ['balanceMismatch', 'refundMissing', 'transferUnexplained'],
    make: () =>
      makeRun({
        ledger(script, sessions) {
          usualLedger(script, sessions, 99_999n)
        },
      }),
  },
  transferUnexplained: {
    what: 'ledger',
    id: /^clearnode transaction\/\d+$/,
    codes: ['balanceMismatch', 'transferUnexplained'],
    make: () =>
      makeRun({
        ledger(script, sessions) {
          usualLedger(script, sessions)
          refund(script, sessions[1])
        },
      }),
  },
} as const satisfies Partial<Record<AuditCode, Case>>

/** The first session's channel by `play`; everything else as usual. */
function ledgerOf(play: (script: Parameters<typeof usualLedger>[0], session: MadeSession) => void): () => Promise<Run> {
  return () =>
    makeRun({
      ledger(script, [exact, vanished, disputed]) {
        script.faucet(cast.ada.wallet.address, 2_000_000n)
        script.faucet(cast.grace.wallet.address, 2_000_000n)
        play(script, exact)
        for (const one of [vanished, disputed]) {
          script.open(one)
          script.close(one)
        }
        refund(script, vanished)
      },
    })
}

const PAYOUTS = {
  statementUnpaid: {
    what: 'statement',
    id: new RegExp(`^session statement/${SID}/1$`),
    codes: ['balanceMismatch', 'paidNotDebited', 'statementUnpaid'],
    make: () => makeRun({ sets: [[0, 1]] }),
  },
  statementPaidTwice: {
    what: 'statement',
    id: new RegExp(`^session statement/${SID}/1$`),
    codes: ['balanceMismatch', 'paidNotDebited', 'statementPaidTwice'],
    make: () => makeRun({ sets: [[0, 1], [2], [0, 2]] }),
  },
  payoutStatementUnknown: {
    what: 'payout',
    id: new RegExp(`^payout/${SID}$`),
    codes: ['balanceMismatch', 'evidenceMissing', 'legAmount', 'paidNotDebited', 'payoutStatementUnknown'],
    make: damaged(({ books, sessions: [, , disputed] }) => {
      for (const name of ['grace/agent', 'build-barn/provider'])
        bookOf(books, name).delete(`statement/${sidOf(disputed)}/${seq}1`)
    }),
  },
  legAmount: {
    what: 'payout',
    id: new RegExp(`^payout/${SID} 0x[0-9a-fA-F]{12}$`),
    codes: ['balanceMismatch', 'legAmount', 'legUnproved', 'paidNotDebited'],
    make: () =>
      makeRun({
        legs: (legs, at) =>
          legs.map((leg, place) => (at === 1 && place === 0 ? { ...leg, micros: micros(leg.micros + 1n) } : leg)),
      }),
  },
  legUnproved: {
    what: 'payout',
    id: new RegExp(`^payout/${SID} 0x[0-9a-fA-F]{12}$`),
    codes: ['balanceMismatch', 'legUnproved', 'paidNotDebited'],
    make: damaged(({ logs }) => void logs.splice(-2)),
  },
  paidTwice: {
    what: 'payout',
    id: new RegExp(`^payout/${SID} 0x[0-9a-fA-F]{12}$`),
    codes: ['balanceMismatch', 'paidTwice'],
    make: damaged(({ logs, payouts: [first] }) => {
      const [leg] = first?.value.legs ?? []
      if (first !== undefined && leg !== undefined) logs.push(...payment(first.value, leg, 2))
    }),
  },
  paidUnowed: {
    what: 'chain',
    id: /^chain 0x1{64} 0x[0-9a-fA-F]{12}$/,
    codes: ['balanceMismatch', 'paidUnowed'],
    make: damaged(({ logs, payouts: [first] }) => {
      const stranger = { recipient: account(99), micros: micros(5n) }
      if (first !== undefined) logs.push(...payment(first.value, stranger))
    }),
  },
  balanceMismatch: {
    what: 'party',
    id: /^coordinator treasury$/,
    codes: ['balanceMismatch', 'paidUnowed'],
    make: damaged(({ logs }) => {
      const place = { blockNumber: 1n, logIndex: 0, transaction: `0x${'9'.repeat(64)}` } as const
      logs.push({ ...place, event: 'Transfer', from: addresses.treasury, to: account(99), micros: micros(1n) })
    }),
  },
  paidNotDebited: {
    what: 'party',
    id: /^all$/,
    codes: ['balanceMismatch', 'legUnproved', 'paidNotDebited'],
    // The authorisation was used, but what followed is another transfer.
    make: damaged(({ logs }) => {
      const last = logs.pop()
      if (last?.event === 'Transfer') logs.push({ ...last, to: account(99) })
    }),
  },
} as const satisfies Partial<Record<AuditCode, Case>>

/** A case for every code: the compiler misses none. */
export const CASES: Readonly<Record<AuditCode, Case>> = { ...BOOKS, ...CHEQUES, ...LEDGER, ...PAYOUTS }
