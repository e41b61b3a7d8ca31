import { concatBytes, equalBytes, utf8 } from '../bytes.ts'
import { OrienError } from '../errors.ts'
import { keyOfPeer, type PeerText } from '../identity/peer.ts'
import { LIMITS } from '../limits.ts'
import type { Crypto, Signer, Verifier } from '../ports.ts'
import { decodeCanonical, withShape, type DocumentType } from './document.ts'
import { Envelope as EnvelopeWire } from './envelope.wire.ts'
import { proofRoot, treeOf, type LastPath, type ProofStep } from './merkle.ts'
import { shapeOf } from './strict.ts'

/** SHA-256 of a document's signed bytes: the same for every signature over it. */
export type Id = Uint8Array

/** A document whose signature was made or verified here. */
export interface Signed<T> {
  readonly value: T
  readonly id: Id
  /** The encoded envelope, as it travels and is stored. */
  readonly bytes: Uint8Array
}

/** The wire form of a signed document. */
export interface Envelope {
  readonly type: string
  readonly payload: Uint8Array
  /** From leaf to root; empty when the signature is over the document itself. */
  readonly proof: readonly ProofStep[]
  readonly signature: Uint8Array
}

/** The chain whose documents are made and accepted, and the crypto they are checked with. */
export interface Scope {
  /** `orien/1/eip155:<chain id>`: a document of one chain is void on every other. */
  readonly domain: string
  readonly crypto: Crypto
  /** Batch roots verified lately, so that a batch of 64 costs one verification. */
  readonly seen: VerifiedRoot[]
  /** The batch proof walked last. */
  readonly path: LastPath
}

interface VerifiedRoot {
  readonly key: Uint8Array
  readonly root: Uint8Array
  readonly signature: Uint8Array
}

/** The most documents one signature covers: a proof has 10 steps. */
export const MAX_BATCH = 2 ** LIMITS.maxProofSteps

const SEEN_MAX = 16
const BATCH_TYPE = '/orien/batch/1'
/** As in envelope.wire.proto. */
const CODEC = withShape(EnvelopeWire, {
  type: 'text',
  payload: 'bytes',
  proof: shapeOf({ left: 'flag', hash: 'bytes' }),
  signature: 'bytes',
})
const NO_PROOF: readonly ProofStep[] = []
const prefixes = new WeakMap<Scope, Map<string, Uint8Array>>()

/** A scope for the documents of one EVM chain (CAIP-2 `eip155:<chainId>`). */
export function scopeOf(chainId: number, crypto: Crypto): Scope {
  return { domain: `orien/1/eip155:${chainId}`, crypto, seen: [], path: [] }
}

/**
 * B: the libp2p RFC 0002 bytes of a payload: domain, payload type and payload, each behind its length as an unsigned
 * varint.
 */
export function signedBytes(scope: Scope, type: string, payload: Uint8Array): Uint8Array {
  return Uint8Array.from(leafBytes(scope, type, payload).subarray(1))
}

/** Where leaves are put together to be hashed; a larger one has bytes of its own. */
let scratch = new Uint8Array(4_096)

/** 0x00 ‖ B: what a leaf is the hash of, and B itself from its second byte on. Good until the next call: a window on one scratch buffer. */
function leafBytes(scope: Scope, type: string, payload: Uint8Array): Uint8Array {
  const prefix = prefixOf(scope, type)
  const length = varint(payload.length)
  const at = 1 + prefix.length + length.length
  const bytes = at + payload.length
  if (bytes > scratch.length) scratch = new Uint8Array(2 * bytes)
  scratch[0] = 0
  scratch.set(prefix, 1)
  scratch.set(length, 1 + prefix.length)
  scratch.set(payload, at)
  return scratch.subarray(0, bytes)
}

/** Signs one document. Throws `badDocument` when a field is out of bounds. */
export function signDocument<T>(scope: Scope, signer: Signer, type: DocumentType<T>, value: T): Signed<T> {
  return signDraft(scope, signer, draftDocument(type, value)) as Signed<T>
}

/** A document, checked and encoded, waiting for the signature of its batch. */
export interface Draft {
  readonly type: string
  readonly value: unknown
  readonly payload: Uint8Array
}

/** Checks and encodes a document to be signed with others. Throws `badDocument` when a field is out of bounds. */
export function draftDocument<T>(type: DocumentType<T>, value: T): Draft {
  return { type: type.type, value, payload: type.encode(value) }
}

/**
 * Signs several documents with one signature over the Merkle root of their signed bytes; each envelope carries its
 * proof. A single document is signed directly. Throws `tooLarge` for more than 1 024, which no proof covers.
 */
