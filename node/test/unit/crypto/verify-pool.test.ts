import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { utf8, type SignatureCheck } from '@orien/protocol'
import { isPackable, packChecks, unpackChecks } from '../../../src/crypto/checks.ts'
import { keySigner, nodeCrypto } from '../../../src/crypto/ed25519.ts'
import { createVerifyPool, type VerifyPool, type VerifyPoolOptions } from '../../../src/crypto/verify-pool.ts'

const file = new URL('../../../../protocol/vectors/ed25519.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as {
  vectors: { publicKey: string; message: string; signature: string; valid: boolean }[]
}
const pools: VerifyPool[] = []
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close()
})

function poolOf(options: VerifyPoolOptions = {}): VerifyPool {
  const pool = createVerifyPool({ threads: 2, ...options })
  pools.push(pool)
  return pool
}

const signers = [1, 2, 3].map((byte) => keySigner(new Uint8Array(32).fill(byte)))

/** A thread that does this with its first job. */
function threadThat(acts: string): URL {
  const code = `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => { ${acts} })`
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`)
}

/** Good and bad ones, of several keys and lengths, among them some that are malformed. */
function checksOf(count: number): SignatureCheck[] {
  return Array.from({ length: count }, (_, at) => {
    const signer = signers[at % signers.length]
    if (signer === undefined) throw new Error('no signer')
    const message = utf8('m'.repeat(at % 40) + at)
    const signature = signer.sign(message)
    if (at % 7 === 3) return { publicKey: signer.publicKey, message: utf8('another'), signature }
    if (at % 11 === 5) return { publicKey: signer.publicKey, message, signature: signature.subarray(1) }
    if (at % 13 === 6) return { publicKey: new Uint8Array(0), message, signature }
    return { publicKey: signer.publicKey, message, signature }
  })
}

const here = (checks: readonly SignatureCheck[]): boolean[] =>
  checks.map(({ publicKey, message, signature }) => nodeCrypto.verify(publicKey, message, signature))

describe('a block of checks', () => {
  test('behavior: holds what was put in', () => {
    const checks = checksOf(60).filter(isPackable)
    const read = unpackChecks(packChecks(checks)).map(({ publicKey, message, signature }) => ({
      publicKey: Uint8Array.from(publicKey),
      message: Uint8Array.from(message),
      signature: Uint8Array.from(signature),
    }))
    expect(read).toEqual(checks)
    expect(unpackChecks(packChecks([]))).toEqual([])
  })
})

describe('a verify pool', () => {
  test('behavior: answers as nodeCrypto does, in order, for many callers at once', async () => {
    const pool = poolOf()
    const loads = [300, 1, 40, 0, 7].map(checksOf)
    const answers = await Promise.all(loads.map((checks) => pool.verifyAll(checks)))
    expect(answers).toEqual(loads.map(here))
    expect(answers.flat().filter((good) => !good).length).toBeGreaterThan(50)
    expect(pool.running).toBe(2)
  })

  test('behavior: keeps the one acceptance rule in its threads', async () => {
    const pool = poolOf({ threads: 1 })
    const all = vectors.map(({ publicKey, message, signature }) => ({
      publicKey: Uint8Array.from(Buffer.from(publicKey, 'hex')),
      message: Uint8Array.from(Buffer.from(message, 'hex')),
      signature: Uint8Array.from(Buffer.from(signature, 'hex')),
    }))
    expect(await pool.verifyAll(all)).toEqual(vectors.map(({ valid }) => valid))
    expect(pool.running).toBe(1)
  })

  test('behavior: little work, alone, starts no thread', async () => {
    const pool = poolOf()
    expect(await pool.verifyAll(checksOf(2))).toEqual([true, true])
    expect(pool.running).toBe(0)
  })

  test.each([
    ['ends', threadThat('process.exit(3)')],
    ['throws', threadThat("throw new Error('a broken thread')")],
    ['cannot start', new URL('data:text/javascript,throw%20new%20Error()')],
  ])('error: the work of a thread that %s is done in-process', async (_, script) => {
    const pool = poolOf({ script })
    const checks = checksOf(500)
    for (let round = 0; round < 5; round++) expect(await pool.verifyAll(checks)).toEqual(here(checks))
    expect(pool.running).toBe(0)
  })

  test('error: a thread that says nothing is given up', async () => {
    const pool = poolOf({ script: threadThat(''), answerMs: 50 })
    const checks = checksOf(20)
    expect(await pool.verifyAll(checks)).toEqual(here(checks))
  })

  test('behavior: closing answers what is under way, and later questions too', async () => {
    const pool = poolOf()
    const checks = checksOf(400)
    const started = pool.verifyAll(checks)
    await new Promise((resolve) => setImmediate(resolve))
    await pool.close()
    expect(pool.running).toBe(0)
    expect(await started).toEqual(here(checks))
    expect(await pool.verifyAll(checks)).toEqual(here(checks))
    expect(pool.running).toBe(0)
  })
})
