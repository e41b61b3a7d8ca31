import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OrienError } from '@orien/protocol'

/** Folder of the package `@orien/sim`. The same whether this module runs from `dist` or, in a test, from `src`. */
export function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest) && isOurs(manifest)) return folder
    if (folder === dirname(folder)) {
      throw new OrienError('internal', { message: 'the package @orien/sim was not found above its own module' })
    }
  }
}

function isOurs(manifest: string): boolean {
  const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'))
  return typeof parsed === 'object' && parsed !== null && 'name' in parsed && parsed.name === '@orien/sim'
}
