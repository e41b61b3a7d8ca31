import { Command } from 'commander'
import { loadOrCreateKey, loadOrCreateWalletKey } from '../daemon/keys.ts'
import { localWallet } from '../rails/wallet.ts'
import { finish, homeOf, printJson, profileFor, withCommon, type CommonOptions } from './context.ts'

/** `orien init`: makes the agent's keys, or shows them: PeerId and wallet, never the keys. */
export function initCommand(): Command {
  return withCommon(new Command('init'))
    .description("Make this home's agent keys, or show their public halves.")
    .action((flags: CommonOptions) =>
      finish(async () => {
        const home = await homeOf(flags)
        const { chainId } = await profileFor(flags)
        const { peer } = await loadOrCreateKey(home, 'agent', chainId)
        const { address } = localWallet(await loadOrCreateWalletKey(home, 'agent', chainId))
        if (flags.json === true) printJson({ home, peer, wallet: address, chainId })
        else
          process.stdout.write(`home    ${home}\npeer    ${peer}\nwallet  ${address}   fund it in the channel ledger\n`)
      }),
    )
}
