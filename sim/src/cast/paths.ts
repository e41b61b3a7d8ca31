import { join } from 'node:path'
import { packageRoot } from '../devnet/paths.ts'

/** Where the demo finds its programs and inputs. */
export const sim = packageRoot()
export const repository = join(sim, '..')
export const programs = {
  orien: join(repository, 'node/dist/bin.js'),
  coordinator: join(repository, 'coordinator/dist/bin.js'),
  agent: join(sim, 'dist/demo/agent-main.js'),
  liar: join(sim, 'dist/demo/liar-main.js'),
} as const
export const tools = {
  compileContract: join(sim, 'dist/demo/tools/compile-contract.js'),
  renderChart: join(sim, 'dist/demo/tools/render-chart.js'),
  countPrimes: join(sim, 'dist/demo/tools/count-primes.js'),
  tsc: join(repository, 'node_modules/typescript/bin/tsc'),
} as const
export const inputs = join(sim, 'inputs')
