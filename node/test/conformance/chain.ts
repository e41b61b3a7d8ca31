import { afterAll, beforeAll, describe } from 'vitest'
import { payingTests } from './chain/paying.ts'
import { refusalTests, sendingTests } from './chain/sending.ts'
import { GAS_WEI, type ChainWorld } from './chain/world.ts'

export type { ChainWorld } from './chain/world.ts'

/** What every settlement chain must do. `make` starts one chain for the whole suite. */
export function chainConformance(name: string, make: () => Promise<ChainWorld>): void {
  describe(`chain rail: ${name}`, () => {
    let world: ChainWorld | undefined
    beforeAll(async () => {
      world = await make()
      await world.setGas(GAS_WEI)
    })
    afterAll(() => world?.stop())
    const get = (): ChainWorld => {
      if (world === undefined) throw new Error('the world has not started')
      return world
    }
    describe('paying', () => payingTests(get))
    describe('sending', () => sendingTests(get))
    describe('refusing', () => refusalTests(get))
  })
}
