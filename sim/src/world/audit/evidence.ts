import { End, isOrienError, peekDocument, type Scope } from '@orien/protocol'
import type { Stage, Violation } from '../run/stage.ts'

/** Documents that prove a breach, as a party that was wronged keeps them: among honest ones nobody has any. */
export function auditEvidence({ ground }: Stage): readonly Violation[] {
  const violations: Violation[] = []
  const { cast, machines } = ground
  const blame = (name: string, key: string): void =>
    void violations.push({ invariant: 'nobodyToBlame', detail: `${name} keeps evidence: ${key.slice(0, 40)}` })
  for (const { name } of [...cast.providers, ...cast.agents])
    for (const key of machines.get(name)?.disk.keys ?? []) if (key.startsWith('evidence/')) blame(name, key)
  const { name } = cast.coordinator
  for (const [key, bytes] of machines.get(name)?.disk.values ?? [])
    // A session's last words are kept in the same place.
    if (key.startsWith('e/') && !key.endsWith('/final') && !isEnd(cast.scope, bytes)) blame(name, key)
  const { foreign, exited } = ground.witness
  const moved = foreign.size > 0 || exited.size > 0 || faulty(ground.faults.counts.get('channel.hijacked'))
  if (!moved)
    for (const row of MOVED)
      if (ground.witness.rows.has(row))
        violations.push({ invariant: 'nobodyToBlame', detail: `${row}, and nobody moved a channel` })
  return violations
}

/** Rows for a channel that others moved. */
const MOVED = ['channel/moved.live', 'channel/moved.ending']

function faulty(count = 0): boolean {
  return count > 0
}

function isEnd(scope: Scope, bytes: Uint8Array): boolean {
  try {
    peekDocument(scope, End, bytes)
    return true
  } catch (error) {
    if (isOrienError(error)) return false
    throw error
  }
}
