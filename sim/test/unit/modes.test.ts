import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { addModes, type Mode } from '../../src/modes.ts'

interface Parsed {
  readonly mode: Mode | undefined
  readonly code: string | undefined
  readonly said: string
}

/** What a command line comes to. */
async function parse(line: string): Promise<Parsed> {
  let mode: Mode | undefined
  let said = ''
  const sim = new Command('sim').exitOverride().configureOutput({
    writeErr: (text) => {
      said += text
    },
  })
  addModes(sim, (asked) => {
    mode = asked
    return Promise.resolve()
  })
  const code = await sim.parseAsync(line.split(' '), { from: 'user' }).then(
    () => undefined,
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  )
  return { mode, code, said }
}

describe('the options of the deterministic world', () => {
  test.each([
    ['--seeds 30 --from 7 --json', { kind: 'seeds', seeds: 30, from: 7, json: true, failFast: false }],
    ['--every-io', { kind: 'everyIo', seeds: 1, from: 1, json: false, failFast: false }],
    ['--liars --seeds 3', { kind: 'liars', seeds: 3, from: 1, json: false, failFast: false }],
    ['--seed 4', { kind: 'seed', seed: 4, json: false }],
    ['--seed 4 --lie thief', { kind: 'lie', seed: 4, json: false, lie: 'thief' }],
    ['--seed 4 --liars', { kind: 'lie', seed: 4, json: false }],
    ['--seed 4 --cut-at 0 --calls 2', { kind: 'seed', seed: 4, json: false, cutAt: 0, calls: 2 }],
    ['--seed 4 --faults restart,clock.jump', { kind: 'seed', seed: 4, json: false, faults: ['restart', 'clock.jump'] }],
    ['--seed 4 --faults none', { kind: 'seed', seed: 4, json: false, faults: [] }],
    ['--mutants', { kind: 'mutants', only: '', json: false }],
    ['--mutants refund', { kind: 'mutants', only: 'refund', json: false }],
  ])('behavior: %s', async (line, mode) => {
    expect(await parse(line)).toEqual({ mode, code: undefined, said: '' })
  })

  test.each([
    ['--seeds 0', 'from 1 to 999999999'],
    ['--every-io --seeds 0', 'from 1 to 999999999'],
    ['--seed 9999999999', 'from 0 to 999999999'],
    ['--seed 4 --calls 0', 'from 1 to 999999999'],
    ['--seed 4 --faults nosuch', 'network.loss'],
    ['--seed 4 --from 3', '--from'],
    ['--seed 4 --fail-fast', '--fail-fast'],
    ['--seed 4 --lie thief --calls 3', '--lie'],
    ['--seeds 4 --cut-at 3', '--cut-at'],
    ['--mutants --from 3', '--from'],
    ['--mutants --fail-fast', '--fail-fast'],
    ['--mutants --liars', '--liars'],
    ['--liars --seeds 3 --fail-fast', '--fail-fast'],
    ['--lie thief', 'goes with --seed'],
    ['--json', 'nothing to run'],
  ])('error: %s is refused in a line or two', async (line, why) => {
    const { mode, code, said } = await parse(line)
    expect(mode).toBeUndefined()
    expect(code).toMatch(/^commander\./)
    expect(said).toContain(why)
    expect(said.trim().split('\n').length).toBeLessThanOrEqual(2)
  })
})
