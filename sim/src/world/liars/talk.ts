import { PROTOCOLS, type Network } from '@orien/node/network'
import {
  Ack,
  Authorisation,
  End,
  Final,
  Grant,
  Notice,
  Quote,
  Receipt,
  receiptsRequests,
  Refusal,
  Statement,
  TickAck,
  type Hello,
  type Outgoing,
  type ReceiptsRequest,
} from '@orien/protocol'
import type { Liar } from './strategy.ts'

const DOCUMENTS = [Grant, Quote, Notice, Authorisation, Refusal, TickAck, Receipt, Ack, End, Final, Statement].map(
  (one) => one.type,
)

export function hello(): Hello {
  return { documents: DOCUMENTS, clockMs: 0 }
}

/** One batch on a receipts stream of its own, whatever comes of it. */
export async function sendBatch(
  { ground }: Liar,
  network: Network,
  batch: Partial<Outgoing<ReceiptsRequest>>,
): Promise<void> {
  try {
    const stream = await network.dial({ peer: ground.cast.coordinator.peer }, PROTOCOLS.receipts)
    const empty = { cheques: [], receipts: [], acks: [], ends: [] }
    stream.send(receiptsRequests.encode({ ...empty, ...batch, hello: hello(), batch: 1 }))
    for await (const _answer of stream.frames) break
    await stream.close()
  } catch {
    // A liar that is not heard has lied for nothing.
  }
}
