export { createArcRail, type ArcRailOptions } from './rail.ts'
