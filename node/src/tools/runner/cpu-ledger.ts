import { reapedCpuReader } from './proc.ts'

/** Tells how much CPU time an exited child used. */
export interface CpuLedger {
  /** To be called in the child's `exit` event, with what the last sample showed. */
  reaped(sampledMs: number): Promise<number>
}

/**
 * Node has no rusage of children, but /proc/self/stat sums the CPU time of all that were reaped. The growth since the last reading is the
 * time of the one that exited, at 10 ms resolution. Several that are reaped in one turn share a reading: each then gets its last sample,
 * which is never more than the truth.
 */
export function cpuLedger(read: () => number = reapedCpuReader()): CpuLedger {
  let knownMs = read()
  let turn: ((alone: boolean, grownMs: number) => void)[] = []

  const settle = (): void => {
    const totalMs = read()
    const grownMs = totalMs - knownMs
    knownMs = totalMs
    const waiting = turn
    turn = []
    for (const tell of waiting) tell(waiting.length === 1, grownMs)
  }
  return {
    reaped: (sampledMs) =>
      new Promise((resolve) => {
        if (turn.length === 0) setImmediate(settle)
        turn.push((alone, grownMs) => resolve(alone ? grownMs : sampledMs))
      }),
  }
}
