import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8, type FileEntry } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../../src/tools/catalogue.ts'
import { systemFiles } from '../../../src/tools/files-fs.ts'
import { startRunner, type ProcessRunner } from '../../../src/tools/runner/client.ts'
import { createToolBox } from '../../../src/tools/tool-box.ts'
import { createWorkspaces, type Workspaces } from '../../../src/tools/workspace.ts'
import { readAll, send, sha256 } from '../../unit/tools/workspace-suite.ts'

const PATH = '/usr/local/bin:/usr/bin:/bin'
const TOML = `
[provider]
name = "Sorter"
[[tools]]
id = "sort_file"
command = ["sort", "{unique?-u}", "{to?-o}", "--", "{file}"]
price = "0.01"
maxDurationSeconds = 10
inputs = ["*.txt"]
outputs = ["sorted/*", "*.out"]
[tools.schema]
type = "object"
additionalProperties = false
required = ["file"]
[tools.schema.properties]
unique = { type = "boolean" }
to = { type = "string", format = "workspace-path" }
file = { type = "string", format = "workspace-path" }
`

describe('one call of a tool, from argument bytes to output files', () => {
  let root: string
  let spaces: Workspaces
  let runner: ProcessRunner
  const box = createToolBox(loadCatalogue(TOML, { file: 'provider.toml', format: 'toml' }), { PATH })

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'orien-tool-')))
    spaces = createWorkspaces({ files: systemFiles, root })
    runner = await startRunner({ path: PATH })
  })
  afterEach(async () => {
    await runner.close()
    await rm(root, { recursive: true, force: true })
  })

  async function call(args: string, files: Readonly<Record<string, string>>) {
    const { argv, env, limits, outputs } = box.command('sort_file', utf8(args))
    const entries: FileEntry[] = []
    for (const [path, text] of Object.entries(files)) {
      const bytes = utf8(text)
      entries.push({ path, sha256: await send(spaces.blobs('s'), bytes), bytes: bytes.length })
    }
    const cwd = await spaces.prepare('s', 1, { files: entries })
    let output = ''
    const job = runner.start({ jobId: 's/1', argv, cwd, env, limits: { ...limits, maxMs: 10_000 } }, (_, bytes) => {
      output += Buffer.from(bytes).toString()
    })
    const exit = await job.exited
    return { exit, output, files: await spaces.collect('s', 1, outputs) }
  }

  it('behavior: files go in, a file comes out, by hash', async () => {
    const { exit, files } = await call('{"file":"in.txt","to":"done.out","unique":true}', { 'in.txt': 'b\na\nb\n' })
    expect(exit).toMatchObject({ kind: 'exited', exitCode: 0 })
    expect(files).toEqual([{ path: 'done.out', sha256: sha256(utf8('a\nb\n')), bytes: 4 }])
    expect(await readAll(spaces.blobs('s').read(sha256(utf8('a\nb\n')), 0))).toEqual(utf8('a\nb\n'))
    await spaces.remove('s')
    expect(await readdir(root)).toEqual([])
  })

  it('behavior: output streams, and a file that begins with “-” is no option', async () => {
    const { exit, output, files } = await call('{"file":"-r"}', { '-r': '1\n2\n' })
    expect({ exitCode: exit.exitCode, output, files }).toEqual({ exitCode: 0, output: '1\n2\n', files: [] })
  })

  it('error: an unknown tool, an argument that leaves the workspace, an option in disguise', () => {
    const code = (code: string) => expect.objectContaining({ code })
    expect(() => box.command('rm', utf8('{}'))).toThrow(code('unknownTool'))
    expect(() => box.command('sort_file', utf8('{"file":"../../etc/passwd"}'))).toThrow(code('badArguments'))
    expect(() => box.command('sort_file', utf8('{"file":"a","to":"--compress-program=sh"}'))).toThrow(
      code('badArguments'),
    )
  })

  it('behavior: the offer says nothing of command, network or secrets', () => {
    const [tool] = box.tools()
    expect(Object.keys(tool ?? {}).filter((key) => ['command', 'network', 'secrets'].includes(key))).toEqual([])
    expect(tool).toMatchObject({ toolId: 'sort_file', priceMicrosPerMin: 10_000n, maxMs: 10_000 })
  })
})
