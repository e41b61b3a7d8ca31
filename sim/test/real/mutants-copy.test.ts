import { existsSync } from 'node:fs'
import { realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { withPatchedCopy, type Copy } from '../../src/mutants/copy.ts'
import { patchText, type Patch } from '../../src/mutants/patch.ts'

// The package nobody builds upon: little is built again.
const described: Patch = {
  file: 'sim/src/bin.ts',
  find: "'The whole network on one machine.'",
  replace: "'A patched network.'",
}
const untyped: Patch = { ...described, replace: '7' }

describe('a patch', () => {
  const patch = { file: 'a.ts', find: 'b', replace: 'c' }

  it('behavior: changes the one place it names', () => {
    expect(patchText('abd', patch)).toBe('acd')
    expect(patchText('abd', { ...patch, replace: '$&' })).toBe('a$&d')
  })

  it.each(['', 'acd', 'abbd', 'b b'])('error: is refused unless that place is there exactly once (%j)', (text) => {
    expect(() => patchText(text, patch)).toThrow(expect.objectContaining({ code: 'internal' }))
  })

  it('error: is refused when it looks for nothing', () => {
    expect(() => patchText('abc', { ...patch, find: '' })).toThrow(expect.objectContaining({ code: 'internal' }))
  })
})

describe('a copy', () => {
  const description = async (copy: Copy): Promise<string> => {
    const { stdout } = await copy.run({ program: 'sim/dist/bin.js', args: ['--help'] })
    return stdout.includes('A patched network.') ? 'patched' : stdout.includes('orien-sim') ? 'as it was' : stdout
  }

  it(
    'behavior: is built with its patches, resolves our packages to its own, and is gone afterwards',
    { timeout: 120_000 },
    async () => {
      let root = ''
      await withPatchedCopy([described], async (copy) => {
        root = await realpath(copy.root)
        expect(await description(copy)).toBe('patched')
        await expect(copy.patch([untyped])).rejects.toMatchObject({ code: 'internal' })
        await copy.patch([])
        expect(await description(copy)).toBe('as it was')
        await writeFile(join(root, 'sim/which.mjs'), "console.log(import.meta.resolve('@orien/coordinator'))")
        const { stdout } = await copy.run({ program: 'sim/which.mjs' })
        expect(stdout.trim()).toBe(pathToFileURL(join(root, 'coordinator/dist/index.js')).href)
      })
      expect(existsSync(root)).toBe(false)
    },
  )
})
