import {
  agentBoundMs,
  capMs,
  ceilMicros,
  claimOf,
  floorMicros,
  formatUsdc,
  parseUsdc,
  splitTotal,
  uncontestedOf,
} from '../../src/index.ts'
import { micros, numerator } from '../samples.ts'
import { toJson, type Json } from './json.ts'

const TEXTS = ['0', '0.000001', '0.05', '0.1', '1', '1.5', '12', '1000000', '18446744073709.551615']
const BAD_TEXTS = [
  '',
  ' 1',
  '1 ',
  '+1',
  '-1',
  '01',
  '00',
  '.5',
  '1.',
  '1.0000005',
  '1.0000000',
  '1,5',
  '1e3',
  '0x10',
  '1_000',
  'NaN',
  'Infinity',
  '１',
  '18446744073709.551616',
  '99999999999999',
  '999999999999999',
]
const SPLITS: readonly (readonly [total: bigint, provider: number, platform: number, reserve: number])[] = [
  [0n, 9_000, 700, 300],
  [1n, 9_000, 700, 300],
  [33n, 9_000, 700, 300],
  [205n, 9_000, 700, 300],
  [1_234_567n, 9_000, 700, 300],
  [1_000_000_000_000n, 9_000, 700, 300],
  [999n, 0, 10_000, 0],
  [999n, 10_000, 0, 0],
  [999n, 3_334, 3_333, 3_333],
]
const CLAIMS: readonly (readonly [price: bigint, cap: bigint, effectiveMs: number])[] = [
  [10_000n, 50_000n, 1_234],
  [10_000n, 1n, 1_234],
  [1n, 1n, 60_000],
  [1n, 1n, 60_001],
  [1_000_000_000n, 1_000_000_000_000n, 86_400_000],
  [10_000n, 50_000n, 0],
]
const SUMS = [0n, 1n, 59_999n, 60_000n, 60_001n, 12_340_000n, (1n << 64n) - 1n]
const BOUNDS: readonly (readonly [elapsedMs: number, queuedMs: number])[] = [
  [0, 0],
  [0, 5],
  [0, 6],
  [1_000, 0],
  [1_000, 400],
  [60_000, 0],
  [86_400_000, 0],
]
const UNCONTESTED: readonly (readonly [claim: bigint, price: bigint, lastTick: number | undefined])[] = [
  [12_340_000n, 10_000n, undefined],
  [900_000_000n, 10_000n, undefined],
  [900_000_000n, 10_000n, 0],
  [900_000_000n, 10_000n, 15_000],
  [900_000_000n, 10_000n, 70_000],
]

/** money.json */
export function moneyVectors(): Json {
  return toJson({
    usdc: TEXTS.map((text) => ({ text, micros: parseUsdc(text), shortest: formatUsdc(parseUsdc(text)) })),
    badUsdc: BAD_TEXTS,
    splits: SPLITS.map(([total, provider, platform, reserve]) => ({
      totalMicros: total,
      splitBps: { provider, platform, reserve },
      split: splitTotal(micros(total), { provider, platform, reserve }),
    })),
    claims: CLAIMS.map(([price, cap, effectiveMs]) => ({
      priceMicrosPerMin: price,
      capMicros: cap,
      effectiveMs,
      capMs: capMs(micros(cap), micros(price)),
      claimNumerator: claimOf({ priceMicrosPerMin: micros(price), capMicros: micros(cap) }, effectiveMs),
    })),
    sums: SUMS.map((sum) => ({
      numerator: sum,
      floorMicros: floorMicros(numerator(sum)),
      ceilMicros: ceilMicros(numerator(sum)),
    })),
    agentBounds: BOUNDS.map(([elapsedMs, queuedMs]) => ({
      elapsedMs,
      queuedMs,
      boundMs: agentBoundMs(elapsedMs, queuedMs),
    })),
    uncontested: UNCONTESTED.map(([claim, price, lastTick]) => ({
      claimNumerator: claim,
      priceMicrosPerMin: price,
      lastTick,
      settledNumerator: uncontestedOf(
        { numerator: numerator(claim), ...(lastTick === undefined ? {} : { lastTick }) },
        micros(price),
      ),
    })),
  })
}
