import type { Findings } from './findings.ts'
import { increase, unitsText, type Entry, type LedgerLine, type Transaction } from './ledger.ts'

/** A movement that a line's transactions, or what a channel held, ask for. */
interface Expected {
  readonly account: string
  readonly wallet: string
  readonly asset: string
  readonly units: bigint
  /** What asks for it. */
  readonly by: string
}

/**
 * Holds every entry against the transaction it belongs to: each entry has one, each transaction its entries, a close empties its
 * channel, a line moves money and makes none, and no entry is left out of the count. Returns what wrong entries should have moved, by
 * their ids, so that each is found once and what follows is judged by what was meant.
 */
export function checkEntries(lines: readonly LedgerLine[], findings: Findings): ReadonlyMap<number, bigint> {
  const corrected = new Map<number, bigint>()
  /** Units by account, wallet and asset. */
  const held = new Map<string, bigint>()
  const conserved = new Map<string, bigint>()
  let lastId = 0
  for (const line of lines) {
    for (const [id, units] of checkLine(line, held, findings)) corrected.set(id, units)
    for (const { id, account, wallet, asset, units } of line.entries) {
      if (id !== lastId + 1)
        findings.add('entryMissing', 'ledger', entryId(lastId + 1), `entry ${id} follows ${lastId}`)
      lastId = id
      increase(held, keyOf(account, wallet, asset), corrected.get(id) ?? units)
      increase(conserved, asset, units)
    }
    for (const { asset, units } of deposits(line)) increase(conserved, asset, -units)
  }
  for (const [asset, surplus] of conserved) {
    if (surplus === 0n) continue
    const detail = `its entries add up to ${unitsText(surplus)} more than was paid in`
    findings.add('assetNotConserved', 'ledger', `clearnode asset/${asset}`, detail)
  }
  return corrected
}

/** Where an entry stands. */
export function entryId(id: number): string {
  return `clearnode entry/${id}`
}

/** Checks one line. Returns what wrong entries should have moved, by their id, where that is known. */
function checkLine(
  line: LedgerLine,
  held: ReadonlyMap<string, bigint>,
  findings: Findings,
): ReadonlyMap<number, bigint> {
  const operates = line.transactions.length === 0 && line.session !== undefined
  const wrong = operates ? NO_WRONG : matchLine(line, expectedOf(line, held), findings)
  if (wrong.any) return wrong.meant
  const sums = new Map<string, bigint>()
  for (const { asset, units } of line.entries) increase(sums, asset, units)
  for (const { asset, units } of deposits(line)) increase(sums, asset, -units)
  if ([...sums.values()].some((sum) => sum !== 0n)) {
    const ids = line.entries.map(({ id }) => id).join(',')
    findings.add(
      'ledgerUnbalanced',
      'ledger',
      `clearnode entry/${ids}`,
      'these entries of one request make or burn money',
    )
  }
  return wrong.meant
}

interface Wrong {
  readonly any: boolean
  readonly meant: ReadonlyMap<number, bigint>
}

const NO_WRONG: Wrong = { any: false, meant: new Map() }

/** Finds entries left over, and transactions without their entry. */
function matchLine({ entries }: LedgerLine, expected: readonly Expected[], findings: Findings): Wrong {
  const open = [...expected]
  const over: Entry[] = []
  for (const entry of entries) {
    const at = open.findIndex((one) => fits(entry, one) && one.units === entry.units)
    if (at < 0) over.push(entry)
    else open.splice(at, 1)
  }
  const meant = new Map<number, bigint>()
  for (const entry of over) {
    const at = open.findIndex((one) => fits(entry, one))
    const [instead] = at < 0 ? [] : open.splice(at, 1)
    meant.set(entry.id, instead?.units ?? 0n)
    const detail =
      instead === undefined
        ? `nothing explains ${unitsText(entry.units)} ${entry.asset} for ${entry.wallet}`
        : `it moves ${unitsText(entry.units)} ${entry.asset}, ${instead.by} moves ${unitsText(instead.units)}`
    findings.add('entryUnexplained', 'ledger', entryId(entry.id), detail)
  }
  for (const { by, wallet, units } of open)
    findings.add('entryMissing', 'ledger', `clearnode ${by}`, `${unitsText(units)} for ${wallet} have no entry`)
  return { any: over.length > 0 || open.length > 0, meant }
}

function fits(entry: Entry, expected: Expected): boolean {
  return keyOf(entry.account, entry.wallet, entry.asset) === keyOf(expected.account, expected.wallet, expected.asset)
}

function expectedOf({ transactions, session }: LedgerLine, held: ReadonlyMap<string, bigint>): readonly Expected[] {
  const closes = session?.status === 'closed'
  const all = transactions.flatMap((one) => movesOf(one, closes))
  if (closes) {
    // A close takes out what each participant holds, whatever it then pays.
    for (const [key, units] of held) {
      const [account = '', wallet = '', asset = ''] = key.split(' ')
      if (account === session.id) all.push({ account, wallet, asset, units: -units, by: `close/${session.id}` })
    }
  }
  return all.filter(({ units }) => units !== 0n)
}

function movesOf({ type, from, to, asset, units, id }: Transaction, closes: boolean): Expected[] {
  const by = `transaction/${id}`
  const unified = (wallet: string, amount: bigint): Expected => ({ account: wallet, wallet, asset, units: amount, by })
  switch (type) {
    case 'deposit':
      return [unified(to, units)]
    case 'transfer':
      return [unified(from, -units), unified(to, units)]
    case 'app_deposit':
      return [unified(from, -units), { account: to, wallet: from, asset, units, by }]
    case 'app_withdrawal':
      return closes
        ? [unified(to, units)]
        : [unified(to, units), { account: from, wallet: to, asset, units: -units, by }]
  }
}

function deposits({ transactions }: LedgerLine): readonly Transaction[] {
  return transactions.filter(({ type }) => type === 'deposit')
}

function keyOf(account: string, wallet: string, asset: string): string {
  return `${account} ${wallet} ${asset}`
}
