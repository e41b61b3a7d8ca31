// The tool `compile_contract`: compiles every .sol file of its folder with solc and leaves ABI and bytecode under out/.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
  readonly contracts?: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { readonly abi: unknown; readonly evm: { readonly bytecode: { readonly object: string } } }>
      >
    >
  >
}

const optimize = process.argv.includes('--optimize')
const files = readdirSync('.').filter((name) => name.endsWith('.sol'))
if (files.length === 0) {
  process.stderr.write('no .sol file was sent\n')
  process.exit(1)
}
process.stderr.write(`compiling ${files.join(', ')}${optimize ? ', optimised' : ''}\n`)
const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string; version(): string }
process.stderr.write(`solc ${solc.version()}\n`)
const output = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: 'Solidity',
      sources: Object.fromEntries(files.map((name) => [name, { content: readFileSync(name, 'utf8') }])),
      settings: {
        optimizer: { enabled: optimize, runs: 200 },
        evmVersion: 'cancun',
        outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
      },
    }),
  ),
) as CompilerOutput
for (const error of output.errors ?? []) process.stderr.write(`${error.formattedMessage}\n`)
if (output.errors?.some((error) => error.severity === 'error') === true) process.exit(1)
mkdirSync('out', { recursive: true })
const made: { readonly contract: string; readonly bytes: number }[] = []
for (const contracts of Object.values(output.contracts ?? {})) {
  for (const [name, { abi, evm }] of Object.entries(contracts)) {
    writeFileSync(`out/${name}.json`, JSON.stringify({ abi, bytecode: `0x${evm.bytecode.object}` }))
    made.push({ contract: name, bytes: evm.bytecode.object.length / 2 })
  }
}
process.stdout.write(JSON.stringify({ optimize, contracts: made }))
