import { spawn } from 'node:child_process'
import { OrienError } from '@orien/protocol'
import { startAgain, stopAll, type Daemon } from '../cast/daemon.ts'
import type { Clearnode } from '../devnet/clearnode-process.ts'

/** A process that is killed and comes back, in its own home and at its own address. */
export interface Actor {
  readonly name: string
  readonly pid: number
  /** SIGKILL; resolves when it is dead. */
  kill9(): Promise<void>
  /** Resolves when it is ready again. Throws `partMissing`, `timedOut`. */
  back(): Promise<void>
}

/** A daemon under supervision: what ends without having been told to is reported. */
export class DaemonActor implements Actor {
  readonly name: string
  readonly #onEnded: (actor: DaemonActor, code: number | undefined) => void
  #daemon: Daemon
  #expected = false

  constructor(daemon: Daemon, onEnded: (actor: DaemonActor, code: number | undefined) => void) {
    this.name = daemon.name
    this.#daemon = daemon
    this.#onEnded = onEnded
    this.#watch(daemon)
  }

  get pid(): number {
    return this.#daemon.pid
  }

  get daemon(): Daemon {
    return this.#daemon
  }

  async kill9(): Promise<void> {
    this.#expected = true
    await this.#daemon.child.kill9()
    // All it said counts, up to its last line.
    await this.#daemon.closeLog()
  }

  async back(): Promise<void> {
    this.#daemon = await startAgain(this.#daemon)
    this.#expected = false
    this.#watch(this.#daemon)
  }

  /** Resolves when it ended by itself, which is what is meant to happen now, with its exit code and all its words. */
  async ends(): Promise<number | undefined> {
    this.#expected = true
    const { code } = await this.#daemon.child.exit
    await this.#daemon.closeLog()
    return code
  }

  async stop(): Promise<void> {
    this.#expected = true
    await stopAll([this.#daemon])
  }

  #watch(daemon: Daemon): void {
    void daemon.child.exit.then(({ code }) => {
      if (this.#daemon === daemon && !this.#expected) this.#onEnded(this, code)
    })
  }
}

/** The channel ledger. */
export function clearnodeActor(clearnode: Clearnode): Actor {
  return {
    name: 'clearnode',
    get pid() {
      return clearnode.pid
    },
    kill9: () => clearnode.kill9(),
    back: () => clearnode.restart(),
  }
}

/** The process of a provider that starts its tools. Nobody but the provider brings it back, at its next call. */
export async function runnerActor(provider: DaemonActor): Promise<Actor> {
  const pid = await runnerOf(provider.pid)
  return {
    name: `runner of ${provider.name}`,
    pid,
    kill9: () => Promise.resolve(void process.kill(pid, 'SIGKILL')),
    back: () => Promise.resolve(),
  }
}

/** Throws `partMissing` when the provider has no runner. */
async function runnerOf(provider: number): Promise<number> {
  const child = spawn('ps', ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'args='], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  for await (const part of child.stdout) text += String(part)
  for (const line of text.split('\n')) {
    const [pid, parent, ...args] = line.trim().split(/\s+/)
    if (Number(parent) === provider && args.some((one) => one.endsWith('runner/main.js'))) return Number(pid)
  }
  throw new OrienError('partMissing', { message: `process ${provider} has no runner` })
}
