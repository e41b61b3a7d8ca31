import { NUMERATOR_PER_MICRO, OrienError, type CancelTimer, type Micros, type Timers } from '@orien/protocol'
import { cancelled, sessionMoney } from './call-errors.ts'
import { mayRenew, mustWait, remainingMicros, type AgentSession } from './session.ts'

/** A cheque that the coordinator does not confirm within this is not confirmed soon. */
const HELD_MS = 30_000

interface Waiting {
  readonly capMicros: Micros
  readonly resolve: () => void
  readonly reject: (error: OrienError) => void
}

export interface GateParts {
  readonly timers: Timers
  /** Draws the next cheque; when it is there, `pump` runs again. */
  readonly renew: () => void
}

/** Lets calls through in order, as the windows, the cheque and the coordinator have room for them (invariants 2 and 3). */
export class Gate {
  readonly #of: GateParts
  readonly #session: AgentSession
  #waiting: Waiting[] = []
  #shut: OrienError | undefined
  #cancelHeld: CancelTimer | undefined

  constructor(of: GateParts, session: AgentSession) {
    this.#of = of
    this.#session = session
  }

  get shut(): OrienError | undefined {
    return this.#shut
  }

  /**
   * Resolves when the call may be authorised; its cap is then reserved until `leave`. Throws `sessionClosed`, `overAllowance`, `cancelled`,
   * `unreachable` (the coordinator does not confirm a cheque), or what the gate was shut with.
   */
  async enter(capMicros: Micros, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) throw cancelled('the call was not sent', sessionMoney(this.#session))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting: Waiting = { capMicros, resolve, reject }
    const onAbort = (): void => {
      const at = this.#waiting.indexOf(waiting)
      if (at === -1) return
      this.#waiting.splice(at, 1)
      reject(cancelled('the call was not sent', sessionMoney(this.#session)))
      this.pump()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#waiting.push(waiting)
    this.pump()
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  leave(capMicros: Micros): void {
    this.#session.reserved -= capMicros * NUMERATOR_PER_MICRO
    this.#session.inFlight--
    this.pump()
  }

  /** Something changed that calls may wait for: a receipt, an Ack, a Notice, a cheque, the session's end. */
  pump(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const refused = this.#refusal(next.capMicros)
      const why = refused === undefined ? mustWait(this.#session, next.capMicros) : undefined
      if (why !== undefined) return this.#wait(why)
      this.#waiting.shift()
      if (refused !== undefined) {
        next.reject(refused)
        continue
      }
      this.#session.reserved += next.capMicros * NUMERATOR_PER_MICRO
      this.#session.inFlight++
      next.resolve()
    }
    this.#endHeld()
  }

  /** Nobody passes any more. */
  shutWith(error: OrienError): void {
    this.#shut ??= error
    this.pump()
  }

  #wait(why: 'window' | 'ceiling' | 'held'): void {
    if (why === 'ceiling' && mayRenew(this.#session)) this.#of.renew()
    if (why !== 'held') return this.#endHeld()
    this.#cancelHeld ??= this.#of.timers.after(HELD_MS, () => {
      this.#cancelHeld = undefined
      this.#rejectWaiting(
        new OrienError('unreachable', {
          message: 'the coordinator did not confirm the cheque that covers this call',
          money: sessionMoney(this.#session),
        }),
      )
    })
  }

  #endHeld(): void {
    this.#cancelHeld?.()
    this.#cancelHeld = undefined
  }

  #rejectWaiting(error: OrienError): void {
    const all = this.#waiting
    this.#waiting = []
    for (const { reject } of all) reject(error)
  }

  /** Why a call with this cap can never pass. */
  #refusal(capMicros: Micros): OrienError | undefined {
    const session = this.#session
    const money = sessionMoney(session)
    if (this.#shut !== undefined) {
      const { code, message, hint } = this.#shut
      return new OrienError(code, { message, hint, money, cause: this.#shut })
    }
    if (session.phase !== 'open')
      return new OrienError('sessionClosed', { message: `the session is ${session.phase}`, money })
    const { windowMicros } = session.grant
    if (capMicros > windowMicros) {
      const details = { capMicros, windowMicros }
      return new OrienError('overAllowance', { message: `the cap is above the session's window`, details, money })
    }
    const left = remainingMicros(session)
    if (session.inFlight > 0 || capMicros <= left) return undefined
    return new OrienError('overAllowance', {
      message: 'what is left of the allowance does not cover the cap',
      details: { capMicros, remainingMicros: left },
      money,
    })
  }
}
