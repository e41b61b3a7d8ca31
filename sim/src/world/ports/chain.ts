import { hex, OrienError } from '@orien/protocol'
import type { ChainRail } from '@orien/node/rails'
import type { Life, Machine } from '../kernel/machine.ts'
import type { Rng } from '../kernel/rng.ts'
import type { WorldTime } from '../kernel/time.ts'
import type { Trace } from '../kernel/trace.ts'
import type { Witness } from '../world.ts'
import type { Faults } from './faults.ts'

export interface ChainWorld {
  readonly time: WorldTime
  readonly trace: Trace
  readonly rng: Rng
  readonly faults: Faults
  readonly witness: Pick<Witness, 'drafted' | 'sent'>
}

/** The chain rail as one life of a machine has it: each request is an I/O point on both sides, and may be lost, or answered from the past. */
export function lifeChain(rail: ChainRail, machine: Machine, life: Life, world: ChainWorld): ChainRail {
  const { time, trace, rng, faults, witness } = world
  const ask = async <T>(kind: string, effect: () => Promise<T>): Promise<T> => {
    await machine.alive(life)
    machine.pass(life, `chain.${kind}`, 'before')
    await machine.alive(life)
    await time.sleep(rng.between(5, 120))
    if (faults.roll('chain.requestLost', 0.02)) throw unreachable()
    trace.add(machine.name, `chain ${kind}`)
    const answer = await effect()
    machine.pass(life, `chain.${kind}`, 'after')
    await machine.alive(life)
    if (faults.roll('chain.answerLost', 0.02)) throw unreachable()
    return answer
  }
  return {
    ...rail,
    check: () => ask('check', () => rail.check()),
    chainTimeS: () => ask('time', () => rail.chainTimeS()),
    nextAccountNonce: () =>
      ask('nonce', async () => {
        const nonce = await rail.nextAccountNonce()
        return faults.roll('chain.lying', 0.1) ? Math.max(0, nonce + rng.pick([-1, 1, 2])) : nonce
      }),
    feeWei: (above) => ask('fee', () => rail.feeWei(above)),
    find: (hash, legs) =>
      ask('find', async () => (faults.roll('chain.lagging', 0.15) ? undefined : rail.find(hash, legs))),
    authorization: (leg) =>
      ask('authorization', async () => {
        const reading = await rail.authorization(leg)
        // A node that lost its logs, or makes a state up.
        return faults.roll('chain.lying', 0.1) ? { used: true, chainTimeS: reading.chainTimeS } : reading
      }),
    balances: () => ask('balances', () => rail.balances()),
    async draftBatch(legs, accountNonce, fee) {
      const transaction = await rail.draftBatch(legs, accountNonce, fee)
      witness.drafted.set(transaction.hash, legs)
      return transaction
    },
    async send(transaction) {
      for (const leg of witness.drafted.get(transaction.hash) ?? []) witness.sent.set(hex(leg.nonce), leg)
      try {
        return await ask('send', () => rail.send(transaction))
      } catch (error) {
        if (error instanceof OrienError && error.code === 'unreachable') return 'unknown'
        throw error
      }
    },
  }
}

function unreachable(): OrienError {
  return new OrienError('unreachable', { message: 'the chain does not answer' })
}
