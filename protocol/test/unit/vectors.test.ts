import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  decodeEnvelope,
  equalBytes,
  fromHex,
  isAddress,
  leafHash,
  nobleCrypto,
  openDocument,
  parsePeer,
  parseUsdc,
  proofRoot,
  scopeOf,
  signedBytes,
  type PeerText,
} from '../../src/index.ts'
import { expectCode } from '../expect.ts'
import { BARE, SAMPLES } from '../samples.ts'
import { documentVectors } from '../make-vectors/documents.ts'
import { ed25519Vectors } from '../make-vectors/ed25519.ts'
import { identityVectors } from '../make-vectors/identity.ts'
import { toJson, type Json } from '../make-vectors/json.ts'
import { moneyVectors } from '../make-vectors/money.ts'

/** With ORIEN_WRITE_VECTORS=1 the files are written anew; else they are what is tested. */
const WRITE = process.env['ORIEN_WRITE_VECTORS'] === '1'
const fileOf = (name: string): string => fileURLToPath(new URL(`../../vectors/${name}.json`, import.meta.url))

const FILES: Readonly<Record<string, () => Json>> = {
  ed25519: () => toJson({ vectors: ed25519Vectors() }),
  documents: documentVectors,
  money: moneyVectors,
  identity: identityVectors,
}

if (WRITE) {
  for (const [name, make] of Object.entries(FILES))
    writeFileSync(fileOf(name), `${JSON.stringify(make(), undefined, 2)}\n`)
}

const bytes = (text: string): Uint8Array => {
  const parsed = fromHex(text)
  if (parsed === undefined) throw new Error(`not hex: ${text}`)
  return parsed
}

interface DocumentFile {
  readonly domain: string
  readonly peers: readonly { readonly role: string; readonly peer: PeerText }[]
  readonly documents: readonly {
    readonly name: string
    readonly type: string
    readonly signer: string
    readonly value: Json
    readonly payload: string
    readonly signedBytes: string
    readonly id: string
    readonly signature: string
    readonly envelope: string
  }[]
  readonly batches: readonly {
    readonly signer: string
    readonly members: readonly string[]
    readonly leaves: readonly string[]
    readonly root: string
    readonly envelopes: readonly string[]
  }[]
  readonly messages: readonly { readonly name: string; readonly value: Json; readonly bytes: string }[]
}

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(fileOf(name), 'utf8')) as T
}

describe.each(Object.entries(FILES))('%s.json', (name, make) => {
  test('behavior: is what this implementation gives', () => {
    expect(readJson(name)).toEqual(JSON.parse(JSON.stringify(make())))
  })
})

describe('documents.json, read as another implementation would', () => {
  const file = readJson<DocumentFile>('documents')
  const scope = { ...scopeOf(31_337, nobleCrypto), domain: file.domain }
  const peerOf = (role: string): PeerText => {
    const found = file.peers.find((one) => one.role === role)
    if (found === undefined) throw new Error(`no peer ${role}`)
    return found.peer
  }
  const typeOf = (type: string) => {
    const found = SAMPLES.find((sample) => sample.type.type === type)
    if (found === undefined) throw new Error(`no document ${type}`)
    return found.type
  }

  test.each(file.documents.map((one) => [one.name, one] as const))('behavior: %s opens to its value', (_, one) => {
    const type = typeOf(one.type)
    const opened = openDocument(scope, type, bytes(one.envelope), peerOf(one.signer))
    expect(toJson(opened.value)).toEqual(one.value)
    expect(opened.id).toEqual(bytes(one.id))
    const envelope = decodeEnvelope(bytes(one.envelope))
    expect([envelope.type, envelope.proof]).toEqual([one.type, []])
    expect(equalBytes(envelope.payload, bytes(one.payload))).toBe(true)
    expect(equalBytes(envelope.signature, bytes(one.signature))).toBe(true)
    expect(equalBytes(signedBytes(scope, one.type, envelope.payload), bytes(one.signedBytes))).toBe(true)
  })

  test.each(file.batches.map((one) => [one.members.length, one] as const))(
    'behavior: a batch of %i opens, each by its proof',
    (_, batch) => {
      batch.envelopes.forEach((envelope, at) => {
        const member = file.documents.find((one) => one.name === batch.members[at])
        if (member === undefined) throw new Error('a batch of unknown documents')
        const opened = openDocument(scope, typeOf(member.type), bytes(envelope), peerOf(batch.signer))
        expect([toJson(opened.value), opened.id]).toEqual([member.value, bytes(member.id)])
        const leaf = leafHash(nobleCrypto, bytes(member.signedBytes))
        expect(leaf).toEqual(bytes(batch.leaves[at] ?? ''))
        expect(proofRoot(nobleCrypto, leaf, decodeEnvelope(bytes(envelope)).proof)).toEqual(bytes(batch.root))
      })
    },
  )

  test.each(file.messages.map((one) => [one.name, one] as const))('behavior: %s decodes to its value', (name, one) => {
    const message = BARE.find((bare) => bare.name === name)
    expect(toJson(message?.decode(bytes(one.bytes)))).toEqual(one.value)
  })
})

describe('money.json and identity.json: what is refused', () => {
  test.each(readJson<{ badUsdc: string[] }>('money').badUsdc)('error: “%s” is not an amount', (text) => {
    expectCode(() => parseUsdc(text), 'badMoney')
  })

  const identity = readJson<{ badPeers: string[]; badAddresses: string[]; addresses: { address: string }[] }>(
    'identity',
  )
  test.each(identity.badPeers)('error: “%s” is not a peer', (text) => {
    expectCode(() => parsePeer(text), 'badDocument')
  })
  test.each(identity.badAddresses)('error: “%s” is not an address', (text) => {
    expect(isAddress(text)).toBe(false)
  })
  test.each(identity.addresses)('behavior: $address is an address', ({ address }) => {
    expect(isAddress(address)).toBe(true)
  })
})
