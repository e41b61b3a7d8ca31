import type { PeerText } from '../identity/peer.ts'
import { LIMITS } from '../limits.ts'
import type { Micros } from '../money/micros.ts'
import {
  amount,
  bytesOf,
  check,
  distinct,
  envelope,
  identifier,
  list,
  oneOf,
  peer,
  present,
  sequence,
  text,
  time,
  whole,
} from '../wire/checks.ts'
import { documentType, withShape } from '../wire/document.ts'
import { Offer as Wire } from './offer.wire.ts'
import { OFFER } from './shapes.ts'

/** How well jobs are confined (DESIGN, DESIGN §7 sandbox): A strongest, D not at all. */
export type Tier = 'A' | 'B' | 'C' | 'D'
export const TIERS: readonly Tier[] = ['A', 'B', 'C', 'D']

/** How a result can be checked by others. */
export type Verification = 'none' | 'replay' | 'quorum' | 'checker'

/** What one call may use; 0 means the provider sets no limit of its own. */
export interface ToolLimits {
  /** Thousandths of a core. */
  readonly cpuMillis: number
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly pids: number
  readonly outputBytes: number
}

/** A rentable tool: a fixed command with typed arguments. */
export interface Tool {
  readonly toolId: string
  readonly name: string
  readonly description: string
  /** JSON Schema 2020-12, as text. */
  readonly inputSchema: string
  /** Globs of the files it reads and leaves behind, relative to its workspace. */
  readonly fileInputs: readonly string[]
  readonly fileOutputs: readonly string[]
  readonly priceMicrosPerMin: Micros
  readonly maxMs: number
  readonly limits: ToolLimits
  readonly tags: readonly string[]
  readonly verification: Verification
  readonly thirdPartyUseAllowed: boolean
}

/** How far a provider lets an agent run ahead of being paid. */
export interface WindowLimits {
  readonly windowMicros: Micros
  readonly windowCalls: number
}

/** A provider's signed catalogue. A higher `seq` replaces every lower one. */
export interface Offer {
  readonly seq: number
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  readonly provider: PeerText
  /** WalletBinding envelopes of the provider: spend (the channel's wallet) and payout. */
  readonly bindings: readonly Uint8Array[]
  readonly name: string
  readonly description: string
  readonly ensName?: string
  readonly region?: string
  readonly tier: Tier
  readonly selfTestDigest?: Uint8Array
  /** Calls it runs at a time. */
  readonly capacity: number
  /** Coordinators it accepts. */
  readonly coordinators: readonly PeerText[]
  readonly maxWindow: WindowLimits
  readonly tools: readonly Tool[]
}

/** Offer (provider). */
export const Offer = documentType<Offer>('offer', withShape(Wire, OFFER), checkOffer, LIMITS.maxOfferBytes)

function checkOffer(offer: Offer): void {
  sequence(offer.seq, 'seq', 1)
  time(offer.issuedAtMs, 'issuedAtMs')
  time(offer.expiresAtMs, 'expiresAtMs')
  check(offer.expiresAtMs > offer.issuedAtMs, 'expiresAtMs', 'is not after issuedAtMs')
  peer(offer.provider, 'provider')
  list(offer.bindings, 'bindings', LIMITS.maxBindings, envelope)
  text(offer.name, 'name', LIMITS.maxNameBytes, 1)
  text(offer.description, 'description', LIMITS.maxDescriptionBytes)
  if (offer.ensName !== undefined) text(offer.ensName, 'ensName', 255, 3)
  if (offer.region !== undefined) text(offer.region, 'region', LIMITS.maxNameBytes, 1)
  oneOf(offer.tier, 'tier', TIERS)
  if (offer.selfTestDigest !== undefined) bytesOf(offer.selfTestDigest, 'selfTestDigest', 32, 32)
  whole(offer.capacity, 'capacity', 4_096, 1)
  list(offer.coordinators, 'coordinators', LIMITS.maxCoordinators, peer, 1)
  distinct(offer.coordinators, 'coordinators')
  present(offer.maxWindow, 'maxWindow')
  checkWindow(offer.maxWindow, 'maxWindow')
  list(offer.tools, 'tools', LIMITS.maxToolsPerOffer, checkTool, 1)
  distinct(
    offer.tools.map((tool) => tool.toolId),
    'tools',
  )
}

/** Bounds of a window. Throws `badDocument`. */
export function checkWindow(window: WindowLimits, field: string): void {
  amount(window.windowMicros, `${field}.windowMicros`, LIMITS.maxAllowanceMicros, 1n)
  whole(window.windowCalls, `${field}.windowCalls`, LIMITS.maxWindowCalls, 1)
}

function checkTool(tool: Tool, field: string): void {
  identifier(tool.toolId, `${field}.toolId`)
  text(tool.name, `${field}.name`, LIMITS.maxNameBytes, 1)
  text(tool.description, `${field}.description`, LIMITS.maxDescriptionBytes)
  text(tool.inputSchema, `${field}.inputSchema`, LIMITS.maxSchemaBytes, 2)
  for (const key of ['fileInputs', 'fileOutputs'] as const) {
    list(tool[key], `${field}.${key}`, LIMITS.maxGlobs, (glob, at) => text(glob, at, LIMITS.maxPathBytes, 1))
  }
  amount(tool.priceMicrosPerMin, `${field}.priceMicrosPerMin`, LIMITS.maxPriceMicrosPerMin, LIMITS.minPriceMicrosPerMin)
  whole(tool.maxMs, `${field}.maxMs`, LIMITS.maxCallMs, 1)
  present(tool.limits, `${field}.limits`)
  for (const key of ['cpuMillis', 'memoryBytes', 'diskBytes', 'pids', 'outputBytes'] as const) {
    whole(tool.limits[key], `${field}.limits.${key}`, Number.MAX_SAFE_INTEGER)
  }
  list(tool.tags, `${field}.tags`, LIMITS.maxTags, (tag, at) => text(tag, at, LIMITS.maxNameBytes, 1))
  oneOf(tool.verification, `${field}.verification`, ['none', 'replay', 'quorum', 'checker'])
}
