import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/**
 * Loads the built package as a browser's bundler would: its import conditions and replacements, no built-in module, and no global that only Node has.
 * Prints what it could not resolve, or what a signature made there gives.
 */
const PROGRAM = `
import { registerHooks, isBuiltin, findPackageJSON } from 'node:module'
import { readFileSync } from 'node:fs'
const seen = []
// The manifest's browser field: files that a bundler puts in place of others.
function inBrowser(url) {
  const manifest = url.startsWith('file:') ? findPackageJSON(url) : undefined
  if (manifest === undefined) return url
  const root = new URL('.', 'file://' + manifest).href
  const instead = JSON.parse(readFileSync(manifest, 'utf8')).browser?.['./' + url.slice(root.length)]
  return instead === undefined ? url : new URL(instead, root).href
}
registerHooks({
  resolve(specifier, context, next) {
    if (isBuiltin(specifier)) seen.push(specifier + ' from ' + context.parentURL)
    const found = next(specifier, { ...context, conditions: ['browser', 'import', 'default'] })
    return { ...found, url: inBrowser(found.url) }
  },
})
const { stdout } = process
for (const name of ['process', 'Buffer', 'global', 'setImmediate', 'require']) {
  // Deleted, not trapped: libraries may ask whether it is there.
  delete globalThis[name]
  if (name in globalThis) throw new Error(name + ' is still there')
}
const orien = await import(__ENTRY__)
const signer = orien.nobleSigner(new Uint8Array(32).fill(1))
const scope = orien.scopeOf(31337, orien.nobleCrypto)
const signed = orien.signDocument(scope, signer, orien.End, { sessionId: new Uint8Array(32), reason: 'done' })
const opened = orien.openDocument(scope, orien.End, signed.bytes, orien.peerOfKey(signer.publicKey))
stdout.write(JSON.stringify({ builtins: seen, reason: opened.value.reason, exports: Object.keys(orien).length }))
`

test('behavior: the package runs without any Node import or global', async () => {
  const entry = new URL('../../dist/index.js', import.meta.url).href
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', PROGRAM.replace('__ENTRY__', JSON.stringify(entry))],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
  await once(child, 'close')
  expect(stderr).toBe('')
  const { builtins, reason, exports } = JSON.parse(stdout) as { builtins: string[]; reason: string; exports: number }
  expect(builtins).toEqual([])
  expect([reason, exports > 80]).toEqual(['done', true])
})

test('behavior: the compiler refuses Node’s types in this package', () => {
  const config = readFileSync(fileURLToPath(new URL('../../tsconfig.json', import.meta.url)), 'utf8')
  const { compilerOptions } = JSON.parse(config) as { compilerOptions: { types: string[]; lib: string[] } }
  expect(compilerOptions.types).toEqual([])
  const manifest = JSON.parse(
    readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
  ) as object
  expect(manifest).not.toHaveProperty('dependencies.@types/node')
})
