import { join } from 'node:path'
import { DEMO_TIMES, type Variant } from './config.ts'
import { inputs } from '../cast/paths.ts'
import type { AgentPlan, PlannedCall } from '../cast/plan.ts'

/** A plan before it knows where its agent lives. */
export interface NamedPlan extends Omit<AgentPlan, 'home' | 'profile'> {
  readonly name: string
}

const contract = { 'Tally.sol': join(inputs, 'contract/Tally.sol') }
const project = Object.fromEntries(
  ['tsconfig.json', 'package.json', 'src/main.ts', 'src/words.ts'].map((path) => [path, join(inputs, 'project', path)]),
)
const chart = (name: string, file: string, title: string): PlannedCall => ({
  name,
  tool: 'render_chart',
  args: { file, title },
  files: { [file]: join(inputs, 'chart', file) },
  maxCost: '0.05',
})
const compile = (name: string, optimize: boolean): PlannedCall => ({
  name,
  tool: 'compile_contract',
  args: { optimize },
  files: contract,
  maxCost: '0.10',
})
const build: PlannedCall = { name: 'build', tool: 'run_build', args: {}, files: project, maxCost: '0.10' }
/** Far more work than anybody pays for: it is stopped. */
const endless = (maxCost: string): PlannedCall => ({
  name: 'primes',
  tool: 'count_primes',
  args: { upTo: 2_000_000_000 },
  files: {},
  maxCost,
  allowance: maxCost,
})
/** A few tenths of a second of work. */
const primes = (name: string): PlannedCall => ({
  name,
  tool: 'count_primes',
  args: { upTo: 1_000_000 },
  files: {},
  maxCost: '0.06',
  allowance: '0.50',
})

/** What the two agents do in each variant. */
export function plansOf(variant: Variant): readonly NamedPlan[] {
  const { sessionMs } = DEMO_TIMES
  // One call at a time and a small window: what she runs up is debited while the session is open.
  const ada: NamedPlan = {
    name: 'ada',
    windowCalls: 1,
    sessionMs,
    groups: [
      ...[1, 2, 3, 4, 5, 6].map((at) => [primes(`primes-${at}`)]),
      [compile('compile', false)],
      [compile('compile-optimised', true), build],
    ],
  }
  const grace: NamedPlan = {
    name: 'grace',
    windowCalls: 4,
    sessionMs,
    groups: [
      [chart('chart-sales', 'sales.csv', 'Calls a month'), chart('chart-latency', 'latency.csv', 'Latency')],
      [compile('compile-again', true)],
    ],
  }
  const short: NamedPlan = { ...ada, groups: [[compile('compile', false), build]] }
  switch (variant) {
    case 'plain':
      return [ada, grace]
    case 'lie':
      return [short, { ...grace, groups: [[primes('primes')]] }]
    case 'exhaust':
      return [short, { ...grace, groups: [[endless('0.15')]] }]
    case 'vanish':
      return [short, { ...grace, sessionMs: DEMO_TIMES.vanishSessionMs, groups: [[endless('0.40')]] }]
  }
}
