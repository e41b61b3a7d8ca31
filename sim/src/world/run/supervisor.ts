import { isOrienError } from '@orien/protocol'
import type { Rng } from '../kernel/rng.ts'
import type { Host } from '../parties/hosts.ts'
import type { Ground } from '../world.ts'
import { startDamaged } from './damage.ts'

/** Starts a party again whenever it is down, as a service manager does. */
export interface Supervisor {
  start(): void
  /** True while its process runs and serves. */
  readonly up: boolean
  /** How it refused to start. */
  readonly refusals: readonly Refusal[]
}

export interface Refusal {
  readonly who: string
  /** An error code; `thrown`, with what was thrown, when it has none. */
  readonly code: string
  /** What else it said. */
  readonly message: string
}

export function superviseHost(ground: Ground, host: Host<unknown>, onDamage: (detail: string) => void): Supervisor {
  const rng = ground.rng.fork(`supervisor/${host.party.name}`)
  const refusals: Refusal[] = []
  const mayBeDamaged = host.party.name === ground.cast.coordinator.name
  const loop = async (): Promise<void> => {
    for (;;) {
      if (mayBeDamaged && ground.faults.has('store.bitFlip') && rng.chance(0.5)) {
        const wrong = await startDamaged(ground, host, rng)
        if (wrong !== undefined) onDamage(wrong)
      }
      try {
        const booted = host.boot()
        await Promise.race([booted, host.machine.life.ended])
        await host.machine.life.ended
      } catch (error) {
        const code = isOrienError(error) ? error.code : `thrown ${String(error)}`
        refusals.push({ who: host.party.name, code, message: isOrienError(error) ? error.message : '' })
        host.machine.cut(`could not start: ${code}`, 'lost')
      }
      await ground.time.sleep(outageMs(ground, rng))
    }
  }
  return {
    refusals,
    start: () => void loop(),
    get up() {
      return host.running !== undefined
    },
  }
}

/** Mostly a restart; sometimes somebody has to drive there. */
function outageMs({ faults }: Ground, rng: Rng): number {
  if (faults.healed) return 500
  return rng.chance(0.15) ? rng.between(60_000, 900_000) : rng.between(200, 40_000)
}
