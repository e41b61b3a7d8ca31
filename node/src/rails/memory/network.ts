import { micros, OrienError, type Address, type Clock, type Micros } from '@orien/protocol'
import type { Allocations } from '../channel.ts'
import { cheapSigner } from './cheap-wallet.ts'
import { ecdsaSigner, Ledger, type Refused } from './ledger.ts'
import { idOf, participantsOf, type MemoryPaperOptions } from './words.ts'

export type MemoryRequestKind = 'open' | 'operate' | 'close' | 'probe' | 'transfer' | 'read'

/** A request of one wallet, on its way to the ledger. */
export interface MemoryRequest {
  readonly kind: MemoryRequestKind
  readonly wallet: Address
}

/**
 * What becomes of a request: served; lost on the way there; served, its answer lost; or served only when `landLate` is
 * called, its answer lost. A reading may also be `stale`, as the channel was up to 3 s ago, or `torn`: its version of now with the amounts before
 * the last change.
 */
export type Fate = 'served' | 'requestLost' | 'answerLost' | 'late' | 'stale' | 'torn'

export interface MemoryChannelOptions extends MemoryPaperOptions {
  /** Absent: no message is ever too late. */
  readonly clock?: Clock
  /** Readings can be torn: each is made until two in a row agree. */
  readonly tornReadings?: boolean
}

/** The rail's node and its faults. Everything about it is visible: it is for tests and simulated worlds. */
export interface MemoryChannelNetwork {
  readonly options: MemoryChannelOptions
  readonly ledger: Ledger
  /** Puts money into a wallet. */
  fund(wallet: Address, amount: Micros): void
  /** A stranger's gift, which nobody asked for. */
  dust(wallet: Address, amount: Micros): void
  balance(wallet: Address): Micros
  /** All money in wallets and open channels: only `fund` and `dust` change it. */
  total(): Micros
  /** Decides the fate of every request until it is undefined again; may wait, which delays it. */
  onRequest(decide: ((request: MemoryRequest) => Fate | Promise<Fate>) | undefined): void
  /** The next money-moving request of a wallet, whatever `onRequest` says. */
  loseNext(wallet: Address, fate: 'requestLost' | 'answerLost' | 'late'): void
  /** Serves, in order, what was held back as `late`. */
  landLate(): void
  /** Agent with provider move a channel, or close it, behind the coordinator's back. */
  moveByOthers(laneId: string, allocations: Allocations): void
  closeByOthers(laneId: string, allocations: Allocations): void
  /** Somebody creates the channel of a definition, empty: the id is taken. */
  squat(definition: string): void
  /** Signatures of a wallet stop counting, or count again. */
  hijack(wallet: Address, on: boolean): void
  /** The ledger cannot be reached. */
  setDown(down: boolean): void
  /** One request of a rail. `lost`: no answer came. Throws nothing. */
  request(request: MemoryRequest, serve: (ledger: Ledger) => 'ok' | Refused): Promise<Answer>
}

/** What a rail hears of a request. */
export type Answer = 'ok' | Refused | 'lost' | 'stale' | 'torn'

/**
 * A shared in-memory ledger of payment channels, with faults on demand.
 *
 * @example
 * const network = memoryChannelNetwork({ clock })
 * network.fund(agentWallet.address, parseUsdc('10'))
 * const rail = memoryChannelRail(network, agentWallet)
 */
export function memoryChannelNetwork(options: MemoryChannelOptions = {}): MemoryChannelNetwork {
  const ledger = new Ledger({
    debitMovesBase: options.debitMovesBase ?? false,
    landingMs: options.landingMs ?? 60_000,
    nowMs: () => options.clock?.wallMs(),
    signerOf: options.signatures === 'cheap' ? cheapSigner : ecdsaSigner,
  })
  return { options, ledger, ...controlsOf(ledger), ...wiresOf(ledger) }
}

type Wires = Pick<MemoryChannelNetwork, 'onRequest' | 'loseNext' | 'landLate' | 'setDown' | 'request'>

/** The way to the ledger and what can happen on it. */
function wiresOf(ledger: Ledger): Wires {
  const fates = new Map<string, Fate[]>()
  let decide: ((request: MemoryRequest) => Fate | Promise<Fate>) | undefined
  let late: (() => void)[] = []
  let down = false
  const fateOf = async (request: MemoryRequest): Promise<Fate> => {
    const movesMoney = request.kind !== 'read' && request.kind !== 'probe'
    const planned = movesMoney ? fates.get(request.wallet)?.shift() : undefined
    return planned ?? (await decide?.(request)) ?? 'served'
  }
  return {
    onRequest: (next) => {
      decide = next
    },
    loseNext: (wallet, fate) => void fates.set(wallet, [...(fates.get(wallet) ?? []), fate]),
    landLate: () => {
      const all = late
      late = []
      for (const serve of all) serve()
    },
    setDown: (next) => {
      down = next
    },
    async request(request, serve) {
      const fate = await fateOf(request)
      if (down || fate === 'requestLost') return 'lost'
      if (fate === 'late') {
        late.push(() => void serve(ledger))
        return 'lost'
      }
      const answer = serve(ledger)
      if (request.kind === 'read' && (fate === 'stale' || fate === 'torn')) return fate
      return fate === 'answerLost' ? 'lost' : answer
    },
  }
}

type Controls = Omit<MemoryChannelNetwork, keyof Wires | 'options' | 'ledger'>

/** What others do to the ledger. */
function controlsOf(ledger: Ledger): Controls {
  return {
    fund: (wallet, amount) => ledger.credit(wallet, amount, 'deposit'),
    dust: (wallet, amount) => ledger.credit(wallet, amount, 'stranger'),
    balance: (wallet) => micros(ledger.balances.get(wallet) ?? 0n),
    total: () => totalOf(ledger),
    moveByOthers: (laneId, allocations) => {
      const channel = openChannel(ledger, laneId)
      ledger.remember(laneId)
      channel.version += 1
      channel.allocations = allocations
    },
    closeByOthers: (laneId, allocations) => ledger.pay(laneId, openChannel(ledger, laneId), allocations),
    squat: (definition) => {
      const allocations = { agentMicros: micros(0n), coordinatorMicros: micros(0n), providerMicros: micros(0n) }
      const participants = participantsOf(definition)
      ledger.channels.set(idOf(definition), { definition, participants, status: 'open', version: 1, allocations })
    },
    hijack: (wallet, on) => void (on ? ledger.hijacked.add(wallet) : ledger.hijacked.delete(wallet)),
  }
}

function openChannel(ledger: Ledger, laneId: string) {
  const channel = ledger.channels.get(laneId)
  if (channel?.status === 'open') return channel
  throw new OrienError('unknownSession', { message: 'no open channel of that id' })
}

function totalOf(ledger: Ledger): Micros {
  let total = 0n
  for (const balance of ledger.balances.values()) total += balance
  for (const { status, allocations } of ledger.channels.values()) {
    if (status === 'open') total += allocations.agentMicros + allocations.coordinatorMicros + allocations.providerMicros
  }
  return micros(total)
}
