import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { formatUsdc, hex, isOrienError, micros, NUMERATOR_PER_MICRO, OrienError, type Tier } from '@orien/protocol'
import type { Agent, RunResult } from '../agent/agent.ts'
import { DEFAULT_POLICY } from '../agent/policy.ts'
import { EXIT, moneyText } from '../daemon/exit.ts'
import {
  asPeer,
  asUsdc,
  finish,
  printableLines,
  printJson,
  withAgent,
  withCommon,
  type CommonOptions,
} from './context.ts'
import { tierOption } from './options.ts'

interface RunFlags extends CommonOptions {
  readonly args: unknown
  readonly file: Readonly<Record<string, string>>
  readonly maxCost?: string
  readonly allowance?: string
  readonly provider?: ReturnType<typeof asPeer>
  readonly out?: string
  readonly minTier: Tier
}

const MAX_COST = formatUsdc(DEFAULT_POLICY.maxCallMicros)
/** A session that is not closed by then closes by its own times. */
const SETTLE_MS = 30_000

/** `orien run <tool>`: one paid call; its output on stdout, its log on stderr. */
export function runCommand(): Command {
  return withCommon(new Command('run'))
    .description('Run one paid call, then close the session so that what is unspent comes back.')
    .argument('<tool>', 'tool id')
    .option('--args <json>', 'arguments as JSON', asJson, {})
    .option('--file <path=local>', 'an input file: workspace path = local path; repeatable', asFile, {})
    .option('--max-cost <usdc>', `what the call may cost at most (default: ${MAX_COST})`, asUsdc)
    .option('--allowance <usdc>', 'what the session may hold', asUsdc)
    .option('--provider <peer>', 'only this provider', asPeer)
    .option('--out <folder>', 'where the files that come back are written')
    .addOption(tierOption())
    .action((toolId: string, flags: RunFlags) =>
      finish(() =>
        withAgent(flags, { minTier: flags.minTier }, (agent, signal) => runOne(agent, signal, toolId, flags)),
      ),
    )
}

async function runOne(agent: Agent, signal: AbortSignal, toolId: string, flags: RunFlags): Promise<void> {
  const { maxCost, allowance, provider } = flags
  const log = new TextDecoder()
  // Before anything is paid for: a result that cannot be written is lost.
  if (flags.out !== undefined) await writing(flags.out, (folder) => mkdir(folder, { recursive: true }))
  try {
    const result = await agent.run(toolId, flags.args, {
      files: flags.file,
      signal,
      onLog: (stream, bytes) => {
        if (stream === 'stderr') process.stderr.write(printableLines(log.decode(bytes, { stream: true })))
      },
      ...(maxCost === undefined ? {} : { maxCost }),
      ...(allowance === undefined ? {} : { allowance }),
      ...(provider === undefined ? {} : { provider }),
    })
    await showResult(result, flags)
  } finally {
    await settle(agent)
  }
}

/** Closes the session, so that what is unspent comes back; a slow one is no reason to hide a result. */
async function settle(agent: Agent): Promise<void> {
  try {
    await agent.settle({ timeoutMs: SETTLE_MS })
  } catch (error) {
    if (!isOrienError(error, 'timedOut')) throw error
    process.stderr.write(`${error.message}: ${moneyText(error.money)}. ${error.hint}\n`)
  }
}

async function showResult(result: RunResult, flags: RunFlags): Promise<void> {
  const written: string[] = []
  try {
    if (flags.out !== undefined) await writeFiles(result, flags.out, written)
  } finally {
    // Shown whatever became of the files: it is paid for.
    if (flags.json === true) printJson(summaryOf(result, written))
    else print(result)
  }
  if (result.outcome !== 'ok') process.exitCode = EXIT.failed
}

function print(result: RunResult): void {
  // A terminal obeys what it is sent; a file or a pipe gets the exact bytes.
  process.stdout.write(process.stdout.isTTY ? printableLines(Buffer.from(result.output).toString()) : result.output)
  const cost = formatUsdc(micros(result.costNumerator / NUMERATOR_PER_MICRO))
  process.stderr.write(
    `${result.outcome} after ${result.effectiveMs} ms · ${cost} USDC · receipt ${hex(result.receipt.id)}\n`,
  )
}

async function writeFiles(result: RunResult, out: string, written: string[]): Promise<void> {
  for (const [path, bytes] of result.files) {
    // Paths of a receipt cannot leave the folder: the protocol refuses `..` and absolute ones.
    const target = join(out, path)
    await writing(target, async () => {
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, bytes)
    })
    written.push(target)
  }
}

/** Does what writes to a path. Throws `badConfig` when the system does not let it. */
async function writing(path: string, write: (path: string) => Promise<unknown>): Promise<void> {
  try {
    await write(path)
  } catch (cause) {
    throw new OrienError('badConfig', {
      message: `${path} cannot be written`,
      hint: 'Name by --out a folder that you may write to, on a disk with room.',
      details: { path },
      cause,
    })
  }
}

function summaryOf(result: RunResult, written: readonly string[]): object {
  const { output, outcome, exitCode, effectiveMs, costNumerator, provider, session, receipt } = result
  return {
    outcome,
    ...(exitCode === undefined ? {} : { exitCode }),
    output: Buffer.from(output).toString('utf8'),
    effectiveMs,
    costMicros: `${costNumerator}/${NUMERATOR_PER_MICRO}`,
    provider,
    session,
    receipt: hex(receipt.id),
    files: written,
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new InvalidArgumentError(`not JSON: ${cause instanceof Error ? cause.message : ''}`)
  }
}

function asFile(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('write workspace/path=local/path')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}
