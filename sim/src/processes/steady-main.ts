// The tool `steady_work`: takes so many milliseconds, says so as they pass, and leaves the processor to others.
import { setTimeout } from 'node:timers/promises'

const STEP_MS = 100

const ms = Number(process.argv[2])
if (!Number.isSafeInteger(ms) || ms < 1) {
  process.stderr.write('name a whole number of milliseconds\n')
  process.exit(1)
}
for (let done = 0; done < ms; done += STEP_MS) {
  await setTimeout(Math.min(STEP_MS, ms - done))
  process.stdout.write('.')
}
