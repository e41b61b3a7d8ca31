import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** An `orien` process of a test. */
export interface OrienProcess {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** The ready line of a daemon. Rejects with what it said when it ends instead. */
  readonly ready: Promise<{ readonly event: string; readonly peer: string; readonly addrs: readonly string[] }>
}

/** Starts `orien` with these arguments; every one is in `running` until it ended. */
export function orien(args: readonly string[], running: Set<ChildProcess>): OrienProcess {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let stdout = ''
  let stderr = ''
  const ready = Promise.withResolvers<Awaited<OrienProcess['ready']>>()
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString()
    const end = stdout.indexOf('\n')
    if (stdout.startsWith('{"event":"ready"') && end > 0)
      ready.resolve(JSON.parse(stdout.slice(0, end)) as Awaited<OrienProcess['ready']>)
  })
  const ended = once(child, 'close').then(([code]): Ended => {
    running.delete(child)
    ready.reject(new Error(`orien ${args.join(' ')} ended with ${String(code)}: ${stderr}`))
    return { code: code as number | null, stdout, stderr }
  })
  ready.promise.catch(() => undefined)
  return { child, ended, ready: ready.promise }
}
