import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { generateWire } from '../wire/generate.ts'
import type { House } from './house.ts'
import { parse } from './source.ts'

/** Never part of the house. */
const SKIPPED = new Set(['node_modules', 'dist', '.git', '.nx'])
const TEXT = /\.(?:ts|mjs|js|json|md|sol|proto|toml|sh)$|^LICENSE$|^\.ci\/|^\.[a-z]+$/
/** What the demo's agents send to tools: somebody else's projects, as they might be. */
const FOREIGN = new Set(['sim/inputs'])
/** Made by npm, and looked after by check-lock. */
const LOCKFILE = /(?:^|\/)package-lock\.json$/

function* pathsUnder(root: string, folder = ''): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (SKIPPED.has(entry.name) || FOREIGN.has(path)) continue
    if (entry.isDirectory()) yield* pathsUnder(root, path)
    else if (entry.isFile() && TEXT.test(path) && !LOCKFILE.test(path)) yield path
  }
}

/** Messages of what is not published yet, else of the newest commit; none outside git. */
function commitsOf(root: string): string[] {
  const log = (...range: string[]) =>
    spawnSync('git', ['log', '-z', '--format=%B', ...range], { cwd: root, encoding: 'utf8' })
  const ahead = log('@{upstream}..HEAD')
  const messages = ahead.status === 0 && ahead.stdout !== '' ? ahead : log('-1')
  return messages.status === 0 ? messages.stdout.split('\0').filter((message) => message !== '') : []
}

/** This checkout, what lies beside it, and the user's home, unless they are too common to mean anything. */
function machineWordsOf(root: string): string[] {
  const common = ['/', '/root', '/home', '/tmp', tmpdir()]
  const parent = dirname(root)
  const beside = common.includes(parent) ? [] : readdirSync(parent).map((name) => join(parent, name))
  return [...new Set([root, homedir(), ...beside])].filter((word) => !common.includes(word))
}

/** Reads the tree under `root`, an absolute path, parses its sources and generates its wire code anew. */
export async function load(root: string): Promise<House> {
  const paths = [...pathsUnder(root)].toSorted()
  const files = new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]))
  const sources = [...files].filter(([path]) => /\.(?:ts|mjs)$/.test(path) && !path.endsWith('.wire.ts'))
  const wire = new Map<string, string>()
  for (const path of paths.filter((name) => name.endsWith('.wire.proto')))
    wire.set(path.replace(/\.proto$/, '.ts'), await generateWire(join(root, path)))
  return {
    top: readdirSync(root),
    files,
    sources: new Map(sources.map(([path, text]) => [path, parse(path, text)])),
    wire,
    commits: commitsOf(root),
    machineWords: machineWordsOf(root),
  }
}
