import { posix } from 'node:path'

const OWN = /^@orien\/([a-z]+)(\/.*)?$/

export type Target =
  | { kind: 'file'; path: string }
  | { kind: 'package'; name: string; subpath: string }
  | { kind: 'external'; name: string }

/** What an import written in the file `path` means: a file of this tree, one of our packages, or something from outside. */
export function resolve(path: string, from: string): Target {
  if (from.startsWith('.')) return { kind: 'file', path: posix.normalize(posix.join(posix.dirname(path), from)) }
  const own = OWN.exec(from)
  if (own !== null) return { kind: 'package', name: own[1] ?? '', subpath: own[2] ?? '' }
  return { kind: 'external', name: from }
}
