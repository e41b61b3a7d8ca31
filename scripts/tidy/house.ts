// The shapes every rule shares. A rule is a pure function of the house, so that a test can hand it a house of three lines.
import type { Source } from './source.ts'

/** What the rules look at. Paths are relative to the root, with forward slashes. */
export type House = {
  /** Names at the top level. */
  top: readonly string[]
  /** Text of every file that has one, without node_modules, dist and .git. */
  files: ReadonlyMap<string, string>
  /** The parsed .ts and .mjs files; generated ones (*.wire.ts) are not parsed. */
  sources: ReadonlyMap<string, Source>
  /** For every *.wire.ts: what the generator makes of its *.wire.proto now. */
  wire: ReadonlyMap<string, string>
  /** Messages of the commits that are not published yet, and the newest one. */
  commits: readonly string[]
  /** Text that belongs to the machine this runs on and must not get into a file. */
  machineWords: readonly string[]
}

export type Violation = {
  rule: string
  /** A path, with `#name` where the rule is about one function. An exception names it the same way. */
  at: string
  line?: number
  message: string
  /** How much there is of it, for rules that know exceptions. */
  amount?: number
}

export type Rule = (house: House) => Violation[]

/** Packages, and what each may import: protocol ← node ← coordinator ← sim. */
export const packages = {
  protocol: [],
  node: ['protocol'],
  coordinator: ['protocol', 'node'],
  sim: ['protocol', 'node', 'coordinator'],
} as const satisfies Record<string, readonly string[]>

export type Package = keyof typeof packages

export const packageNames = Object.keys(packages) as Package[]

/** The package a path belongs to; undefined for scripts and the top level. */
export function packageOf(path: string): Package | undefined {
  return packageNames.find((name) => path.startsWith(`${name}/`))
}

export const isTest = (path: string): boolean => /^[^/]+\/test\//.test(path)
export const isShipped = (path: string): boolean => packageOf(path) !== undefined && path.split('/')[1] === 'src'