export function signBatch(scope: Scope, signer: Signer, drafts: readonly Draft[]): Signed<unknown>[] {
  const [only] = drafts
  if (only === undefined) return []
  if (drafts.length === 1) return [signDraft(scope, signer, only)]
  if (drafts.length > MAX_BATCH) throw new OrienError('tooLarge', { message: `a batch holds at most ${MAX_BATCH}` })
  const { crypto } = scope
  const items = drafts.map((draft) => {
    const leaf = leafBytes(scope, draft.type, draft.payload)
    return { draft, hash: crypto.sha256(leaf), id: crypto.sha256(leaf.subarray(1)) }
  })
  const tree = treeOf(
    crypto,
    items.map(({ hash }) => hash),
  )
  const signature = signer.sign(signedBytes(scope, BATCH_TYPE, tree.root))
  return items.map(({ draft: { type, payload, value }, id }, at) => ({
    value,
    id,
    bytes: encodeEnvelope({ type, payload, proof: tree.proofs[at] ?? NO_PROOF, signature }),
  }))
}

function signDraft(scope: Scope, signer: Signer, { type, payload, value }: Draft): Signed<unknown> {
  const bytes = signedBytes(scope, type, payload)
  const signature = signer.sign(bytes)
  return { value, id: scope.crypto.sha256(bytes), bytes: encodeEnvelope({ type, payload, proof: NO_PROOF, signature }) }
}

/** A document that was read, whether its signature holds being another question. */
export interface ReadDocument<T> {
  readonly type: string
  readonly value: T
  readonly id: Id
  readonly bytes: Uint8Array
  readonly payload: Uint8Array
  readonly proof: readonly ProofStep[]
  readonly signature: Uint8Array
  /** Whether this peer signed it, once that was found out ahead of time (`verifyDocuments`). */
  verdict?: { readonly peer: PeerText; readonly good: boolean }
}

/** Reads an envelope: decodes it, checks its type, its one encoding and its fields. Throws `badDocument`, `wrongType`, `tooLarge`. */
export function readDocument<T>(scope: Scope, type: DocumentType<T>, bytes: Uint8Array): ReadDocument<T> {
  const { type: name, payload, proof, signature } = decodeEnvelope(bytes)
  if (name !== type.type) {
    throw new OrienError('wrongType', { message: `expected ${type.type}`, details: { expected: type.type } })
  }
  const value = type.decode(payload)
  const id = scope.crypto.sha256(leafBytes(scope, name, payload).subarray(1))
  return { type: name, value, id, bytes, payload, proof, signature }
}

/** A document that was read, as one that `peer` signed. Throws `badSignature`. */
export function openRead<T>(scope: Scope, read: ReadDocument<T>, peer: PeerText): Signed<T> {
  const { type, value, id, bytes, verdict } = read
  const good = verdict?.peer === peer ? verdict.good : verifyNow(scope, read, peer)
  if (!good) throw new OrienError('badSignature', { message: `${type} is not signed by ${peer}`, details: { peer } })
  return { value, id, bytes }
}

/**
 * Opens an envelope: decodes it, checks its type, its one encoding, its fields and the signature of `peer`.
 * Throws `badDocument`, `wrongType`, `tooLarge`, `badSignature`.
 */
export function openDocument<T>(scope: Scope, type: DocumentType<T>, bytes: Uint8Array, peer: PeerText): Signed<T> {
  return openRead(scope, readDocument(scope, type, bytes), peer)
}

/** Opens an envelope whose document names its own signer. Throws as openDocument. */
export function openNamed<T>(
  scope: Scope,
  type: DocumentType<T>,
  bytes: Uint8Array,
  signerOf: (value: T) => PeerText,
): Signed<T> {
  const read = readDocument(scope, type, bytes)
  return openRead(scope, read, signerOf(read.value))
}

/**
 * Reads an envelope without its signature: for documents that name their own signer, or are vouched for by another one.
 * Throws as openDocument, but never `badSignature`.
 */
export function peekDocument<T>(scope: Scope, type: DocumentType<T>, bytes: Uint8Array): Signed<T> {
  const { value, id } = readDocument(scope, type, bytes)
  return { value, id, bytes }
}

/**
 * Finds out for many documents at once whether their peers signed them, and keeps the verdicts with them for `openRead`. Documents of one
 * batch cost one signature.
 */
