export { memoryChain, type MemoryChain, type MemoryChainOptions } from './chain.ts'
export { memoryChainRail, type MemoryChainKeys } from './chain-rail.ts'
export { cheapWallet } from './cheap-wallet.ts'
export {
  memoryChannelNetwork,
  type Fate,
  type MemoryChannelNetwork,
  type MemoryChannelOptions,
  type MemoryRequest,
  type MemoryRequestKind,
} from './network.ts'
export { memoryChannelRail } from './rail.ts'
export { memoryPaper, type MemoryPaperOptions } from './words.ts'
