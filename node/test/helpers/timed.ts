import { isOrienError, type OrienError } from '@orien/protocol'
import { expect } from 'vitest'
import { manualTime, type ManualTime } from './manual-time.ts'
import { startRig, type Rig, type RigOptions } from './rig.ts'

/** A rig whose time stands still until the test moves it. */
export interface TimedRig extends Rig {
  readonly time: ManualTime
}

export async function startTimedRig(options: RigOptions = {}): Promise<TimedRig> {
  const time = manualTime()
  const rig = await startRig({ ...options, clock: time.clock, timers: time.timers })
  // Getters of the rig must stay getters: agent and provider change when they are started again.
  return Object.defineProperty(rig, 'time', { value: time }) as TimedRig
}

/** The OrienError a promise rejects with. */
export async function failureOf(work: Promise<unknown>): Promise<OrienError> {
  const caught: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(isOrienError(caught), `an OrienError, not ${String(caught)}`).toBe(true)
  return caught as OrienError
}
