import { channelConformance, type ChannelWorld } from '../../../node/test/conformance/channel.ts'
import { ASSET, YellowLab } from './rails-yellow-fixture.ts'

async function yellowWorld(): Promise<ChannelWorld> {
  const lab = await YellowLab.open()
  return {
    party: () => lab.party(),
    fund: (wallet, amount) => lab.fund(wallet, amount),
    nowMs: () => lab.clock.wallMs(),
    advance: (ms) => lab.advance(ms),
    lose: (wallet, what) => lab.lose(wallet, what),
    hijack: (wallet) => lab.hijack(wallet),
    squat: (lane) => lab.squat(lane),
    grantUrl: lab.node.url,
    asset: ASSET,
    stop: () => lab.close(),
  }
}

channelConformance('yellow v0 on the ClearNode stand-in', yellowWorld, { hijack: true, squat: true })
