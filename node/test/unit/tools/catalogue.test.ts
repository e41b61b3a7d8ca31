import { isOrienError, utf8 } from '@orien/protocol'
import { describe, expect, it } from 'vitest'
import { loadCatalogue, type Catalogue } from '../../../src/tools/catalogue.ts'
import { compileTool } from '../../../src/tools/tool-definition.ts'

const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'

const TOML = `
[provider]
name = "Forge"
description = "Solidity compilers"
region = "eu"
ens = "forge.eth"
coordinators = ["${PEER}"]
maxUnpaid = "2.50"
maxWindow = { usdc = "0.25", calls = 8 }

[[tools]]
id = "compile_contract"
name = "Compile a contract"
description = "solc on one file"
command = ["solc", "{optimize?--optimize}", "--output-dir=out", "{runs?--optimize-runs}", "--", "{files...}"]
price = "0.02"
maxDurationSeconds = 300
limits = { cpu = "1.5", memory = "4GB", disk = "512MiB", pids = 32, output = 65536 }
inputs = ["**"]
outputs = ["out/**"]
network = false
secrets = ["/etc/forge/licence"]
tags = ["solidity"]
thirdPartyUseAllowed = true

[tools.schema]
type = "object"
additionalProperties = false
required = ["files"]
[tools.schema.properties.optimize]
type = "boolean"
[tools.schema.properties.runs]
type = "integer"
minimum = 1
[tools.schema.properties.files]
type = "array"
minItems = 1
items = { type = "string", format = "workspace-path" }
`

const fromToml = (text: string): Catalogue => loadCatalogue(text, { file: 'provider.toml', format: 'toml' })
const fromJson = (value: unknown): Catalogue =>
  loadCatalogue(typeof value === 'string' ? value : JSON.stringify(value), { file: 'provider.json', format: 'json' })

function refusal(load: () => unknown): { key: unknown; message: string } {
  try {
    load()
  } catch (error) {
    if (isOrienError(error, 'badConfig')) return { key: error.details['key'], message: error.message }
    throw error
  }
  throw new Error('it loaded')
}

describe('provider.toml', () => {
  it('behavior: everything an Offer needs is read', () => {
    const { provider, tools } = fromToml(TOML)
    expect(provider).toEqual({
      name: 'Forge',
      description: 'Solidity compilers',
      region: 'eu',
      ensName: 'forge.eth',
      coordinators: [{ peer: PEER }],
      maxUnpaidMicros: 2_500_000n,
      maxWindow: { windowMicros: 250_000n, windowCalls: 8 },
    })
    expect(tools).toHaveLength(1)
    expect(tools[0]).toMatchObject({
      toolId: 'compile_contract',
      name: 'Compile a contract',
      fileInputs: ['**'],
      fileOutputs: ['out/**'],
      priceMicrosPerMin: 20_000n,
      maxMs: 300_000,
      limits: { cpuMillis: 1_500, memoryBytes: 4_000_000_000, diskBytes: 536_870_912, pids: 32, outputBytes: 65_536 },
      tags: ['solidity'],
      verification: 'none',
      thirdPartyUseAllowed: true,
      network: false,
      secrets: ['/etc/forge/licence'],
    })
    expect(JSON.parse(tools[0]?.inputSchema ?? '')).toMatchObject({ type: 'object', required: ['files'] })
  })

  it('behavior: a tool needs only id, command, price and duration', () => {
    const { provider, tools } = fromToml(
      '[provider]\nname = "P"\n[[tools]]\nid = "now"\ncommand = ["date"]\nprice = "1"\nmaxDurationSeconds = 1\n',
    )
    expect(provider).toMatchObject({ coordinators: [], maxUnpaidMicros: 5_000_000n })
    expect(tools[0]).toMatchObject({ name: 'now', fileInputs: [], thirdPartyUseAllowed: false })
    const [tool] = tools
    expect(tool && compileTool(tool)(utf8('{}'))).toEqual(['date'])
  })

  it('behavior: a coordinator may be given with its address', () => {
    const address = `/ip4/127.0.0.1/tcp/4001/p2p/${PEER}`
    expect(fromToml(TOML.replace(`"${PEER}"`, `"${address}"`)).provider.coordinators).toEqual([{ peer: PEER, address }])
  })

  it.each([
    ['a misspelt key', 'maxUnpaid', 'maxUnpayed', 'provider.maxUnpayed'],
    ['a float as a price', 'price = "0.02"', 'price = 0.02', 'tools[0].price'],
    ['a price of nothing', 'price = "0.02"', 'price = "0"', 'tools[0].price'],
    ['a price with seven digits', 'price = "0.02"', 'price = "0.0200001"', 'tools[0].price'],
    ['a price above the bound', 'price = "0.02"', 'price = "1001"', 'tools[0].price'],
    ['no price', 'price = "0.02"', '', 'tools[0].price'],
    ['a bad id', '"compile_contract"', '"Compile it"', 'tools[0].id'],
    ['a day and a second', '= 300', '= 86401', 'tools[0].maxDurationSeconds'],
    ['half a second', '= 300', '= 0.5', 'tools[0].maxDurationSeconds'],
    ['an unreadable size', '"4GB"', '"lots"', 'tools[0].limits.memory'],
    ['an unreadable cpu', '"1.5"', '"-1"', 'tools[0].limits.cpu'],
    ['a glob that leaves', '"out/**"', '"../**"', 'tools[0].outputs[0]'],
    ['an absolute glob', '"out/**"', '"/etc/*"', 'tools[0].outputs[0]'],
    ['a relative secret', '"/etc/forge/licence"', '"licence"', 'tools[0].secrets[0]'],
    ['a coordinator that is none', `"${PEER}"`, '"coordinator.example"', 'provider.coordinators[0]'],
    ['a command as one string', /command = \[.*\]/, 'command = "solc {files}"', 'tools[0].command'],
    ['a placeholder without property', '{runs?--optimize-runs}', '{times?--optimize-runs}', 'tools[0].command[3]'],
    ['an argument without a place', ', "{runs?--optimize-runs}"', '', 'tools[0].command[4]'],
    ['an open schema', 'additionalProperties = false', '', 'tools[0].schema'],
    ['a keyword that is not supported', 'minimum = 1', '"$ref" = "#"', 'tools[0].schema'],
    ['a pattern that backtracks', 'format = "workspace-path"', 'pattern = "^(a+)+$"', 'tools[0].schema'],
    ['a format nobody knows', '"workspace-path"', '"uri"', 'tools[0].schema'],
    ['an argument no command line carries', 'type = "boolean"', 'type = "object"', 'tools[0].schema'],
    ['a control character', '"Solidity compilers"', '"\\u001b[2J"', 'provider.description'],
  ])('error: %s is told by its key', (_, from, to, key) => {
    const text = TOML.replace(from, to)
    expect(text).not.toBe(TOML)
    const told = refusal(() => fromToml(text))
    expect(told.key).toBe(key)
    expect(told.message).toContain(`provider.toml: ${key}`)
  })

  it('error: every mistake is told at once', () => {
    const { message } = refusal(() => fromToml(TOML.replace('"4GB"', '"lots"').replace('= 300', '= 0')))
    expect(message).toContain('tools[0].limits.memory = "lots": write a size such as "4GB"')
    expect(message).toContain('tools[0].maxDurationSeconds = 0: write at least 1 second')
  })

  it('error: two tools with one id', () => {
    const tool = TOML.slice(TOML.indexOf('[[tools]]'))
    expect(refusal(() => fromToml(TOML + tool)).key).toBe('tools[1].id')
  })

  it('error: text that is not TOML is told by its line', () => {
    expect(refusal(() => fromToml('[provider]\nname = \n')).message).toContain('line 2')
    expect(refusal(() => fromToml('')).key).toBe('provider')
    expect(refusal(() => fromToml('#'.repeat(2 << 20))).message).toContain('longer than')
  })
})

