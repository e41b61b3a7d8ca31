import {
  acceptedOf,
  exceptionFor,
  floorMicros,
  micros,
  numerator,
  Payout,
  payoutIdOf,
  settledRoot,
  signDocument,
  splitTotal,
  Statement,
  uncontestedOf,
  type Authorisation,
  type Id,
  type Scope,
  type Signed,
  type Signer,
} from '@orien/protocol'
import type { SeenSession, Settled } from './scripted-types.ts'

/** The Statement over everything collected, and the Payout of it. */
export function settleSession(scope: Scope, signer: Signer, session: SeenSession, receivedMicros?: bigint): Settled {
  const settled = session.receipts.map(({ id, value, authorisation }) => {
    const price = priceOf(session, authorisation)
    const ack = session.acks.find((one) => one.fromSeq <= value.receiptSeq && value.receiptSeq <= one.throughSeq)
    const amount =
      ack === undefined ? uncontestedOf(value, price) : acceptedOf(value, exceptionFor(ack, value.receiptSeq), price)
    return { receiptId: id, settledNumerator: amount }
  })
  const totalMicros = floorMicros(numerator(settled.reduce((sum, one) => sum + one.settledNumerator, 0n)))
  const received = micros(receivedMicros ?? totalMicros)
  const statement = signDocument(scope, signer, Statement, {
    sessionId: session.id,
    statementSeq: 1,
    root: settledRoot(scope.crypto, settled),
    receipts: settled.length,
    totalMicros,
    receivedMicros: received,
    split: splitTotal(received < totalMicros ? received : totalMicros, session.grant.splitBps),
    closeEvidence: 'memory: closed',
  })
  return { statement, payout: payoutOf(scope, signer, session, statement) }
}

function payoutOf(
  scope: Scope,
  signer: Signer,
  { grant }: SeenSession,
  statement: Signed<Statement>,
): Signed<Payout> | undefined {
  const { providerMicros } = statement.value.split
  if (providerMicros === 0n) return undefined
  const statementIds: Id[] = [statement.id]
  return signDocument(scope, signer, Payout, {
    payoutId: payoutIdOf(scope.crypto, statementIds),
    statementIds,
    legs: [{ recipient: grant.payoutWallet, micros: providerMicros }],
    transaction: `0x${'ab'.repeat(32)}`,
  })
}

function priceOf({ grant }: SeenSession, { toolId }: Authorisation) {
  const term = grant.terms.find((one) => one.toolId === toolId)
  if (term === undefined) throw new Error(`no term for ${toolId}`)
  return term.priceMicrosPerMin
}
