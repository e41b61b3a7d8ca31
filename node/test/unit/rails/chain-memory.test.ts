import { micros, requireAddress, type Address } from '@orien/protocol'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { cheapWallet, memoryChain, memoryChainRail } from '../../../src/rails/memory/index.ts'
import { localWallet } from '../../../src/rails/wallet.ts'
import { chainConformance, type ChainWorld } from '../../conformance/chain.ts'

const fresh = (): Address => requireAddress(privateKeyToAccount(generatePrivateKey()).address, 'address')

/** A memory chain as a world of the conformance suite. */
function memoryWorld(signatures: 'ecdsa' | 'cheap'): Promise<ChainWorld> {
  let nowMs = 1_800_000_000_000
  const chain = memoryChain({ clock: { wallMs: () => nowMs, monoMs: () => nowMs }, signatures })
  const real = localWallet(generatePrivateKey())
  const treasury = signatures === 'cheap' ? cheapWallet(real) : real
  const gas = fresh()
  const rail = memoryChainRail(chain, { treasury, gas })
  return Promise.resolve({
    rail,
    shortOfGas: () => {
      chain.shortOfGasFrom(1)
      return Promise.resolve(rail)
    },
    fundTreasury: (amount) => Promise.resolve(chain.fund(treasury.address, amount)),
    setGas: (wei) => Promise.resolve(chain.fundGas(gas, wei - chain.state.gasWei(gas))),
    recipient: fresh,
    balance: (account) => Promise.resolve(chain.balance(account)),
    block: (account, on) => Promise.resolve(chain.block(account, on)),
    submitElsewhere: (leg) => Promise.resolve(void chain.submitElsewhere(treasury.address, leg)),
    cancel: (leg) => Promise.resolve(chain.cancel(leg)),
    holdMining: (on) => Promise.resolve(chain.holdMining(on)),
    mine: () => Promise.resolve(chain.mine()),
    drop: () => Promise.resolve(chain.dropPending()),
    advance: (seconds) => {
      nowMs += seconds * 1_000
      return Promise.resolve()
    },
    loseNext: (what) => chain.loseNext(what),
    stop: () => rail.stop(),
  })
}

chainConformance('memory', () => memoryWorld('ecdsa'))
chainConformance('memory, cheap signatures', () => memoryWorld('cheap'))

test('error: a wrong chain and a chain that is down are told apart', async () => {
  const chain = memoryChain({ clock: { wallMs: () => 0, monoMs: () => 0 } })
  const rail = memoryChainRail(chain, { treasury: localWallet(generatePrivateKey()), gas: fresh() })
  await expect(rail.check()).resolves.toBeUndefined()
  chain.setWrong(true)
  await expect(rail.check()).rejects.toMatchObject({ code: 'chainMismatch' })
  chain.setDown(true)
  await expect(rail.balances()).rejects.toMatchObject({ code: 'unreachable' })
})

test('behavior: a signature by another wallet pays nothing', async () => {
  const chain = memoryChain({ clock: { wallMs: () => 0, monoMs: () => 0 } })
  const treasury = localWallet(generatePrivateKey())
  const thief = memoryChainRail(chain, { treasury: localWallet(generatePrivateKey()), gas: fresh() })
  chain.fund(treasury.address, micros(100n))
  const [leg] = await thief.signLegs([
    { recipient: fresh(), micros: micros(10n), nonce: new Uint8Array(32), validBeforeS: 10 },
  ])
  expect(leg === undefined ? true : chain.submitElsewhere(treasury.address, leg)).toBe(false)
  expect(chain.balance(treasury.address)).toBe(100n)
})
