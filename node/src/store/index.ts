export { openLevelStore } from './level.ts'
export { memoryDisk, memoryStore, type MemoryDisk, type MemoryStoreOptions } from './memory.ts'
export type * from './port.ts'
