import type { Rule } from '../house.ts'
import { wireBody } from '../../wire/generate.ts'

const HINT = 'run "npm run check -- --fix"'

/** Generated code is committed, and it is what the generator makes today. */
export const wireRule: Rule = ({ files, wire }) => {
  const committed = [...files.keys()].filter((path) => path.endsWith('.wire.ts'))
  return [
    ...[...wire].flatMap(([path, expected]) => {
      const text = files.get(path)
      if (text === undefined) return [{ rule: 'wire', at: path, message: `is missing: ${HINT}` }]
      return wireBody(text) === wireBody(expected)
        ? []
        : [{ rule: 'wire', at: path, message: `differs from its .wire.proto: ${HINT}` }]
    }),
    ...committed
      .filter((path) => !wire.has(path))
      .map((path) => ({ rule: 'wire', at: path, message: 'has no .wire.proto beside it' })),
  ]
}
