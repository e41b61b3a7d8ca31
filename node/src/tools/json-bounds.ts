/** How much a JSON text may hold before anybody parses it. */
export interface JsonBounds {
  readonly depth: number
  /** Members of objects and elements of arrays, all levels together. */
  readonly values: number
}

/**
 * What is too much in a JSON text, or undefined. One pass without recursion, so that nothing deep or wide ever reaches a parser or a
 * validator. Text that is not JSON may pass: the parser finds out.
 */
export function jsonExcess(text: string, bounds: JsonBounds): 'depth' | 'values' | undefined {
  let depth = 0
  let values = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{' || char === '[') {
      values++
      if (++depth > bounds.depth) return 'depth'
    } else if (char === '}' || char === ']') depth--
    else if (char === ',' && ++values > bounds.values) return 'values'
  }
  return values > bounds.values ? 'values' : undefined
}
