import { capNumerator, hex, numeratorOf, utf8 } from '@orien/protocol'
import type { Stage, Violation } from '../run/stage.ts'
import type { ToolRun } from '../ports/tools.ts'
import type { ProviderCall, ProviderSession } from './books.ts'

/** Receipts against what the tools really did, told by the machines they ran on. */
export function auditWork(stage: Stage, sessions: readonly ProviderSession[]): readonly Violation[] {
  const violations: Violation[] = []
  const complain = (invariant: string, detail: string): void => void violations.push({ invariant, detail })
  const { ground, attempts } = stage
  const runs = new Map<string, ToolRun[]>()
  for (const run of ground.runs) runs.set(run.label, [...(runs.get(run.label) ?? []), run])
  // A run that a power cut ended before its record was durable never was, and costs nothing; the same call may run again.
  for (const [label, all] of runs) {
    const whole = all.filter((run) => run.untilMs !== undefined && !wasForgotten(stage, run))
    if (whole.length > 1) complain('ranOnce', `${label} ran ${whole.length} times`)
  }

  const labels = new Map(
    attempts.map(({ work }) => [hex(ground.cast.crypto.crypto.sha256(utf8(JSON.stringify(work)))), work.label]),
  )
  const caps = new Map(attempts.map(({ work, capMicros }) => [work.label, capMicros]))
  for (const session of sessions) {
    const places = new Set(session.calls.map(({ receipt }) => receipt.value.receiptSeq))
    if (places.size !== session.calls.length || Math.max(0, ...places) !== places.size)
      complain('oneChain', `${session.sid.slice(0, 8)} has receipts ${[...places].join(' ')}`)
    for (const call of session.calls) {
      const label = labels.get(hex(call.authorisation.value.argsHash))
      const ended = (label === undefined ? [] : (runs.get(label) ?? [])).filter(({ untilMs }) => untilMs !== undefined)
      const run = ended.find((one) => !wasForgotten(stage, one)) ?? ended.at(-1)
      const asked = label === undefined ? undefined : caps.get(label)
      const { capMicros } = call.authorisation.value
      if (asked !== undefined && capMicros > asked)
        complain('capIsAsked', `${label} was authorised up to ${capMicros}, its program asked for ${asked}`)
      const pace = ground.machines.get(session.provider)?.pace ?? 1
      const why = wrongClaim(session, call, run, pace)
      if (why !== undefined) complain('claimIsTrue', `${label ?? 'unknown call'} at ${session.provider}: ${why}`)
    }
  }
  return violations
}

/** Power went after the tool ended and before its receipt was on disk: nobody knows of that run. */
function wasForgotten({ ground }: Stage, { provider, untilMs = 0 }: ToolRun): boolean {
  const cuts = ground.machines.get(provider)?.cutsMs ?? []
  return cuts.some((cutMs) => cutMs >= untilMs && cutMs <= untilMs + RECEIPT_MS)
}

/** A receipt is on disk within this, or its provider went down over it. */
const RECEIPT_MS = 1_000

function wrongClaim(
  { grant }: ProviderSession,
  call: ProviderCall,
  run: ToolRun | undefined,
  pace: number,
): string | undefined {
  const { effectiveMs, numerator, outcome } = call.receipt.value
  const { toolId, capMicros } = call.authorisation.value
  if (outcome === 'providerError' || outcome === 'notStarted')
    return numerator === 0n ? undefined : `${outcome} claims ${numerator}`
  if (run?.untilMs === undefined) return 'it claims a run that never ended'
  const term = grant.terms.find((one) => one.toolId === toolId)
  if (term === undefined) return `${toolId} is not in the Grant`
  const ranMs = (run.untilMs - run.fromMs) * pace
  // Stopping is at once in this world, so a claim is exact: the time it ran by the provider's own clock, rounded up.
  if (Math.abs(effectiveMs - Math.ceil(ranMs)) > (pace === 1 ? 0 : 1))
    return `it ran ${ranMs} ms, the receipt says ${effectiveMs}`
  if (numerator > numeratorOf(term.priceMicrosPerMin, effectiveMs)) return `it claims ${numerator}`
  if (numerator > capNumerator(capMicros)) return `it claims ${numerator} above its cap`
  return undefined
}
