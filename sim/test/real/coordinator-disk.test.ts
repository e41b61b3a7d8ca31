import { spawnSync } from 'node:child_process'
import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { needs } from '../../../scripts/test/parts.ts'
import { LocalNetwork } from '../../src/processes/network.ts'
import { seeded } from '../../src/processes/random.ts'
import { temporaryFolder } from './devnet-fixture.ts'

/** Far above what a run takes; only a run that hangs meets it. */
const DEADLINE_MS = 240_000
/** What is left of the disk when it is filled up: a session or two. */
const LEFT_BYTES = 24 * 1024

/** A disk of 3 MB on a folder; undefined where mounting is not permitted. */
function mountSmallDisk(folder: string): (() => void) | undefined {
  const mounted = shell('mount -t tmpfs -o size=3m,mode=0700 tmpfs "$0"', folder)
  if (mounted.status === 0) return () => void shell('umount -l "$0"', folder)
  process.stderr.write(`skipped: no disk of 3 MB can be mounted here: ${mounted.stderr}\n`)
  return undefined
}

function shell(command: string, folder: string): { readonly status: number | null; readonly stderr: string } {
  return spawnSync('/bin/sh', ['-c', command, folder], { encoding: 'utf8' })
}

describe('a coordinator without disk', needs('anvil'), () => {
  it(
    'error: ends with storeFull, loses nothing, and goes on when there is room again',
    async ({ skip }) => {
      const folder = temporaryFolder()
      const home = join(folder.path, 'coordinator')
      const logs = join(folder.path, 'logs')
      await mkdir(home)
      await mkdir(logs)
      const unmount = mountSmallDisk(home)
      if (unmount === undefined) {
        folder.remove()
        return skip()
      }
      const random = seeded(2)
      const network = new LocalNetwork({ home: folder.path, providers: ['barn'], agents: ['ada'], random, logs })
      try {
        const stage = await network.open()
        await network.hire(stage)
        const receipt = (what: string): Promise<void> =>
          network.watch.next(what, (said) => said.event === 'receipt', 60_000)
        await receipt('a receipt')
        const coordinator = network.actor('coordinator')
        const ended = coordinator.ends()
        const { bavail, bsize } = await statfs(home)
        const ballast = join(home, 'ballast')
        await writeFile(ballast, new Uint8Array(bavail * bsize - LEFT_BYTES))
        expect(await ended).toBe(1)
        const words = (await readFile(join(logs, 'coordinator.ndjson'), 'utf8'))
          .split('\n')
          .filter((line) => !line.startsWith('{'))
        // The file of its status may be the first that does not fit.
        expect(words.join('\n')).toMatch(/^(error: .+\n {2}code {3}storeFull\n {2}money {2}.+\n {2}next {3}.+\n)+$/)
        await rm(ballast)
        await coordinator.back()
        await receipt('a receipt with room again')
        const { violations, unsettled, report } = await network.judge(stage, await network.settle(stage))
        expect({ violations, unsettled }).toEqual({ violations: [], unsettled: [] })
        expect(report.totals.receipts).toBeGreaterThan(1)
      } finally {
        await network.close()
        unmount()
        folder.remove()
      }
    },
    DEADLINE_MS,
  )
})
