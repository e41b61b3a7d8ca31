import type { Address } from '@orien/protocol'
import type { Fate, MemoryChannelNetwork, MemoryRequest } from '@orien/node/rails'
import type { Machine } from '../kernel/machine.ts'
import type { Rng } from '../kernel/rng.ts'
import type { WorldTime } from '../kernel/time.ts'
import type { Trace } from '../kernel/trace.ts'
import type { Faults } from './faults.ts'

export interface ChannelWorld {
  readonly time: WorldTime
  readonly trace: Trace
  readonly rng: Rng
  readonly faults: Faults
  /** The machine whose process uses a wallet. */
  readonly machineOf: (wallet: Address) => Machine | undefined
  /** Sees who asks to close a channel. */
  readonly onClose: (who: string) => void
}

/** Puts the faults of the world between wallets and the channel ledger: each request is an I/O point on both sides. */
export function connectLedger(ledger: MemoryChannelNetwork, world: ChannelWorld): void {
  const { time, trace, rng, faults, machineOf, onClose } = world
  // For a while no debit gets through, so that some are given up.
  let deafUntilMs = 0
  const torn = new Set<Address>()
  /** No debit gets through, and meanwhile an agent's signatures stop counting: when one gets through at last, it is refused. */
  const deafAndHijacked = (): void => {
    const agents = [...ledger.ledger.channels.values()].filter(({ status }) => status === 'open')
    const wallet = agents.length === 0 ? undefined : rng.pick(agents).participants[0]
    if (wallet === undefined) return
    const deafMs = rng.between(25_000, 55_000)
    deafUntilMs = time.nowMs + deafMs
    ledger.hijack(wallet, true)
    time.after(deafMs + 20_000, () => ledger.hijack(wallet, false))
  }
  const fateNow = (request: MemoryRequest): Fate => {
    if (request.kind === 'operate' && !faults.healed) {
      if (time.nowMs >= deafUntilMs && faults.roll('channel.requestLost', 0.25))
        deafUntilMs = time.nowMs + rng.between(60_000, 400_000)
      if (time.nowMs >= deafUntilMs && faults.roll('channel.hijacked', 0.25)) deafAndHijacked()
      if (time.nowMs < deafUntilMs) return 'requestLost'
    }
    // A reading is torn by a change that is being made: the next one sees it whole.
    const fate = fateOf(request, faults, torn.has(request.wallet))
    if (fate === 'torn') torn.add(request.wallet)
    else torn.delete(request.wallet)
    return fate
  }
  ledger.onRequest(async (request): Promise<Fate> => {
    const machine = machineOf(request.wallet)
    if (machine === undefined) return 'served'
    const { life } = machine
    await machine.alive(life)
    machine.pass(life, `channel.${request.kind}`, 'before')
    await machine.alive(life)
    await time.sleep(rng.between(2, 60))
    const fate = fateNow(request)
    trace.add(machine.name, `channel ${request.kind} ${fate}`)
    if (request.kind === 'close') onClose(machine.name)
    if (fate === 'late') time.after(rng.between(500, 50_000), () => ledger.landLate())
    // What was on its way when the process died may arrive all the same.
    if (!life.alive) return rng.chance(0.5) ? fate : 'requestLost'
    machine.pass(life, `channel.${request.kind}`, 'after')
    return fate
  })
}

function fateOf({ kind }: MemoryRequest, faults: Faults, afterTorn: boolean): Fate {
  if (kind === 'read' && faults.roll('channel.stale', 0.05)) return 'stale'
  if (kind === 'read' && !afterTorn && faults.roll('channel.torn', 0.05)) return 'torn'
  if (faults.roll('channel.requestLost', 0.03)) return 'requestLost'
  if (faults.roll('channel.answerLost', 0.03)) return 'answerLost'
  if (kind !== 'read' && kind !== 'probe' && faults.roll('channel.late', 0.05)) return 'late'
  return 'served'
}
