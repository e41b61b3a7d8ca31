import type { MemoryDisk } from '@orien/node/store'
import type { Stage } from './stage.ts'

/** A coordinator's disk breaks, and its operator starts it on a back-up: somewhere in `faultyMs`, with one that was made a while before. */
export function planRestore({ ground, coordinator }: Stage, faultyMs: number): void {
  const rng = ground.rng.fork('restore')
  const madeMs = rng.between(Math.floor(faultyMs / 5), Math.floor(faultyMs / 2))
  ground.time.after(madeMs, () => {
    const { disk } = coordinator.machine
    const backup = { values: new Map(disk.values), keys: [...disk.keys] }
    ground.time.after(rng.between(5_000, Math.floor(faultyMs / 2)), () => {
      coordinator.machine.cut('its disk is broken', 'lost')
      restore(disk, backup)
      ground.trace.add('operator', 'restores a back-up')
    })
  })
}

function restore({ values, keys }: MemoryDisk, backup: MemoryDisk): void {
  values.clear()
  for (const [key, value] of backup.values) values.set(key, value)
  keys.splice(0, keys.length, ...backup.keys)
}
