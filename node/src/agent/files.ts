import {
  blobAnswers,
  blobRequests,
  concatBytes,
  equalBytes,
  errorOf,
  isWorkspacePath,
  OrienError,
  sortFiles,
  type BlobAnswer,
  type FileEntry,
  type Hello,
  type Inputs,
} from '@orien/protocol'
import type { FrameStream } from '../network/port.ts'
import { PROTOCOLS } from '../network/protocols.ts'
import type { AgentParts } from './ports.ts'
import type { AgentSession } from './session.ts'

const CHUNK_BYTES = 256 * 1024

/** An input file: its bytes, a stream of them, or a local path. */
export type FileSource = Uint8Array | AsyncIterable<Uint8Array> | string

/** Workspace path → file. */
export type InputFiles = Readonly<Record<string, FileSource>>

/** Files ready to be sent: what the Authorisation names, and where the bytes are. */
export interface PreparedInputs {
  readonly inputs: Inputs
  readonly read: ReadonlyMap<FileEntry, (offset: number) => AsyncIterable<Uint8Array>>
}

/** Hashes the input files. A stream is read once and held. Throws `badInputs` for paths that leave the workspace. */
export async function prepareInputs(parts: AgentParts, files: InputFiles): Promise<PreparedInputs> {
  const read = new Map<FileEntry, (offset: number) => AsyncIterable<Uint8Array>>()
  const entries: FileEntry[] = []
  for (const [path, source] of Object.entries(files)) {
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
  return { inputs: { files: sortFiles(entries) }, read }
}

async function prepareOne(
  parts: AgentParts,
  path: string,
  source: FileSource,
): Promise<{ readonly entry: FileEntry; readonly reader: (offset: number) => AsyncIterable<Uint8Array> }> {
  if (typeof source === 'string') {
    const file = await parts.files.open(source)
    const bytes = await collect(file.read(0), file.bytes)
    const sha256 = parts.scope.crypto.sha256(bytes)
    return { entry: { path, sha256, bytes: bytes.length }, reader: (offset) => file.read(offset) }
  }
  const bytes = source instanceof Uint8Array ? source : await collect(source, Number.MAX_SAFE_INTEGER)
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
    if (length > maxBytes) throw new OrienError('tooLarge', { message: 'the file grew while it was read' })
  }
  return concatBytes(...parts)
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
  async upload({ inputs, read }: PreparedInputs): Promise<void> {
    const missing = inputs.files.filter((file) => !this.#sent.has(keyOf(file.sha256)))
    if (missing.length === 0) return
    await this.#exchange(async (talk) => {
      for (const file of missing) {
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

  async #exchange(work: (talk: BlobTalk) => Promise<void>): Promise<void> {
    const stream = await this.#parts.network.dial({ peer: this.#session.grant.provider }, PROTOCOLS.blob)
    try {
      await work(new BlobTalk(stream, this.#session.id, this.#hello))
    } finally {
      await stream.close()
    }
  }
}

/** The agent's side of one blob stream. */
class BlobTalk {
  readonly #stream: FrameStream
  readonly #frames: AsyncIterator<Uint8Array>
  readonly #sessionId: Uint8Array
  readonly #hello: () => Hello
  #greeted = false

  constructor(stream: FrameStream, sessionId: Uint8Array, hello: () => Hello) {
    this.#stream = stream
    this.#frames = stream.frames[Symbol.asyncIterator]()
    this.#sessionId = sessionId
    this.#hello = hello
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
    if (!this.#stream.send(blobRequests.encode(request))) await this.#stream.drained()
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
    const next = await this.#frames.next()
    if (next.done === true) throw new OrienError('streamClosed', { message: 'the provider closed the file stream' })
    const answer = blobAnswers.decode(next.value)
    if (answer.failure !== undefined) throw errorOf(answer.failure, 'the provider')
    return answer
  }
}

function keyOf(hash: Uint8Array): string {
  return String.fromCharCode(...hash)
}
