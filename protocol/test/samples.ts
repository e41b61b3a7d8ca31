import * as orien from '../src/index.ts'
import type { BindingRole, DocumentType, Micros, Numerator } from '../src/index.ts'
import { CHAIN_ID, PEERS, scope, WALLETS, type Role } from './keys.ts'

/** One good value of a document, and who signs it. */
export interface Sample<T = unknown> {
  readonly name: string
  readonly type: DocumentType<T>
  readonly signer: Role
  readonly value: T
}

/** 32 bytes that stand for a hash. */
export const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
export const micros = (value: bigint): Micros => value as Micros
export const numerator = (value: bigint): Numerator => value as Numerator
const bytes = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte)

export const NOW_MS = 1_800_000_000_000
const HOUR_MS = 3_600_000

export function bindingValue(role: Exclude<Role, 'stranger'>, use: BindingRole = 'spend'): orien.WalletBinding {
  const wallet = role === 'provider' && use === 'payout' ? WALLETS.payout : WALLETS[role]
  const statement = {
    peer: PEERS[role].peer,
    wallet: wallet.address,
    role: use,
    notBeforeMs: NOW_MS - HOUR_MS,
    expiresAtMs: NOW_MS + 24 * HOUR_MS,
  }
  return { ...statement, walletSignature: wallet.sign(orien.bindingDigest(statement, CHAIN_ID)) }
}

export const bindingBytes = (role: Exclude<Role, 'stranger'>, use: BindingRole = 'spend'): Uint8Array =>
  orien.signDocument(scope, PEERS[role].signer, orien.WalletBinding, bindingValue(role, use)).bytes

function sample<T>(name: string, type: DocumentType<T>, signer: Role, value: T): Sample<T> {
  return { name, type, signer, value }
}

export const tool: orien.Tool = {
  toolId: 'compile_contract',
  name: 'Solidity compiler',
  description: 'Compiles one file.',
  inputSchema: '{"type":"object","properties":{"optimize":{"type":"boolean"}},"additionalProperties":false}',
  fileInputs: ['*.sol'],
  fileOutputs: ['out/**'],
  priceMicrosPerMin: micros(10_000n),
  maxMs: 600_000,
  limits: { cpuMillis: 2_000, memoryBytes: 1 << 30, diskBytes: 0, pids: 64, outputBytes: 1 << 20 },
  tags: ['solidity', 'évm'],
  verification: 'replay',
  thirdPartyUseAllowed: true,
}

export const offer: orien.Offer = {
  seq: 7,
  issuedAtMs: NOW_MS,
  expiresAtMs: NOW_MS + HOUR_MS,
  provider: PEERS.provider.peer,
  bindings: [bindingBytes('provider'), bindingBytes('provider', 'payout')],
  name: 'Mac mini in the attic',
  description: 'One machine.\nMostly idle.',
  tier: 'D',
  capacity: 4,
  coordinators: [PEERS.coordinator.peer],
  maxWindow: { windowMicros: micros(1_000_000n), windowCalls: 64 },
  tools: [tool, { ...tool, toolId: 'run_build', tags: [], fileOutputs: [], thirdPartyUseAllowed: false }],
}
const offerBytes = orien.signDocument(scope, PEERS.provider.signer, orien.Offer, offer).bytes

export const open: orien.Open = {
  nonce16: bytes(16, 0xa0),
  coordinator: PEERS.coordinator.peer,
  offer: offerBytes,
  bindings: [bindingBytes('agent')],
  allowanceMicros: micros(5_000_000n),
  durationMs: HOUR_MS,
  windowMicros: micros(100_000n),
  windowCalls: 1,
}

export const grant: orien.Grant = {
  openId: orien.documentId(scope, orien.Open, orien.Open.encode(open)),
  documents: [orien.Authorisation.type, orien.Receipt.type, orien.Ack.type],
  agent: PEERS.agent.peer,
  provider: PEERS.provider.peer,
  coordinator: PEERS.coordinator.peer,
  bindings: [bindingBytes('agent'), bindingBytes('coordinator')],
  agentWallet: WALLETS.agent.address,
  coordinatorWallet: WALLETS.coordinator.address,
  providerWallet: WALLETS.provider.address,
  payoutWallet: WALLETS.payout.address,
  asset: 'usdc',
  channel: { rail: 'memory', url: 'memory:one', appSessionId: `0x${'ab'.repeat(32)}`, definition: '{"nonce":1}' },
  allowanceMicros: micros(5_000_000n),
  terms: [{ toolId: 'compile_contract', priceMicrosPerMin: micros(10_000n), maxMs: 600_000 }],
  splitBps: { provider: 9_000, platform: 700, reserve: 300 },
  windowMicros: micros(100_000n),
  windowCalls: 1,
  expiresAtMs: NOW_MS + HOUR_MS,
  collectMs: 900_000,
  contestMs: 600_000,
  chequeTsMs: NOW_MS + 721 * HOUR_MS,
  payoutMs: 86_400_000,
}
const grantPayload = orien.Grant.encode(grant)
export const sessionId = orien.documentId(scope, orien.Grant, grantPayload)

