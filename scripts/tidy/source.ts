import { type Comment, type Node, type Program, parseSync, visitorKeys } from 'oxc-parser'

export type { Comment, Node }

export type Import = {
  /** The module as written. */
  from: string
  /** Imported names; `*` for a namespace, `default` for a default import, nothing for a bare or dynamic import. */
  names: readonly string[]
  line: number
}

export type Source = {
  path: string
  text: string
  program: Program
  comments: readonly Comment[]
  imports: readonly Import[]
  /** Messages of the parser; an unreadable file is a violation of its own. */
  errors: readonly string[]
  /** 1-based line of an offset. */
  lineAt: (offset: number) => number
}

function lineFinder(text: string): (offset: number) => number {
  const ends: number[] = []
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) ends.push(at)
  return (offset) => {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return low + 1
  }
}

function importsOf(program: Program, lineAt: Source['lineAt']): Import[] {
  const found: Import[] = []
  walk(program, (node) => {
    if (node.type === 'ImportDeclaration') {
      const names = node.specifiers.map((specifier) => {
        if (specifier.type === 'ImportNamespaceSpecifier') return '*'
        if (specifier.type === 'ImportDefaultSpecifier') return 'default'
        return specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.imported.value
      })
      found.push({ from: node.source.value, names, line: lineAt(node.start) })
    } else if (node.type === 'ExportAllDeclaration') {
      found.push({ from: node.source.value, names: ['*'], line: lineAt(node.start) })
    } else if (node.type === 'ExportNamedDeclaration' && node.source !== null) {
      found.push({ from: node.source.value, names: [], line: lineAt(node.start) })
    } else if (node.type === 'ImportExpression' || node.type === 'TSImportType') {
      const { source } = node
      if (source.type === 'Literal' && typeof source.value === 'string')
        found.push({ from: source.value, names: [], line: lineAt(node.start) })
    }
    return true
  })
  return found
}

/** Parses one .ts or .mjs file. Never throws: what is wrong with the file is in `errors`. */
export function parse(path: string, text: string): Source {
  const { program, comments, errors } = parseSync(path, text, { preserveParens: false })
  const lineAt = lineFinder(text)
  return {
    path,
    text,
    program,
    comments,
    imports: importsOf(program, lineAt),
    errors: errors.map((error) => error.message),
    lineAt,
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

function childrenOf(node: Node): Node[] {
  const fields = node as unknown as Record<string, unknown>
  return (visitorKeys[node.type] ?? []).flatMap((key) => [fields[key]].flat()).filter(isNode)
}

/** Visits `node` and what is below it, parents first. `enter` returns false to leave out what is below. */
export function walk(node: Node, enter: (node: Node, parent: Node | undefined) => boolean, parent?: Node): void {
  if (!enter(node, parent)) return
  for (const child of childrenOf(node)) walk(child, enter, node)
}
