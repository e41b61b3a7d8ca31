import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { generate } from 'protons'

/**
 * First lines of every `*.wire.ts`. protons knows neither exactOptionalPropertyTypes nor our lint rules; the types it
 * declares are still checked wherever they are used.
 */
const header = (proto: string): string =>
  [
    `// Generated from ${basename(proto)} by "npm run check -- --fix"; do not edit.`,
    '/* oxlint-disable */',
    '// @ts-nocheck',
    '',
  ].join('\n')

/** The text of the `*.wire.ts` that belongs to the file `proto`, a path. Works offline; throws what protons throws. */
export async function generateWire(proto: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'orien-wire-'))
  try {
    await generate(proto, { output: folder })
    return header(proto) + readFileSync(join(folder, basename(proto).replace(/\.proto$/, '.ts')), 'utf8')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What follows the leading comments: the part of a `*.wire.ts` that protons alone decides. */
export function wireBody(text: string): string {
  return text.replace(/^(?:\s*(?:\/\/[^\n]*\n|\/\*[\s\S]*?\*\/))*\s*/, '')
}
