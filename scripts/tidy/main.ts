// The house rules, for people: prints one line per violation and exits 1 when there is any.
import { fileURLToPath } from 'node:url'
import exceptions from './exceptions.json' with { type: 'json' }
import { load } from './load.ts'
import { format, tidy } from './tidy.ts'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const violations = tidy(await load(root), exceptions)
for (const violation of violations) console.log(format(violation))
if (violations.length > 0)
  console.log(`tidy: ${violations.length} violations; scripts/tidy/README.md explains the rules`)
process.exitCode = violations.length > 0 ? 1 : 0
