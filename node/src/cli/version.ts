import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { finish, printJson } from './context.ts'

/** `orien version`. */
export function versionCommand(): Command {
  return new Command('version')
    .description('Print the version.')
    .option('--json', 'as JSON')
    .action((flags: { readonly json?: boolean }) =>
      finish(async () => {
        const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
        const { version } = JSON.parse(text) as { readonly version: string }
        if (flags.json === true) printJson({ version, node: process.version })
        else process.stdout.write(`${version}\n`)
      }),
    )
}
