import { Ack, ceilMicros, decodeCheque, Grant, least, micros, numerator, peekDocument } from '@orien/protocol'
import type { Stage, Violation } from '../run/stage.ts'
import { documentsUnder } from './books.ts'

/**
 * The newest cheque that an agent gave of each session, by its own disk: never more than one window above what it acknowledged (invariant 3). What
 * it acknowledged later only makes room.
 */
export function auditCheques({ ground }: Stage): readonly Violation[] {
  const violations: Violation[] = []
  const { cast, machines } = ground
  for (const { name } of cast.agents) {
    const disk = machines.get(name)?.disk
    for (const [key, bytes] of disk?.values ?? []) {
      if (disk === undefined || !key.startsWith(CHEQUE)) continue
      const sid = key.slice(CHEQUE.length)
      const grantBytes = disk.values.get(`session/${sid}`)
      if (grantBytes === undefined) continue
      const { windowMicros, allowanceMicros } = peekDocument(cast.scope, Grant, grantBytes).value
      const acked = documentsUnder(cast.scope, disk, `ack/${sid}/`, Ack).at(-1)?.value.acceptedNumerator ?? 0n
      const most = least(micros(ceilMicros(numerator(acked)) + windowMicros), allowanceMicros)
      const { ceilingMicros } = decodeCheque(bytes)
      if (ceilingMicros > most)
        violations.push({
          invariant: 'withinWindow',
          detail: `${name} gave a cheque of ${ceilingMicros} for ${sid.slice(0, 8)}, at most ${most}`,
        })
    }
  }
  return violations
}

const CHEQUE = 'cheque/'
