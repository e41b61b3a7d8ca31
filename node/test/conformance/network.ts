import { afterEach, beforeEach, describe } from 'vitest'
import type { NetworkFixture } from './network-kit.ts'
import { connections, dialling, gossip, records } from './network-peers.ts'
import { backPressure, endings, frames, limits, losses } from './network-streams.ts'

export { CONFORMANCE_TOPICS, conformanceRecords } from './network-kit.ts'
export type { NetworkFixture, NodeOptions } from './network-kit.ts'

/** The contract of node/src/network/port.ts. Every adapter passes it. */
export function networkConformance(name: string, make: () => Promise<NetworkFixture>): void {
  describe(`network: ${name}`, () => {
    let fixture: NetworkFixture
    beforeEach(async () => {
      fixture = await make()
    })
    afterEach(async () => {
      await fixture.end()
    })
    frames(() => fixture)
    backPressure(() => fixture)
    endings(() => fixture)
    losses(() => fixture)
    limits(() => fixture)
    dialling(() => fixture)
    connections(() => fixture)
    gossip(() => fixture)
    records(() => fixture)
  })
}
