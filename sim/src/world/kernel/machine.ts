import type { Clock, Random, Timers } from '@orien/protocol'
import { memoryDisk, memoryStore, type MemoryDisk, type Store, type StoreOp } from '@orien/node/store'
import type { Rng } from './rng.ts'
import type { WorldTime } from './time.ts'
import type { Trace } from './trace.ts'

/** One place where a process reaches the outside: before the effect, or after it and before the process knows. */
export interface IoPoint {
  readonly machine: string
  readonly kind: string
  readonly side: 'before' | 'after'
}

/** One run of a process. Dead, it reaches nothing any more: its timers do not fire and its requests never come back. */
export class Life {
  alive = true
  readonly ended: Promise<void>
  #end: () => void = () => undefined

  constructor() {
    this.ended = new Promise((resolve) => (this.#end = resolve))
  }

  end(): void {
    this.alive = false
    this.#end()
  }
}

/** What machines share. */
export interface MachineWorld {
  readonly time: WorldTime
  readonly trace: Trace
  /** Counts a point; true when the machine must lose power there. */
  readonly point: (point: IoPoint) => boolean
  /** Power was cut in the middle of a flush. */
  readonly onTornFlush: () => void
  /** How long one flush takes, and whether the disk takes it. Throws what a disk throws. */
  readonly disk: (machine: string, ops: readonly StoreOp[]) => number
}

/** A machine with a disk that survives, and the process on it that does not. */
export class Machine {
  readonly name: string
  readonly disk: MemoryDisk = memoryDisk()
  life = new Life()
  /** What its wall clock is off by. */
  wallOffsetMs = 0
  /** How fast its monotonic clock runs, against the world's. */
  pace = 1
  /** Power goes in the middle of the next flush. */
  cutInNextFlush = false
  /** The longest that no process ran on it, ms. */
  longestDownMs = 0
  /** When it lost power, by the world's clock. */
  readonly cutsMs: number[] = []
  /** Told when it loses power, however that came. */
  onPowerCut: () => void = () => undefined
  readonly #world: MachineWorld
  readonly #rng: Rng
  #writing: readonly StoreOp[] | undefined

  constructor(name: string, world: MachineWorld, rng: Rng) {
    this.name = name
    this.#world = world
    this.#rng = rng
    this.life.end()
  }

  get up(): boolean {
    return this.life.alive
  }

  /** Starts a process: the ports it gets are those of this life. */
  boot(): Life {
    const { nowMs } = this.#world.time
    this.longestDownMs = Math.max(this.longestDownMs, nowMs - (this.cutsMs.at(-1) ?? nowMs))
    this.life = new Life()
    return this.life
  }

  /** Power is gone. What was being written is on the disk whole, or not at all. */
  cut(why: string, writing: 'lost' | 'kept' | 'either' = 'either'): void {
    if (!this.life.alive) return
    this.life.end()
    this.cutsMs.push(this.#world.time.nowMs)
    this.#world.trace.add(this.name, `power cut ${why}`)
    const kept = writing === 'kept' || (writing === 'either' && this.#rng.chance(0.5))
    if (this.#writing !== undefined) this.#world.onTornFlush()
    if (this.#writing !== undefined && kept) applyAll(this.disk, this.#writing)
    this.#writing = undefined
    this.onPowerCut()
  }

  clock(): Clock {
    const { time } = this.#world
    const { pace } = this
    return { wallMs: () => Math.floor(START_MS + time.nowMs + this.wallOffsetMs), monoMs: () => time.nowMs * pace }
  }

  timers(life: Life): Timers {
    return {
      after: (delayMs, fire) =>
        this.#world.time.after(delayMs / this.pace, () => {
          if (life.alive) fire()
        }),
    }
  }

  random(): Random {
    return { bytes: (length) => this.#rng.bytes(length) }
  }

  /** The store of a life, on the machine's disk: a flush takes time, and is an I/O point on both sides. */
  store(life: Life): Store {
    return memoryStore({
      disk: this.disk,
      onCommit: async (ops) => {
        this.pass(life, 'flush', 'before', 'lost')
        await this.alive(life)
        this.#writing = ops
        const flushMs = this.#flushMs(life, ops)
        if (this.cutInNextFlush) {
          this.cutInNextFlush = false
          this.#world.time.after(flushMs / 2, () => {
            if (this.life === life) this.cut('in a flush')
          })
        }
        await this.#world.time.sleep(flushMs)
        await this.alive(life)
        this.pass(life, 'flush', 'after', 'kept')
        await this.alive(life)
        this.#writing = undefined
        this.#world.trace.add(this.name, `flush ${ops.length}`)
      },
    })
  }

  /** How long a flush takes. A disk that refuses one ends the process, as its daemon does, and has room again when it is started anew. */
  #flushMs(life: Life, ops: readonly StoreOp[]): number {
    try {
      return this.#world.disk(this.name, ops)
    } catch (error) {
      this.#writing = undefined
      this.#world.time.after(DOWN_AFTER_MS, () => {
        if (this.life === life) this.cut('its disk refused a flush', 'lost')
      })
      throw error
    }
  }

  /** Passes an I/O point: power may go there. */
  pass(life: Life, kind: string, side: IoPoint['side'], writing: 'lost' | 'kept' | 'either' = 'either'): void {
    if (!life.alive) return
    if (this.#world.point({ machine: this.name, kind, side })) this.cut(`${side} ${kind}`, writing)
  }

  /** Goes on only while the process lives; a dead one waits for ever. */
  alive(life: Life): Promise<void> {
    return life.alive ? Promise.resolve() : new Promise<void>(() => undefined)
  }
}

/** A daemon whose book cannot be written ends within this. */
const DOWN_AFTER_MS = 500

/** Wall time at the start of every world: any date will do, as long as it is the same. */
export const START_MS = 1_800_000_000_000

function applyAll(disk: MemoryDisk, ops: readonly StoreOp[]): void {
  // Its promise is over at once: a memory store writes on microtasks, and this one has nothing else to wait for.
  void memoryStore({ disk }).commit(ops)
}
