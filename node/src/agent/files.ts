import {
  blobAnswers,
  blobRequests,
  concatBytes,
  encodeInputs,
  equalBytes,
  errorOf,
  isOrienError,
  isWorkspacePath,
  LIMITS,
  OrienError,
  sortFiles,
  type BlobAnswer,
  type FileEntry,
  type Hello,
  type Inputs,
} from '@orien/protocol'
import { isSilence } from '../coordinator-client/silence.ts'
import type { FrameStream } from '../network/port.ts'
import { PROTOCOLS } from '../network/protocols.ts'
import { cancelled } from './call-errors.ts'
import type { AgentParts } from './ports.ts'
import type { AgentSession } from './session.ts'

const CHUNK_BYTES = 256 * 1024
/** A file stream that drops is opened again, and goes on where it was. */
const MAX_TRIES = 4
const RETRY_MS = 500

/** An input file: its bytes, a stream of them, or a local path. */
export type FileSource = Uint8Array | AsyncIterable<Uint8Array> | string

/** Workspace path → file. */
export type InputFiles = Readonly<Record<string, FileSource>>

/** Files ready to be sent: what the Authorisation names, and where the bytes are. */
export interface PreparedInputs {
  readonly inputs: Inputs
  readonly read: ReadonlyMap<FileEntry, (offset: number) => AsyncIterable<Uint8Array>>
}

/**
 * Hashes the input files. A stream is read once and held. Throws `badInputs` for paths that leave the workspace, `tooManyFiles`, `tooLarge`
 * for one file.
 */
export async function prepareInputs(parts: AgentParts, files: InputFiles): Promise<PreparedInputs> {
  const read = new Map<FileEntry, (offset: number) => AsyncIterable<Uint8Array>>()
  const entries: FileEntry[] = []
  const named = Object.entries(files)
  if (named.length > LIMITS.maxFiles) {
    throw new OrienError('tooManyFiles', {
      message: `${named.length} input files`,
      details: { maxFiles: LIMITS.maxFiles },
    })
  }
  for (const [path, source] of named) {
    if (!isWorkspacePath(path)) {
      throw new OrienError('badInputs', {
        message: `${path} is not a relative path inside the workspace`,
        details: { path },
      })
    }
    const { entry, reader } = await prepareOne(parts, path, source)
    entries.push(entry)
    read.set(entry, reader)
  }
  return { inputs: checkedManifest(entries), read }
}

/** Their list travels in one frame. */
function checkedManifest(entries: readonly FileEntry[]): Inputs {
  const inputs = { files: sortFiles(entries) }
  try {
    encodeInputs(inputs)
  } catch (cause) {
    if (!isOrienError(cause)) throw cause
    const code = cause.code === 'tooLarge' ? 'tooManyFiles' : 'badInputs'
    throw new OrienError(code, { message: `the input files cannot be listed: ${cause.message}`, cause })
  }
  return inputs
}

async function prepareOne(
  parts: AgentParts,
  path: string,
  source: FileSource,
): Promise<{ readonly entry: FileEntry; readonly reader: (offset: number) => AsyncIterable<Uint8Array> }> {
  if (typeof source === 'string') {
    const file = await parts.files.open(source)
    if (file.bytes > LIMITS.maxBlobBytes) throw tooLarge(path)
    const bytes = await collect(file.read(0), file.bytes)
    const sha256 = parts.scope.crypto.sha256(bytes)
    return { entry: { path, sha256, bytes: bytes.length }, reader: (offset) => file.read(offset) }
  }
  const bytes = source instanceof Uint8Array ? source : await collect(source, LIMITS.maxBlobBytes)
  if (bytes.length > LIMITS.maxBlobBytes) throw tooLarge(path)
  const entry = { path, sha256: parts.scope.crypto.sha256(bytes), bytes: bytes.length }
  return { entry, reader: (offset) => slices(bytes, offset) }
}

async function* slices(bytes: Uint8Array, offset: number): AsyncGenerator<Uint8Array> {
  for (let at = offset; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES)
}

async function collect(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    length += chunk.length
    if (length > maxBytes)
      throw new OrienError('tooLarge', { message: 'the file is longer than it may be', details: { maxBytes } })
  }
  return concatBytes(...parts)
}

function tooLarge(path: string): OrienError {
  const details = { path, maxBytes: LIMITS.maxBlobBytes }
  return new OrienError('tooLarge', { message: `${path} is too large`, details })
}

/** Files to and from the provider of one session, one stream each way as long as it lasts. */
export class FileChannel {
  readonly #parts: AgentParts
  readonly #session: AgentSession
  readonly #hello: () => Hello
  /** Hashes the provider has: the same file is not sent twice in a session. */
  readonly #sent = new Set<string>()

  constructor(parts: AgentParts, session: AgentSession, hello: () => Hello) {
    this.#parts = parts
    this.#session = session
    this.#hello = hello
  }

