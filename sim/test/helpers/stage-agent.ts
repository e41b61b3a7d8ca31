import { createAgent, type Agent } from '@orien/node'
import { loadProfile } from '@orien/node/config'
import { loadOrCreateKey, loadOrCreateWalletKey } from '@orien/node/daemon'
import { localWallet } from '@orien/node/rails'
import { join } from 'node:path'
import type { Stage } from '../../src/cast/stage.ts'
import { CALL } from '../../src/processes/config.ts'

/** The agent of a home on a stage, in the test's own process, so that the test decides each of its steps. */
export async function agentOn({ home, profile: file }: Stage, name: string): Promise<Agent> {
  const profile = await loadProfile(file)
  const own = join(home, name)
  return createAgent({
    profile,
    identity: await loadOrCreateKey(own, 'agent', profile.chainId),
    wallet: localWallet(await loadOrCreateWalletKey(own, 'agent', profile.chainId)),
    home: own,
    policy: { minTier: 'D', windowCalls: 1, sessionMs: 120_000, reattachMs: 60_000 },
  })
}

/** One short call. */
export async function callOnce(agent: Agent): Promise<void> {
  await agent.run(CALL.tool, { ms: 100 }, { maxCost: CALL.maxCost })
}
