/** A seeded stream of numbers: the same seed and label give the same stream, whatever other streams are used for. */
export interface Rng {
  /** 32 random bits. */
  u32(): number
  /** Whole number from 0 to below `end`. */
  below(end: number): number
  /** Whole number, both ends included. */
  between(low: number, high: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  bytes(length: number): Uint8Array
  /** A stream of its own. */
  fork(label: string): Rng
}

/** sfc32 (small fast counter, PractRand), seeded by a hash of seed and label. */
export function createRng(seed: number, label = ''): Rng {
  let a = mix(seed, 0x9e3779b9)
  let b = mix(hashText(label), a)
  let c = mix(a ^ b, 0x85ebca6b)
  let counter = 1
  const u32 = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
  for (let at = 0; at < 12; at++) u32()
  const below = (end: number): number => Math.floor((u32() / 2 ** 32) * end)
  return {
    u32,
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (probability) => u32() < probability * 2 ** 32,
    pick<T>(items: readonly T[]): T {
      const item = items[below(items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    bytes: (length) => Uint8Array.from({ length }, () => u32() & 0xff),
    fork: (name) => createRng(seed, `${label}/${name}`),
  }
}

/** FNV-1a over UTF-16 units. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

function mix(value: number, salt: number): number {
  let x = (value ^ salt) >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}
