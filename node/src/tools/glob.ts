import { pathFault } from './paths.ts'

/** A set of globs over workspace paths. */
export interface Globs {
  /** True when any of the globs matches the whole path. */
  matches(path: string): boolean
  /** False when no path below this folder can match, so that nobody needs to look. */
  mayHold(folder: string): boolean
}

/**
 * Why a text is no glob, or undefined. A glob is a path whose segments may hold `*` (any run of characters) and `?` (one), or are `**` (any
 * number of folders, none too). Nothing else is special.
 */
export function globFault(glob: string): string | undefined {
  const bad = glob.split('/').some((segment) => segment.includes('**') && segment !== '**')
  if (bad) return 'has “**” that is not a whole segment'
  return pathFault(glob)
}

/**
 * Compiles globs. Names come from tools, so matching is linear in the name for each segment: no regular expression is built.
 *
 * @example
 * compileGlobs(['dist/**', '*.json']).matches('dist/a/b.js') // true
 */
export function compileGlobs(globs: readonly string[]): Globs {
  const patterns = globs.map((glob) => glob.split('/'))
  return {
    matches: (path) => {
      const names = path.split('/')
      return patterns.some((pattern) => reach(pattern, names).has(pattern.length))
    },
    mayHold: (folder) => {
      const names = folder.split('/')
      return patterns.some((pattern) => [...reach(pattern, names)].some((at) => at < pattern.length))
    },
  }
}

/** Where in the pattern one can stand after all names: a set of positions, so that `**` costs no backtracking. */
function reach(pattern: readonly string[], names: readonly string[]): Set<number> {
  let places = new Set<number>([0])
  skipStars(pattern, places)
  for (const name of names) {
    const next = new Set<number>()
    for (const at of places) {
      const segment = pattern[at]
      if (segment === '**') next.add(at)
      else if (segment !== undefined && matchName(segment, name)) next.add(at + 1)
    }
    skipStars(pattern, next)
    places = next
  }
  return places
}

function skipStars(pattern: readonly string[], places: Set<number>): void {
  for (const at of places) if (pattern[at] === '**') places.add(at + 1)
}

/** `*` and `?` in one name: on a mismatch only the last star takes one character more. */
function matchName(segment: string, name: string): boolean {
  let at = 0
  let star = -1
  let starAt = 0
  let in_ = 0
  while (at < name.length) {
    if (segment[in_] === '*') {
      star = in_++
      starAt = at
    } else if (in_ < segment.length && (segment[in_] === '?' || segment[in_] === name[at])) {
      in_++
      at++
    } else if (star >= 0) {
      in_ = star + 1
      at = ++starAt
    } else return false
  }
  while (segment[in_] === '*') in_++
  return in_ === segment.length
}
