import { describe } from 'vitest'
import { decodeCheque, decodeExit, encodeCheque, encodeExit, LIMITS } from '../../../src/index.ts'
import * as wire from '../../../src/cheque/cheque.wire.ts'
import { refuses, takes } from '../../bounds.ts'
import { cheque, exit } from '../../samples.ts'

const signature = new Uint8Array(65)
const chequeCodec = { encode: encodeCheque as (value: object) => Uint8Array, decode: decodeCheque }
const exitCodec = { encode: encodeExit as (value: object) => Uint8Array, decode: decodeExit }

describe('cheque: bounds', () => {
  takes(chequeCodec, cheque, [
    ['ceilingMicros', 0n],
    ['ceilingMicros', LIMITS.maxAllowanceMicros],
    ['signatures', [signature, signature]],
    ['signatures[0]', new Uint8Array(130)],
  ])
  refuses(chequeCodec, wire.Cheque, cheque, [
    ['sessionId', new Uint8Array(31)],
    ['chequeSeq', 0],
    ['base', -1],
    ['ceilingMicros', LIMITS.maxAllowanceMicros + 1n],
    ['signatures', []],
    ['signatures', Array.from({ length: 5 }, () => signature)],
    ['signatures[0]', new Uint8Array(64)],
    ['signatures[0]', new Uint8Array(131)],
  ])
})

describe('exit: bounds', () => {
  takes(exitCodec, exit, [
    ['agentSignatures', []],
    ['providerSignatures', [signature]],
    ['totalMicros', 0n],
  ])
  refuses(exitCodec, wire.Exit, exit, [
    ['sessionId', new Uint8Array(0)],
    ['base', 1.5],
    ['totalMicros', LIMITS.maxAllowanceMicros + 1n],
    ['tsMs', LIMITS.maxTimeMs + 1],
    ['agentSignatures[0]', new Uint8Array(1)],
    ['providerSignatures', Array.from({ length: 5 }, () => signature)],
  ])
})
