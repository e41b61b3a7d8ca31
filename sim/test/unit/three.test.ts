import { afterEach, expect, test } from 'vitest'
import { startThree, type Three } from '../helpers/three.ts'

let three: Three | undefined
afterEach(async () => {
  await three?.stop()
  three = undefined
})

test('behavior: calls are run, countersigned, collected, settled and paid out on the chain to the micro', async () => {
  three = await startThree()
  const { agent, chain, ledger, parties, coordinator } = three
  const before = ledger.balance(parties.agent.wallet.address)
  const results = await Promise.all(Array.from({ length: 20 }, (_, at) => agent.run('echo', { at })))
  const [settlement] = await agent.settle()
  await Promise.all(agent.sessions().map((session) => session.paid()))
  const accepted = results.reduce((sum, one) => sum + one.costNumerator, 0n) / 60_000n
  const statement = settlement?.statements.at(-1)?.value
  expect(statement?.totalMicros).toBe(accepted)
  expect(before - ledger.balance(parties.agent.wallet.address)).toBe(accepted)
  expect(chain.balance(parties.provider.wallet.address)).toBe(statement?.split.providerMicros)
  expect(chain.balance(parties.platform.wallet.address)).toBe(statement?.split.platformMicros)
  expect(await coordinator.check()).toEqual([])
})
