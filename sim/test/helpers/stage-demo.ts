import { join } from 'node:path'
import { sim } from '../../src/cast/paths.ts'
import type { DemoSummary } from '../../src/demo/summary.ts'
import { startProgram } from './stage.ts'

/** The built `orien-sim`. */
export const demoProgram = join(sim, 'dist/bin.js')

/** One run of the built demo with `--json`. */
export interface DemoRan {
  readonly code: number | undefined
  /** The last line of stdout. */
  readonly summary: DemoSummary
  /** All lines of stdout. */
  readonly lines: readonly string[]
  readonly story: string
}

/** Runs the built demo as a process, to its end. Throws with the story when it printed no summary. */
export async function runDemo(...flags: readonly string[]): Promise<DemoRan> {
  const args = ['demo', '--json', ...flags]
  const { code, stdout, stderr } = await startProgram(demoProgram, args, {}).ended
  const lines = stdout.trimEnd().split('\n')
  const last = lines.at(-1) ?? ''
  if (!last.startsWith('{')) throw new Error(`the demo printed no summary (exit ${code ?? 'none'}):\n${stderr}`)
  return { code, summary: JSON.parse(last) as DemoSummary, lines, story: stderr }
}
