import {
  createMemoryNetwork,
  offerRecords,
  PROTOCOLS,
  type FrameStream,
  type Network,
  type StreamProtocol,
} from '@orien/node/network'
import type { PeerText } from '@orien/protocol'
import { afterEach, expect, test } from 'vitest'
import { party, scope } from '../../../node/test/helpers/parties.ts'
import { startThree, type Three } from '../helpers/three.ts'

let three: Three | undefined
const strangers: Network[] = []
afterEach(async () => {
  for (const one of strangers.splice(0)) await one.stop()
  await three?.stop()
  three = undefined
})

function stranger({ hub }: Three, seed: number): Network {
  const network = createMemoryNetwork(hub, { peer: party(seed).peer, records: offerRecords(scope) })
  strangers.push(network)
  return network
}

/** Bytes of a small generator: the same for the same seed. */
function bytesOf(seed: number, length: number): Uint8Array {
  let state = seed * 2_654_435_761 || 1
  return Uint8Array.from({ length }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state & 0xff
  })
}

/** Every stream a peer may open: some say nothing at all, some talk nonsense, some leave in the middle. */
async function pester(
  network: Network,
  peer: PeerText,
  protocol: StreamProtocol,
  seed: number,
): Promise<FrameStream[]> {
  const streams: FrameStream[] = []
  for (let n = 0; n < protocol.maxInboundStreams; n++) {
    const stream = await network.dial({ peer }, protocol)
    streams.push(stream)
    if (n % 3 > 0) stream.send(bytesOf(seed * 100 + n, n * 37))
    if (n % 3 === 2) stream.abort('gone')
  }
  return streams
}

/** An honest session from the first call to the payout; what is wrong with it afterwards. */
async function wrongs({ agent, coordinator, chain, parties }: Three): Promise<readonly string[]> {
  const results = await Promise.all(Array.from({ length: 8 }, (_, at) => agent.run('echo', { at })))
  const [settlement] = await agent.settle()
  await Promise.all(agent.sessions().map((session) => session.paid()))
  const accepted = results.reduce((sum, one) => sum + one.costNumerator, 0n) / 60_000n
  const statement = settlement?.statements.at(-1)?.value
  const problems = [...(await coordinator.check())]
  if (statement?.totalMicros !== accepted) problems.push(`stated ${statement?.totalMicros}, accepted ${accepted}`)
  const paid = chain.balance(parties.provider.wallet.address)
  if (statement?.split.providerMicros !== paid) problems.push(`the provider got ${paid}`)
  return problems
}

test('behavior: whatever strangers write on any stream, an honest session runs beside it and is paid', async () => {
  three = await startThree()
  const { parties } = three
  const honest = wrongs(three)
  honest.catch(() => undefined)
  const streams: FrameStream[] = []
  for (let seed = 20; seed < 24; seed++) {
    const network = stranger(three, seed)
    const targets = [
      [parties.coordinator.peer, [PROTOCOLS.session, PROTOCOLS.receipts, PROTOCOLS.statement]],
      [parties.provider.peer, [PROTOCOLS.work, PROTOCOLS.offer, PROTOCOLS.blob]],
      [parties.agent.peer, [PROTOCOLS.cosign]],
    ] as const
    for (const [peer, protocols] of targets) {
      for (const protocol of protocols) {
        streams.push(...(await pester(network, peer, protocol, seed)))
      }
    }
  }
  expect(await honest).toEqual([])
  for (const stream of streams) stream.abort('done')
})

test('behavior: a hundred thousand frames of a stranger hold up nobody', async () => {
  three = await startThree()
  const network = stranger(three, 30)
  const stream = await network.dial({ peer: three.parties.coordinator.peer }, PROTOCOLS.receipts)
  const flood = async (): Promise<void> => {
    for (let n = 0; n < 100_000; n++) {
      try {
        if (!stream.send(new Uint8Array(0))) await stream.drained()
      } catch {
        return
      }
    }
  }
  const [problems] = await Promise.all([wrongs(three), flood()])
  expect(problems).toEqual([])
  stream.abort('done')
})

test('behavior: a whole session asks the ledger about its cheques no more often than they change', async () => {
  three = await startThree()
  let probes = 0
  three.ledger.onRequest(({ kind }) => {
    if (kind === 'probe') probes += 1
    return 'served'
  })
  expect(await wrongs(three)).toEqual([])
  const cheques = three.events.filter(({ event }) => event === 'cheque').length
  expect(probes).toBeLessThanOrEqual(cheques + 2)
})
