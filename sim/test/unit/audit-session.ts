// One session of a hand-made run: every document signed by whom it should be, each open to a change before it is signed.
import { channelPaper, type Lane } from '@orien/node/rails'
import {
  Ack,
  acceptedOf,
  Authorisation,
  claimOf,
  DEFAULT_SPLIT,
  documentId,
  encodeCheque,
  exceptionFor,
  floorMicros,
  Grant,
  micros,
  NO_RECEIPT,
  numerator,
  Receipt,
  settledRoot,
  signDocument,
  splitTotal,
  Statement,
  uncontestedOf,
  type AckException,
  type Micros,
  type Signed,
} from '@orien/protocol'
import { cast, NOW_MS, offerOf, payoutOf, PRICES, scope, type Party, type ToolId } from './audit-parties.ts'

export interface ScriptedCall {
  readonly tool: ToolId
  readonly effectiveMs: number
  readonly capMicros: bigint
  /** What the agent accepts of it; undefined: all. */
  readonly acceptedMs?: number
}

/** What happens in a session. */
export interface Script {
  readonly agent: Party
  readonly provider: Party
  readonly allowance: bigint
  readonly ceiling: bigint
  readonly calls: readonly ScriptedCall[]
  /** False: the agent vanished, countersigned nothing and never saw the end. */
  readonly acked: boolean
  /** What the close pays the coordinator; undefined: the total. */
  readonly received?: bigint
}

/** Changes to what happens, and to documents before they are signed. */
export interface Changes {
  readonly script?: Partial<Script>
  grant?(grant: Grant): Grant
  receipt?(receipt: Receipt, seq: number): Receipt
  ack?(ack: Ack): Ack
  statement?(statement: Statement): Statement
  readonly ceiling?: bigint
}

export interface MadeSession {
  readonly script: Script
  readonly offer: Uint8Array
  readonly grant: Signed<Grant>
  readonly lane: Lane
  readonly calls: readonly { readonly authorisation: Signed<Authorisation>; readonly receipt: Signed<Receipt> }[]
  readonly acks: readonly Signed<Ack>[]
  readonly statement: Signed<Statement>
  readonly cheque: Uint8Array
  readonly total: Micros
  readonly received: Micros
}

const HASH = new Uint8Array(32).fill(7)

/** Signs all documents of a session. `nonce` tells its channel from others. */
export async function makeSession(usual: Script, nonce: number, changes: Changes = {}): Promise<MadeSession> {
  const script = { ...usual, ...changes.script }
  const { agent, provider } = script
  const { coordinator } = cast
  const offer = (await offerOf(provider)).bytes
  const grantValue = await grantOf(script, nonce)
  const grant = signDocument(scope, coordinator.signer, Grant, changes.grant?.(grantValue) ?? grantValue)
  const paper = await channelPaper('yellow-v0', 'usdc')
  const lane = paper.lane(grantValue, documentId(scope, Grant, Grant.encode(grant.value)))
  const calls = makeCalls(script, grant, changes)
  const acks = script.acked ? calls.map((_, at) => makeAck(script, grant, calls, at + 1, changes)) : []
  const settled = calls.map(({ receipt }, at) => ({
    receiptId: receipt.id,
    settledNumerator: acceptedBy(script, acks, receipt, at + 1),
  }))
  const total = floorMicros(numerator(settled.reduce((sum, one) => sum + one.settledNumerator, 0n)))
  const received = micros(script.received ?? total)
  const statement: Statement = {
    sessionId: grant.id,
    statementSeq: 1,
    root: settledRoot(scope.crypto, settled),
    receipts: calls.length,
    totalMicros: total,
    receivedMicros: received,
    split: splitTotal(total < received ? total : received, DEFAULT_SPLIT),
    closeEvidence: 'yellow-v0 withdrawals',
  }
  const ceiling = micros(changes.ceiling ?? script.ceiling)
  // A ceiling above the allowance cannot be drafted on the lane as it is.
  const capacity = ceiling > lane.capacity ? ceiling : lane.capacity
  const drafts = paper.draft({ ...lane, capacity }, 1, ceiling)
  const signatures = await Promise.all(drafts.map((draft) => agent.wallet.sign(draft)))
  return {
    script,
    offer,
    grant,
    lane,
    calls,
    acks,
    statement: signDocument(scope, coordinator.signer, Statement, changes.statement?.(statement) ?? statement),
    cheque: encodeCheque({ sessionId: grant.id, chequeSeq: 1, base: 0, ceilingMicros: ceiling, signatures }),
    total,
    received,
  }
}

