import { isOrienError } from '@orien/protocol'
import type { Rng } from '../kernel/rng.ts'
import type { Host } from '../parties/hosts.ts'
import type { Ground } from '../world.ts'

/** What every start reads of a coordinator's book: newest journal entries, balances, live sessions, waiting Statements, the gas key's lane. */
const READ_AT_START = /^(?:b|s|w|g)\//
const JOURNAL = 'j/'
/** Of the journal only what is after the newest checkpoint is read before serving. */
const NEWEST_ENTRIES = 20

/**
 * Starts a coordinator on a disk on which one bit has turned, and gives the bit back. Resolves with what is wrong when it served all the
 * same; a power cut meanwhile says nothing.
 */
export async function startDamaged(ground: Ground, host: Host<unknown>, rng: Rng): Promise<string | undefined> {
  const { keys, values } = host.machine.disk
  const newest = keys.filter((key) => key.startsWith(JOURNAL)).slice(-NEWEST_ENTRIES)
  const candidates = [...keys.filter((key) => READ_AT_START.test(key)), ...newest]
  if (candidates.length === 0) return undefined
  const key = rng.pick(candidates)
  const whole = values.get(key)
  if (whole === undefined || whole.length === 0) return undefined
  const damaged = Uint8Array.from(whole)
  const at = rng.below(damaged.length)
  damaged[at] = (damaged[at] ?? 0) ^ (1 << rng.below(8))
  ground.faults.hit('store.bitFlip')
  ground.trace.add('world', `turns a bit of ${key.slice(0, 12)}`)
  values.set(key, damaged)
  try {
    const booted = host.boot().then(() => 'served' as const)
    const outcome = await Promise.race([booted, host.machine.life.ended.then(() => 'cut' as const)])
    return outcome === 'cut' ? undefined : `it served with a damaged ${key.slice(0, 12)}`
  } catch (error) {
    return isOrienError(error, 'storeCorrupt')
      ? undefined
      : `it refused a damaged ${key.slice(0, 12)} by ${String(error)}`
  } finally {
    values.set(key, whole)
    host.machine.cut('damaged', 'lost')
  }
}
