// Parts of a machine that some tests need and npm cannot promise. A test that needs one says so:
//
//   import { needs } from '../../../scripts/test/parts.ts'
//   describe('settlement on a chain', needs('anvil'), () => { … })
//
// Where the part is missing the tests are skipped and the reason is printed. ORIEN_REQUIRE_PARTS=anvil,bwrap turns
// a missing part into a failure; CI sets it.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Part = 'anvil' | 'bwrap' | 'chromium'

type Recipe = {
  /** Names of the program, the first one found is used. */
  programs: readonly string[]
  /** Arguments of a run that shows the part works here, where being installed is not enough. */
  proof?: readonly string[]
  advice: string
}

const recipes: Record<Part, Recipe> = {
  anvil: { programs: ['anvil'], advice: 'npm installs it on linux-x64; elsewhere install Foundry' },
  bwrap: {
    programs: ['bwrap'],
    proof: ['--ro-bind', '/', '/', '--unshare-user', '--unshare-pid', 'true'],
    advice: 'install bubblewrap, and allow unprivileged user namespaces',
  },
  chromium: { programs: ['chromium', 'chromium-browser', 'google-chrome'], advice: 'install chromium' },
}

export const partNames = Object.keys(recipes) as readonly Part[]

const localBins = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url))

/** Path of an executable, looked up in node_modules/.bin and then in PATH; undefined when there is none. */
function find(program: string): string | undefined {
  for (const folder of [localBins, ...(process.env['PATH'] ?? '').split(delimiter)]) {
    const file = join(folder, program)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
    }
  }
  return undefined
}

function examine(part: Part): string | undefined {
  const { programs, proof, advice } = recipes[part]
  const file = programs.map(find).find((found) => found !== undefined)
  if (file === undefined) return `no ${part} here (${advice})`
  if (proof !== undefined && spawnSync(file, proof, { stdio: 'ignore', timeout: 10_000 }).status !== 0)
    return `${part} does not run here (${advice})`
  return undefined
}

const examined = new Map<Part, string | undefined>()

/** Why `part` cannot be used on this machine, or undefined when it can. Looked up once per process. */
export function missing(part: Part): string | undefined {
  if (!examined.has(part)) examined.set(part, examine(part))
  return examined.get(part)
}

/** The parts named by ORIEN_REQUIRE_PARTS. Throws on a name that is no part, so that a typo cannot pass for a tested part. */
export function requiredParts(list = process.env['ORIEN_REQUIRE_PARTS'] ?? ''): Part[] {
  const names = list.split(',').filter((name) => name !== '')
  const unknown = names.filter((name) => !(partNames as readonly string[]).includes(name))
  if (unknown.length > 0)
    throw new Error(`ORIEN_REQUIRE_PARTS: unknown ${unknown.join(', ')}; parts are ${partNames.join(', ')}`)
  return names as Part[]
}

const told = new Set<Part>()

/**
 * Options for `describe` or `it`: skips the tests when a part is missing and prints why, once per process.
 * Throws when ORIEN_REQUIRE_PARTS names the missing part.
 */
export function needs(...parts: readonly Part[]): { skip: boolean } {
  const absent = parts.filter((part) => missing(part) !== undefined)
  for (const part of absent) {
    const why = missing(part) ?? ''
    if (requiredParts().includes(part)) throw new Error(`ORIEN_REQUIRE_PARTS asks for ${part}: ${why}`)
    if (!told.has(part)) process.stderr.write(`skipped: ${why}\n`)
    told.add(part)
  }
  return { skip: absent.length > 0 }
}
