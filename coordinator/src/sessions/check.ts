import { accounts } from '../ledger/accounts.ts'
import type { Book } from '../ledger/book.ts'
import type { Live } from './live.ts'
import { totalOf } from './session.ts'

/** Holds what each session's record says against its accounts; one sentence for each that differs. */
export function checkSessions(book: Book, sessions: Iterable<Live>): string[] {
  const problems: string[] = []
  for (const { sid, session, grant } of sessions) {
    const expect = (account: string, amount: bigint): void => {
      const balance = book.balance(account)
      if (balance !== amount) problems.push(`${account} holds ${balance}, the session says ${amount}`)
    }
    const isClosed = session.state === 'CLOSED' || session.state === 'PAID'
    const isHeld = !isClosed && session.state !== 'VOID'
    const total = totalOf(session)
    expect(accounts.channel(sid), isHeld ? grant.allowanceMicros - session.debitedMicros : 0n)
    expect(accounts.standing(sid), isHeld ? session.debitedMicros : 0n)
    expect(accounts.earned(sid), isHeld ? 0n - total : 0n)
    if (isHeld) expect(accounts.agent(sid), total - grant.allowanceMicros)
    const refund = session.refund?.micros ?? 0n
    expect(accounts.refund(sid), session.refund?.bytes === undefined ? 0n - refund : 0n)
    expect(accounts.refunding(sid), session.refund?.bytes === undefined ? 0n : 0n - refund)
    if (total < session.debitedMicros) problems.push(`session ${sid} debited more than its total`)
    if (session.unsettled < 0) problems.push(`session ${sid} settled a receipt twice`)
  }
  return problems
}
