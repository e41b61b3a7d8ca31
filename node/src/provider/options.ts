import type { WindowLimits } from '@orien/protocol'
import type { Profile } from '../config/profile.ts'
import type { Catalogue } from '../tools/catalogue.ts'
import type { Runner } from '../tools/port.ts'
import type { GrantPolicy, LogEvent } from './ports.ts'

/** What `createProvider` needs. */
export interface ProviderOptions {
  readonly profile: Profile
  readonly catalogue: Catalogue
  /** Folder of keys, book and workspaces; one daemon at a time. */
  readonly home: string
  /** Multiaddrs, for example `/ip4/0.0.0.0/tcp/4100`. */
  readonly listen: readonly string[]
  /** Serve without confinement (tier D): only for machines that may be lost. */
  readonly unsafeNoSandbox: boolean
  /** Calls run at a time; half the cores when absent. */
  readonly capacity?: number
  /** Windows of an agent that never paid here. */
  readonly firstWindow?: WindowLimits
  readonly tickMs?: number
  readonly tickAckMs?: number
  readonly policy?: Partial<GrantPolicy>
  /** Programs named without a slash are found here. */
  readonly path: string
  /** What starts tools; a separate keyless process of ours when absent. It is stopped with the provider. */
  readonly runner?: Runner
  readonly log?: LogEvent
}
