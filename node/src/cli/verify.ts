import { join } from 'node:path'
import { Command } from 'commander'
import { Grant, hex, isOrienError, OrienError, peekDocument, Receipt, scopeOf, type Scope } from '@orien/protocol'
import { readText } from '../config/read.ts'
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
        const scope = scopeOf(chainId, nodeCrypto)
        const steps = verifyEvidence(scope, chainId, bundle)
        const sound = isSound(steps)
        const about = idsIn(scope, bundle)
        if (flags.json === true) printJson({ id, sound: sound && about.has(id.toLowerCase()), steps })
        else for (const step of steps) process.stdout.write(`${lineOf(step)}\n`)
        if (!sound)
          throw new OrienError('badReceipt', {
            message: 'the evidence does not hold',
            hint: 'Look at the link marked ✗.',
          })
        // Sound evidence of something else proves nothing of this.
        if (!about.has(id.toLowerCase()))
          throw new OrienError('notFound', {
            message: `the evidence is of another session: ${id} is not in it`,
            hint: 'Name the session or receipt that the evidence is of, or another --bundle.',
          })
      }),
    )
}

async function readBundle(id: string, chainId: number, flags: VerifyFlags): Promise<EvidenceBundle> {
  const scope = scopeOf(chainId, nodeCrypto)
  if (flags.bundle !== undefined)
    return bundleFromJson(
      await readText(flags.bundle, 'Name by --bundle a file that `orien verify --export` wrote.'),
      flags.bundle,
    )
  const home = await homeOf(flags)
  const store = await openLevelStore(join(home, 'agent'))
  try {
    return await bundleOf(scope, store, await sessionOfId(scope, store, id))
  } catch (error) {
    if (!isOrienError(error, 'notFound')) throw error
    throw new OrienError('notFound', {
      message: error.message,
      hint: `This is the agent's book of ${home}: name another home by --home, or exported evidence by --bundle.`,
      cause: error,
    })
  } finally {
    await store.close()
  }
}

/** What the evidence is of: its session and its receipts. One that cannot be read has no id; its own link says so. */
function idsIn(scope: Scope, { grant, calls }: EvidenceBundle): ReadonlySet<string> {
  const ids = new Set([hex(peekDocument(scope, Grant, grant).id)])
  for (const { receipt } of calls) {
    try {
      ids.add(hex(peekDocument(scope, Receipt, receipt).id))
    } catch (error) {
      if (!isOrienError(error)) throw error
    }
  }
  return ids
}

const MARK = { good: '✓', bad: '✗', missing: '·' } as const

function lineOf({ link, verdict, detail }: EvidenceStep): string {
  return `${MARK[verdict]} ${link.padEnd(13)} ${detail}`
}
