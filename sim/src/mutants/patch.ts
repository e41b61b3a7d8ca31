import { OrienError } from '@orien/protocol'

/** One place of the sources, changed. */
export interface Patch {
  /** From the root of the repository, with forward slashes: `node/src/agent/budget.ts`. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
}

/** The text with the patch applied. Throws `internal` when what it looks for is not there exactly once: sources moved on, and so must the patch. */
export function patchText(text: string, { file, find, replace }: Patch): string {
  const at = find === '' ? -1 : text.indexOf(find)
  const places = at === -1 ? 0 : text.includes(find, at + 1) ? 'several' : 1
  if (places !== 1) {
    throw new OrienError('internal', {
      message: `a patch looks for a text that is in ${file} ${places === 0 ? 'nowhere' : 'several times'}: ${find}`,
      hint: 'Make `find` match exactly one place of the file as it is now.',
      details: { file },
    })
  }
  return text.slice(0, at) + replace + text.slice(at + find.length)
}
