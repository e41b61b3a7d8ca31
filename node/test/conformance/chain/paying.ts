import { micros } from '@orien/protocol'
import { expect, test } from 'vitest'
import { draft, draftLegs, fundedLegs, GAS_WEI, outcomes, outcomesOf, type ChainWorld } from './world.ts'

/** Legs of mined batches: paid, or failed and why. */
export function payingTests(get: () => ChainWorld): void {
  test('behavior: a batch pays every leg exactly, and proves it', async () => {
    const { rail, balance } = get()
    const legs = await fundedLegs(get(), 900_000n, 70_000n, 30_000n)
    const transaction = await draft(rail, legs)
    expect(await rail.send(transaction)).toBe('sent')
    await get().mine()
    const batch = await rail.find(transaction.hash, legs)
    expect(batch?.legs.map(({ outcome }) => outcome)).toEqual(['paid', 'paid', 'paid'])
    expect(batch?.gasWei).toBeGreaterThan(0n)
    expect(batch?.blockNumber).toBeGreaterThan(0n)
    for (const leg of legs) {
      expect(await balance(leg.recipient)).toBe(leg.micros)
      expect(await rail.authorization(leg)).toMatchObject({ used: true, paidBy: transaction.hash })
    }
  })

  test('behavior: a blocked recipient fails alone, and its authorisation pays when it is unblocked', async () => {
    const { rail, block, balance } = get()
    const legs = await fundedLegs(get(), 10n, 20n, 30n)
    const [, second] = legs
    if (second === undefined) throw new Error('no leg')
    await block(second.recipient, true)
    expect(await outcomes(get(), legs)).toEqual(['paid', 'failed: blocked', 'paid'])
    expect(await rail.authorization(second)).toMatchObject({ used: false })
    await block(second.recipient, false)
    expect(await outcomes(get(), [second])).toEqual(['paid'])
    expect(await balance(second.recipient)).toBe(20n)
  })

  test('error: paid legs in a further batch are refused by the token, whoever sends it', async () => {
    const { balance } = get()
    const legs = await fundedLegs(get(), 40n, 50n)
    await get().fundTreasury(legs[0]?.micros ?? never())
    expect(await outcomes(get(), legs)).toEqual(['paid', 'paid'])
    expect(await outcomes(get(), legs)).toEqual(['failed: used', 'failed: used'])
    for (const leg of legs) expect(await balance(leg.recipient)).toBe(leg.micros)
  })

  test('behavior: an expired leg fails, is shown unused past its time, and a new attempt pays', async () => {
    const { rail, advance } = get()
    const [leg] = await fundedLegs(get(), 60n)
    if (leg === undefined) throw new Error('no leg')
    await advance(86_400)
    expect(await outcomes(get(), [leg])).toEqual(['failed: expired'])
    const reading = await rail.authorization(leg)
    expect(reading.used).toBe(false)
    expect(reading.chainTimeS).toBeGreaterThanOrEqual(leg.validBeforeS)
    const nonce = Uint8Array.from(leg.nonce, (byte) => byte ^ 0xff)
    const again = await rail.signLegs([{ ...leg, nonce, validBeforeS: reading.chainTimeS + 86_400 }])
    expect(await outcomes(get(), again)).toEqual(['paid'])
  })

  test('behavior: a leg that somebody else submitted is found paid, and not paid again', async () => {
    const { rail, submitElsewhere, balance } = get()
    const [leg] = await fundedLegs(get(), 70n)
    if (leg === undefined) throw new Error('no leg')
    await submitElsewhere(leg)
    expect((await rail.authorization(leg)).paidBy).toMatch(/^0x[0-9a-f]{64}$/)
    expect(await outcomes(get(), [leg])).toEqual(['failed: used'])
    expect(await balance(leg.recipient)).toBe(70n)
  })

  test('behavior: a cancelled leg reads used and cancelled, and was never paid', async () => {
    const { rail, cancel, balance } = get()
    const [leg] = await fundedLegs(get(), 80n)
    if (leg === undefined) throw new Error('no leg')
    await cancel(leg)
    const reading = await rail.authorization(leg)
    expect(reading).toMatchObject({ used: true, cancelled: true })
    expect(reading.paidBy).toBeUndefined()
    expect(await outcomes(get(), [leg])).toEqual(['failed: used'])
    expect(await balance(leg.recipient)).toBe(0n)
  })

  test('behavior: a leg that ran out of gas says so, stays unused and is sent again', async () => {
    const { rail, shortOfGas, balance } = get()
    const legs = await fundedLegs(get(), 90n, 100n)
    const first = await outcomes(get(), legs, await shortOfGas())
    expect(first[1]).toBe('failed: gas')
    const failed = legs.filter((_, at) => first[at] !== 'paid')
    for (const leg of failed) expect((await rail.authorization(leg)).used).toBe(false)
    expect(await outcomes(get(), failed)).toEqual(failed.map(() => 'paid'))
    for (const leg of legs) expect(await balance(leg.recipient)).toBe(leg.micros)
  })

  test('behavior: what a low treasury cannot pay fails, and pays when it is refilled', async () => {
    const { rail, fundTreasury } = get()
    await fundTreasury(micros(1_000n))
    const { treasuryMicros } = await rail.balances()
    const legs = await rail.signLegs([
      ...(await draftLegs(get(), treasuryMicros - 10n)),
      ...(await draftLegs(get(), 10n)),
    ])
    // The last unit of an account that never sent a transaction cannot leave it.
    expect(await outcomes(get(), legs)).toEqual(['paid', 'failed: balance'])
    expect((await rail.balances()).treasuryMicros).toBe(10n)
    await fundTreasury(micros(1n))
    expect(await outcomes(get(), legs.slice(1))).toEqual(['paid'])
    expect((await rail.balances()).treasuryMicros).toBe(1n)
  })

  test('behavior: a hundred legs are one batch', async () => {
    const { rail, balance, setGas } = get()
    await setGas(GAS_WEI * 10n)
    const legs = await fundedLegs(get(), ...Array.from({ length: 100 }, (_, at) => BigInt(at + 1)))
    const transaction = await draft(rail, legs)
    expect(await rail.send(transaction)).toBe('sent')
    expect(new Set(await outcomesOf(get(), transaction, legs))).toEqual(new Set(['paid']))
    const last = legs.at(-1)
    expect(await balance(last?.recipient ?? never())).toBe(100n)
  })
}

function never(): never {
  throw new Error('no leg')
}
