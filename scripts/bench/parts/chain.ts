import {
  Ack,
  Authorisation,
  documentId,
  draftDocument,
  hex,
  micros,
  NO_RECEIPT,
  numerator,
  Receipt,
  signBatch,
  signDocument,
  type Crypto,
  type Draft,
  type Id,
  type Micros,
  type Scope,
  type Signed,
  type Signer,
} from '@orien/protocol'

/** What one frame brings a coordinator. */
export interface Batch {
  readonly sessionId: Id
  readonly receipts: readonly { readonly authorisation: Uint8Array; readonly receipt: Uint8Array }[]
  readonly acks: readonly Uint8Array[]
}

/** The receipts of one session, made ahead of time; a later call goes on where the last one ended. */
export interface Chain {
  readonly key: string
  /** `group` documents share a signature, and `group` receipts an Ack. */
  make(count: number, group: number): readonly Batch[]
  made(): number
}

export interface ChainParts {
  readonly scope: Scope
  readonly crypto: Crypto
  readonly agent: Signer
  readonly provider: Signer
  readonly session: Id
  readonly toolId: string
  readonly priceMicrosPerMin: Micros
}

/** One frame carries as many as a provider's outbox puts into one. */
const BATCH = 64
const EFFECTIVE_MS = 1

interface Head {
  seq: number
  prevId: Id
  accepted: bigint
}

export function chainOf(parts: ChainParts): Chain {
  const head: Head = { seq: 0, prevId: NO_RECEIPT, accepted: 0n }
  return {
    key: hex(parts.session),
    made: () => head.seq,
    make(count, group) {
      const batches: Batch[] = []
      for (let left = count; left > 0; left -= BATCH) {
        const groups: Batch[] = []
        for (let rest = Math.min(BATCH, left); rest > 0; rest -= group) {
          groups.push(groupOf(parts, head, Math.min(group, rest)))
        }
        const receipts = groups.flatMap((one) => one.receipts)
        batches.push({ sessionId: parts.session, receipts, acks: groups.flatMap((one) => one.acks) })
      }
      return batches
    },
  }
}

/** Receipts that share a signature, their Authorisations that share another, and one Ack over all of them. */
function groupOf(parts: ChainParts, head: Head, size: number): Batch {
  const { scope, agent, provider, session } = parts
  const auths = authorise(parts, head, size)
  const fromSeq = head.seq + 1
  const receipts = signBatch(
    scope,
    provider,
    auths.map((auth) => receiptFor(parts, head, auth)),
  )
  const ack = signDocument(scope, agent, Ack, {
    sessionId: session,
    fromSeq,
    throughSeq: head.seq,
    headId: head.prevId,
    exceptions: [],
    acceptedNumerator: numerator(head.accepted),
  })
  const pairs = auths.map((auth, at) => ({
    authorisation: auth.bytes,
    receipt: receipts[at]?.bytes ?? new Uint8Array(),
  }))
  return { sessionId: session, receipts: pairs, acks: [ack.bytes] }
}

function authorise({ scope, crypto, agent, session, toolId }: ChainParts, head: Head, count: number) {
  const nothing = crypto.sha256(new Uint8Array())
  const drafts = Array.from({ length: count }, (_, at) =>
    draftDocument(Authorisation, {
      sessionId: session,
      callSeq: head.seq + at + 1,
      toolId,
      argsHash: nothing,
      inputsHash: nothing,
      capMicros: micros(1_000n),
      startByMs: Date.now() + 60_000,
    }),
  )
  return signBatch(scope, agent, drafts) as Signed<Authorisation>[]
}

/** The next receipt of the chain, not signed yet: its id does not depend on the signature. */
function receiptFor(parts: ChainParts, head: Head, auth: Signed<Authorisation>): Draft {
  const { scope, crypto, session, priceMicrosPerMin } = parts
  const nothing = crypto.sha256(new Uint8Array())
  const claimed = numerator(priceMicrosPerMin * BigInt(EFFECTIVE_MS))
  const draft = draftDocument(Receipt, {
    sessionId: session,
    authId: auth.id,
    callSeq: auth.value.callSeq,
    receiptSeq: head.seq + 1,
    prevId: head.prevId,
    outcome: 'ok',
    exitCode: 0,
    startedAtMs: Date.now(),
    queuedMs: 0,
    effectiveMs: EFFECTIVE_MS,
    cpuMs: 0,
    throttledMs: 0,
    maxRssBytes: 0,
    outputHash: nothing,
    logHash: nothing,
    numerator: claimed,
  })
  head.seq++
  head.prevId = documentId(scope, Receipt, draft.payload)
  head.accepted += claimed
  return draft
}
