/** One burst of calls, seen from the side that made them. */
export interface Burst {
  readonly calls: number
  readonly elapsedMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU time of the calling process, µs a call. */
  readonly cpuUs: number
}

/** Medians over the rounds of one side. */
export interface Side {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly perSecond: number
  /** µs of CPU a call in the calling process. */
  readonly clientCpuUs: number
}

/** The value below which `share` of the values lie; NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** Makes `calls` calls, `inFlight` of them at a time; `call` is told which of the lanes it is in. */
export async function burst(calls: number, inFlight: number, call: (lane: number) => Promise<unknown>): Promise<Burst> {
  const times = new Float64Array(calls)
  let next = 0
  const lane = async (number: number): Promise<void> => {
    for (let at = next++; at < calls; at = next++) {
      const from = performance.now()
      await call(number)
      times[at] = performance.now() - from
    }
  }
  const cpu = process.cpuUsage()
  const from = performance.now()
  await Promise.all(Array.from({ length: Math.min(inFlight, calls) }, (_, number) => lane(number)))
  const elapsedMs = performance.now() - from
  const { user, system } = process.cpuUsage(cpu)
  const all = [...times]
  return {
    calls,
    elapsedMs,
    p50Ms: percentile(all, 0.5),
    p99Ms: percentile(all, 0.99),
    cpuUs: (user + system) / calls,
  }
}

/**
 * Runs every side once a round, in turn, so that noise of the machine hits all of them; the first round warms up and is thrown
 * away. Medians over the others.
 */
export async function interleave<Name extends string>(
  rounds: number,
  sides: Readonly<Record<Name, () => Promise<Burst>>>,
): Promise<Record<Name, Side>> {
  const names = Object.keys(sides) as Name[]
  const bursts = new Map<Name, Burst[]>(names.map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const one = await sides[name]()
      if (round > 0) bursts.get(name)?.push(one)
    }
  }
  return Object.fromEntries(names.map((name) => [name, sideOf(bursts.get(name) ?? [])])) as Record<Name, Side>
}

function sideOf(bursts: readonly Burst[]): Side {
  return {
    p50Ms: median(bursts.map((one) => one.p50Ms)),
    p99Ms: median(bursts.map((one) => one.p99Ms)),
    perSecond: median(bursts.map((one) => (one.calls / one.elapsedMs) * 1_000)),
    clientCpuUs: median(bursts.map((one) => one.cpuUs)),
  }
}
