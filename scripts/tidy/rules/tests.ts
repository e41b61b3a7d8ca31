import { isTest, type Rule, type Violation } from '../house.ts'
import { type Node, type Source, walk } from '../source.ts'

const NAME = /^(?:behavior|error): \S/
const blocks = new Set(['describe', 'suite'])
const cases = new Set(['it', 'test'])
/** Members that take `(name, …)`, and members that take something else first and return what takes `(name, …)`. */
const plainMembers = new Set(['skip', 'only', 'todo', 'concurrent', 'sequential', 'fails'])
const makerMembers = new Set(['each', 'for', 'skipIf', 'runIf', 'prop', 'extend'])

type Callee = { base: string; members: string[]; made: boolean }

/** Takes `it.each(table)` or `describe.skip` apart; undefined for what is no chain of names and calls. */
function takeApart(node: Node): Callee | undefined {
  if (node.type === 'Identifier') return { base: node.name, members: [], made: false }
  if (node.type === 'CallExpression') {
    const inner = takeApart(node.callee)
    return inner && { ...inner, made: true }
  }
  if (node.type === 'TaggedTemplateExpression') {
    const inner = takeApart(node.tag)
    return inner && { ...inner, made: true }
  }
  if (node.type !== 'MemberExpression' || node.computed || node.property.type !== 'Identifier') return undefined
  const inner = takeApart(node.object)
  return inner && { ...inner, members: [...inner.members, node.property.name] }
}

function literalStart(node: Node | undefined): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value
  return node?.type === 'TemplateLiteral' ? `${node.quasis[0]?.value.cooked ?? ''}…` : undefined
}

/** Whether the call names a test: `it(…)`, `it.skip(…)`, `it.each(table)(…)`, but not `it.each(table)` itself. */
function namesTest({ base, members, made }: Callee): boolean {
  if (!cases.has(base)) return false
  const makers = members.filter((member) => makerMembers.has(member))
  return made === makers.length > 0 && members.every((m) => plainMembers.has(m) || makerMembers.has(m))
}

function perCall(source: Source, check: (callee: Callee, name: Node | undefined) => string | undefined, rule: string) {
  const found: Violation[] = []
  walk(source.program, (node) => {
    if (node.type !== 'CallExpression') return true
    const callee = takeApart(node.callee)
    if (callee === undefined || !(cases.has(callee.base) || blocks.has(callee.base))) return true
    const message = check(callee, node.arguments[0])
    if (message !== undefined) found.push({ rule, at: source.path, line: source.lineAt(node.start), message })
    return true
  })
  return found
}

const testsOf = (sources: ReadonlyMap<string, Source>): Source[] =>
  [...sources.values()].filter(({ path }) => isTest(path))

/** A test's name starts with `behavior:` or `error:`, as text: a name from a table stands behind it. */
export const testNameRule: Rule = ({ sources }) =>
  testsOf(sources).flatMap((source) =>
    perCall(
      source,
      (callee, name) => {
        if (!namesTest(callee) || NAME.test(literalStart(name) ?? '')) return undefined
        return 'a test’s name starts with "behavior: " or "error: "'
      },
      'test-name',
    ),
  )

/** No test is left focused, and none is switched off without a reason that is printed. */
export const focusRule: Rule = ({ sources }) =>
  testsOf(sources).flatMap((source) =>
    perCall(
      source,
      ({ members }) => {
        const bad = members.find((member) => ['only', 'skip', 'todo'].includes(member))
        return bad === undefined ? undefined : `.${bad} must not stay; needs() skips what a machine lacks`
      },
      'focused-test',
    ),
  )
