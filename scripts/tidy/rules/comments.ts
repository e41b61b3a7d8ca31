import type { Rule, Violation } from '../house.ts'
import { type Comment, type Node, parse, type Source } from '../source.ts'

const LATER = /\b(?:TODO|FIXME|XXX|HACK)\b/
const SWITCH = /\b(?:oxlint|eslint)-disable/
const TYPE_SWITCH = /@ts-(?:ignore|nocheck)\b/

const perComment = (source: Source, rule: string, check: (comment: Comment) => string | undefined): Violation[] =>
  source.comments.flatMap((comment) => {
    const message = check(comment)
    return message === undefined ? [] : [{ rule, at: source.path, line: source.lineAt(comment.start), message }]
  })

/** Work that is left belongs into an issue, where it has an owner. */
export const laterRule: Rule = ({ sources, files }) => {
  const inSources = [...sources.values()].flatMap((source) =>
    perComment(source, 'later', ({ value }) => (LATER.test(value) ? 'leaves work in a comment' : undefined)),
  )
  const others = [...files].filter(([path]) => /\.(?:sol|proto|sh)$|^\.ci\//.test(path))
  const inOthers = others.flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index): Violation[] => {
      const comment = /(?:\/\/|\/\*|^\s*\*|#).*$/.exec(line)?.[0] ?? ''
      return LATER.test(comment)
        ? [{ rule: 'later', at: path, line: index + 1, message: 'leaves work in a comment' }]
        : []
    }),
  )
  return [...inSources, ...inOthers]
}

/** A rule is switched off for one line and with a reason: `// oxlint-disable-next-line rule -- why`. */
export const suppressionRule: Rule = ({ sources }) =>
  [...sources.values()].flatMap((source) =>
    perComment(source, 'suppression', ({ value }) => {
      if (TYPE_SWITCH.test(value)) return 'switches the type checker off'
      return SWITCH.test(value) && !/ -- \S/.test(value) ? 'switches a lint rule off without " -- why"' : undefined
    }),
  )

const statements = new Set([
  'VariableDeclaration',
  'FunctionDeclaration',
  'ClassDeclaration',
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ExportDefaultDeclaration',
  'IfStatement',
  'ForStatement',
  'ForOfStatement',
  'WhileStatement',
  'SwitchStatement',
  'TryStatement',
  'ReturnStatement',
  'ThrowStatement',
])

/** A statement nobody writes as prose. A formula (`total = A / 60000`) is prose, and so is a lone name. */
function isCode(node: Node): boolean {
  if (statements.has(node.type)) return true
  if (node.type !== 'ExpressionStatement') return false
  const { expression } = node
  const inner = expression.type === 'AwaitExpression' ? expression.argument : expression
  if (inner.type === 'CallExpression') return true
  return inner.type === 'AssignmentExpression' && inner.left.type === 'MemberExpression'
}

function parsesAsCode(text: string): boolean {
  const { program, errors } = parse('comment.ts', `async function* comment() {\n${text}\n}`)
  if (errors.length > 0) return parsesAsModule(text)
  const [wrapper] = program.body
  if (wrapper?.type !== 'FunctionDeclaration' || wrapper.body === null) return false
  return wrapper.body.body.some(isCode)
}

function parsesAsModule(text: string): boolean {
  const { program, errors } = parse('comment.ts', text)
  return errors.length === 0 && program.body.some(isCode)
}

/** Runs of `//` lines that follow each other, and block comments; docstrings may hold examples. */
function blocksOf(source: Source): { line: number; text: string }[] {
  const blocks: { line: number; last: number; text: string }[] = []
  for (const comment of source.comments) {
    const line = source.lineAt(comment.start)
    const last = source.lineAt(comment.end)
    if (comment.type === 'Block') {
      if (!comment.value.startsWith('*')) blocks.push({ line, last: -1, text: comment.value })
      continue
    }
    const before = blocks.at(-1)
    if (before?.last === line - 1) {
      before.text += `\n${comment.value}`
      before.last = last
    } else blocks.push({ line, last, text: comment.value })
  }
  return blocks
}

/** Old code lives in git. An example belongs into a docstring, or indented by three spaces in a comment. */
export const deadCodeRule: Rule = ({ sources }) =>
  [...sources.values()].flatMap((source) =>
    blocksOf(source)
      .map(({ line, text }) => ({ line, text: text.replaceAll(/^ {3,}.*$/gm, '') }))
      .filter(({ text }) => parsesAsCode(text))
      .map(({ line }) => ({ rule: 'dead-code', at: source.path, line, message: 'is code in a comment' })),
  )
