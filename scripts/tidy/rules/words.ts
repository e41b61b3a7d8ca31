import { type House, isShipped, type Rule, type Violation } from '../house.ts'
import { type Node, type Source, walk } from '../source.ts'
import { commitWords, fileWords } from '../tables.ts'

const escaped = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)

/** A path of this machine, and not the end of another path or of a protocol id. */
const machinePattern = (word: string): RegExp => new RegExp(String.raw`(?<![\w.}~-])${escaped(word)}(?![\w.-])`)

function patternsFor(house: House, words: readonly RegExp[]): { pattern: RegExp; message: string }[] {
  return [
    ...words.map((pattern) => ({ pattern, message: 'names where the text was made, not what it is about' })),
    ...house.machineWords.map((word) => ({ pattern: machinePattern(word), message: 'names a path of this machine' })),
  ]
}

/** No file names a package registry or a path of the machine it was written on. */
export const fileWordRule: Rule = (house) => {
  const patterns = patternsFor(house, fileWords)
  return [...house.files].flatMap(([path, text]) =>
    patterns
      .filter(({ pattern }) => pattern.test(text))
      .map(({ pattern, message }) => ({
        rule: 'file-word',
        at: path,
        line: text.slice(0, pattern.exec(text)?.index).split('\n').length,
        message,
      })),
  )
}

/** Commit messages say what changed and why. */
export const commitWordRule: Rule = (house) => {
  const patterns = patternsFor(house, [...commitWords, ...fileWords])
  return house.commits.flatMap((message) =>
    patterns
      .map(({ pattern }) => pattern.exec(message)?.[0])
      .filter((word) => word !== undefined)
      .map((word) => ({
        rule: 'commit-word',
        at: `commit "${message.split('\n')[0] ?? ''}"`,
        message: `says "${word}"`,
      })),
  )
}

const KEY = /^(?:0x)?[0-9a-f]{64}$/i
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----/
/** What 32 public bytes are called. */
const PUBLIC = /hash|topic|digest|separator|root|id$|salt|slot|selector|commit|order|point/i

/** String literals that look like a key; those under a name that says they are public do not count. */
function keysIn(source: Source): number[] {
  const lines: number[] = []
  const named = new Set<Node>()
  walk(source.program, (node) => {
    const name =
      node.type === 'VariableDeclarator'
        ? node.id
        : node.type === 'Property' || node.type === 'PropertyDefinition'
          ? node.key
          : undefined
    if (name?.type === 'Identifier' && PUBLIC.test(name.name)) named.add(node)
    if (node.type === 'Literal' && typeof node.value === 'string' && (KEY.test(node.value) || PEM.test(node.value)))
      lines.push(source.lineAt(node.start))
    return !named.has(node)
  })
  return lines
}

/** No key in shipped code, the devnet's well-known ones aside. */
export const secretRule: Rule = ({ sources }) =>
  [...sources.values()]
    .filter(({ path }) => isShipped(path) && !path.startsWith('sim/src/devnet/'))
    .map((source) => ({ path: source.path, lines: keysIn(source) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ path, lines }): Violation => ({
      rule: 'secret',
      at: path,
      ...(lines[0] === undefined ? {} : { line: lines[0] }),
      amount: lines.length,
      message: 'holds what looks like a private key; name public bytes by what they are (…Hash, …Topic, …Id)',
    }))
