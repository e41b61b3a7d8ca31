import { requireAddress } from '@orien/protocol'
import { chainConformance, type ChainWorld } from '../../../node/test/conformance/chain.ts'
import { ArcLab, freshAddress } from './rails-arc-fixture.ts'

async function arcWorld(): Promise<ChainWorld> {
  const lab = await ArcLab.open()
  const { arc, anvil } = lab
  const rail = await lab.rail()
  return {
    rail,
    // Two legs to new accounts take 174k; with 160k the second one cannot end, and here takes the first with it.
    shortOfGas: () => lab.rail({ gasRule: { baseGas: 0n, legGas: 80_000n } }),
    fundTreasury: (amount) => arc.mint(requireAddress(rail.treasury, 'treasury'), amount),
    setGas: (wei) => lab.setGas(wei),
    recipient: freshAddress,
    balance: (account) => arc.balanceMicros(account),
    block: (account, on) => arc.block(account, on),
    submitElsewhere: (leg) => lab.submitElsewhere(leg),
    cancel: (leg) => lab.cancel(leg),
    holdMining: (on) => lab.holdMining(on),
    mine: async () => void (await anvil.rpc('evm_mine')),
    drop: async ({ hash }) => void (await anvil.rpc('anvil_dropTransaction', hash)),
    advance: (seconds) => lab.advance(seconds),
    loseNext: (what) => lab.way.loseNext(what),
    stop: async () => {
      await rail.stop()
      await lab.close()
    },
  }
}

chainConformance('Arc on a local chain', arcWorld)
