import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { startClearnode } from '../../src/devnet/clearnode/index.ts'
import { clearnodeRows } from '../conformance/clearnode-rows.ts'

const home = await mkdtemp(join(tmpdir(), 'orien-clearnode-'))
let aheadMs = 0
const nowMs = (): number => Date.now() + aheadMs
const node = await startClearnode({ home, nowMs })

afterAll(async () => {
  await node.stop()
  await rm(home, { recursive: true })
})

clearnodeRows('the stand-in, in this process', {
  url: node.url,
  fund: (wallet, amount) => node.credit(wallet, 'usdc', amount),
  nowMs,
  advance: async (ms) => {
    aheadMs += ms
  },
})
