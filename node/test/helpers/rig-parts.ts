import { micros, utf8, type PeerText, type Random, type Tool } from '@orien/protocol'
import { DEFAULT_POLICY } from '../../src/agent/policy.ts'
import type { AgentConfig } from '../../src/agent/ports.ts'
import type { ProviderConfig } from '../../src/provider/ports.ts'
import type { Program } from '../../src/tools/runner/in-process.ts'
import type { ToolBox } from '../../src/tools/tool-box.ts'
import { CHAIN_ID, type Party } from './parties.ts'

export const RAIL = 'memory'
export const RAIL_URL = 'memory:'
export const ASSET = 'usdc'

/** One tool over in-process programs: a micro-USDC a millisecond, a minute at most. */
export function toolNamed(toolId: string, more: Partial<Tool> = {}): Tool {
  return {
    toolId,
    name: toolId,
    description: '',
    inputSchema: '{}',
    fileInputs: ['**'],
    fileOutputs: [],
    priceMicrosPerMin: micros(60_000n),
    maxMs: 60_000,
    limits: { cpuMillis: 0, memoryBytes: 0, diskBytes: 0, pids: 0, outputBytes: 1 << 20 },
    tags: [],
    verification: 'none',
    thirdPartyUseAllowed: true,
    ...more,
  }
}

/** Gives every call `[toolId, arguments as text]`, and takes any arguments. */
export function plainToolBox(tools: readonly Tool[], outputs: readonly string[] = []): ToolBox {
  return {
    tools: () => tools,
    command: (toolId, args) => ({
      argv: [toolId, new TextDecoder().decode(args)],
      env: {},
      limits: { outputBytes: tools.find((one) => one.toolId === toolId)?.limits.outputBytes ?? 0 },
      outputs,
    }),
  }
}

/** Gives its arguments back. */
export const echoProgram: Program = async ({ argv, write }) => {
  await write('stdout', utf8(argv[1] ?? ''))
}

export async function providerConfig(
  me: Party,
  coordinator: PeerText,
  more: Partial<ProviderConfig> = {},
): Promise<ProviderConfig> {
  return {
    chainId: CHAIN_ID,
    name: 'test provider',
    description: '',
    tier: 'D',
    capacity: 64,
    queue: 64,
    coordinators: [coordinator],
    maxUnpaidMicros: micros(100_000_000n),
    firstWindow: { windowMicros: micros(1_000_000n), windowCalls: 64 },
    maxWindow: { windowMicros: micros(1_000_000n), windowCalls: 64 },
    providerWallet: me.wallet.address,
    payoutWallet: me.wallet.address,
    bindings: [await me.binding('spend'), await me.binding('payout')],
    policy: {
      asset: ASSET,
      minProviderBps: 9_000,
      maxSessionMs: 3_700_000,
      maxCollectMs: 3_600_000,
      maxContestMs: 3_600_000,
      maxPayoutMs: 30 * 24 * 3_600_000,
    },
    offerMs: 3_600_000,
    tickMs: 5_000,
    tickAckMs: 30_000,
    ...more,
  }
}

export async function agentConfig(me: Party, policy: Partial<AgentConfig['policy']> = {}): Promise<AgentConfig> {
  return {
    chainId: CHAIN_ID,
    channel: { rail: RAIL, url: RAIL_URL, asset: ASSET },
    coordinators: [],
    policy: { ...DEFAULT_POLICY, minTier: 'D', reattachMs: 2_000, ...policy },
    bindings: [await me.binding('spend')],
  }
}

/** Deterministic "random": counts up. */
export function counter(): Random {
  let at = 0
  return { bytes: (length) => Uint8Array.from({ length }, () => at++ & 0xff) }
}