export const cheque: orien.Cheque = {
  sessionId,
  chequeSeq: 1,
  base: 0,
  ceilingMicros: micros(100_000n),
  signatures: [bytes(65, 0xc1)],
}

export const exit: orien.Exit = {
  sessionId,
  base: 3,
  totalMicros: micros(12_345n),
  tsMs: NOW_MS + 2 * HOUR_MS,
  agentSignatures: [bytes(65, 0xe1)],
  providerSignatures: [],
}

const quote: orien.Quote = { validUntilMs: NOW_MS + 60_000, grant: grantPayload }
const fund: orien.Fund = {
  quote: orien.signDocument(scope, PEERS.coordinator.signer, orien.Quote, quote).bytes,
  attempt: 1,
  openMessages: [bytes(120, 0x0f)],
  cheque: orien.encodeCheque(cheque),
}

const notice: orien.Notice = {
  sessionId,
  noticeSeq: 1,
  state: 'OPEN',
  base: 0,
  debitedMicros: micros(0n),
  ceilingHeldMicros: micros(100_000n),
  collectedThrough: 0,
}

export const inputs: orien.Inputs = {
  files: [
    { path: 'a/b.sol', sha256: hash(0x21), bytes: 0 },
    { path: 'ä.sol', sha256: hash(0x22), bytes: 12 },
  ],
}
export const output: orien.Output = {
  stdoutHash: hash(0x23),
  stdoutBytes: 0,
  files: [{ path: 'out/x.bin', sha256: hash(0x24), bytes: 5 }],
}

export const authorisation: orien.Authorisation = {
  sessionId,
  callSeq: 1,
  toolId: 'compile_contract',
  argsHash: hash(0x31),
  inputsHash: scope.crypto.sha256(orien.encodeInputs(inputs)),
  capMicros: micros(50_000n),
  startByMs: NOW_MS + 60_000,
}
const authId = orien.documentId(scope, orien.Authorisation, orien.Authorisation.encode(authorisation))

export const receipt: orien.Receipt = {
  sessionId,
  authId,
  callSeq: 1,
  receiptSeq: 1,
  prevId: orien.NO_RECEIPT,
  outcome: 'ok',
  exitCode: 0,
  startedAtMs: NOW_MS,
  queuedMs: 0,
  effectiveMs: 1_234,
  cpuMs: 1_100,
  throttledMs: 0,
  maxRssBytes: 50_000_000,
  outputHash: scope.crypto.sha256(orien.encodeOutput(output)),
  logHash: hash(0x32),
  numerator: numerator(12_340_000n),
}
const receiptId = orien.documentId(scope, orien.Receipt, orien.Receipt.encode(receipt))

export const ack: orien.Ack = {
  sessionId,
  fromSeq: 1,
  throughSeq: 1,
  headId: receiptId,
  exceptions: [],
  acceptedNumerator: numerator(12_340_000n),
}

export const statement: orien.Statement = {
  sessionId,
  statementSeq: 1,
  root: orien.settledRoot(scope.crypto, [{ receiptId, settledNumerator: receipt.numerator }]),
  receipts: 1,
  totalMicros: micros(205n),
  receivedMicros: micros(205n),
  split: { providerMicros: micros(185n), platformMicros: micros(14n), reserveMicros: micros(6n) },
  closeEvidence: 'memory: version 2',
}
const statementId = orien.documentId(scope, orien.Statement, orien.Statement.encode(statement))

export const payout: orien.Payout = {
  payoutId: orien.payoutIdOf(scope.crypto, [statementId]),
  statementIds: [statementId],
  legs: [
    { recipient: WALLETS.payout.address, micros: micros(185n) },
    { recipient: WALLETS.coordinator.address, micros: micros(20n) },
  ],
  transaction: `0x${'cd'.repeat(32)}`,
}

