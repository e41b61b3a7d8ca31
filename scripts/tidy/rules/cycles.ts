import type { House, Rule } from '../house.ts'
import { resolve } from '../resolve.ts'

type Graph = ReadonlyMap<string, readonly string[]>

/** Every import counts, of types too: two files that need each other's types are one idea or need a leaf file. */
function graphOf({ sources }: House): Graph {
  const graph = new Map<string, string[]>()
  for (const source of sources.values()) {
    const targets = source.imports.map(({ from }) => resolve(source.path, from))
    const paths = targets.flatMap((target) => (target.kind === 'file' ? [target.path] : []))
    graph.set(source.path, [...new Set(paths.filter((path) => sources.has(path)))])
  }
  return graph
}

/** The shortest way from `start` back to itself, or undefined. */
function cycleThrough(graph: Graph, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const next of graph.get(path) ?? []) {
      if (next === start) {
        const way = [path]
        for (let at = path; at !== start;) way.unshift((at = cameFrom.get(at) ?? start))
        return way
      }
      if (cameFrom.has(next)) continue
      cameFrom.set(next, path)
      queue.push(next)
    }
  }
  return undefined
}

/** One violation per cycle, named at its first file in alphabetical order. */
export const cycleRule: Rule = (house) => {
  const graph = graphOf(house)
  const reported = new Set<string>()
  return [...graph.keys()].toSorted().flatMap((path) => {
    if (reported.has(path)) return []
    const cycle = cycleThrough(graph, path)
    if (cycle === undefined) return []
    for (const member of cycle) reported.add(member)
    const message = `imports itself: ${[...cycle, path].join(' → ')}`
    return [{ rule: 'cycle', at: path, message }]
  })
}
