import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer, Question } from './serve.ts'

/** A process of the benchmark, asked over its IPC channel. */
export interface Peer {
  readonly pid: number
  ask<T>(method: string, argument?: unknown): Promise<T>
  /** CPU time since the process started, µs. */
  cpuUs(): Promise<number>
  stop(): Promise<void>
}

/** What every peer is started with. */
export interface PeerOptions {
  /** Flags for Node itself. */
  readonly nodeFlags?: readonly string[]
}

const STOP_MS = 10_000
const running = new Set<ChildProcess>()

/** Flags for every peer: set once, from the command line. */
let commonFlags: readonly string[] = []

export function setNodeFlags(flags: readonly string[]): void {
  commonFlags = flags
}

/** Starts `parts/<name>` (`.ts` unless it says otherwise) and hands `argument` to its `start`; what that answers comes back beside the peer. */
export async function startPeer<T = undefined>(
  name: string,
  argument?: unknown,
  options: PeerOptions = {},
): Promise<Peer & { readonly ready: T }> {
  const file = fileURLToPath(new URL(`./parts/${name.includes('.') ? name : `${name}.ts`}`, import.meta.url))
  const child = fork(file, [], {
    serialization: 'advanced',
    execArgv: [...commonFlags, ...(options.nodeFlags ?? [])],
    // stdout belongs to the report.
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  running.add(child)
  const gone = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(child)
      resolve(`${name} ended (${signal ?? code})`)
    })
  })
  const ask = askerOf(child, gone)
  let ready: T
  try {
    ready = await ask<T>('start', argument)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    pid: child.pid ?? 0,
    ready,
    ask,
    cpuUs: () => ask<number>('cpuUs'),
    async stop() {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await Promise.race([ask('stop').catch(() => undefined), gone])
      if (child.connected) child.disconnect()
      await gone
      clearTimeout(timer)
    },
  }
}

/** Ends whatever still runs: called once, whatever ended the benchmark. */
export function killPeers(): void {
  for (const child of running) child.kill('SIGKILL')
}

function askerOf(child: ChildProcess, gone: Promise<string>): Peer['ask'] {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let last = 0
  child.on('message', (answer: Answer) => {
    const one = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (answer.error === undefined) one?.resolve(answer.value)
    else one?.reject(new Error(answer.error))
  })
  void gone.then((why) => {
    for (const one of waiting.values()) one.reject(new Error(why))
    waiting.clear()
  })
  return <T>(method: string, argument?: unknown): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const question: Question = { id: ++last, method, argument }
      waiting.set(question.id, { resolve: (value) => resolve(value as T), reject })
      if (!child.connected) reject(new Error('the process is gone'))
      else child.send(question)
    })
}
