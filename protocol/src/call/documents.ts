import { byCodePoint } from '../bytes.ts'
import { ERROR_HINTS, type ErrorCode } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Micros } from '../money/micros.ts'
import {
  amount,
  check,
  distinct,
  hash32,
  identifier,
  list,
  oneOf,
  sequence,
  text,
  time,
  whole,
} from '../wire/checks.ts'
import { decodeCanonical, documentType, encodeChecked, withShape } from '../wire/document.ts'
import type { Id } from '../wire/envelope.ts'
import { shapeOf } from '../wire/strict.ts'
import {
  Authorisation as AuthorisationWire,
  Inputs as InputsWire,
  Output as OutputWire,
  Refusal as RefusalWire,
  TickAck as TickAckWire,
} from './call.wire.ts'

/** An agent's permission to run one call, up to a cap. */
export interface Authorisation {
  readonly sessionId: Id
  readonly callSeq: number
  readonly toolId: string
  /** sha256 of the argument bytes exactly as sent. */
  readonly argsHash: Uint8Array
  /** sha256 of the encoded Inputs. */
  readonly inputsHash: Uint8Array
  readonly capMicros: Micros
  /** The call starts by then or not at all. */
  readonly startByMs: number
  readonly parentRef?: Id
}

/** As in call.wire.proto. */
const AUTHORISATION = {
  sessionId: 'bytes',
  callSeq: 'number',
  toolId: 'text',
  argsHash: 'bytes',
  inputsHash: 'bytes',
  capMicros: 'bigint',
  startByMs: 'number',
  parentRef: 'bytes?',
} as const

/** Authorisation (agent). */
export const Authorisation = documentType<Authorisation>(
  'authorisation',
  withShape(AuthorisationWire, AUTHORISATION),
  (auth) => {
    hash32(auth.sessionId, 'sessionId')
    sequence(auth.callSeq, 'callSeq', 1)
    identifier(auth.toolId, 'toolId')
    hash32(auth.argsHash, 'argsHash')
    hash32(auth.inputsHash, 'inputsHash')
    amount(auth.capMicros, 'capMicros', LIMITS.maxAllowanceMicros, 1n)
    time(auth.startByMs, 'startByMs')
    if (auth.parentRef !== undefined) hash32(auth.parentRef, 'parentRef')
  },
)

/** A signed no: to one call, or to a whole session. Nothing is billed. */
export interface Refusal {
  readonly authId?: Id
  readonly sessionId?: Id
  readonly code: ErrorCode
  /** For `seqUsed`: the last callSeq taken. */
  readonly last?: number
}

/** Refusal (provider). */
export const Refusal = documentType<Refusal>('refusal', RefusalWire, (refusal) => {
  check(
    (refusal.authId === undefined) !== (refusal.sessionId === undefined),
    'authId',
    'or sessionId must be given, not both',
  )
  if (refusal.authId !== undefined) hash32(refusal.authId, 'authId')
  if (refusal.sessionId !== undefined) hash32(refusal.sessionId, 'sessionId')
  oneOf(refusal.code, 'code', Object.keys(ERROR_HINTS))
  if (refusal.last !== undefined) sequence(refusal.last, 'last')
})

/** The agent has seen a running call's meter. */
export interface TickAck {
  readonly authId: Id
  readonly ms: number
}

/** TickAck (agent). */
export const TickAck = documentType<TickAck>(
  'tickack',
  withShape(TickAckWire, { authId: 'bytes', ms: 'number' }),
  (ack) => {
    hash32(ack.authId, 'authId')
    whole(ack.ms, 'ms', LIMITS.maxMeasuredMs)
  },
)

/** One file by its content. */
export interface FileEntry {
  /** Relative path with `/`, no `.` or `..` segment. */
  readonly path: string
  readonly sha256: Uint8Array
  readonly bytes: number
}

/** The files a call reads, sorted by the bytes of their paths. Its hash is in the Authorisation. */
export interface Inputs {
  readonly files: readonly FileEntry[]
}

/** What a call left: standard output and the declared files, sorted by the bytes of their paths. Its hash is in the Receipt. */
export interface Output {
  readonly stdoutHash: Uint8Array
  readonly stdoutBytes: number
  readonly files: readonly FileEntry[]
}

function checkFiles(files: readonly FileEntry[]): void {
  list(files, 'files', LIMITS.maxFiles, (file, at) => {
    text(file.path, `${at}.path`, LIMITS.maxPathBytes, 1)
    check(isWorkspacePath(file.path), `${at}.path`, 'is not a relative path inside the workspace')
    hash32(file.sha256, `${at}.sha256`)
    whole(file.bytes, `${at}.bytes`, LIMITS.maxBlobBytes)
  })
  for (let at = 1; at < files.length; at++) {
    check(
      byCodePoint(files[at - 1]?.path ?? '', files[at]?.path ?? '') < 0,
      'files',
      'are not sorted by path, each once',
    )
  }
}

/** True for a relative path that cannot leave its folder: no empty, `.` or `..` segment, no backslash, no NUL. */
export function isWorkspacePath(path: string): boolean {
  return !/[\\\0]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

function checkInputs(inputs: Inputs): void {
  checkFiles(inputs.files)
}

/** Both as in call.wire.proto. */
const FILES = shapeOf({ path: 'text', sha256: 'bytes', bytes: 'number' })
const INPUTS_CODEC = withShape(InputsWire, { files: FILES })
const OUTPUT_CODEC = withShape(OutputWire, { stdoutHash: 'bytes', stdoutBytes: 'number', files: FILES })

/** Encoded Inputs. Throws `badDocument`, `tooLarge`. */
export function encodeInputs(inputs: Inputs): Uint8Array {
  return encodeChecked('inputs', InputsWire, checkInputs, LIMITS.maxManifestBytes, inputs)
}

/** Throws `badDocument`, `tooLarge`. */
export function decodeInputs(bytes: Uint8Array): Inputs {
  return decodeCanonical('inputs', INPUTS_CODEC, checkInputs, LIMITS.maxManifestBytes, bytes)
}

function checkOutput(output: Output): void {
  hash32(output.stdoutHash, 'stdoutHash')
  sequence(output.stdoutBytes, 'stdoutBytes')
  checkFiles(output.files)
}

/** Encoded Output. Throws `badDocument`, `tooLarge`. */
export function encodeOutput(output: Output): Uint8Array {
  return encodeChecked('output', OutputWire, checkOutput, LIMITS.maxManifestBytes, output)
}

/** Throws `badDocument`, `tooLarge`. */
export function decodeOutput(bytes: Uint8Array): Output {
  return decodeCanonical('output', OUTPUT_CODEC, checkOutput, LIMITS.maxManifestBytes, bytes)
}

/** File entries in the one order manifests have; throws `badDocument` when a path stands twice. */
export function sortFiles(files: readonly FileEntry[]): FileEntry[] {
  distinct(
    files.map((file) => file.path),
    'files',
  )
  return files.toSorted((a, b) => byCodePoint(a.path, b.path))
}
