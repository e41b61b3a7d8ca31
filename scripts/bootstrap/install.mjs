import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { withLock } from './lock.mjs'
import { run } from './run.mjs'
import { Stop, say } from './say.mjs'

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']
const FLAGS = ['--loglevel=error', '--no-audit', '--no-fund', '--no-progress', '--ignore-scripts']

const json = (file) => JSON.parse(readFileSync(file, 'utf8'))
const sorted = (object) => JSON.stringify(Object.entries(object ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
const fits = (list, value) => list === undefined || [list].flat().includes(value)

/** `glibc`, `musl`, or undefined off Linux. */
export function libc() {
  if (process.platform !== 'linux') return undefined
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl'
}

const forUs = (entry) =>
  fits(entry.os, process.platform) &&
  fits(entry.cpu, process.arch) &&
  (libc() === undefined || fits(entry.libc, libc()))

/** Packages that npm may rightly leave out: links, peers, and what is optional and not for this platform. */
function mayBeAbsent(entry, present) {
  if (entry.link || entry.peer) return true
  if (!entry.optional) return false
  return !forUs(entry) || Boolean(entry.inBundle) || (!entry.os && present === undefined)
}

function checkManifests(dir, want) {
  for (const [path, entry] of Object.entries(want)) {
    if (path.includes('node_modules/')) continue
    const manifest = json(join(dir, path, 'package.json'))
    if (KINDS.some((kind) => sorted(manifest[kind]) !== sorted(entry[kind])))
      throw new Stop(`${join(path, 'package.json')} and package-lock.json differ: run npm install and commit both`, {
        code: 2,
        signal: null,
      })
  }
}

/**
 * Why `dir/node_modules` does not match `dir/package-lock.json`, or undefined when it does.
 * Throws Stop (code 2) when a package.json and the lockfile disagree: npm ci would refuse them too.
 */
export function stale(dir) {
  const want = json(join(dir, 'package-lock.json')).packages
  checkManifests(dir, want)
  const hidden = join(dir, 'node_modules', '.package-lock.json')
  if (!existsSync(hidden)) return 'nothing is installed yet'
  const have = json(hidden).packages
  for (const [path, entry] of Object.entries(want)) {
    const present = have[path]
    if (!path.includes('node_modules/') || mayBeAbsent(entry, present)) continue
    if (present?.version !== entry.version || !existsSync(join(dir, path, 'package.json')))
      return `${path} is ${present?.version ?? 'missing'}, not ${entry.version}`
  }
  return undefined
}

/** The surrounding npm command's settings are not for this one; a production setting would leave the compiler out. */
function cleanEnv(node) {
  const env = { ...process.env, PATH: dirname(node) + delimiter + (process.env.PATH ?? '') }
  for (const key of Object.keys(env)) {
    if (/^npm_(lifecycle|package|command)/.test(key) || key === 'NODE_ENV') delete env[key]
  }
  return env
}

/** npm is a JavaScript file, so it can run on the new Node: an old one drops optional packages that exclude it. */
async function ci(node, dir) {
  const args = ['ci', ...FLAGS, '--include=optional', '--include=dev']
  const cli = process.env.npm_execpath
  const options = { cwd: dir, stdio: ['ignore', 2, 2], env: cleanEnv(node) }
  const end = cli?.endsWith('npm-cli.js') ? await run(node, [cli, ...args], options) : await run('npm', args, options)
  if (end.signal !== null) throw new Stop('', end)
  if (end.code !== 0) throw new Stop(`npm ci failed in ${dir}; the lines above say why`, end)
}

/** Makes `dir/node_modules` match its lockfile. Costs a few milliseconds when it already does. */
export async function install(node, dir, what) {
  if (stale(dir) === undefined) return
  await withLock(join(dir, '.bootstrap.lock'), 'an install', async () => {
    const why = stale(dir)
    if (why === undefined) return
    say(`installing ${what} (${why})`)
    const startedMs = performance.now()
    await ci(node, dir)
    const still = stale(dir)
    if (still !== undefined) throw new Stop(`npm ci finished, yet ${still}`)
    say(`installed ${what} in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
  })
}
