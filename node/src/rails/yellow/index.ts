export type { YellowEvent } from './client.ts'
export { createYellowRail, type YellowRailOptions } from './rail.ts'
export { yellowPaper, type YellowPaperOptions } from './words.ts'
