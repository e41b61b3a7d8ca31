/** Says on stderr now and then how far a long run is. */
export interface Progress {
  /** One more is done. */
  step(): void
  stop(): void
}

const EVERY_MS = 10_000

/** `what`: the plural of what is counted. */
export function createProgress(what: string, total: number): Progress {
  const beganMs = performance.now()
  let done = 0
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - beganMs) / 1_000)
    process.stderr.write(`… ${done} of ${total} ${what}, ${seconds} s\n`)
  }, EVERY_MS)
  timer.unref()
  return {
    step() {
      done += 1
    },
    stop: () => clearInterval(timer),
  }
}
