import { isShipped, isTest, packageOf, packages, type Rule, type Violation } from '../house.ts'
import { resolve } from '../resolve.ts'
import type { Import, Source } from '../source.ts'
import { homes, layers } from '../tables.ts'

type Check = (source: Source, from: Import) => string | undefined

/** One violation per import that `check` objects to. */
const perImport =
  (rule: string, check: Check): Rule =>
  ({ sources }) =>
    [...sources.values()].flatMap((source) =>
      source.imports.flatMap((from): Violation[] => {
        const message = check(source, from)
        return message === undefined ? [] : [{ rule, at: source.path, line: from.line, message }]
      }),
    )

/** protocol ← node ← coordinator ← sim, by package name only. */
export const directionRule = perImport('direction', ({ path }, { from }) => {
  const here = packageOf(path)
  const target = resolve(path, from)
  if (here === undefined || target.kind === 'external') return undefined
  if (target.kind === 'package') {
    if (target.name === here && isTest(path)) return undefined
    if (!(packages[here] as readonly string[]).includes(target.name))
      return `${here} must not import ${from}: protocol ← node ← coordinator ← sim`
    if (path.startsWith('coordinator/src/') && target.name === 'node' && target.subpath === '')
      return 'the coordinator uses the subpaths of @orien/node, never its provider or agent'
    return undefined
  }
  const there = packageOf(target.path)
  if (there === here) return undefined
  if (isTest(path) && target.path.startsWith('scripts/test/')) return undefined
  const allowed: readonly string[] = packages[here]
  if (isTest(path) && there !== undefined && allowed.includes(there) && target.path.includes('/test/')) return undefined
  return `${from} leaves the package: import another one by its name`
})

/** Nothing inside a package imports that package's index: index files as type hubs make cycles. */
export const ownIndexRule = perImport('own-index', ({ path }, { from }) => {
  const here = packageOf(path)
  if (here === undefined || !isShipped(path)) return undefined
  const target = resolve(path, from)
  const own =
    (target.kind === 'file' && target.path === `${here}/src/index.ts`) ||
    (target.kind === 'package' && target.name === here)
  return own ? `${from} is this package's own index: import the leaf file` : undefined
})

/** Relative imports name the file that is there. */
export const importFormRule = perImport('import-form', ({ path }, { from }) => {
  if (!from.startsWith('.')) return undefined
  return /\.(?:ts|mjs|json)$/.test(from) || path.endsWith('.mjs') ? undefined : `${from} must end in .ts`
})

/** Directions between the folders of one package. */
export const layerRule = perImport('layer', ({ path }, { from }) => {
  const target = resolve(path, from)
  if (target.kind !== 'file') return undefined
  const broken = layers.find(
    ({ folder, mayNotImport }) =>
      path.startsWith(folder) && mayNotImport.some((other) => target.path.startsWith(other)),
  )
  return broken === undefined ? undefined : `must not import ${target.path}: ${broken.why}`
})

const matches = (name: string, pattern: string): boolean =>
  /[/-]$/.test(pattern) ? name.startsWith(pattern) : name === pattern

const isHome = (path: string, home: string): boolean =>
  home.startsWith('*/') ? path.slice(path.indexOf('/') + 1).startsWith(home.slice(2)) : path.startsWith(home)

/** Packages that only one place may know. */
export const homeRule = perImport('home', ({ path }, { from }) => {
  const target = resolve(path, from)
  if (target.kind !== 'external') return undefined
  const broken = homes.find(
    (row) =>
      row.packages.some((pattern) => matches(target.name, pattern)) && !row.homes.some((home) => isHome(path, home)),
  )
  return broken === undefined ? undefined : `must not import ${from}: ${broken.why}`
})
