import { type Ban, bans, builtins } from '../bans.ts'
import { isBuiltin } from 'node:module'
import type { Rule, Violation } from '../house.ts'
import { type Import, type Node, type Source, walk } from '../source.ts'

/** TypeScript nodes that stand around values; below all others there are only types. */
const valueNodes = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'TSParameterProperty',
  'TSEnumDeclaration',
  'TSEnumBody',
  'TSEnumMember',
  'TSModuleDeclaration',
  'TSModuleBlock',
  'TSExportAssignment',
])

const isType = (node: Node): boolean => node.type.startsWith('TS') && !valueNodes.has(node.type)

/** Names bound by a pattern: `a`, `{ b, c: d }`, `[e = 1, ...f]`. */
function boundBy(pattern: Node | null, into: Set<string>): void {
  if (pattern === null) return
  walk(pattern, (node, parent) => {
    if (isType(node)) return false
    const isKey = parent?.type === 'Property' && parent.key === node && !parent.shorthand
    const isDefault = parent?.type === 'AssignmentPattern' && parent.right === node
    if (node.type === 'Identifier' && !isKey && !isDefault) into.add(node.name)
    return !isDefault
  })
}

/** Every name the file declares anywhere: such a name is not the global one. */
function declaredIn({ program }: Source): Set<string> {
  const names = new Set<string>()
  walk(program, (node) => {
    if (isType(node)) return false
    if (node.type === 'VariableDeclarator') boundBy(node.id, names)
    if (node.type === 'CatchClause') boundBy(node.param, names)
    if ('params' in node && Array.isArray(node.params)) for (const param of node.params) boundBy(param, names)
    if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') boundBy(node.id, names)
    if ('local' in node && node.type.startsWith('Import') && node.local.type === 'Identifier')
      names.add(node.local.name)
    return true
  })
  return names
}

/** True for an identifier that names something else than a variable: a member, a key, a label, an import. */
function isName(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined) return false
  if (parent.type === 'MemberExpression') return parent.property === node && !parent.computed
  if ('key' in parent && parent.key === node) return !('computed' in parent && parent.computed)
  return /^(?:Import|Export|Label|Break|Continue|MetaProperty)/.test(parent.type) && parent.type !== 'ImportExpression'
}

function memberName(node: Node): string | undefined {
  if (node.type !== 'MemberExpression') return undefined
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined
  return node.property.type === 'Literal' && typeof node.property.value === 'string' ? node.property.value : undefined
}

/** `const { now } = Date` uses `Date.now`. */
function takenFrom(global: string, pattern: Node): string[] {
  if (pattern.type !== 'ObjectPattern') return []
  return pattern.properties.flatMap((property) =>
    property.type === 'Property' && property.key.type === 'Identifier' ? [`${global}.${property.key.name}`] : [],
  )
}

/** Words of the ban table that `node` uses: `setTimeout`, `Date.now`, `new Date()`, `.randomBytes`. */
function wordsOf(node: Node, parent: Node | undefined, declared: Set<string>): string[] {
  const isGlobal = (other: Node): other is Node & { name: string } =>
    other.type === 'Identifier' && !declared.has(other.name)
  if (node.type === 'Identifier' && isGlobal(node) && !isName(node, parent)) return [node.name]
  if ((node.type === 'NewExpression' || node.type === 'CallExpression') && isGlobal(node.callee))
    return node.callee.name === 'Date' && (node.arguments.length === 0 || node.type === 'CallExpression')
      ? ['new Date()']
      : []
  if (node.type === 'VariableDeclarator' && node.init !== null && isGlobal(node.init))
    return takenFrom(node.init.name, node.id)
  const member = memberName(node)
  if (node.type !== 'MemberExpression' || member === undefined) return []
  if (!isGlobal(node.object)) {
    const outer = node.object.type === 'MemberExpression' ? memberName(node.object) : undefined
    return outer === undefined ? [`.${member}`] : [`.${member}`, `${outer}.${member}`]
  }
  return [`.${member}`, ...(node.object.name === 'globalThis' ? [member] : [`${node.object.name}.${member}`])]
}

/** Words of the ban table that an import uses. */
function wordsOfImport({ from, names }: Import): string[] {
  const bare = isBuiltin(from) ? from.replace(/^(?:node:)?/, 'node:') : from
  const words = [`import ${bare}`, ...names.map((name) => `import ${bare}#${name}`)]
  const parts = bare.split('/')
  for (let end = parts.length - 1; end > 0; end--) words.push(`import ${parts.slice(0, end).join('/')}`)
  if (bare.startsWith('node:') && !builtins.includes((parts[0] ?? '').slice(5))) words.push('import node:*')
  return words
}

function usesIn(source: Source): { words: string[]; line: number }[] {
  const declared = declaredIn(source)
  const uses = source.imports.map((from) => ({ words: wordsOfImport(from), line: from.line }))
  walk(source.program, (node, parent) => {
    if (isType(node)) return false
    const words = wordsOf(node, parent, declared)
    if (words.length > 0) uses.push({ words, line: source.lineAt(node.start) })
    return true
  })
  return uses
}

function banFor(path: string): Ban | undefined {
  return bans.find(
    ({ folder, except }) =>
      path.startsWith(folder) &&
      !except.some((exempt) => path === exempt || (exempt.endsWith('/') && path.startsWith(exempt))),
  )
}

/** Logic reaches clock, timers, random, files, processes and the network through ports only. */
export const ambientRule: Rule = ({ sources }) =>
  [...sources.values()].flatMap((source): Violation[] => {
    const ban = banFor(source.path)
    if (ban === undefined) return []
    const found = usesIn(source).flatMap(({ words, line }) => {
      const word = words.find((used) => ban.banned.includes(used))
      return word === undefined ? [] : [{ word, line }]
    })
    const onceALine = new Map(found.map((use) => [`${use.line} ${use.word}`, use]))
    return [...onceALine.values()].map(({ word, line }) => ({
      rule: 'ambient',
      at: source.path,
      line,
      message: `uses ${word.replace(/^\./, '')}: ${ban.why}`,
    }))
  })
