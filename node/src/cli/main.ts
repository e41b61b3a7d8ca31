import { Command } from 'commander'
import { findCommand } from './find.ts'
import { initCommand } from './init.ts'
import { providerCommand } from './provider.ts'
import { runCommand } from './run.ts'
import { verifyCommand } from './verify.ts'
import { versionCommand } from './version.ts'

/** The `orien` program. Results go to stdout, progress and errors to stderr. */
export function program(): Command {
  return new Command('orien')
    .description('Rent tools from real machines, or rent out yours; paid by effective minute.')
    .showHelpAfterError('Try orien --help.')
    .addHelpText('after', HELP_AFTER)
    .addCommand(initCommand())
    .addCommand(findCommand())
    .addCommand(runCommand())
    .addCommand(verifyCommand())
    .addCommand(providerCommand())
    .addCommand(versionCommand())
}

const HELP_AFTER = `
Settings: flags, then ORIEN_HOME and ORIEN_PROFILE, then <home>/profile.toml.
Exit codes: 0 ok · 1 failed · 2 usage or config · 3 unreachable · 4 payment refused · 130/143 signals`
