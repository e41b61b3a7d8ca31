export type * from './chain.ts'
export type * from './channel.ts'
export * from './memory/index.ts'
export { ARC_TOKEN, MULTICALL3, recipientRules, type RecipientRules } from './recipients.ts'
export { bindWallet, localWallet } from './wallet.ts'
export {
  channelPaper,
  createArcRail,
  createChannelRails,
  createYellowRail,
  type AllowedChannel,
  type ChannelRailsOptions,
} from './rails.ts'
export type { ArcRailOptions } from './arc/index.ts'
export type { YellowEvent, YellowRailOptions } from './yellow/index.ts'
