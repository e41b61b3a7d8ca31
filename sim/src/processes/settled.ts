import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLevelStore } from '@orien/node/store'
import { isOrienError, utf8Text } from '@orien/protocol'
import type { PartyAccounts } from '../cast/stage.ts'
import { isRecord } from '../devnet/rpc.ts'

/** Sessions that are not over at the coordinator, by its status file; undefined when it wrote none after `sinceMs`. */
export async function openAtCoordinator(home: string, sinceMs: number): Promise<number | undefined> {
  const status = await statusOf(home)
  if (status === undefined || Number(status['atMs']) < sinceMs) return undefined
  const { sessions, payoutsInFlight } = status
  if (!isRecord(sessions)) return undefined
  const open = Object.values(sessions).reduce<number>((sum, count) => sum + Number(count), 0)
  return open + Number(payoutsInFlight)
}

/** The status file of a coordinator, whole or not there: it is renamed into place. */
export async function statusOf(home: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(home, 'status.json'), 'utf8'))
    return isRecord(parsed) ? parsed : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * What agents and providers still have to do, by their books, read when they are stopped: sessions that are not paid, Funds whose
 * outcome is not known, calls without a receipt. One sentence each. A Fund that the channel ledger never heard of is void: its agent
 * keeps it for a while out of caution, but it holds nothing.
 */
export async function unsettledIn(
  home: string,
  parties: readonly PartyAccounts[],
  ledgerFile: string,
): Promise<readonly string[]> {
  const ledger = await readFile(ledgerFile, 'utf8')
  const found: string[] = []
  for (const { name, role } of parties) {
    if (role === 'coordinator') continue
    const folder = join(home, name, role)
    if (!existsSync(folder)) continue
    for (const line of await unsettledOf(folder, ledger)) found.push(`${name}: ${line}`)
  }
  return found
}

async function unsettledOf(folder: string, ledger: string): Promise<readonly string[]> {
  const found: string[] = []
  try {
    const store = await openLevelStore(folder)
    try {
      for await (const [key, bytes] of store.scan({})) {
        const [kind, session = ''] = key.split('/')
        if (kind === 'fund' && ledger.includes(session)) found.push(`the outcome of opening ${session} is not known`)
        if (kind === 'open') found.push(`a call of ${session} has no receipt`)
        if (kind === 'meta') found.push(...unpaid(session, utf8Text(bytes)))
      }
    } finally {
      await store.close()
    }
  } catch (error) {
    if (!isOrienError(error)) throw error
    found.push(`the book cannot be read: ${error.code}`)
  }
  return found
}

function unpaid(session: string, text: string): readonly string[] {
  const meta: unknown = JSON.parse(text)
  if (!isRecord(meta)) return [`the state of ${session} is unreadable`]
  const { phase, settledAt } = meta
  return phase === 'paid' || settledAt === 'PAID' ? [] : [`${session} is ${String(phase)}`]
}