export async function verifyDocuments(
  scope: Scope,
  verifier: Verifier,
  wanted: readonly { readonly read: ReadDocument<unknown>; readonly peer: PeerText }[],
): Promise<void> {
  const pending: PendingCheck[] = []
  for (const { read, peer } of wanted) {
    const key = keyOfPeer(peer)
    const root = rootOf(scope, read)
    const last = pending.at(-1)
    // Documents of a batch come one after the other.
    if (root !== undefined && last !== undefined && isOf(last, key, root, read.signature)) last.of.push({ read, peer })
    else if (root !== undefined && isSeen(scope.seen, key, root, read.signature)) read.verdict = { peer, good: true }
    else
      pending.push({
        key,
        root,
        message: messageOf(scope, read, root),
        signature: read.signature,
        of: [{ read, peer }],
      })
  }
  if (pending.length === 0) return
  const answers = await verifier.verifyAll(
    pending.map(({ key, message, signature }) => ({ publicKey: key, message, signature })),
  )
  pending.forEach(({ key, root, signature, of }, at) => {
    const good = answers[at] === true
    for (const { read, peer } of of) read.verdict = { peer, good }
    if (good && root !== undefined) remember(scope, { key, root, signature })
  })
}

interface PendingCheck {
  readonly key: Uint8Array
  readonly root: Uint8Array | undefined
  readonly message: Uint8Array
  readonly signature: Uint8Array
  readonly of: { readonly read: ReadDocument<unknown>; readonly peer: PeerText }[]
}

/** The id a payload has once it is signed: how a Quote names the Grant to come. */
export function documentId<T>(scope: Scope, type: DocumentType<T>, payload: Uint8Array): Id {
  return scope.crypto.sha256(signedBytes(scope, type.type, payload))
}

/** Encoded envelope. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return EnvelopeWire.encode(envelope as unknown as Partial<EnvelopeWire>)
}

/** Decoded envelope. Throws `badDocument`, `tooLarge`. */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  return decodeCanonical<Envelope>('envelope', CODEC, checkEnvelope, LIMITS.maxEnvelopeBytes, bytes)
}

function checkEnvelope(envelope: Envelope): void {
  const bad =
    envelope.signature.length !== 64 ||
    envelope.proof.length > LIMITS.maxProofSteps ||
    envelope.proof.some((step) => step.hash.length !== 32) ||
    !/^\/orien\/[a-z]+\/\d+$/.test(envelope.type)
  if (bad) throw new OrienError('badDocument', { message: 'not an envelope' })
}

function verifyNow(scope: Scope, read: ReadDocument<unknown>, peer: PeerText): boolean {
  const key = keyOfPeer(peer)
  const { signature } = read
  const root = rootOf(scope, read)
  if (root !== undefined && isSeen(scope.seen, key, root, signature)) return true
  // Verified at once, so the scratch buffer will do.
  const message = root === undefined ? leafBytes(scope, read.type, read.payload) : leafBytes(scope, BATCH_TYPE, root)
  if (!scope.crypto.verify(key, message.subarray(1), signature)) return false
  if (root !== undefined) remember(scope, { key, root, signature })
  return true
}

/** The root of the batch a document was signed in; undefined when it was signed alone. */
function rootOf(scope: Scope, { type, payload, proof }: ReadDocument<unknown>): Uint8Array | undefined {
  if (proof.length === 0) return undefined
  const { crypto, path } = scope
  return proofRoot(crypto, crypto.sha256(leafBytes(scope, type, payload)), proof, path)
}

/** What was signed. */
function messageOf(scope: Scope, read: ReadDocument<unknown>, root: Uint8Array | undefined): Uint8Array {
  return root === undefined ? signedBytes(scope, read.type, read.payload) : signedBytes(scope, BATCH_TYPE, root)
}

function isSeen(seen: readonly VerifiedRoot[], key: Uint8Array, root: Uint8Array, signature: Uint8Array): boolean {
  return seen.some((one) => isOf(one, key, root, signature))
}

/** All three are the same. */
function isOf(
  one: Omit<VerifiedRoot, 'root'> & { readonly root: Uint8Array | undefined },
  key: Uint8Array,
  root: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (one.root === undefined || !equalBytes(one.root, root)) return false
  return equalBytes(one.signature, signature) && equalBytes(one.key, key)
}

function remember({ seen }: Scope, { key, root, signature }: VerifiedRoot): void {
  if (seen.length >= SEEN_MAX) seen.shift()
  // A copy: the envelope is a window on a whole frame, which would stay in memory with it.
  seen.push({ key, root, signature: Uint8Array.from(signature) })
}

function prefixOf(scope: Scope, type: string): Uint8Array {
  let ofScope = prefixes.get(scope)
  if (ofScope === undefined) prefixes.set(scope, (ofScope = new Map<string, Uint8Array>()))
  let prefix = ofScope.get(type)
  if (prefix === undefined) {
    const domain = utf8(scope.domain)
    const name = utf8(type)
    prefix = concatBytes(varint(domain.length), domain, varint(name.length), name)
    ofScope.set(type, prefix)
  }
  return prefix
}

function varint(value: number): Uint8Array {
  if (value < 0x80) return Uint8Array.of(value)
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}
