/**
 * Splits a command given as one string, as the founding JSON form has it: at white space, with '…' and "…" keeping text together. It is split once, at
 * load, and never given to a shell; a string that only a shell would understand is a fault, told in words.
 */
export function splitCommand(command: string): readonly string[] | { readonly words: string } {
  const elements: string[] = []
  let rest = command.trimStart()
  while (rest !== '') {
    const match = /^(?:[^\s"'`$&|;<>()\\*?[\]~#!]|"[^"`$\\]*"|'[^']*'|\{[^{}\s"']*\})+/.exec(rest)
    if (match === null) return { words: `needs a shell at “${rest.slice(0, 20)}”; write a script and name it here` }
    const [text] = match
    elements.push(
      text.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''),
    )
    const after = rest.slice(text.length)
    rest = after.trimStart()
    if (rest !== '' && rest.length === after.length)
      return { words: `needs a shell at “${rest.slice(0, 20)}”; write a script and name it here` }
  }
  return elements.length === 0 ? { words: 'is empty; name a program' } : elements
}
