import { isOrienError, OrienError, type MoneyState } from '@orien/protocol'
import type { Store } from './port.ts'

/** Whether a party can keep its promises: without a book that can be written it takes on nothing new and signs nothing. */
export interface Health {
  /** Resolves with what broke the book, if anything ever does. */
  readonly failed: Promise<OrienError>
  /** Throws what broke the book, saying where the money is. */
  check(money?: () => MoneyState): void
  /** Reported once; later reports change nothing. */
  broke(error: unknown): void
}

/** `onBroken` says so and stops what must not go on. */
export function health(onBroken: (error: OrienError) => void): Health {
  const { promise: failed, resolve: fail } = Promise.withResolvers<OrienError>()
  let broken: OrienError | undefined
  return {
    failed,
    check(money) {
      if (broken === undefined) return
      const where = money === undefined ? {} : { money: money() }
      throw new OrienError(broken.code, { message: 'the book cannot be written', ...where, cause: broken })
    },
    broke(error) {
      // A store that was closed on purpose is not broken.
      if (broken !== undefined || isOrienError(error, 'stopped')) return
      broken = isOrienError(error)
        ? error
        : new OrienError('internal', { message: 'the book cannot be written', cause: error })
      onBroken(broken)
      fail(broken)
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
