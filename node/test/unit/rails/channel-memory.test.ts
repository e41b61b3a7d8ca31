import { generatePrivateKey } from 'viem/accounts'
import { cheapWallet, memoryChannelNetwork, memoryChannelRail } from '../../../src/rails/memory/index.ts'
import type { MemoryChannelOptions } from '../../../src/rails/memory/index.ts'
import { localWallet } from '../../../src/rails/wallet.ts'
import { channelConformance, type ChannelWorld } from '../../conformance/channel.ts'

/** A memory network as a world of the conformance suite. */
function memoryWorld(options: MemoryChannelOptions): Promise<ChannelWorld> {
  let nowMs = 1_800_000_000_000
  const network = memoryChannelNetwork({ ...options, clock: { wallMs: () => nowMs, monoMs: () => nowMs } })
  return Promise.resolve({
    party: async () => {
      const real = localWallet(generatePrivateKey())
      const wallet = options.signatures === 'cheap' ? cheapWallet(real) : real
      return Promise.resolve({ wallet, rail: memoryChannelRail(network, wallet) })
    },
    fund: (wallet, amount) => Promise.resolve(network.fund(wallet, amount)),
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms
    },
    lose: (wallet, what) => network.loseNext(wallet, what === 'request' ? 'requestLost' : 'answerLost'),
    hijack: (wallet) => {
      network.hijack(wallet.address, true)
      return Promise.resolve(() => Promise.resolve(network.hijack(wallet.address, false)))
    },
    squat: (lane) => Promise.resolve(network.squat(lane.definition)),
    grantUrl: 'memory:',
    asset: 'usdc',
    stop: () => Promise.resolve(),
  })
}

const attacks = { hijack: true, squat: true }
channelConformance('memory', () => memoryWorld({}), attacks)
channelConformance('memory, debits move the base', () => memoryWorld({ debitMovesBase: true }), attacks)
channelConformance('memory, cheap signatures', () => memoryWorld({ signatures: 'cheap' }), attacks)
