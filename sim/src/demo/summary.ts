import type { AuditReport } from './audit/types.ts'
import { DEMO_TIMES, type Variant } from './config.ts'
import type { Watch } from '../cast/watch.ts'

/** The last line of `npm run -s demo -- --json`. */
export interface DemoSummary {
  readonly processes: readonly { readonly role: string; readonly pid: number; readonly peer: string }[]
  readonly providers: number
  readonly agents: number
  readonly calls: number
  readonly receipts: number
  readonly countersigned: number
  readonly debitedMicros: string
  readonly refundedMicros: string
  readonly paidMicros: { readonly provider: string; readonly platform: string; readonly reserve: string }
  readonly payoutTxs: readonly string[]
  readonly chainId: number
  readonly violations: AuditReport['violations']
  readonly vanish?: {
    readonly receiptedMicros: string
    readonly ceilingMicros: string
    readonly returnedMicros: string
  }
  readonly exhaust?: { readonly capMicros: string; readonly billedMicros: string; readonly stopLagMs: number }
  readonly lie?: { readonly claimedMs: number; readonly observedMs: number; readonly acceptedMs: number }
}

export interface SummaryInput {
  readonly processes: DemoSummary['processes']
  readonly variant: Variant
  readonly chainId: number
  readonly report: AuditReport
  readonly watch: Watch
}

export function summaryOf(input: SummaryInput): DemoSummary {
  const { processes, chainId, report } = input
  const { calls, receipts, countersigned, debitedMicros, refundedMicros, paidMicros, payoutTxs } = report.totals
  return {
    processes,
    providers: processes.filter(({ role }) => role === 'provider').length,
    agents: processes.filter(({ role }) => role === 'agent').length,
    calls,
    receipts,
    countersigned,
    debitedMicros: debitedMicros.toString(),
    refundedMicros: refundedMicros.toString(),
    paidMicros: {
      provider: paidMicros.provider.toString(),
      platform: paidMicros.platform.toString(),
      reserve: paidMicros.reserve.toString(),
    },
    payoutTxs,
    chainId,
    violations: report.violations,
    ...variantOf(input),
  }
}

/** What a variant is about, read from the audit's rows and from what was seen. */
function variantOf({ variant, report, watch }: SummaryInput): Partial<DemoSummary> {
  const row = report.calls.find((call) => call.tool === 'count_primes')
  const session = row === undefined ? undefined : report.sessions.find((one) => one.id === row.session)
  if (variant === 'plain' || row === undefined || session === undefined) return {}
  switch (variant) {
    case 'vanish': {
      // The tick rule: what ran until the last TickAck, and 2 s more; never above the cap.
      const paidMs = (row.lastTickMs ?? 0) + DEMO_TIMES.tickAckMs
      const byTick = (row.priceMicrosPerMin * BigInt(paidMs)) / 60_000n
      const ceiling = byTick < row.capMicros ? byTick : row.capMicros
      return {
        vanish: {
          receiptedMicros: (row.numerator / 60_000n).toString(),
          ceilingMicros: ceiling.toString(),
          returnedMicros: session.refundedMicros.toString(),
        },
      }
    }
    case 'exhaust': {
      const capMs = Number((row.capMicros * 60_000n) / row.priceMicrosPerMin)
      return {
        exhaust: {
          capMicros: row.capMicros.toString(),
          billedMicros: ((row.acceptedNumerator ?? 0n) / 60_000n).toString(),
          stopLagMs: row.effectiveMs - capMs,
        },
      }
    }
    case 'lie': {
      const seen = watch.all('callDone').find((one) => one.fields['tool'] === row.tool)?.fields
      return {
        lie: {
          claimedMs: row.effectiveMs,
          observedMs: typeof seen?.['observedMs'] === 'number' ? seen['observedMs'] : 0,
          acceptedMs: Number((row.acceptedNumerator ?? 0n) / row.priceMicrosPerMin),
        },
      }
    }
  }
}
