import { micros, NUMERATOR_PER_MICRO, utf8 } from '@orien/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exposureOf } from '../../src/provider/session.ts'
import type { Program } from '../../src/tools/runner/in-process.ts'
import { toolNamed } from '../helpers/rig-parts.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

/** What a run does next. */
type Step =
  | { readonly do: 'call'; readonly capMicros: number; readonly ms: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'cut' }
  | { readonly do: 'crashProvider' }
  | { readonly do: 'crashAgent' }
  | { readonly do: 'holdNothing' }
  | { readonly do: 'holdAgain' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      capMicros: fc.integer({ min: 1, max: 5_000 }),
      ms: fc.integer({ min: 0, max: 6_000 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 8_000 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'cut' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'crashProvider' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'crashAgent' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'holdNothing' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'holdAgain' as const }) },
)

/** Runs as long as its arguments say. */
function sleeper(rig: () => TimedRig): Program {
  return ({ argv, write, signal }) =>
    new Promise<number>((resolve) => {
      const { ms } = JSON.parse(argv[1] ?? '{}') as { ms: number }
      const cancel = rig().timers.after(ms, () => void write('stdout', utf8('ok')).then(() => resolve(0)))
      signal.addEventListener('abort', cancel)
    })
}

/** Invariants 1–3 at this moment, from the provider's own records and the papers it holds. */
function checkInvariants(rig: TimedRig): void {
  for (const session of rig.provider.sessions()) {
    const { windowMicros, windowCalls } = session.grant
    const x = exposureOf(session)
    const ceiling = session.cheque?.cheque.ceilingMicros ?? 0n
    const held = session.notice?.value.ceilingHeldMicros ?? 0n
    expect(x).toBeLessThanOrEqual(NUMERATOR_PER_MICRO * ceiling)
    expect(x).toBeLessThanOrEqual(NUMERATOR_PER_MICRO * (held + windowMicros))
    expect(session.unsettled + session.reserved).toBeLessThanOrEqual(NUMERATOR_PER_MICRO * windowMicros)
    expect(session.openCaps.size + session.unacked.size).toBeLessThanOrEqual(windowCalls)
  }
  for (const { session } of rig.agent.sessions()) {
    const most = (session.acked + NUMERATOR_PER_MICRO - 1n) / NUMERATOR_PER_MICRO + session.grant.windowMicros
    expect(session.ceilingMicros).toBeLessThanOrEqual(most)
    expect(session.ceilingMicros).toBeLessThanOrEqual(session.grant.allowanceMicros)
    expect(session.accepted).toBeLessThanOrEqual(NUMERATOR_PER_MICRO * session.ceilingMicros)
  }
}

async function perform(rig: TimedRig, calls: Promise<unknown>[], next: Step): Promise<void> {
  switch (next.do) {
    case 'call': {
      const maxCost = (next.capMicros / 1_000_000).toFixed(6)
      calls.push(rig.agent.run('sleep', { ms: next.ms }, { maxCost, allowance: '0.04' }).catch(() => undefined))
      return rig.time.settle()
    }
    case 'wait':
      return rig.time.advance(next.ms)
    case 'cut':
      rig.hub.disconnect(rig.agentParty.peer, rig.providerParty.peer)
      return rig.time.advance(500)
    case 'crashProvider':
      await rig.crashProvider()
      return rig.time.advance(500)
    case 'crashAgent':
      await rig.crashAgent()
      return rig.time.settle()
    case 'holdNothing':
      rig.coordinator.script.holdsNothing = true
      return
    case 'holdAgain':
      rig.coordinator.script.holdsNothing = false
  }
}

async function play(steps: readonly Step[]): Promise<void> {
  const rig: TimedRig = await startTimedRig({
    programs: { sleep: sleeper(() => rig) },
    tools: [toolNamed('sleep')],
    provider: { capacity: 2, firstWindow: { windowMicros: micros(10_000n), windowCalls: 3 } },
    policy: { windowCalls: 3, maxCallMicros: micros(5_000n), sessionMicros: micros(40_000n) },
  })
  const calls: Promise<unknown>[] = []
  for (const next of steps) {
    await perform(rig, calls, next)
    checkInvariants(rig)
  }
  rig.coordinator.script.holdsNothing = false
  await rig.time.advance(120_000)
  await Promise.all(calls)
  checkInvariants(rig)
  for (const seen of rig.coordinator.sessions.values()) {
    const ceilings = seen.cheques.map(({ ceilingMicros }) => ceilingMicros)
    const highest = ceilings.reduce((most, one) => (one > most ? one : most), 0n)
    const total = seen.receipts.reduce((sum, { value }) => sum + value.numerator, 0n)
    expect(total).toBeLessThanOrEqual(NUMERATOR_PER_MICRO * highest)
    expect(seen.acks.flatMap(({ exceptions }) => exceptions)).toEqual([])
    expect(new Set(seen.receipts.map(({ value }) => value.callSeq)).size).toBe(seen.receipts.length)
  }
  await rig.stop()
}

test('behavior: whatever is called, dropped and crashed in whatever order, no window, cheque or cap is ever exceeded', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), play), {
    numRuns: 25,
    seed: 20_261_121,
  })
})
