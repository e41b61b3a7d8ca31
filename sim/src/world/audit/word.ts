import {
  Ack,
  Authorisation,
  cosignAnswers,
  cosignRequests,
  decodeCheque,
  Final,
  Grant,
  hex,
  Notice,
  Payout,
  peekDocument,
  Receipt,
  receiptsAnswers,
  receiptsRequests,
  sessionAnswers,
  Statement,
  statementAnswers,
  workAnswers,
  workRequests,
  type CollectedReceipt,
  type DocumentType,
  type Scope,
  type Signed,
} from '@orien/protocol'
import type { SentFrame } from '../ports/network.ts'
import type { Violation } from '../run/stage.ts'
import type { Ground, Witness } from '../world.ts'

/** What of a world is listened to. */
export interface Watched {
  readonly witness: Pick<Witness, 'onFrame'>
  readonly cast: Pick<Ground['cast'], 'scope'>
}

type Papers = readonly (Uint8Array | undefined)[]

/** What a frame carries, by what it is. */
interface Carried {
  readonly notices?: Papers
  readonly receipts?: Papers
  readonly authorisations?: Papers
  readonly acks?: Papers
  readonly cheques?: Papers
  readonly finals?: Papers
  readonly grants?: Papers
  readonly statements?: Papers
  readonly payouts?: Papers
}

/**
 * Nobody here ever says two things in one place, or takes back what it said: whatever leaves a machine must be on its disk by then, or power that
 * goes at that moment makes a liar of it. Held against every frame on its way, by everybody's numbers: of calls, receipts, Acks, cheques, Notices.
 */
export function watchWord({ witness, cast }: Watched, violations: Violation[]): void {
  const said = new Map<string, string>()
  const newest = new Map<string, Notice>()
  /** Legs of a Payout: those of one transaction are proved one by one. */
  const paid = new Map<string, readonly string[]>()

  const listen = (carried: Carried, complain: (detail: string) => void): void => {
    for (const [place, what] of placesOf(cast.scope, carried)) {
      const before = said.get(place)
      if (before === undefined) said.set(place, what)
      else if (before !== what) complain(`two different documents are ${place}`)
    }
    for (const { value } of opened(cast.scope, carried.notices, Notice)) {
      const sid = hex(value.sessionId)
      const last = newest.get(sid)
      if (last === undefined || value.noticeSeq > last.noticeSeq) newest.set(sid, value)
      if (last !== undefined && isTakenBack(last, value)) complain(`collectedThrough of ${sid} went down`)
    }
    for (const { value } of opened(cast.scope, carried.payouts, Payout)) {
      const place = `${hex(value.payoutId)} by ${value.transaction}`
      const legs = value.legs.map(({ recipient, micros }) => `${recipient} ${micros}`)
      const known = paid.get(place) ?? []
      paid.set(place, legs.length > known.length ? legs : known)
      if (!isPart(legs, known) && !isPart(known, legs)) complain(`Payouts ${place} contradict each other`)
    }
  }

  const before = witness.onFrame
  witness.onFrame = (sent) => {
    before(sent)
    listen(carriedBy(sent), (detail) => {
      violations.push({ invariant: 'oneWord', detail: `${detail}, sent by ${sent.from}` })
    })
  }
}

