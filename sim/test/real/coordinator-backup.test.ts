import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needs } from '../../../scripts/test/parts.ts'
import { programs } from '../../src/cast/paths.ts'
import type { Stage } from '../../src/cast/stage.ts'
import { LocalNetwork } from '../../src/processes/network.ts'
import { seeded } from '../../src/processes/random.ts'
import { statusOf } from '../../src/processes/settled.ts'
import { agentOn, callOnce } from '../helpers/stage-agent.ts'
import { startProgram } from '../helpers/stage.ts'
import { temporaryFolder } from './devnet-fixture.ts'

const DEADLINE_MS = 120_000
const LOOK_MS = 50

describe('a coordinator on a back-up of its book', needs('anvil'), () => {
  const folder = temporaryFolder()
  const network = new LocalNetwork({ home: folder.path, providers: ['barn'], agents: ['ada'], random: seeded(5) })
  let stage: Stage
  beforeAll(async () => {
    stage = await network.open()
  }, DEADLINE_MS)
  afterAll(async () => {
    await network.close()
    folder.remove()
  })

  it(
    'behavior: signs nothing, says what is missing, collects it again and pays nobody twice',
    async () => {
      const { home } = stage.coordinator
      const [book, backup] = [join(home, 'book'), join(folder.path, 'backup')]
      const [coordinator, provider] = [network.actor('coordinator'), network.actor('barn')]
      const first = await agentOn(stage, 'ada')
      await callOnce(first)
      await counted(home, { receipts_total: 1, acks_total: 1 })
      await coordinator.kill9()
      await cp(book, backup, { recursive: true })
      await coordinator.back()

      // What the back-up lacks: a call, the session's end, a close by cheque, a refund, a payout.
      await callOnce(first)
      await counted(home, { receipts_total: 1, acks_total: 1 })
      const settling = reached('SETTLING')
      const paid = reached('PAID')
      await Promise.all(first.sessions().map((session) => session.end()))
      await first.stop()
      await settling
      await provider.stop()
      await paid
      const payments = await transfers()

      await coordinator.kill9()
      await rm(book, { recursive: true })
      await cp(backup, book, { recursive: true })
      await coordinator.back()
      const doubts = await until(async () => {
        const { readOnly } = (await statusOf(home)) ?? {}
        return Array.isArray(readOnly) && readOnly.length > 0 ? readOnly : undefined
      })
      for (const doubt of doubts)
        expect(doubt).toMatchObject({
          found: expect.any(String),
          missing: expect.any(String),
          next: expect.any(String),
        })
      const status = await startProgram(programs.coordinator, ['status', '--home', home], {}).ended
      expect(status).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/^READ-ONLY: .+\n {2}Missing: .+\n {2}Next: /),
      })

      const collected = reached('SETTLING')
      await provider.back()
      const second = await agentOn(stage, 'ada')
      await collected
      await counted(home, { receipts_total: 1, acks_total: 1 })
      expect(await transfers()).toEqual(payments)
      expect(await startProgram(programs.coordinator, ['resume', '--home', home], {}).ended).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^Resumed: the book is not read-only\.\n/),
      })
      await second.settle()
      await Promise.all(second.sessions().map((session) => session.paid()))
      await second.stop()
      const { violations, unsettled, report } = await network.judge(stage, await network.over(stage))
      expect({ violations, unsettled }).toEqual({ violations: [], unsettled: [] })
      expect(report.totals).toMatchObject({ calls: 2, receipts: 2, countersigned: 2 })
      expect(await transfers()).toEqual(payments)
    },
    DEADLINE_MS,
  )

  function reached(state: string): Promise<void> {
    const isMeant = (said: { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }): boolean =>
      said.event === 'sessionState' && said.fields['state'] === state
    return network.watch.next(`a session to be ${state}`, isMeant, DEADLINE_MS)
  }

  async function transfers(): Promise<readonly string[]> {
    return (await stage.devnet.arc.transfers()).map(({ transaction }) => transaction)
  }
})

/** Resolves when the daemon's counters, which start at 0 with it, show that. */
async function counted(home: string, wanted: Readonly<Record<string, number>>): Promise<void> {
  await until(async () => {
    const counters = (await statusOf(home))?.['counters'] as Readonly<Record<string, string>> | undefined
    return Object.entries(wanted).every(([name, count]) => Number(counters?.[name]) >= count) ? true : undefined
  })
}

/** Looks until there is something; the test's own deadline bounds it. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await setTimeout(LOOK_MS)
  }
}
