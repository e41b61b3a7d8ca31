import { afterEach, expect } from 'vitest'
import { World, type WorldOptions } from './world.ts'

/** One world for each test; afterwards its books must add up. */
export function worlds(): (options?: WorldOptions) => World {
  let world: World | undefined
  afterEach(async () => {
    if (world === undefined) return
    const ending = world
    world = undefined
    const problems = await ending.problems()
    await ending.end()
    expect(problems).toEqual([])
  })
  return (options = {}) => {
    world = new World(options)
    return world
  }
}
