import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  Authorisation,
  decodeInputs,
  decodeOutput,
  encodeInputs,
  encodeOutput,
  isWorkspacePath,
  LIMITS,
  Refusal,
  sortFiles,
  TickAck,
  type FileEntry,
} from '../../../src/index.ts'
import * as wire from '../../../src/call/call.wire.ts'
import { refuses, takes } from '../../bounds.ts'
import { expectCode } from '../../expect.ts'
import { authorisation, hash, inputs, output, sessionId } from '../../samples.ts'

const short = new Uint8Array(31)
const file = (path: string): FileEntry => ({ path, sha256: hash(1), bytes: 1 })

describe('authorisation, refusal, tickack: bounds', () => {
  takes(Authorisation, authorisation, [
    ['capMicros', 1n],
    ['capMicros', LIMITS.maxAllowanceMicros],
    ['parentRef', hash(7)],
  ])
  refuses(Authorisation, wire.Authorisation, authorisation, [
    ['sessionId', short],
    ['callSeq', 0],
    ['toolId', ''],
    ['argsHash', short],
    ['inputsHash', new Uint8Array(33)],
    ['capMicros', 0n],
    ['capMicros', LIMITS.maxAllowanceMicros + 1n],
    ['startByMs', LIMITS.maxTimeMs + 1],
    ['parentRef', short],
  ])
  refuses(Refusal, wire.Refusal, { authId: hash(1), code: 'busy' }, [
    ['authId', undefined],
    ['authId', short],
    ['code', 'becauseISaySo'],
    ['code', ''],
    ['code', 'toString'],
    ['last', -1],
  ])
  test('error: a refusal is of a call or of a session, not of both', () => {
    expectCode(() => Refusal.encode({ authId: hash(1), sessionId, code: 'busy' }), 'badDocument')
  })
  takes(TickAck, { authId: hash(1), ms: 1 }, [
    ['ms', 0],
    ['ms', LIMITS.maxMeasuredMs],
  ])
  refuses(TickAck, wire.TickAck, { authId: hash(1), ms: 1 }, [
    ['authId', short],
    ['ms', LIMITS.maxMeasuredMs + 1],
  ])
})

describe('inputs and output: bounds', () => {
  const inputsCodec = { encode: encodeInputs as (value: object) => Uint8Array, decode: decodeInputs }
  const outputCodec = { encode: encodeOutput as (value: object) => Uint8Array, decode: decodeOutput }
  takes(inputsCodec, inputs, [
    ['files', []],
    ['files', [file('a'), file('a.b'), file('a/b'), file('\u{ffff}'), file('\u{10000}')]],
    ['files[0].bytes', LIMITS.maxBlobBytes],
  ])
  refuses(inputsCodec, wire.Inputs, inputs, [
    ['files', [file('b'), file('a')]],
    ['files', [file('a'), file('a')]],
    ['files', [file('\u{10000}'), file('\u{ffff}')]],
    ['files[0].path', ''],
    ['files[0].path', '/etc/passwd'],
    ['files[0].path', '../x'],
    ['files[0].path', 'a/../x'],
    ['files[0].path', './x'],
    ['files[0].path', 'a//x'],
    ['files[0].path', 'a/'],
    ['files[0].path', 'a\\x'],
    ['files[0].path', 'a\u0000'],
    ['files[0].path', 'a'.repeat(1_025)],
    ['files[0].sha256', short],
    ['files[0].bytes', LIMITS.maxBlobBytes + 1],
  ])
  refuses(outputCodec, wire.Output, output, [
    ['stdoutHash', short],
    ['stdoutBytes', -1],
    ['files[0].path', '..'],
  ])

  test('error: a list longer than a frame is tooLarge', () => {
    const files = Array.from({ length: 1_024 }, (_, at) => file(`${String(at).padStart(4, '0')}${'x'.repeat(600)}`))
    expectCode(() => encodeInputs({ files }), 'tooLarge')
    expectCode(() => decodeInputs(new Uint8Array(LIMITS.maxManifestBytes + 1)), 'tooLarge')
    expectCode(() => encodeInputs({ files: [...files, file('y')] }), 'badDocument')
  })
})

describe('paths', () => {
  test('behavior: sortFiles gives the one order that manifests have', () => {
    const path = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 6 })
      .filter((text) => isWorkspacePath(text) && !/\p{Cc}/u.test(text))
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 8 }), (paths) => {
        const files = sortFiles(paths.map(file))
        const byBytes = paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        expect(files.map((one) => one.path)).toEqual(byBytes)
        expect(decodeInputs(encodeInputs({ files })).files).toEqual(files)
      }),
      { numRuns: 100, seed: 4 },
    )
  })

  test('error: a path that stands twice is refused', () => {
    expectCode(() => sortFiles([file('a'), file('b'), file('a')]), 'badDocument')
  })

  test('behavior: a path with dots in its names stays inside', () => {
    for (const path of ['.hidden', '..x', 'x..', 'a/.../b', 'a.b/c']) expect(isWorkspacePath(path)).toBe(true)
  })
})