describe('the founding JSON form', () => {
  const tool = {
    id: 'build',
    command: 'npm run build',
    workspaceRequired: true,
    maxDuration: 300,
    resourceLimits: { cpu: '2', memory: '4GB' },
  }
  const founding = { providerId: 'mac-mini', pricePerMinute: '0.05', tools: [tool] }

  it('behavior: it is read, the command split once', () => {
    const { provider, tools } = fromJson(founding)
    expect(provider.name).toBe('mac-mini')
    expect(tools[0]).toMatchObject({
      toolId: 'build',
      maxMs: 300_000,
      priceMicrosPerMin: 50_000n,
      fileInputs: ['**'],
      limits: { cpuMillis: 2_000, memoryBytes: 4_000_000_000 },
      command: { program: 'npm' },
    })
    const [first] = tools
    expect(first && compileTool(first)(utf8('{}'))).toEqual(['npm', 'run', 'build'])
  })

  it('behavior: quotes keep text together and arguments have places', () => {
    const args = {
      type: 'object',
      properties: { mode: { enum: ['a', 'b'], type: 'string' } },
      additionalProperties: false,
    }
    const { tools } = fromJson({
      ...founding,
      tools: [{ ...tool, command: `make "two words" 'x y' MODE={mode}`, args }],
    })
    const [first] = tools
    expect(first && compileTool(first)(utf8('{"mode":"b"}'))).toEqual(['make', 'two words', 'x y', 'MODE=b'])
  })

  it('behavior: a price of the tool’s own wins', () => {
    expect(fromJson({ ...founding, tools: [{ ...tool, price: '1' }] }).tools[0]?.priceMicrosPerMin).toBe(1_000_000n)
  })

  it.each([
    'a | b',
    'a && b',
    'a; b',
    'echo $HOME',
    'echo `id`',
    'a > f',
    'ls *',
    'cat ~/x',
    'a "$HOME"',
    "it's",
    'a\\ b',
    'a # b',
    '  ',
  ])('error: what only a shell understands is refused: %s', (command) => {
    expect(refusal(() => fromJson({ ...founding, tools: [{ ...tool, command }] })).key).toBe('tools[0].command')
  })

  it('error: without a price', () => {
    const { pricePerMinute: _price, ...free } = founding
    expect(refusal(() => fromJson(free)).key).toBe('tools[0].price')
  })

  it('error: unknown keys and what is not JSON', () => {
    expect(refusal(() => fromJson({ ...founding, tools: [{ ...tool, shell: true }] })).key).toBe('tools[0].shell')
    expect(refusal(() => fromJson('{')).message).toContain('not JSON')
    expect(refusal(() => fromJson([])).message).toContain('provider.json')
  })
})
