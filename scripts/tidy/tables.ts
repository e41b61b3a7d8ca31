// The house rules that are data. To move a border, change a row here and say why in the row.

/** Exactly what stands at the top level, beside dot-files. */
export const topLevel: readonly string[] = [
  'node',
  'coordinator',
  'protocol',
  'sim',
  'scripts',
  'package.json',
  'tsconfig.json',
  'lerna.json',
  'README.md',
  'package-lock.json',
  'LICENSE',
]

/** What git ignores may lie at the top level of a clone that was used. */
export const untracked: readonly string[] = ['node_modules', 'dist']

export const limits = { fileLines: 400, functionLines: 60 } as const

export type Home = {
  /** Package names, or prefixes of them that end in `/` or `-`. */
  packages: readonly string[]
  /** Beginnings of the paths that may import them; `*` stands for one folder name. */
  homes: readonly string[]
  why: string
}

/** Packages that only one place knows. Everybody else goes through that place's port. */
export const homes: readonly Home[] = [
  {
    packages: ['libp2p', '@libp2p/', '@chainsafe/libp2p-', '@multiformats/', 'interface-datastore'],
    homes: ['node/src/network/libp2p', 'node/test/', 'scripts/bench/'],
    why: 'the network port has one libp2p user, node/src/network/libp2p*',
  },
  {
    packages: ['it-'],
    homes: ['node/src/network/', 'node/test/', 'scripts/bench/'],
    why: 'stream plumbing stays in the network folder',
  },
  {
    packages: ['@erc7824/'],
    homes: ['node/src/rails/yellow/', 'sim/src/devnet/clearnode', 'node/test/', 'sim/test/'],
    why: 'the Nitrolite client lives in the Yellow rail only',
  },
  {
    packages: ['@lifi/'],
    homes: ['node/src/rails/lifi/', 'node/test/'],
    why: 'LI.FI lives in its rail only',
  },
  {
    packages: ['@ensdomains/'],
    homes: ['node/src/rails/ens/', 'node/test/'],
    why: 'ENS lives in its rail only',
  },
  {
    packages: ['viem', 'viem/'],
    homes: ['node/', 'sim/', 'coordinator/test/', 'scripts/bench/'],
    why: 'the protocol is free of any chain library, and the coordinator reaches chains through rails',
  },
  {
    packages: ['level', 'classic-level', 'memory-level'],
    homes: ['node/src/store/', 'node/test/', 'scripts/bench/'],
    why: 'engines stay behind the store port, so that another one can take their place',
  },
  {
    packages: ['protons-runtime'],
    homes: [],
    why: 'only generated *.wire.ts files speak protobuf',
  },
  {
    packages: ['vitest', 'vitest/', 'fast-check'],
    homes: ['*/test/', 'scripts/config/'],
    why: 'test tools stay in tests',
  },
]

export type Layer = { folder: string; mayNotImport: readonly string[]; why: string }

/** Directions inside a package. A rail's own folder is always open to itself. */
export const layers: readonly Layer[] = [
  {
    folder: 'node/src/provider/',
    mayNotImport: ['node/src/agent/', 'node/src/cli/', 'node/src/gateway/'],
    why: 'the two parties share the protocol, not code',
  },
  {
    folder: 'node/src/agent/',
    mayNotImport: ['node/src/provider/', 'node/src/cli/', 'node/src/gateway/'],
    why: 'the two parties share the protocol, not code',
  },
  {
    folder: 'node/src/tools/',
    mayNotImport: ['node/src/provider/', 'node/src/agent/', 'node/src/rails/', 'node/src/network/', 'node/src/cli/'],
    why: 'running a tool knows nothing of peers or money',
  },
  ...['network', 'store', 'crypto', 'daemon', 'rails'].map((name) => ({
    folder: `node/src/${name}/`,
    mayNotImport: ['provider', 'agent', 'tools', 'gateway', 'cli'].map((other) => `node/src/${other}/`),
    why: 'adapters and shared parts do not know who uses them',
  })),
  ...['yellow', 'yellow-v1', 'arc', 'lifi', 'ens', 'memory'].map((name) => ({
    folder: `node/src/rails/${name}/`,
    mayNotImport: ['yellow', 'yellow-v1', 'arc', 'lifi', 'ens', 'memory']
      .filter((other) => other !== name)
      .map((other) => `node/src/rails/${other}/`),
    why: 'one rail never imports another',
  })),
  {
    folder: 'sim/src/world/',
    mayNotImport: ['sim/src/devnet/', 'sim/src/processes/'],
    why: 'the deterministic world has no real parts',
  },
]

/** Words that say where a commit message was typed instead of what changed. */
export const commitWords: readonly RegExp[] = [
  /\b(?:wip|todo)\b|\b(?:fixup|squash)!/i,
  /\b(?:co-authored-by|generated (?:with|by)|session id)\b/i,
  /\b(?:claude|anthropic|openai|chatgpt|copilot|codex|gemini)\b/i,
]

/** Text no file may hold: package registries belong to whoever installs. */
export const fileWords: readonly RegExp[] = [/\bregistry\.[a-z0-9-]+\.[a-z]{2,}/i]