async function grantOf({ agent, provider, allowance }: Script, nonce: number): Promise<Grant> {
  const { coordinator } = cast
  const wallets = {
    agentWallet: agent.wallet.address,
    coordinatorWallet: coordinator.wallet.address,
    providerWallet: provider.wallet.address,
  }
  const { definition, id } = (await channelPaper('yellow-v0', 'usdc')).define(wallets, new Uint8Array(8).fill(nonce))
  return {
    openId: HASH,
    documents: ['/orien/receipt/1'],
    agent: agent.peer,
    provider: provider.peer,
    coordinator: coordinator.peer,
    bindings: [await agent.binding('spend'), await coordinator.binding('spend')],
    ...wallets,
    payoutWallet: payoutOf(provider),
    asset: 'usdc',
    channel: { rail: 'yellow-v0', url: 'ws://127.0.0.1:1/ws', appSessionId: id, definition },
    allowanceMicros: micros(allowance),
    terms: Object.entries(PRICES).map(([toolId, priceMicrosPerMin]) => ({ toolId, priceMicrosPerMin, maxMs: 60_000 })),
    splitBps: DEFAULT_SPLIT,
    windowMicros: micros(allowance),
    windowCalls: 4,
    expiresAtMs: NOW_MS + 60_000,
    collectMs: 1_000,
    contestMs: 1_000,
    chequeTsMs: NOW_MS + 3_600_000,
    payoutMs: 1_000,
  }
}

function makeCalls({ agent, provider, calls }: Script, grant: Signed<Grant>, changes: Changes): MadeSession['calls'] {
  let prevId = NO_RECEIPT
  return calls.map(({ tool, effectiveMs, capMicros }, at) => {
    const seq = at + 1
    const authorisation = signDocument(scope, agent.signer, Authorisation, {
      sessionId: grant.id,
      callSeq: seq,
      toolId: tool,
      argsHash: HASH,
      inputsHash: HASH,
      capMicros: micros(capMicros),
      startByMs: NOW_MS + 30_000,
    })
    const value: Receipt = {
      sessionId: grant.id,
      authId: authorisation.id,
      callSeq: seq,
      receiptSeq: seq,
      prevId,
      outcome: 'ok',
      exitCode: 0,
      startedAtMs: NOW_MS,
      queuedMs: 0,
      effectiveMs,
      cpuMs: effectiveMs,
      throttledMs: 0,
      maxRssBytes: 1_024,
      outputHash: HASH,
      logHash: HASH,
      lastTick: effectiveMs,
      numerator: claimOf({ priceMicrosPerMin: PRICES[tool], capMicros: micros(capMicros) }, effectiveMs),
    }
    const receipt = signDocument(scope, provider.signer, Receipt, changes.receipt?.(value, seq) ?? value)
    prevId = receipt.id
    return { authorisation, receipt }
  })
}

/** The Ack over receipt `seq`, and by its sum over all before. */
function makeAck(
  script: Script,
  grant: Signed<Grant>,
  calls: MadeSession['calls'],
  seq: number,
  changes: Changes,
): Signed<Ack> {
  const exceptionOf = (at: number): AckException | undefined => {
    const acceptedMs = script.calls[at]?.acceptedMs
    return acceptedMs === undefined ? undefined : { receiptSeq: at + 1, acceptedMs, code: 'time' }
  }
  const sum = calls.slice(0, seq).reduce((total, { receipt }, at) => {
    const tool = script.calls[at]?.tool ?? 'count_primes'
    return total + acceptedOf(receipt.value, exceptionOf(at), PRICES[tool])
  }, 0n)
  const exception = exceptionOf(seq - 1)
  const value: Ack = {
    sessionId: grant.id,
    fromSeq: seq,
    throughSeq: seq,
    headId: calls[seq - 1]?.receipt.id ?? NO_RECEIPT,
    exceptions: exception === undefined ? [] : [exception],
    acceptedNumerator: numerator(sum),
  }
  return signDocument(scope, script.agent.signer, Ack, changes.ack?.(value) ?? value)
}

function acceptedBy(script: Script, acks: readonly Signed<Ack>[], receipt: Signed<Receipt>, seq: number) {
  const tool = script.calls[seq - 1]?.tool ?? 'count_primes'
  const ack = acks[seq - 1]?.value
  if (ack === undefined) return uncontestedOf(receipt.value, PRICES[tool])
  return acceptedOf(receipt.value, exceptionFor(ack, seq), PRICES[tool])
}
