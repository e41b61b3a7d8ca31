import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { OrienError, scopeOf } from '@orien/protocol'
import { nodeCrypto } from '../crypto/ed25519.ts'
import { openLevelStore } from '../store/level.ts'
import { bundleOf, sessionOfId } from '../verify/bundle.ts'
import { bundleFromJson, bundleToJson } from '../verify/bundle-json.ts'
import type { EvidenceBundle, EvidenceStep } from '../verify/evidence.ts'
import { isSound, verifyEvidence } from '../verify/verify.ts'
import { finish, homeOf, printJson, profileFor, withCommon, type CommonOptions } from './context.ts'

interface VerifyFlags extends CommonOptions {
  readonly bundle?: string
  readonly export?: boolean
}

/** `orien verify <session|receipt>`: the whole evidence chain, offline. */
export function verifyCommand(): Command {
  return withCommon(new Command('verify'))
    .description('Check the evidence chain of a session, from offer to payout, offline.')
    .argument('<id>', "a session's or a receipt's id, 64 hex digits")
    .option('--bundle <file>', 'evidence that somebody exported, instead of the own book')
    .option('--export', 'print the evidence as JSON instead of checking it')
    .action((id: string, flags: VerifyFlags) =>
      finish(async () => {
        const { chainId } = await profileFor(flags)
        const bundle = await readBundle(id, chainId, flags)
        if (flags.export === true) return printJson(bundleToJson(bundle))
        const steps = verifyEvidence(scopeOf(chainId, nodeCrypto), chainId, bundle)
        if (flags.json === true) printJson({ id, sound: isSound(steps), steps })
        else for (const step of steps) process.stdout.write(`${lineOf(step)}\n`)
        if (!isSound(steps))
          throw new OrienError('badReceipt', {
            message: 'the evidence does not hold',
            hint: 'Look at the link marked ✗.',
          })
      }),
    )
}

async function readBundle(id: string, chainId: number, flags: VerifyFlags): Promise<EvidenceBundle> {
  const scope = scopeOf(chainId, nodeCrypto)
  if (flags.bundle !== undefined) return bundleFromJson(await readFile(flags.bundle, 'utf8'), flags.bundle)
  const store = await openLevelStore(join(await homeOf(flags), 'agent'))
  try {
    return await bundleOf(scope, store, await sessionOfId(scope, store, id))
  } finally {
    await store.close()
  }
}

const MARK = { good: '✓', bad: '✗', missing: '·' } as const

function lineOf({ link, verdict, detail }: EvidenceStep): string {
  return `${MARK[verdict]} ${link.padEnd(13)} ${detail}`
}
