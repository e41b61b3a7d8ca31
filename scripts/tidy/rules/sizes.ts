import { isTest, type Rule, type Violation } from '../house.ts'
import { type Node, type Source, walk } from '../source.ts'
import { limits } from '../tables.ts'

const linesOf = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)

export const fileSizeRule: Rule = ({ sources }) =>
  [...sources.values()]
    .map(({ path, text }) => ({ path, lines: linesOf(text) }))
    .filter(({ lines }) => lines > limits.fileLines)
    .map(({ path, lines }) => ({
      rule: 'file-size',
      at: path,
      amount: lines,
      message: `has ${lines} lines, at most ${limits.fileLines}: a file tells one idea`,
    }))

const isFunction = (node: Node): boolean =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'

/** The name a function goes by: its own, or that of what it is assigned to. */
function nameOf(node: Node, parent: Node | undefined): string | undefined {
  if ('id' in node && node.id?.type === 'Identifier') return node.id.name
  if (parent?.type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id.name
  if (parent?.type === 'Property' || parent?.type === 'MethodDefinition' || parent?.type === 'PropertyDefinition')
    return parent.key.type === 'Identifier' || parent.key.type === 'PrivateIdentifier' ? parent.key.name : undefined
  return undefined
}

/** What a test hands to describe() or it(), and a suite that holds such calls, is a list of cases: it may be long. */
function isTable(node: Node, parent: Node | undefined): boolean {
  if (parent?.type === 'CallExpression') return true
  let holdsCases = false
  walk(node, (inner) => {
    const names = inner.type === 'CallExpression' && inner.callee.type === 'Identifier' ? inner.callee.name : ''
    holdsCases ||= ['describe', 'suite', 'it', 'test'].includes(names)
    return !holdsCases
  })
  return holdsCases
}

function longFunctions(source: Source): Violation[] {
  const found: Violation[] = []
  walk(source.program, (node, parent) => {
    if (!isFunction(node)) return true
    if (isTest(source.path) && isTable(node, parent)) return true
    const line = source.lineAt(node.start)
    const lines = source.lineAt(node.end - 1) - line + 1
    if (lines <= limits.functionLines) return true
    const name = nameOf(node, parent) ?? `line ${line}`
    found.push({
      rule: 'function-size',
      at: `${source.path}#${name}`,
      line,
      amount: lines,
      message: `has ${lines} lines, at most ${limits.functionLines}: split it where the idea splits`,
    })
    return true
  })
  return found
}

export const functionSizeRule: Rule = ({ sources }) => [...sources.values()].flatMap(longFunctions)
