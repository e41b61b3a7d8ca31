import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { FRAME, frameReader, writeFrame, type FrameListener } from './frames.ts'

/** Small heap, no compiler threads to speak of: a runner idles with 10 MB of its own. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=128', '--v8-pool-size=0']
const STDERR_KEPT_CHARS = 2_048

/** A live runner process and the socket to it. */
export interface RunnerLink {
  readonly pid: number
  send(kind: number, job: number, body?: Uint8Array): void
  /** Resolves with the first frame, false when the process ended before. */
  readonly ready: Promise<boolean>
  /** Resolves once, with what the runner said last, when process or socket ended. Never rejects. */
  readonly ended: Promise<string>
  kill(): void
}

/**
 * Starts a runner process: own session, empty environment but for the search path, root folder, no descriptor of the daemon but one
 * end of a socket pair.
 */
export function startLink(path: string, onFrame: FrameListener): RunnerLink {
  const entry = new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url)
  const child = spawn(process.execPath, [...NODE_FLAGS, fileURLToPath(entry)], {
    cwd: '/',
    env: { PATH: path },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const socket = child.stdio[3]
  if (!(socket instanceof Socket)) throw new TypeError('the runner has no socket')
  const ready = Promise.withResolvers<boolean>()
  const ended = Promise.withResolvers<string>()
  let lastWords = ''

  const end = (why: string): void => {
    ready.resolve(false)
    ended.resolve(lastWords === '' ? why : `${why}: ${lastWords}`)
    socket.destroy()
    child.kill('SIGKILL')
  }
  const read = frameReader((kind, job, body) => {
    if (kind === FRAME.ready) ready.resolve(true)
    else onFrame(kind, job, body)
  })
  socket.on('data', read)
  socket.on('error', (error) => end(error.message))
  socket.on('close', () => end('the runner closed its socket'))
  child.on('error', (error) => end(error.message))
  child.on('exit', (code, signal) => {
    // What it wrote before it died is still in the socket, whose `close` then ends the link.
    if (socket.destroyed) end(`the runner ended (${signal ?? code ?? 'unknown'})`)
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-STDERR_KEPT_CHARS)
  })
  return {
    pid: child.pid ?? 0,
    send: (kind, job, body) => void (socket.writable && writeFrame(socket, kind, job, body)),
    ready: ready.promise,
    ended: ended.promise,
    kill: () => void child.kill('SIGKILL'),
  }
}
