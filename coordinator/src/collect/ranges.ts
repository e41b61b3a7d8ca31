/** Whole numbers that were used, as ranges: callSeqs are nearly contiguous, so a million of them are a few ranges. */
export interface Ranges {
  has(value: number): boolean
  add(value: number): void
  /** The ranges, in order: [from, to]. */
  list(): readonly Range[]
}

export type Range = readonly [number, number]

/** Ranges that hold what `known` says: disjoint, in order. */
export function createRanges(known: readonly Range[] = []): Ranges {
  // Sorted, disjoint, never touching: [from, to].
  const ranges = known.map(([from, to]): [number, number] => [from, to])
  /** Index of the first range that ends at `value` or later. */
  const placeOf = (value: number): number => {
    let low = 0
    let high = ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ranges[middle]?.[1] ?? Infinity) < value) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    has(value) {
      const range = ranges[placeOf(value)]
      return range !== undefined && range[0] <= value
    },
    list: () => ranges,
    add(value) {
      const at = placeOf(value)
      const range = ranges[at]
      if (range !== undefined && range[0] <= value) return
      const before = ranges[at - 1]
      const joinsBefore = before !== undefined && before[1] + 1 === value
      const joinsAfter = range !== undefined && range[0] - 1 === value
      if (joinsBefore && joinsAfter) ranges.splice(at - 1, 2, [before[0], range[1]])
      else if (joinsBefore) before[1] = value
      else if (joinsAfter) range[0] = value
      else ranges.splice(at, 0, [value, value])
    },
  }
}
