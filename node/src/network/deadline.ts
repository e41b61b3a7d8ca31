import { OrienError } from '@orien/protocol'
import type { Timers } from '@orien/protocol'
import type { DialOptions } from './port.ts'

/**
 * Runs `run` with a signal that fires on the caller's signal or after the time allowed. Throws `cancelled` or `timedOut`
 * at once when it does, whatever `run` makes of it; a result that comes too late goes to `discard`.
 */
export async function withDeadline<T>(
  timers: Timers,
  defaultMs: number,
  options: DialOptions | undefined,
  run: (signal: AbortSignal) => Promise<T>,
  discard?: (late: T) => void,
): Promise<T> {
  const controller = new AbortController()
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const stop = (error: OrienError): void => {
    reject(error)
    controller.abort(error)
  }
  const onAbort = (): void => stop(new OrienError('cancelled', { message: 'the caller cancelled', hint: 'Try again.' }))
  const timeoutMs = options?.timeoutMs ?? defaultMs
  const cancelTimer = timers.after(timeoutMs, () => {
    stop(new OrienError('timedOut', { message: 'no answer in time', details: { timeoutMs } }))
  })
  options?.signal?.addEventListener('abort', onAbort, { once: true })
  if (options?.signal?.aborted === true) onAbort()
  try {
    const result = controller.signal.aborted ? stopped : run(controller.signal)
    if (discard !== undefined && result !== stopped)
      result.then((late) => controller.signal.aborted && discard(late), ignore)
    return await Promise.race([result, stopped])
  } finally {
    cancelTimer()
    options?.signal?.removeEventListener('abort', onAbort)
    stopped.catch(ignore)
  }
}

/** For a promise whose failure is reported elsewhere. */
function ignore(): undefined {
  return undefined
}
