import { Command } from 'commander'
import { formatUsdc, type Tier } from '@orien/protocol'
import type { Found } from '../agent/finder.ts'
import { printable } from '../daemon/exit.ts'
import { asPeer, finish, printJson, withAgent, withCommon, type CommonOptions } from './context.ts'
import { tierOption } from './options.ts'

interface FindFlags extends CommonOptions {
  readonly provider?: ReturnType<typeof asPeer>
  readonly minTier: Tier
}

/** `orien find <tool>`: who offers it now, best first. */
export function findCommand(): Command {
  return withCommon(new Command('find'))
    .description('List providers of a tool that answer now, best first.')
    .argument('<tool>', 'tool id')
    .option('--provider <peer>', 'only this provider', asPeer)
    .addOption(tierOption())
    .action((toolId: string, flags: FindFlags) =>
      finish(() =>
        withAgent(flags, { minTier: flags.minTier }, async (agent, signal) => {
          const { provider } = flags
          const found = await agent.find(toolId, { signal, ...(provider === undefined ? {} : { provider }) })
          if (flags.json === true) printJson(found.map(facts))
          else for (const one of found) process.stdout.write(`${lineOf(one)}\n`)
        }),
      ),
    )
}

function facts({ offer, tool, answerMs, windows }: Found): object {
  const { provider, name, tier, region, coordinators } = offer.value
  return {
    provider,
    name,
    tier,
    ...(region === undefined ? {} : { region }),
    toolId: tool.toolId,
    pricePerMinute: formatUsdc(tool.priceMicrosPerMin),
    maxMs: tool.maxMs,
    coordinators,
    windowMicros: windows.windowMicros,
    windowCalls: windows.windowCalls,
    answerMs: Math.round(answerMs),
    inputSchema: tool.inputSchema,
  }
}

function lineOf({ offer, tool, answerMs }: Found): string {
  const { provider, name, tier } = offer.value
  const price = `${formatUsdc(tool.priceMicrosPerMin)} USDC/min`
  return `${provider}  ${printable(name)}  tier ${tier}  ${price}  up to ${tool.maxMs / 1_000} s  answered in ${Math.round(answerMs)} ms`
}
