import { LIMITS, micros, parsePeer, utf8, type Micros, type PeerText, type ToolLimits } from '@orien/protocol'
import { z } from 'zod'
import { dialAddress, peer, usdc } from '../config/fields.ts'
import { globFault } from './glob.ts'
import { hasControls } from './paths.ts'
import { parseBytes, parseCpu } from './sizes.ts'

/** Fields that both forms of a catalogue share. Every message says how to write the value. */

/** Text of one line, bounded by its bytes as the Offer is. */
export const line = (maxBytes: number, minBytes = 0): z.ZodString =>
  z
    .string()
    .refine(
      (value) => utf8(value).length <= maxBytes && utf8(value).length >= minBytes,
      `write ${minBytes} to ${maxBytes} bytes of text`,
    )
    .refine((value) => !hasControls(value.replaceAll(/[\n\t]/g, ' ')), 'take the control characters out')

export const toolId = z
  .string()
  .regex(
    /^[a-z][a-zA-Z0-9_.-]{0,63}$/,
    'write a lower-case letter, then letters, digits, “_”, “-” or “.”, at most 64 in all',
  )

/** A price in USDC a minute, 0.000001 to 1 000. */
export const price = usdc.refine(
  (value) => value >= LIMITS.minPriceMicrosPerMin && value <= LIMITS.maxPriceMicrosPerMin,
  'write a price from "0.000001" to "1000" USDC a minute',
)

const positive = usdc.refine((value) => value > 0n && value <= LIMITS.maxAllowanceMicros, 'write an amount above 0')

export const maxDurationSeconds = z
  .int('write whole seconds')
  .min(1, 'write at least 1 second')
  .max(LIMITS.maxCallMs / 1_000, 'write at most 86400 seconds, a day')

const size = z
  .union([z.string(), z.int().positive()], 'write a size such as "4GB", "512MiB" or whole bytes')
  .transform(
    (value, context) =>
      parseBytes(String(value)) ?? unreadable(context, 'write a size such as "4GB", "512MiB" or whole bytes'),
  )

const cpu = z
  .union([z.string(), z.number()], 'write cores such as "2" or "0.5"')
  .transform((value, context) => parseCpu(String(value)) ?? unreadable(context, 'write cores such as "2" or "0.5"'))

function unreadable(
  context: { addIssue(issue: { code: 'custom'; message: string; input?: unknown }): void },
  message: string,
): never {
  context.addIssue({ code: 'custom', message })
  return z.NEVER
}

/** What a call may use when the provider does not say: enough for compilers, and no machine is brought down by one call. */
export const DEFAULT_TOOL_LIMITS: ToolLimits = {
  cpuMillis: 1_000,
  memoryBytes: 2 * 2 ** 30,
  diskBytes: 2 ** 30,
  pids: 128,
  outputBytes: 2 ** 20,
}

export const limits = z
  .strictObject({
    cpu: cpu.optional(),
    memory: size.optional(),
    disk: size.optional(),
    pids: z
      .int('write a whole number of processes')
      .min(1, 'write at least 1')
      .max(65_536, 'write at most 65536')
      .optional(),
    output: size.optional(),
  })
  .default({})
  .transform((value): ToolLimits => ({
    cpuMillis: value.cpu ?? DEFAULT_TOOL_LIMITS.cpuMillis,
    memoryBytes: value.memory ?? DEFAULT_TOOL_LIMITS.memoryBytes,
    diskBytes: value.disk ?? DEFAULT_TOOL_LIMITS.diskBytes,
    pids: value.pids ?? DEFAULT_TOOL_LIMITS.pids,
    outputBytes: value.output ?? DEFAULT_TOOL_LIMITS.outputBytes,
  }))

const glob = z.string().superRefine((value, context) => {
  const fault = globFault(value)
  if (fault !== undefined)
    context.addIssue({ code: 'custom', message: `${fault}; write a relative path with * ? or **` })
})
export const globs = z.array(glob).max(LIMITS.maxGlobs, `write at most ${LIMITS.maxGlobs} globs`)

export const tags = z
  .array(line(LIMITS.maxNameBytes, 1))
  .max(LIMITS.maxTags, `write at most ${LIMITS.maxTags} tags`)
  .default([])

/** Files of the provider's that a tool may read: never sent to anybody. */
export const secrets = z
  .array(z.string().refine((value) => value.startsWith('/') && !hasControls(value), 'write an absolute path'))
  .default([])

/** A coordinator that is accepted, and where it is when the config says so. */
export interface CoordinatorRef {
  readonly peer: PeerText
  readonly address?: string
}

const coordinator = z.union(
  [
    peer.transform((value): CoordinatorRef => ({ peer: value })),
    dialAddress.transform((address): CoordinatorRef => ({
      peer: parsePeer(address.slice(address.lastIndexOf('/') + 1)),
      address,
    })),
  ],
  'write a PeerId "12D3KooW…" or a multiaddr that ends in /p2p/<PeerId>',
)

/** Defaults that lose little when nobody is trusted yet. */
const DEFAULT_MAX_UNPAID: Micros = micros(5_000_000n)
const DEFAULT_WINDOW_MICROS: Micros = micros(1_000_000n)
const DEFAULT_WINDOW_CALLS = 64

const windowCalls = z
  .int('write a whole number of calls')
  .min(1, 'write at least 1')
  .max(LIMITS.maxWindowCalls, `write at most ${LIMITS.maxWindowCalls}`)
const window = z.union(
  [
    positive.transform((windowMicros) => ({ windowMicros, windowCalls: DEFAULT_WINDOW_CALLS })),
    z
      .strictObject({ usdc: positive, calls: windowCalls })
      .transform((value) => ({ windowMicros: value.usdc, windowCalls: value.calls })),
  ],
  'write USDC as text, "1.00", or { usdc = "1.00", calls = 64 }',
)

/** Everything of the provider itself but its name. */
export const providerFields = {
  description: line(LIMITS.maxDescriptionBytes).default(''),
  region: line(LIMITS.maxNameBytes, 1).optional(),
  coordinators: z
    .array(coordinator)
    .max(LIMITS.maxCoordinators, `write at most ${LIMITS.maxCoordinators} coordinators`)
    .default([]),
  maxUnpaid: positive.default(DEFAULT_MAX_UNPAID),
  maxWindow: window.default({ windowMicros: DEFAULT_WINDOW_MICROS, windowCalls: DEFAULT_WINDOW_CALLS }),
}

export const ensName = z
  .string()
  .regex(/^[^\s.]+(\.[^\s.]+)+$/, 'write a name such as "renders.eth"')
  .max(255, 'write at most 255 characters')