  /** Uploads what the provider does not have, each from where an earlier try stopped. */
  async upload({ inputs, read }: PreparedInputs, signal?: AbortSignal): Promise<void> {
    if (inputs.files.length === 0) return
    await this.#exchange(async (talk) => {
      for (const file of inputs.files) {
        if (this.#sent.has(keyOf(file.sha256))) continue
        if (signal?.aborted === true) throw cancelled('the files were not all sent, and the call was not')
        const { have } = await talk.ask({ put: file.sha256, bytes: file.bytes })
        if (have === undefined)
          throw new OrienError('badDocument', { message: 'the provider answered something else than was asked' })
        const source = [...read].find(([entry]) => equalBytes(entry.sha256, file.sha256))?.[1]
        if (source !== undefined && have < file.bytes) {
          for await (const bytes of source(have)) {
            for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
              await talk.send({ chunk: bytes.subarray(at, at + CHUNK_BYTES) })
          }
        }
        await talk.done()
        this.#sent.add(keyOf(file.sha256))
      }
    })
  }

  /** Fetches files of a result and checks them. Throws `badOutput`, `tooLarge`. */
  async download(files: readonly FileEntry[], maxBytes: number): Promise<Map<string, Uint8Array>> {
    const total = files.reduce((sum, file) => sum + file.bytes, 0)
    if (total > maxBytes)
      throw new OrienError('tooLarge', { message: `the files are ${total} bytes, the policy allows ${maxBytes}` })
    const got = new Map<string, Uint8Array>()
    if (files.length === 0) return got
    await this.#exchange(async (talk) => {
      for (const file of files) {
        if (got.has(file.path)) continue
        const { size } = await talk.ask({ get: file.sha256 })
        if (size !== file.bytes)
          throw new OrienError('badOutput', { message: `${file.path} is not as long as the receipt says` })
        const bytes = await talk.chunks(file.bytes)
        if (!equalBytes(this.#parts.scope.crypto.sha256(bytes), file.sha256)) {
          throw new OrienError('badOutput', { message: `${file.path} is not what the receipt says` })
        }
        got.set(file.path, bytes)
      }
    })
    return got
  }

  /** Runs `work` on one stream, which is opened when it is first used; when that drops, on another: what is done stays done. */
  async #exchange(work: (talk: BlobTalk) => Promise<void>): Promise<void> {
    const { network, timers } = this.#parts
    for (let tries = 1; ; tries++) {
      const dial = (): Promise<FrameStream> => network.dial({ peer: this.#session.grant.provider }, PROTOCOLS.blob)
      const talk = new BlobTalk(dial, this.#session.id, this.#hello)
      try {
        await work(talk)
        return
      } catch (error) {
        if (!isSilence(error) || tries >= MAX_TRIES) throw error
      } finally {
        await talk.close()
      }
      await new Promise<void>((resolve) => timers.after(RETRY_MS * tries, resolve))
    }
  }
}

/** The agent's side of one blob stream. */
class BlobTalk {
  readonly #dial: () => Promise<FrameStream>
  readonly #sessionId: Uint8Array
  readonly #hello: () => Hello
  #stream: FrameStream | undefined
  #frames: AsyncIterator<Uint8Array> | undefined
  #greeted = false

  constructor(dial: () => Promise<FrameStream>, sessionId: Uint8Array, hello: () => Hello) {
    this.#dial = dial
    this.#sessionId = sessionId
    this.#hello = hello
  }

  async close(): Promise<void> {
    await this.#stream?.close()
  }

  async ask(request: {
    readonly put?: Uint8Array
    readonly get?: Uint8Array
    readonly bytes?: number
  }): Promise<BlobAnswer> {
    await this.send({ ...(this.#greeted ? {} : { hello: this.#hello() }), ...request, sessionId: this.#sessionId })
    this.#greeted = true
    return this.#next()
  }

  async send(request: Parameters<typeof blobRequests.encode>[0]): Promise<void> {
    const stream = (this.#stream ??= await this.#dial())
    if (!stream.send(blobRequests.encode(request))) await stream.drained()
  }

  async done(): Promise<void> {
    const answer = await this.#next()
    if (!answer.done) throw new OrienError('badDocument', { message: 'the provider did not confirm the file' })
  }

  async chunks(bytes: number): Promise<Uint8Array> {
    const whole = new Uint8Array(bytes)
    let at = 0
    for (let answer = await this.#next(); !answer.done; answer = await this.#next()) {
      const { chunk } = answer
      if (chunk === undefined || at + chunk.length > bytes)
        throw new OrienError('badOutput', { message: 'the file is longer than the receipt says' })
      whole.set(chunk, at)
      at += chunk.length
    }
    if (at !== bytes) throw new OrienError('badOutput', { message: 'the file is shorter than the receipt says' })
    return whole
  }

  async #next(): Promise<BlobAnswer> {
    this.#frames ??= this.#stream?.frames[Symbol.asyncIterator]()
    const next = await this.#frames?.next()
    if (next === undefined || next.done === true)
      throw new OrienError('streamClosed', { message: 'the provider closed the file stream' })
    const answer = blobAnswers.decode(next.value)
    if (answer.failure !== undefined) throw errorOf(answer.failure, 'the provider')
    return answer
  }
}

function keyOf(hash: Uint8Array): string {
  return String.fromCharCode(...hash)
}
