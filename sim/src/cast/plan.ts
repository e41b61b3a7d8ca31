import type { PeerText } from '@orien/protocol'

/** One call of an agent. */
export interface PlannedCall {
  /** Unique in the run: names its result's folder. */
  readonly name: string
  readonly tool: string
  readonly args: unknown
  /** Workspace path → local path. */
  readonly files: Readonly<Record<string, string>>
  readonly maxCost: string
  readonly allowance?: string
  /** Only this provider. */
  readonly provider?: PeerText
}

/** What an agent does: groups one after the other, calls of a group at the same time. */
export interface AgentPlan {
  readonly home: string
  readonly profile: string
  readonly windowCalls: number
  readonly sessionMs: number
  readonly groups: readonly (readonly PlannedCall[])[]
}
