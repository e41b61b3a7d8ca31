import { readFileSync } from 'node:fs'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { getAddress, hashTypedData, recoverAddress } from 'viem/utils'
import { privateKeyToAccount, signTypedData } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import * as orien from '@orien/protocol'
import { nodeCrypto } from '../../../src/crypto/index.ts'
import { capabilityOf, recordKeyOf } from '../../../src/network/protocols.ts'

/** The published vectors, checked by libraries that this project did not write. */

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../../protocol/vectors/${name}.json`, import.meta.url), 'utf8')) as T

interface Documents {
  readonly peers: readonly { readonly role: string; readonly publicKey: string; readonly peer: orien.PeerText }[]
  readonly documents: readonly {
    readonly type: string
    readonly name: string
    readonly signer: string
    readonly id: string
    readonly envelope: string
  }[]
  readonly batches: readonly {
    readonly signer: string
    readonly members: readonly string[]
    readonly envelopes: readonly string[]
  }[]
  readonly bindings: readonly {
    readonly chainId: number
    readonly walletKey: string
    readonly statement: { readonly wallet: string } & Record<string, string | number>
    readonly digest: string
    readonly walletSignature: string
  }[]
}
interface Identity {
  readonly peers: readonly { readonly publicKey: string; readonly peer: string }[]
  readonly addresses: readonly { readonly bytes: string; readonly address: string }[]
  readonly wallets: readonly { readonly key: string; readonly address: string }[]
  readonly capabilities: readonly { readonly toolId: string; readonly text: string; readonly multihash: string }[]
  readonly records: readonly { readonly peer: orien.PeerText; readonly key: string }[]
}

const documents = read<Documents>('documents')
const identity = read<Identity>('identity')
const bytes = (text: string): Uint8Array => orien.fromHex(text) ?? new Uint8Array(0)

const TYPES = [
  orien.WalletBinding,
  orien.Offer,
  orien.Open,
  orien.Quote,
  orien.Fund,
  orien.Grant,
  orien.Notice,
  orien.Authorisation,
  orien.Refusal,
  orien.TickAck,
  orien.Receipt,
  orien.Ack,
  orien.End,
  orien.Final,
  orien.Statement,
  orien.Payout,
] as unknown as readonly orien.DocumentType<unknown>[]

describe('documents, verified by node:crypto', () => {
  const scope = orien.scopeOf(31_337, nodeCrypto)
  const signerOf = (role: string): orien.PeerText => {
    const found = documents.peers.find((one) => one.role === role)
    if (found === undefined) throw new Error(`no peer ${role}`)
    return found.peer
  }

  test('behavior: every document of the protocol has a vector', () => {
    expect(new Set(documents.documents.map((one) => one.type))).toEqual(new Set(TYPES.map((type) => type.type)))
  })

  test.each(documents.documents.map((one) => [one.name, one] as const))('behavior: %s opens', (_, one) => {
    const type = TYPES.find((candidate) => candidate.type === one.type)
    if (type === undefined) throw new Error('no such type')
    expect(orien.openDocument(scope, type, bytes(one.envelope), signerOf(one.signer)).id).toEqual(bytes(one.id))
  })

  test('behavior: batches open', () => {
    for (const { signer, members, envelopes } of documents.batches) {
      envelopes.forEach((envelope, at) => {
        const one = documents.documents.find(({ name }) => name === members[at])
        const type = TYPES.find((candidate) => candidate.type === one?.type)
        if (one === undefined || type === undefined) throw new Error('a batch of unknown documents')
        expect(orien.openDocument(scope, type, bytes(envelope), signerOf(signer)).id).toEqual(bytes(one.id))
      })
    }
  })
})

describe('wallet bindings, checked by viem', () => {
  test.each(documents.bindings.map((one, at) => [at, one] as const))('behavior: binding %i', async (_, one) => {
    const statement = one.statement as unknown as orien.BindingStatement
    const typed = orien.bindingTypedData(statement, one.chainId)
    expect(hashTypedData(typed)).toBe(`0x${one.digest}`)
    expect(orien.bindingDigest(statement, one.chainId)).toEqual(bytes(one.digest))
    const signature = bytes(one.walletSignature)
    expect(orien.recoverAddress(bytes(one.digest), signature)).toBe(one.statement.wallet)
    expect(await recoverAddress({ hash: `0x${one.digest}`, signature })).toBe(one.statement.wallet)
    const byViem = await signTypedData({ ...typed, privateKey: `0x${one.walletKey}` })
    expect(orien.recoverAddress(bytes(one.digest), bytes(byViem))).toBe(one.statement.wallet)
  })

  test('error: another chain, role, date or a changed signature recovers another wallet, or none', () => {
    const [one] = documents.bindings
    if (one === undefined) throw new Error('no binding')
    const statement = one.statement as unknown as orien.BindingStatement
    const signature = bytes(one.walletSignature)
    const others = [
      orien.bindingDigest(statement, 5_042),
      orien.bindingDigest({ ...statement, role: 'payout' }, one.chainId),
      orien.bindingDigest({ ...statement, expiresAtMs: statement.expiresAtMs + 1 }, one.chainId),
    ]
    for (const digest of others) expect(orien.recoverAddress(digest, signature)).not.toBe(statement.wallet)
    for (const at of [0, 31, 40, 64]) {
      const changed = signature.with(at, (signature[at] ?? 0) ^ 1)
      expect(orien.recoverAddress(bytes(one.digest), changed)).not.toBe(statement.wallet)
    }
  })
})

describe('names, checked by libp2p, multiformats and viem', () => {
  test('behavior: PeerIds are those of libp2p', () => {
    for (const { publicKey, peer } of identity.peers) {
      expect(peerIdFromPublicKey(publicKeyFromRaw(bytes(publicKey))).toString()).toBe(peer)
      expect(orien.keyOfPeer(peer)).toEqual(bytes(publicKey))
    }
  })

  test('behavior: addresses are spelled as viem spells them', () => {
    for (const { bytes: raw, address } of identity.addresses) expect(getAddress(`0x${raw}`)).toBe(address)
    for (const { key, address } of identity.wallets) expect(privateKeyToAccount(`0x${key}`).address).toBe(address)
  })

  test('behavior: capabilities and records have the published names', () => {
    for (const { toolId, text, multihash } of identity.capabilities) {
      expect(capabilityOf(toolId)).toBe(text)
      const cid = CID.parse(base58btcCid(multihash))
      expect(cid.multihash.digest).toEqual(nodeCrypto.sha256(orien.utf8(text)))
    }
    for (const { peer, key } of identity.records) expect(recordKeyOf(peer)).toBe(key)
  })
})

/** CIDv1, raw, in base58btc: what a multihash becomes in a provider record. */
function base58btcCid(multihash: string): string {
  return base58btc.encode(bytes(`0155${multihash}`))
}
