import { describe, expect, it } from 'vitest'
import { needs } from '../../../scripts/test/parts.ts'
import type { ProcessesSummary } from '../../src/processes/processes.ts'
import { demoProgram } from '../helpers/stage-demo.ts'
import { startProgram } from '../helpers/stage.ts'
import { noneNaming, temporaryFolder } from './devnet-fixture.ts'

/** Far above what a run takes; only a run that hangs meets it. */
const DEADLINE_MS = 240_000
const KILLS = 7

describe('real processes', needs('anvil'), () => {
  it(
    'behavior: killed by kill -9 in every role, they come back and settle to the last cent',
    async () => {
      const home = temporaryFolder()
      try {
        const args = ['processes', '--kills', String(KILLS), '--seed', '3', '--json', '--home', home.path]
        const { code, stdout, stderr } = await startProgram(demoProgram, args, {}).ended
        const lines = stdout.trimEnd().split('\n')
        const summary = JSON.parse(lines.at(-1) ?? '') as ProcessesSummary
        expect({ ...summary, story: code === 0 ? '' : stderr }).toMatchObject({
          violations: 0,
          unsettled: 0,
          story: '',
        })
        expect(code).toBe(0)
        expect(lines).toHaveLength(1)
        expect(summary.kills).toHaveLength(KILLS)
        expect(summary.kills.filter(({ phase }) => phase === 'running call').length).toBeGreaterThanOrEqual(3)
        await noneNaming(home.path)
      } finally {
        home.remove()
      }
    },
    DEADLINE_MS,
  )
})
