import type { Timers } from '@orien/protocol'

/** The machine's own timers. They never keep a process alive by themselves. */
export const realTimers: Timers = {
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
