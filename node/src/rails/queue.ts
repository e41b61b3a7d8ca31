/** Runs tasks one after another, in the order they were handed in: a wallet's one queue. */
export interface TaskQueue {
  /** Resolves or rejects as the task does; a failed task does not stop the ones behind it. */
  run<T>(task: () => Promise<T>): Promise<T>
  /** Resolves when everything handed in so far is done. */
  idle(): Promise<void>
}

export function taskQueue(): TaskQueue {
  let last: Promise<unknown> = Promise.resolve()
  return {
    run<T>(task: () => Promise<T>): Promise<T> {
      const done = last.then(task)
      // The tail never rejects: the caller of `run` has the error.
      last = done.then(
        () => undefined,
        () => undefined,
      )
      return done
    },
    idle: async () => {
      await last
    },
  }
}
