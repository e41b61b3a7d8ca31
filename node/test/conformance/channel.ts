import { afterAll, beforeAll, describe } from 'vitest'
import { chequeTests } from './channel/cheques.ts'
import { closingTests } from './channel/closing.ts'
import { debitTests } from './channel/debits.ts'
import { lostAnswerTests } from './channel/lost-answers.ts'
import { openingTests } from './channel/opening.ts'
import { paperTests } from './channel/paper.ts'
import { transferTests } from './channel/transfers.ts'
import type { ChannelAttacks, ChannelWorld } from './channel/world.ts'

export type { ChannelAttacks, ChannelWorld } from './channel/world.ts'

/**
 * What every channel rail must do, whatever its generation: it asks capabilities, never names. `make` starts one node
 * for the whole suite; `attacks` says which attacks exist on it.
 */
export function channelConformance(name: string, make: () => Promise<ChannelWorld>, attacks: ChannelAttacks): void {
  describe(`channel rail: ${name}`, () => {
    let world: ChannelWorld | undefined
    beforeAll(async () => {
      world = await make()
    })
    afterAll(() => world?.stop())
    const get = (): ChannelWorld => {
      if (world === undefined) throw new Error('the world has not started')
      return world
    }
    openingTests(get, attacks)
    paperTests(get)
    chequeTests(get, attacks)
    debitTests(get)
    closingTests(get)
    lostAnswerTests(get)
    transferTests(get)
  })
}
