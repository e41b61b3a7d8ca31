// Writes every *.wire.ts beside its *.wire.proto anew, where its generated part changed.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateWire, wireBody } from './generate.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
for (const path of globSync('{protocol,node,coordinator,sim}/src/**/*.wire.proto', { cwd: root })) {
  const target = join(root, path.replace(/\.proto$/, '.ts'))
  const text = await generateWire(join(root, path))
  if (existsSync(target) && wireBody(readFileSync(target, 'utf8')) === wireBody(text)) continue
  writeFileSync(target, text)
  console.log(`wrote ${path.replace(/\.proto$/, '.ts')}`)
}
