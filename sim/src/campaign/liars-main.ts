import { playLiar, type LiarResult } from '../world/liars/play.ts'
import { STRATEGIES } from '../world/liars/strategies.ts'

/**
 * Plays worlds with liars in a process of its own, one JSON line for each: `liars-main.js bite <strategy> <worlds>` until one of them shows that
 * something honest lost; `liars-main.js play <from> <to> <part> <parts>` every part-th seed, spread over the strategies.
 */
const REAL_EVERY = 50
const FAULTS_EVERY = 3

const [, , mode, ...args] = process.argv
if (mode === 'bite') await bite(args[0] ?? '', Number(args[1]))
else await play(Number(args[0]), Number(args[1]), Number(args[2]), Number(args[3]))

async function bite(name: string, worlds: number): Promise<void> {
  const strategy = STRATEGIES.find((one) => one.name === name)
  if (strategy === undefined) throw new RangeError(`no strategy ${name}`)
  for (let seed = 1; seed <= worlds; seed++) {
    const result = await playLiar({ seed, strategy, signatures: 'cheap', faults: false })
    print(result)
    if (result.beyond.length > 0) break
  }
}

async function play(from: number, to: number, part: number, parts: number): Promise<void> {
  for (let seed = from + part; seed < to; seed += parts) {
    const strategy = STRATEGIES[seed % STRATEGIES.length]
    if (strategy === undefined) continue
    const round = Math.floor(seed / STRATEGIES.length)
    const signatures = seed % REAL_EVERY === 0 ? 'real' : 'cheap'
    print(await playLiar({ seed, strategy, signatures, faults: round % FAULTS_EVERY === 1 }))
  }
}

function print({ trace: _trace, transitions: _rows, lostMicros, boundMicros, ...result }: LiarResult): void {
  const line = { ...result, lostMicros: Number(lostMicros), boundMicros: Number(boundMicros) }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
