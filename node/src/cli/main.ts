import { Command } from 'commander'
import { findCommand } from './find.ts'
import { initCommand } from './init.ts'
import { providerCommand } from './provider.ts'
import { runCommand } from './run.ts'
import { verifyCommand } from './verify.ts'
import { versionCommand } from './version.ts'

/** The `orien` program. Results go to stdout, progress and errors to stderr. */
export function program(): Command {
  const orien = new Command('orien')
    .description('Rent tools from real machines, or rent out yours; paid by effective minute.')
    .addHelpText('after', HELP_AFTER)
    .addCommand(initCommand())
    .addCommand(findCommand())
    .addCommand(runCommand())
    .addCommand(verifyCommand())
    .addCommand(providerCommand())
    .addCommand(versionCommand())
  advise(orien, 'orien')
  return orien
}

/** After a mistake every command names its own help. */
function advise(command: Command, path: string): void {
  command.showHelpAfterError(`Try ${path} --help.`)
  for (const inner of command.commands) advise(inner, `${path} ${inner.name()}`)
}

const HELP_AFTER = `
Settings: flags, then ORIEN_HOME and ORIEN_PROFILE, then <home>/profile.toml.
Exit codes: 0 ok · 1 failed · 2 usage or config · 3 unreachable · 4 payment refused · 130/143 signals`
