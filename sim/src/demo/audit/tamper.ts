import { existsSync } from 'node:fs'
import { openLevelStore, type Store } from '@orien/node/store'
import { nodeCrypto } from '@orien/node/crypto'
import {
  decodeCheque,
  isOrienError,
  OrienError,
  Payout,
  peekDocument,
  Receipt,
  scopeOf,
  workAnswers,
  type Scope,
} from '@orien/protocol'
import { readLedger, tamperLedgerEntry } from '../../devnet/clearnode/audit.ts'
import { ledgerPath } from '../../devnet/clearnode/journal.ts'
import { bookFolder, type BookRole } from './books.ts'
import { placeOf } from './findings.ts'
import { entryId } from './ledger-entries.ts'
import type { TamperInput, Tampered, TamperKind } from './types.ts'

/** Which entries of which books hold a document of a kind, and how its worth is read. */
interface Target {
  readonly role: BookRole
  readonly prefix: string
  /** Where the document's bytes stand in the entry. */
  within(value: Uint8Array): { readonly from: number; readonly to: number }
  /** What of the document a thief would change, as text; undefined when it cannot be read. */
  worth(scope: Scope, bytes: Uint8Array): string | undefined
}

const TARGETS: Readonly<Record<Exclude<TamperKind, 'ledger'>, Target>> = {
  receipt: {
    role: 'provider',
    prefix: 'done/',
    within: receiptWithin,
    worth: (scope, bytes) => readable(() => `${peekDocument(scope, Receipt, bytes).value.numerator}`),
  },
  payout: {
    role: 'agent',
    prefix: 'payout/',
    within: whole,
    worth: (scope, bytes) =>
      readable(() =>
        peekDocument(scope, Payout, bytes)
          .value.legs.map(({ micros }) => micros)
          .join(', '),
      ),
  },
  cheque: {
    role: 'provider',
    prefix: 'cheque/',
    within: whole,
    worth: (_scope, bytes) => readable(() => `${decodeCheque(bytes).ceilingMicros}`),
  },
}

/**
 * Changes one byte of something that is stored, as a thief would: what a receipt claims, what a ledger entry moves, what a leg pays,
 * what a cheque is good for. The daemons are stopped; the ClearNode is stopped here. Throws `notFound` when there is nothing of the
 * kind, `locked` while a daemon runs.
 */
export async function tamper(kind: TamperKind, input: TamperInput): Promise<Tampered> {
  return kind === 'ledger' ? tamperLedger(input) : tamperBook(kind, TARGETS[kind], input)
}

async function tamperLedger({ clearnodeHome, devnet, parties }: TamperInput): Promise<Tampered> {
  await devnet.clearnode.stop()
  const entries = await readLedger(clearnodeHome)
  const coordinator = parties.find(({ role }) => role === 'coordinator')?.channelWallet
  // What a close paid the coordinator, when there is such an entry.
  const paid = entries.findIndex(({ account, debit }) => account === coordinator && debit === '0')
  const at = paid < 0 ? entries.length - 1 : paid
  const entry = entries[at]
  if (entry === undefined) throw new OrienError('notFound', { message: 'the ledger has no entry' })
  await tamperLedgerEntry(clearnodeHome, at)
  const now = (await readLedger(clearnodeHome))[at]
  return {
    what: 'ledger',
    id: entryId(entry.id),
    file: ledgerPath(clearnodeHome),
    detail: `credit ${entry.credit}, debit ${entry.debit} became ${now?.credit}, ${now?.debit}`,
  }
}

async function tamperBook(kind: Exclude<TamperKind, 'ledger'>, target: Target, input: TamperInput): Promise<Tampered> {
  const scope = scopeOf(input.chainId, nodeCrypto)
  // Payouts and cheques lie in every book: the likely one first.
  const parties = [
    ...input.parties.filter(({ role }) => role === target.role),
    ...input.parties.filter(({ role }) => role !== target.role && kind !== 'receipt'),
  ]
  for (const { name, role } of parties) {
    if (role === 'coordinator') continue
    const folder = bookFolder(input.home, name, role)
    if (!existsSync(folder)) continue
    const store = await openLevelStore(folder)
    try {
      const changed = await changeFirst(scope, store, target)
      if (changed === undefined) continue
      const [, id = '', seq] = changed.key.split('/')
      const place = placeOf(name, kind, id, kind === 'receipt' ? Number(seq) : undefined)
      return { what: kind, id: place, file: folder, detail: `${changed.key}: byte ${changed.at}` }
    } finally {
      await store.close()
    }
  }
  throw new OrienError('notFound', { message: `no book holds a ${kind}` })
}

async function changeFirst(
  scope: Scope,
  store: Store,
  target: Target,
): Promise<{ readonly key: string; readonly at: number } | undefined> {
  for await (const [key, stored] of store.scan({ gte: target.prefix, lt: `${target.prefix}\uffff`, limit: 1 })) {
    const value = Uint8Array.from(stored)
    const { from, to } = target.within(value)
    const at = from + tellingByte(value.subarray(from, to), (bytes) => target.worth(scope, bytes))
    value[at] = (value[at] ?? 0) ^ 1
    await store.commit([{ type: 'put', key, value }])
    return { key, at }
  }
  return undefined
}

/** The first byte whose lowest bit changes the worth and leaves a document; else the last, which is of its signature. */
function tellingByte(bytes: Uint8Array, worth: (bytes: Uint8Array) => string | undefined): number {
  const before = worth(bytes)
  for (let at = 0; at < bytes.length; at++) {
    const changed = Uint8Array.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    const after = worth(changed)
    if (after !== undefined && after !== before) return at
  }
  return bytes.length - 1
}

function whole(value: Uint8Array): { readonly from: number; readonly to: number } {
  return { from: 0, to: value.length }
}

function receiptWithin(value: Uint8Array): { readonly from: number; readonly to: number } {
  const receipt = workAnswers.decode(value).done?.receipt
  if (receipt === undefined) throw new OrienError('storeCorrupt', { message: 'an entry is not a finished call' })
  const from = Buffer.from(value).indexOf(receipt)
  return { from, to: from + receipt.length }
}

function readable(read: () => string): string | undefined {
  try {
    return read()
  } catch (error) {
    if (isOrienError(error)) return undefined
    throw error
  }
}
