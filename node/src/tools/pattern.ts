import { TOOL_LIMITS } from './limits.ts'

/** One place of a pattern: the characters it takes and how often. */
interface Atom {
  /** Bit n: code point n < 128. Bit 128: any other character. */
  readonly set: bigint
  readonly min: number
  readonly max: number
}

const ALL = (1n << 129n) - 1n
const OTHER = 1n << 128n
const DIGIT = range(0x30, 0x39)
const WORD = DIGIT | range(0x41, 0x5a) | range(0x61, 0x7a) | bit('_')
/** White space beyond ASCII exists; the bit for all others over-approximates it, which only makes the rule stricter. */
const SPACE = range(0x09, 0x0d) | bit(' ') | OTHER
const CLASSES: Readonly<Record<string, bigint>> = {
  d: DIGIT,
  D: ALL ^ DIGIT,
  w: WORD,
  W: ALL ^ WORD,
  s: SPACE,
  S: (ALL ^ SPACE) | OTHER,
}
const SYNTAX = '^$\\.*+?()[]{}|/-'

/**
 * Why a regular expression is not allowed as `pattern`, or undefined. The rule: `^…$`, a sequence of characters, escapes, classes and dots, each
 * with an optional quantifier; no groups, alternatives, look-around or lazy quantifiers; and what follows a variable quantifier must
 * not begin with a character that the quantified place takes itself. Such a pattern has one way on at each character, so matching
 * is linear whatever the input.
 *
 * @example
 * patternFault('^[a-z][a-z0-9_]{0,63}$') // undefined
 * patternFault('^(a+)+$') // 'holds a group; …'
 */
export function patternFault(source: string): string | undefined {
  if (!source.startsWith('^') || !source.endsWith('$') || source.length < 2)
    return 'is not anchored; begin it with ^ and end it with $'
  const atoms = parseAtoms(source.slice(1, -1))
  if (typeof atoms === 'string') return atoms
  for (const [at, atom] of atoms.entries()) {
    if (atom.min === atom.max) continue
    for (const next of atoms.slice(at + 1)) {
      if ((atom.set & next.set) !== 0n)
        return 'can match one text in two ways; what follows a repetition must differ from it'
      if (next.min > 0) break
    }
  }
  return undefined
}

function parseAtoms(body: string): Atom[] | string {
  const atoms: Atom[] = []
  let rest = body
  while (rest !== '') {
    const place = parsePlace(rest)
    if (typeof place === 'string') return place
    const count = parseCount(place.rest)
    if (typeof count === 'string') return count
    atoms.push({ set: place.set, min: count.min, max: count.max })
    rest = count.rest
  }
  return atoms
}

interface Place {
  readonly set: bigint
  readonly rest: string
}

function parsePlace(text: string): Place | string {
  const char = String.fromCodePoint(text.codePointAt(0) ?? 0)
  if (char === '[') return parseClass(text)
  if (char === '\\') return parseEscape(text)
  const rest = text.slice(char.length)
  if (char === '.') return { set: ALL, rest }
  if (char === '(' || char === ')') return 'holds a group; write the parts out, or use enum'
  if (char === '|') return 'holds an alternative; use enum, or one tool for each'
  if (SYNTAX.includes(char) && char !== '/' && char !== '-') return `holds “${char}” in a place of its own; escape it`
  return { set: bit(char), rest }
}

function parseEscape(text: string): Place | string {
  const [, char = ''] = text
  const set = CLASSES[char] ?? (char !== '' && SYNTAX.includes(char) ? bit(char) : undefined)
  return set === undefined
    ? `holds “\\${char}”, which is not supported; write the characters themselves`
    : { set, rest: text.slice(2) }
}

function parseClass(text: string): Place | string {
  const end = /^\[(\^?)((?:\\.|[^\\\]])+)\]/u.exec(text)
  if (end === null) return 'holds a class that is empty or not closed'
  const [whole, not = '', inside = ''] = end
  const items = inside.match(/\\.|[^]/gu) ?? []
  let set = 0n
  for (let at = 0; at < items.length; at++) {
    const first = itemSet(items[at] ?? '')
    if (first === undefined) return `holds “${items[at]}” in a class, which is not supported`
    if (items[at + 1] !== '-' || at + 2 >= items.length) set |= first
    else {
      const [from, to] = [codeOf(items[at] ?? ''), codeOf(items[at + 2] ?? '')]
      if (from === undefined || to === undefined || from > to) return 'holds a range that is none'
      set |= range(from, to)
      at += 2
    }
  }
  // What is not in the class includes the characters that the last bit stands for, in the class or not.
  return { set: not === '' ? set : (ALL ^ set) | OTHER, rest: text.slice(whole.length) }
}

function itemSet(item: string): bigint | undefined {
  if (!item.startsWith('\\')) return bit(item)
  const char = item.slice(1)
  return CLASSES[char] ?? (SYNTAX.includes(char) ? bit(char) : undefined)
}

/** The code point an item stands for; undefined for a class escape. */
function codeOf(item: string): number | undefined {
  if (!item.startsWith('\\')) return item.codePointAt(0)
  return SYNTAX.includes(item.slice(1)) ? item.codePointAt(1) : undefined
}

function parseCount(text: string): { min: number; max: number; rest: string } | string {
  const match = /^(?:[*+?]|\{(\d{1,4})(,?)(\d{0,4})\})/.exec(text)
  if (match === null) return { min: 1, max: 1, rest: text }
  const [whole, low, comma, high] = match
  const rest = text.slice(whole.length)
  if (/^[?*+{]/.test(rest)) return 'holds a quantifier on a quantifier'
  if (low === undefined) return { min: whole === '+' ? 1 : 0, max: whole === '?' ? 1 : Infinity, rest }
  const min = Number(low)
  const max = comma === '' ? min : high === '' ? Infinity : Number(high)
  const bounded = max === Infinity ? min : max
  if (min > max || bounded > TOOL_LIMITS.maxPatternRepeats || max === 0)
    return 'holds a repetition count that is out of bounds'
  return { min, max, rest }
}

function bit(char: string): bigint {
  const code = char.codePointAt(0) ?? 0
  return code < 128 ? 1n << BigInt(code) : OTHER
}

function range(from: number, to: number): bigint {
  let set = to >= 128 ? OTHER : 0n
  for (let code = from; code <= Math.min(to, 127); code++) set |= 1n << BigInt(code)
  return set
}
