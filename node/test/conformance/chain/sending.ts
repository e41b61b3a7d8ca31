import { micros, type Address } from '@orien/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { code, draft, draftLegs, freshNonce, fundedLegs, GAS_WEI, outcomesOf, type ChainWorld } from './world.ts'

/** From stored bytes to a mined transaction, whatever happens on the way. */
export function sendingTests(get: () => ChainWorld): void {
  beforeEach(() => get().setGas(GAS_WEI))
  // Also after a test that failed half-way.
  afterEach(() => get().holdMining(false))

  test('behavior: bytes sent again are taken once, before and after they are mined', async () => {
    const { rail, holdMining, balance } = get()
    const legs = await fundedLegs(get(), 10n)
    await holdMining(true)
    const transaction = await draft(rail, legs)
    const before = transaction.accountNonce
    expect(await rail.send(transaction)).toBe('sent')
    expect(await rail.send(transaction)).toBe('sent')
    expect(await rail.find(transaction.hash, legs)).toBeUndefined()
    expect(await rail.nextAccountNonce()).toBe(before)
    await holdMining(false)
    expect(await rail.send(transaction)).toBe('superseded')
    expect(await outcomesOf(get(), transaction, legs)).toEqual(['paid'])
    expect(await rail.nextAccountNonce()).toBe(before + 1)
    expect(await balance(legs[0]?.recipient ?? never())).toBe(10n)
  })

  test('behavior: a transaction that the node dropped is brought back by the same bytes', async () => {
    const { rail, holdMining, drop } = get()
    const legs = await fundedLegs(get(), 20n)
    await holdMining(true)
    const transaction = await draft(rail, legs)
    expect(await rail.send(transaction)).toBe('sent')
    await drop(transaction)
    await holdMining(false)
    expect(await rail.find(transaction.hash, legs)).toBeUndefined()
    expect(await rail.send(transaction)).toBe('sent')
    expect(await outcomesOf(get(), transaction, legs)).toEqual(['paid'])
  })

  test('behavior: a fee bump replaces the same account nonce, and only one of the two is mined', async () => {
    const { rail, holdMining, balance } = get()
    const legs = await fundedLegs(get(), 30n)
    await holdMining(true)
    const first = await draft(rail, legs)
    expect(await rail.send(first)).toBe('sent')
    const second = await draft(rail, legs, first.maxFeePerGasWei)
    expect(second.accountNonce).toBe(first.accountNonce)
    expect(second.maxFeePerGasWei).toBeGreaterThan((first.maxFeePerGasWei * 11n) / 10n)
    expect(await rail.send(second)).toBe('sent')
    await holdMining(false)
    expect(await rail.find(first.hash, legs)).toBeUndefined()
    expect(await rail.send(first)).toBe('superseded')
    expect(await outcomesOf(get(), second, legs)).toEqual(['paid'])
    expect(await balance(legs[0]?.recipient ?? never())).toBe(30n)
  })

  test('error: another batch at the same account nonce and fee does not replace the first', async () => {
    const { rail, holdMining } = get()
    const legs = await fundedLegs(get(), 40n, 50n)
    await holdMining(true)
    const first = await draft(rail, legs)
    expect(await rail.send(first)).toBe('sent')
    const other = await rail.draftBatch(legs.slice(1), first.accountNonce, first.maxFeePerGasWei)
    expect(await rail.send(other)).toBe('refused')
    await holdMining(false)
    expect(await outcomesOf(get(), first, legs)).toEqual(['paid', 'paid'])
  })

  for (const what of ['request', 'answer'] as const) {
    test(`behavior: a send whose ${what} is lost is unknown, and the same bytes settle it`, async () => {
      const { rail, loseNext, balance } = get()
      const legs = await fundedLegs(get(), 60n)
      const transaction = await draft(rail, legs)
      loseNext(what)
      expect(await rail.send(transaction)).toBe('unknown')
      await get().mine()
      expect(await rail.send(transaction)).toBe(what === 'request' ? 'sent' : 'superseded')
      expect(await outcomesOf(get(), transaction, legs)).toEqual(['paid'])
      expect(await balance(legs[0]?.recipient ?? never())).toBe(60n)
    })
  }

  test('error: a gas key that cannot cover gas limit times fee is refused, and nothing stays', async () => {
    const { rail, setGas } = get()
    const legs = await fundedLegs(get(), 70n)
    const transaction = await draft(rail, legs)
    const needed = rail.gasLimit(legs.length) * transaction.maxFeePerGasWei
    await setGas(needed - 1n)
    expect(await rail.send(transaction)).toBe('refused')
    expect((await rail.balances()).gasWei).toBe(needed - 1n)
    expect(await rail.find(transaction.hash, legs)).toBeUndefined()
    await setGas(needed)
    expect(await rail.send(transaction)).toBe('sent')
    expect(await outcomesOf(get(), transaction, legs)).toEqual(['paid'])
  })
}

/** What is never signed nor sent. */
export function refusalTests(get: () => ChainWorld): void {
  test('behavior: gas and fee follow the rule', async () => {
    const { rail } = get()
    expect([rail.gasLimit(1), rail.gasLimit(100)]).toEqual([200_000n, 10_100_000n])
    expect(await rail.feeWei()).toBeGreaterThanOrEqual(20_000_000_000n)
    expect(await rail.feeWei(10n ** 12n)).toBeGreaterThan((10n ** 12n * 11n) / 10n)
  })

  test('error: recipients that would lose the money are refused', async () => {
    const { rail, recipient } = get()
    const [leg] = await draftLegs(get(), 10n)
    const reserved = [
      '0x0000000000000000000000000000000000000001',
      '0x1800000000000000000000000000000000000001',
      '0x3600000000000000000000000000000000000002',
    ] as string[] as Address[]
    expect(rail.forbidden).toContain(rail.treasury)
    for (const bad of [...rail.forbidden, ...reserved]) {
      expect(rail.mayReceive(bad)).toBe(false)
      await expect(rail.signLegs([{ ...(leg ?? never()), recipient: bad }])).rejects.toThrow(code('policy'))
    }
    expect(rail.mayReceive(recipient())).toBe(true)
  })

  test('error: no leg, too many, the same nonce twice, no amount or a short nonce is refused', async () => {
    const { rail } = get()
    const many = await draftLegs(get(), ...Array.from({ length: 101 }, () => 1n))
    const [leg, other] = many
    if (leg === undefined || other === undefined) throw new Error('no legs')
    for (const legs of [
      [],
      many,
      [leg, { ...other, nonce: leg.nonce }],
      [{ ...leg, micros: micros(0n) }],
      [{ ...leg, nonce: freshNonce().subarray(1) }],
    ]) {
      await expect(rail.signLegs(legs)).rejects.toThrow(code('badDocument'))
    }
    const signed = await rail.signLegs([leg])
    const twice = [...signed, ...signed]
    await expect(rail.draftBatch(twice, 0, 10n ** 11n)).rejects.toThrow(code('badDocument'))
  })
}

function never(): never {
  throw new Error('no leg')
}
