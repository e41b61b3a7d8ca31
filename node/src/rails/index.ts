export type * from './chain.ts'
export type * from './channel.ts'