/** Every signed document, once without and, where it has optional fields, once with all of them. */
export const SAMPLES: readonly Sample<never>[] = (
  [
    sample('binding', orien.WalletBinding, 'provider', bindingValue('provider', 'payout')),
    sample('binding, old wallet signed', orien.WalletBinding, 'provider', {
      ...bindingValue('provider', 'payout'),
      oldWalletSignature: bytes(65, 0x1b),
    }),
    sample('offer', orien.Offer, 'provider', offer),
    sample('offer, full', orien.Offer, 'provider', {
      ...offer,
      ensName: 'attic.orien.eth',
      region: 'eu-de',
      selfTestDigest: hash(0x41),
    }),
    sample('open', orien.Open, 'agent', open),
    sample('open, full', orien.Open, 'agent', { ...open, memo: 'mission 7', continuesSession: hash(0x42) }),
    sample('quote', orien.Quote, 'coordinator', quote),
    sample('fund', orien.Fund, 'agent', fund),
    sample('grant', orien.Grant, 'coordinator', grant),
    sample('notice', orien.Notice, 'coordinator', notice),
    sample('notice, later', orien.Notice, 'coordinator', {
      ...notice,
      noticeSeq: 9,
      state: 'FROZEN',
      base: 2,
      debitedMicros: micros(205n),
      collectedThrough: 300,
    }),
    sample('authorisation', orien.Authorisation, 'agent', authorisation),
    sample('authorisation, full', orien.Authorisation, 'agent', {
      ...authorisation,
      callSeq: 2,
      parentRef: hash(0x43),
    }),
    sample('refusal of a call', orien.Refusal, 'provider', { authId, code: 'seqUsed', last: 0 }),
    sample('refusal of a session', orien.Refusal, 'provider', { sessionId, code: 'policy' }),
    sample('tickack', orien.TickAck, 'agent', { authId, ms: 5_000 }),
    sample('receipt', orien.Receipt, 'provider', receipt),
    sample('receipt, full', orien.Receipt, 'provider', {
      ...receipt,
      receiptSeq: 2,
      prevId: receiptId,
      outcome: 'cap',
      queuedMs: 20,
      throttledMs: 3,
      lastTick: 0,
      resumesReceipt: hash(0x44),
    }),
    sample('ack', orien.Ack, 'agent', ack),
    sample('ack with exceptions', orien.Ack, 'agent', {
      ...ack,
      throughSeq: 3,
      exceptions: [
        { receiptSeq: 1, acceptedMs: 0, code: 'unknown' },
        { receiptSeq: 3, acceptedMs: 1_000, code: 'time' },
      ],
    }),
    sample('end', orien.End, 'agent', { sessionId, reason: 'done' }),
    sample('final', orien.Final, 'provider', {
      sessionId,
      lastSeq: 1,
      headId: receiptId,
      claimedNumerator: numerator(12_340_000n),
    }),
    sample('final of a session without calls', orien.Final, 'provider', {
      sessionId,
      lastSeq: 0,
      headId: orien.NO_RECEIPT,
      claimedNumerator: numerator(0n),
    }),
    sample('statement', orien.Statement, 'coordinator', statement),
    sample('statement, nothing received', orien.Statement, 'coordinator', {
      ...statement,
      root: hash(0),
      receipts: 0,
      receivedMicros: micros(0n),
      split: { providerMicros: micros(0n), platformMicros: micros(0n), reserveMicros: micros(0n) },
      closeEvidence: '',
    }),
    sample('payout', orien.Payout, 'coordinator', payout),
  ] as Sample<unknown>[]
).map((one) => one as Sample<never>)

/** Messages that travel without an envelope, each in its one encoding. */
export const BARE = [
  { name: 'cheque', value: cheque, encode: orien.encodeCheque, decode: orien.decodeCheque },
  { name: 'exit', value: exit, encode: orien.encodeExit, decode: orien.decodeExit },
  { name: 'inputs', value: inputs, encode: orien.encodeInputs, decode: orien.decodeInputs },
  { name: 'output', value: output, encode: orien.encodeOutput, decode: orien.decodeOutput },
  { name: 'no inputs', value: { files: [] }, encode: orien.encodeInputs, decode: orien.decodeInputs },
  { name: 'offer request', value: { knownSeq: 0 }, encode: orien.encodeOfferRequest, decode: orien.decodeOfferRequest },
  {
    name: 'offer answer',
    value: { offer: offerBytes, windows: { windowMicros: micros(10n), windowCalls: 2 } },
    encode: orien.encodeOfferAnswer,
    decode: orien.decodeOfferAnswer,
  },
] as unknown as readonly {
  readonly name: string
  readonly value: object
  readonly encode: (value: object) => Uint8Array
  readonly decode: (bytes: Uint8Array) => unknown
}[]
