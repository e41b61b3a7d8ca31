import type { FaultKind } from '../ports/faults.ts'
import type { LogLine } from '../world.ts'
import type { Stage } from '../run/stage.ts'

/** What an honest party never does to another honest one, by the codes with which the other would refuse it. */
const BREACHES = ['badDocument', 'badReceipt', 'badSignature', 'equivocation', 'overspend', 'internal', 'storeCorrupt']

/** Events with which a party says that another broke its word, or that its own book is wrong; the codes that mean it, or any. */
const ACCUSATIONS: Readonly<Record<string, readonly string[] | 'any'>> = {
  sessionEquivocation: 'any',
  sessionAckDropped: 'any',
  sessionCloseRefused: 'any',
  transferUnknown: 'any',
  bookDamaged: 'any',
  ackFailed: ['internal'],
  sessionDebitRefused: ['cosignBad'],
  receiptsRefused: BREACHES,
  collectFailed: BREACHES,
  receiptRefused: BREACHES,
  sessionFailed: BREACHES,
  sessionFrozen: BREACHES,
  callRefused: BREACHES,
  cosignRefused: BREACHES,
  sessionActionFailed: ['internal', 'storeCorrupt'],
  sessionTrouble: ['internal', 'storeCorrupt'],
}

/** Everybody in a world is honest: whoever is accused was wronged by a mistake of the accuser, or has made one. */
export function watchBlame({ ground, violations }: Pick<Stage, 'ground' | 'violations'>): void {
  const { witness } = ground
  const before = witness.onLog
  witness.onLog = (line) => {
    before(line)
    const isStale = line.event === 'cosignRefused' && mayRefuse(ground, line.who)
    if (!isStale && isAccusation(line)) violations.push({ invariant: 'nobodyToBlame', detail: textOf(line) })
  }
}

/**
 * A debit that was asked for before others moved the channel is no longer due, nor one that an old stream asks for again; and an agent
 * that was away while its receipts settled without it has not seen what it is asked to sign for.
 */
function mayRefuse({ witness, machines, settings, faults }: Stage['ground'], agent: string): boolean {
  const awayMs = machines.get(agent)?.longestDownMs ?? 0
  const cutOff = ['network.partition', 'clock.jump'].some((kind) => (faults.counts.get(kind as FaultKind) ?? 0) > 0)
  if (witness.foreign.size > 0 || witness.askedAgain.has(agent)) return true
  return awayMs > settings.times.contestMs / 2 || cutOff
}

/** What a process that was cut leaves on its disk it can start from: nobody wrote to these disks but the parties themselves. */
export function auditStarts({ ground, supervisors, violations }: Stage): void {
  if ((ground.faults.counts.get('store.bitFlip') ?? 0) > 0) return
  if (violations.some(({ invariant }) => invariant === 'startsAgain')) return
  for (const { refusals } of supervisors)
    for (const { who, code, message } of refusals)
      if (code.startsWith('thrown') || BREACHES.includes(code))
        return void violations.push({
          invariant: 'startsAgain',
          detail: [`${who} could not start`, code, message].filter((part) => part !== '').join(': '),
        })
}

function isAccusation({ event, fields }: LogLine): boolean {
  const codes = ACCUSATIONS[event]
  if (codes === undefined || codes === 'any') return codes === 'any'
  return codes.includes(String(fields['code'] ?? fields['why'] ?? ''))
}

function textOf({ who, event, fields }: LogLine): string {
  const said = Object.entries(fields).map(([name, value]) => `${name} ${String(value).slice(0, 200)}`)
  return [who, event, ...said].join(' ')
}
