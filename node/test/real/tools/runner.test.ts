import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRunner } from '../../../src/tools/runner/client.ts'
import { runnerConformance, type ToolName } from '../../conformance/runner.ts'

const PATH = '/usr/local/bin:/usr/bin:/bin'

/** Small programs that every Unix has; the shell is the tool here, given as such. */
const ARGV: Readonly<Record<ToolName, (...args: readonly string[]) => readonly [string, ...string[]]>> = {
  cat: () => ['cat'],
  args: (...args) => ['printf', '%s\\0', ...args],
  exit: (code = '0') => ['sh', '-c', 'exit "$1"', 'sh', code],
  env: () => ['env'],
  cwd: () => ['pwd'],
  flood: () => ['yes'],
  produce: (bytes = '0') => ['head', '-c', bytes, '/dev/zero'],
  sleep: () => ['sleep', '60'],
  interleave: () => ['sh', '-c', 'printf 1; printf 2 >&2; printf 3'],
}

runnerConformance('a process of its own', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'orien-runner-')))
  const runner = await startRunner({ path: PATH })
  return {
    runner,
    folder,
    argv: (tool, ...args) => ARGV[tool](...args),
    async cleanup() {
      await runner.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
})
