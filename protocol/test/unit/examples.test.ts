import { expect, test } from 'vitest'
import {
  Authorisation,
  DEFAULT_SPLIT,
  End,
  claimOf,
  errorOf,
  failureOf,
  floorMicros,
  formatUsdc,
  isOrienError,
  micros,
  nobleCrypto,
  nobleSigner,
  openDocument,
  OrienError,
  parseUsdc,
  peekDocument,
  peerOfKey,
  scopeOf,
  signDocument,
  splitTotal,
  sumNumerators,
  TickAck,
  turnSigner,
  workAnswers,
} from '../../src/index.ts'

/** The examples of the public docstrings and of README.md, so that they compile and stay true. */

const seed = new Uint8Array(32).fill(1)

test('behavior: sign a document and open it (README)', () => {
  const scope = scopeOf(31_337, nobleCrypto)
  const signer = nobleSigner(seed)
  const peer = peerOfKey(signer.publicKey)

  const signed = signDocument(scope, signer, End, { sessionId: new Uint8Array(32), reason: 'done' })
  const { value, id } = openDocument(scope, End, signed.bytes, peer)
  expect([value.reason, id]).toEqual(['done', signed.id])
})

test('behavior: what a session costs (README)', () => {
  const terms = { priceMicrosPerMin: parseUsdc('0.01'), capMicros: parseUsdc('0.05') }
  const sum = sumNumerators([claimOf(terms, 1_500), claimOf(terms, 700), claimOf(terms, 1)])
  const total = floorMicros(sum)
  expect(formatUsdc(total)).toBe('0.000366')
  expect(splitTotal(total, DEFAULT_SPLIT)).toEqual({ providerMicros: 331n, platformMicros: 25n, reserveMicros: 10n })
})

test('behavior: errors are told by their code (OrienError)', () => {
  let hint = ''
  try {
    parseUsdc('0.0000001')
  } catch (error) {
    if (isOrienError(error, 'badMoney')) hint = error.hint
  }
  expect(hint).toContain('six fraction digits')
})

test('behavior: one signature for everything of one turn (turnSigner)', async () => {
  const scope = scopeOf(31_337, nobleCrypto)
  const signer = turnSigner(scope, nobleSigner(seed))
  const authId = new Uint8Array(32)
  const [a, b] = await Promise.all([signer.sign(TickAck, { authId, ms: 1 }), signer.sign(TickAck, { authId, ms: 2 })])
  expect([a.value.ms, b.value.ms]).toEqual([1, 2])
})

test('behavior: an amount is text outside and bigint inside (parseUsdc, splitTotal)', () => {
  expect(parseUsdc('0.05')).toBe(50_000n)
  expect(splitTotal(micros(1_234_567n), DEFAULT_SPLIT).providerMicros).toBe(1_111_111n)
})

test('behavior: a failure crosses a stream and stays what it was (failureOf, errorOf)', () => {
  const frame = workAnswers.encode({ failure: failureOf(new OrienError('busy', { message: 'the queue is full' })) })
  const { failure } = workAnswers.decode(frame)
  expect(failure === undefined ? undefined : errorOf(failure, 'the provider').code).toBe('busy')
})

test('behavior: an id is known before a signature is checked (peekDocument)', () => {
  const scope = scopeOf(31_337, nobleCrypto)
  const authorisation = {
    sessionId: new Uint8Array(32),
    callSeq: 1,
    toolId: 'compile_contract',
    argsHash: new Uint8Array(32),
    inputsHash: new Uint8Array(32),
    capMicros: parseUsdc('0.05'),
    startByMs: 1_800_000_000_000,
  }
  const signed = signDocument(scope, nobleSigner(seed), Authorisation, authorisation)
  expect(peekDocument(scope, Authorisation, signed.bytes).id).toEqual(signed.id)
})
