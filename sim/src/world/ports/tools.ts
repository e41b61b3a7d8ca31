import { concatBytes, hex, micros, OrienError, utf8, type FileEntry, type Tool } from '@orien/protocol'
import { inProcessRunner, type JobExit, type Program, type ProviderParts, type Runner } from '@orien/node'
import type { Life, Machine } from '../kernel/machine.ts'
import type { Rng } from '../kernel/rng.ts'
import type { WorldTime } from '../kernel/time.ts'
import type { Faults } from './faults.ts'

/** What a call of the workload asks its tool to do. */
export interface Work {
  /** Unique in the world: which call this is. */
  readonly label: string
  readonly ms: number
  readonly how: 'exit' | 'fail' | 'hang' | 'die' | 'flood'
}

/** One time that a tool really ran, told by the machine it ran on and not by anybody's books. */
export interface ToolRun {
  readonly label: string
  readonly provider: string
  readonly fromMs: number
  /** Undefined: power was cut while it ran. */
  untilMs: number | undefined
}

export const TOOL_IDS = ['render', 'solve'] as const
export const MAX_TOOL_MS = 90_000
const OUTPUT_BYTES = 4_096

/** The tools a provider of this world rents out, at its own price. */
export function worldTools(pricePerMin: bigint): readonly Tool[] {
  return TOOL_IDS.map((toolId, at) => ({
    toolId,
    name: toolId,
    description: '',
    inputSchema: '{}',
    fileInputs: ['**'],
    fileOutputs: [],
    priceMicrosPerMin: micros(pricePerMin + BigInt(at) * 7n),
    maxMs: MAX_TOOL_MS,
    limits: { cpuMillis: 0, memoryBytes: 0, diskBytes: 0, pids: 0, outputBytes: OUTPUT_BYTES },
    tags: [],
    verification: 'none',
    thirdPartyUseAllowed: true,
  }))
}

/** Gives every call its arguments as they came. */
export function worldToolBox(tools: readonly Tool[]): ProviderParts['tools'] {
  return {
    tools: () => tools,
    command: (toolId, args) => ({
      argv: [toolId, new TextDecoder().decode(args)],
      env: {},
      limits: { outputBytes: OUTPUT_BYTES },
      outputs: [],
    }),
  }
}

/** A runner whose tools take world time, and which tells the witness when each ran. */
export function worldRunner(machine: Machine, life: Life, time: WorldTime, runs: ToolRun[]): Runner {
  const timers = machine.timers(life)
  const program: Program = async ({ argv, signal, write }) => {
    const work = JSON.parse(argv[1] ?? '') as Work
    const run: ToolRun = { label: work.label, provider: machine.name, fromMs: time.nowMs, untilMs: undefined }
    runs.push(run)
    // What still moves in a process that lost power is no run of anything.
    const ended = (): void => {
      if (life.alive) run.untilMs ??= time.nowMs
    }
    signal.addEventListener('abort', ended)
    await write('stdout', utf8(`${work.label}\n`))
    if (work.how === 'flood') for (let at = 0; at < 8; at++) await write('stdout', new Uint8Array(1_024).fill(46))
    if (work.how === 'hang') await new Promise(() => undefined)
    await new Promise<void>((resolve) => void timers.after(work.ms, resolve))
    ended()
    if (work.how === 'die') return DIED
    return work.how === 'fail' ? 3 : 0
  }
  const programs = Object.fromEntries(TOOL_IDS.map((toolId) => [toolId, program]))
  return signalling(inProcessRunner(programs, { clock: machine.clock(), timers }))
}

/** A tool that dies has no exit code, as a process killed by a signal. */
function signalling(runner: Runner): Runner {
  return {
    close: () => runner.close(),
    start(job, onOutput) {
      const started = runner.start(job, onOutput)
      const exited = started.exited.then((exit): JobExit => {
        if (exit.kind !== 'exited' || exit.exitCode !== DIED) return exit
        const { exitCode: _none, ...rest } = exit
        return { ...rest, signal: 'SIGKILL' }
      })
      return { ...started, exited }
    },
  }
}

const DIED = 137

/** Some calls of this world bring a file, none leaves one; making their folder takes a moment, and may fail. */
export function worldFiles(
  { time, faults }: { readonly time: WorldTime; readonly faults: Faults },
  rng: Rng,
): Pick<ProviderParts, 'files' | 'blobs'> {
  const broken = (): OrienError => new OrienError('storeFull', { message: 'no room for a folder' })
  return {
    files: {
      async prepare() {
        await time.sleep(folderMs(rng))
        if (faults.roll('runner.cannotStart', 0.04)) throw broken()
        return '/'
      },
      collect(): Promise<FileEntry[]> {
        return faults.roll('runner.cannotStart', 0.12) ? Promise.reject(broken()) : Promise.resolve([])
      },
      remove: () => Promise.resolve(),
      sweep: () => Promise.resolve(0),
    },
    blobs: memoryBlobs(),
  }
}

/** A folder is made at once, mostly; now and then the disk is busy. */
function folderMs(rng: Rng): number {
  if (rng.chance(0.03)) return rng.between(5_000, 100_000)
  return rng.chance(0.25) ? rng.between(50, 3_000) : 1
}

/** What a session's agent sent, by hash, as long as the process lives. */
function memoryBlobs(): ProviderParts['blobs'] {
  const blobs = new Map<string, Uint8Array>()
  const keyOf = (session: string, hash: Uint8Array): string => `${session}/${hex(hash)}`
  return {
    held: (session, hash) => Promise.resolve(blobs.get(keyOf(session, hash))?.length ?? 0),
    size: (session, hash) => Promise.resolve(blobs.get(keyOf(session, hash))?.length),
    async write(session, hash, size, offset, chunks) {
      const parts: Uint8Array[] = [(blobs.get(keyOf(session, hash)) ?? new Uint8Array()).subarray(0, offset)]
      for await (const chunk of chunks) parts.push(chunk)
      const whole = concatBytes(...parts)
      if (whole.length !== size) throw new OrienError('badInputs', { message: 'a file is shorter than announced' })
      blobs.set(keyOf(session, hash), whole)
    },
    async *read(session, hash, offset) {
      yield await Promise.resolve(blobs.get(keyOf(session, hash))?.subarray(offset) ?? new Uint8Array())
    },
  }
}
