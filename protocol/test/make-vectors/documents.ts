import {
  bindingDigest,
  bindingTypedData,
  decodeEnvelope,
  draftDocument,
  hex,
  leafHash,
  payoutIdOf,
  proofRoot,
  settledRoot,
  signBatch,
  signDocument,
  signedBytes,
} from '../../src/index.ts'
import { CHAIN_ID, PEERS, scope, WALLETS } from '../keys.ts'
import { BARE, bindingValue, hash, numerator, SAMPLES, type Sample } from '../samples.ts'
import { toJson, type Json } from './json.ts'

const SIZES = [2, 3, 5, 9] as const

function documentVector(sample: Sample<never>): Json {
  const { type, value } = sample
  const { signer } = PEERS[sample.signer]
  const signed = signDocument(scope, signer, type, value)
  const { payload, signature } = decodeEnvelope(signed.bytes)
  return toJson({
    name: sample.name,
    type: type.type,
    signer: sample.signer,
    value,
    payload,
    signedBytes: signedBytes(scope, type.type, payload),
    id: signed.id,
    signature,
    envelope: signed.bytes,
  })
}

/** The first `size` documents that a provider signs, under one signature. */
function batchVector(size: number): Json {
  const members = SAMPLES.filter((sample) => sample.signer === 'provider').slice(0, size)
  const signed = signBatch(
    scope,
    PEERS.provider.signer,
    members.map((sample) => draftDocument(sample.type, sample.value)),
  )
  const envelopes = signed.map((one) => decodeEnvelope(one.bytes))
  const leaves = envelopes.map((one) => leafHash(scope.crypto, signedBytes(scope, one.type, one.payload)))
  const [first] = envelopes
  const [leaf] = leaves
  if (first === undefined || leaf === undefined) throw new Error('no sample is signed by a provider')
  const root = proofRoot(scope.crypto, leaf, first.proof)
  return toJson({
    signer: 'provider',
    members: members.map((sample) => sample.name),
    leaves,
    root,
    signedBytes: signedBytes(scope, '/orien/batch/1', root),
    signature: first.signature,
    proofs: envelopes.map((one) => one.proof),
    envelopes: signed.map((one) => one.bytes),
  })
}

function bindingVectors(): Json {
  return (['agent', 'provider', 'coordinator'] as const).map((role) => {
    const { walletSignature, ...statement } = bindingValue(role)
    return toJson({
      chainId: CHAIN_ID,
      walletKey: WALLETS[role].key,
      statement,
      typedData: bindingTypedData(statement, CHAIN_ID),
      digest: bindingDigest(statement, CHAIN_ID),
      walletSignature,
    })
  })
}

function settledVectors(): Json {
  return [0, 1, 2, 3, 6].map((count) => {
    const receipts = Array.from({ length: count }, (_, at) => ({
      receiptId: hash(at + 1),
      settledNumerator: numerator(BigInt(at) * 60_001n),
    }))
    return toJson({ receipts, root: settledRoot(scope.crypto, receipts) })
  })
}

/** documents.json */
export function documentVectors(): Json {
  const statementIds = [hash(1), hash(2), hash(3)]
  return {
    domain: scope.domain,
    peers: Object.entries(PEERS).map(([role, one]) =>
      toJson({ role, seed: one.seed, publicKey: one.signer.publicKey, peer: one.peer }),
    ),
    documents: SAMPLES.map(documentVector),
    batches: SIZES.map(batchVector),
    messages: BARE.map(({ name, value, encode }) => toJson({ name, value, bytes: encode(value) })),
    bindings: bindingVectors(),
    settled: settledVectors(),
    payouts: [{ statementIds: statementIds.map(hex), payoutId: hex(payoutIdOf(scope.crypto, statementIds)) }],
  }
}
