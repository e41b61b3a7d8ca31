import { playLiar } from '../world/liars/play.ts'
import { STRATEGIES } from '../world/liars/strategies.ts'

/**
 * Plays one lie in a copy that lacks the check against it, in a process of its own: `liars-main.js <strategy> <worlds>` until a world shows that something
 * honest lost. The last line of stdout is what it lost in the last world.
 */
const [, , name = '', worlds] = process.argv
const strategy = STRATEGIES.find((one) => one.name === name)
if (strategy === undefined) throw new RangeError(`no strategy ${name}`)
for (let seed = 1; seed <= Number(worlds); seed++) {
  const { beyond } = await playLiar({ seed, strategy, signatures: 'cheap', faults: false })
  process.stdout.write(`${JSON.stringify({ beyond })}\n`)
  if (beyond.length > 0) break
}
