import type { Scope } from '@orien/protocol'
import type { ChannelRails } from '../rails/channel.ts'
import type { Store } from '../store/port.ts'
import type { LogEvent } from './ports.ts'

/** What the book of sessions is kept with. */
export interface SessionBookParts {
  readonly scope: Scope
  readonly store: Store
  readonly channels: ChannelRails
  readonly log: LogEvent
}