/** Where there may be one document only, and what a frame has there. */
function* placesOf(scope: Scope, carried: Carried): Generator<readonly [place: string, what: string]> {
  for (const { value, id } of opened(scope, carried.notices, Notice))
    yield [`Notice ${value.noticeSeq} of ${hex(value.sessionId)}`, hex(id)]
  for (const { value, id } of opened(scope, carried.receipts, Receipt)) {
    yield [`receipt ${value.receiptSeq} of ${hex(value.sessionId)}`, hex(id)]
    yield [`receipt of call ${value.callSeq} of ${hex(value.sessionId)}`, hex(id)]
  }
  for (const { value, id } of opened(scope, carried.authorisations, Authorisation))
    yield [`Authorisation ${value.callSeq} of ${hex(value.sessionId)}`, hex(id)]
  // However many of its receipts an Ack lists again, all through one place come to one sum.
  for (const { value } of opened(scope, carried.acks, Ack))
    yield [`Ack through ${value.throughSeq} of ${hex(value.sessionId)}`, String(value.acceptedNumerator)]
  for (const { value, id } of opened(scope, carried.finals, Final)) yield [`Final of ${hex(value.sessionId)}`, hex(id)]
  for (const { value, id } of opened(scope, carried.grants, Grant)) yield [`Grant of ${hex(value.openId)}`, hex(id)]
  for (const { value, id } of opened(scope, carried.statements, Statement))
    yield [`Statement ${value.statementSeq} of ${hex(value.sessionId)}`, hex(id)]
  for (const bytes of carried.cheques ?? []) {
    if (bytes === undefined) continue
    const { sessionId, base, chequeSeq, ceilingMicros } = decodeCheque(bytes)
    yield [`cheque ${chequeSeq} on ${base} of ${hex(sessionId)}`, String(ceilingMicros)]
  }
}

function opened<T>(scope: Scope, all: Papers | undefined, type: DocumentType<T>): readonly Signed<T>[] {
  return (all ?? []).flatMap((bytes) => (bytes === undefined ? [] : [peekDocument(scope, type, bytes)]))
}

function isPart(some: readonly string[], all: readonly string[]): boolean {
  return some.every((one) => all.includes(one))
}

function isTakenBack(one: Notice, other: Notice): boolean {
  if (one.noticeSeq === other.noticeSeq) return false
  const [earlier, later] = one.noticeSeq < other.noticeSeq ? [one, other] : [other, one]
  return later.collectedThrough < earlier.collectedThrough
}

function carriedBy({ protocol, dialled, frame }: SentFrame): Carried {
  switch (protocol) {
    case 'session':
      return dialled ? {} : ofSession(frame)
    case 'work':
      return dialled ? ofCaller(frame) : ofWorker(frame)
    case 'receipts':
      return dialled ? ofCollected(frame) : { notices: [receiptsAnswers.decode(frame).notice] }
    case 'cosign':
      return dialled ? ofCoordinator(frame) : ofCosigner(frame)
    case 'statement': {
      if (dialled) return {}
      const { notice, statements, payouts } = statementAnswers.decode(frame)
      return { notices: [notice], statements, payouts }
    }
    default:
      return {}
  }
}

function ofSession(frame: Uint8Array): Carried {
  const { grant, notice } = sessionAnswers.decode(frame)
  return { grants: [grant], notices: [notice] }
}

function ofCaller(frame: Uint8Array): Carried {
  const { attach, notice, cheque, ack, call } = workRequests.decode(frame)
  return {
    grants: [attach?.grant],
    notices: [notice, attach?.notice],
    cheques: [cheque, attach?.cheque],
    acks: [ack, attach?.ack],
    authorisations: [call?.authorisation],
  }
}

function ofWorker(frame: Uint8Array): Carried {
  const { done, notice } = workAnswers.decode(frame)
  return { notices: [notice], receipts: [done?.receipt], authorisations: [done?.authorisation] }
}

function ofCollected(frame: Uint8Array): Carried {
  const { cheques, receipts, acks, final } = receiptsRequests.decode(frame)
  return { ...papersOf(receipts), cheques, acks, finals: [final] }
}

function ofCoordinator(frame: Uint8Array): Carried {
  const { contest, notice } = cosignRequests.decode(frame)
  return { ...papersOf(contest === undefined ? [] : [contest]), notices: [notice] }
}

function ofCosigner(frame: Uint8Array): Carried {
  const { cheque, ack } = cosignAnswers.decode(frame)
  return { cheques: [cheque], acks: [ack] }
}

function papersOf(collected: readonly CollectedReceipt[]): Carried {
  return {
    receipts: collected.map(({ receipt }) => receipt),
    authorisations: collected.map(({ authorisation }) => authorisation),
  }
}
