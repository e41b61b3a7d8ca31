import { isOrienError, OrienError } from '@orien/protocol'
import type { Store } from '../store/port.ts'

/** Whether the provider can keep its promises: without a book that can be written it admits nothing and sends no receipt. */
export interface Health {
  /** Throws what broke the book. */
  check(): void
  /** Reported once; later reports change nothing. */
  broke(error: unknown): void
}

/** `onBroken` says so and stops what runs: it could not be billed. */
export function health(onBroken: (error: OrienError) => void): Health {
  let broken: OrienError | undefined
  return {
    check() {
      if (broken !== undefined)
        throw new OrienError(broken.code, { message: 'the provider cannot write its book', cause: broken })
    },
    broke(error) {
      // A store that was closed on purpose is not broken.
      if (broken !== undefined || isOrienError(error, 'stopped')) return
      broken = isOrienError(error)
        ? error
        : new OrienError('internal', { message: 'the book cannot be written', cause: error })
      onBroken(broken)
    },
  }
}

/** A store whose first failed commit is reported, whoever made it. */
export function reportingStore(store: Store, report: (error: unknown) => void): Store {
  return {
    get: (key) => store.get(key),
    scan: (range) => store.scan(range),
    close: () => store.close(),
    commit(ops, options) {
      const done = store.commit(ops, options)
      done.catch(report)
      return done
    },
  }
}
