import { PROTOCOLS, type FrameStream, type Network } from '@orien/node/network'
import {
  receiptsAnswers,
  receiptsRequests,
  type Hello,
  type Outgoing,
  type PeerText,
  type ReceiptsAnswer,
  type ReceiptsRequest,
} from '@orien/protocol'
import { DOCUMENTS } from '../../src/core.ts'

export const HELLO: Outgoing<Hello> = { documents: DOCUMENTS, clockMs: 0 }

/** A receipts stream as providers and agents keep one. */
export interface ReceiptsLink {
  readonly stream: FrameStream
  /** Sends a batch and resolves with its answer; undefined when the stream ended first. */
  send(batch: Partial<Outgoing<ReceiptsRequest>>): Promise<ReceiptsAnswer | undefined>
  /** Frames that answered no batch. */
  readonly pushed: ReceiptsAnswer[]
}

export async function openLink(network: Network, coordinator: PeerText): Promise<ReceiptsLink> {
  const stream = await network.dial({ peer: coordinator }, PROTOCOLS.receipts)
  const waiting = new Map<number, (answer: ReceiptsAnswer | undefined) => void>()
  const pushed: ReceiptsAnswer[] = []
  let last = 0
  void (async () => {
    for await (const frame of stream.frames) {
      const answer = receiptsAnswers.decode(frame)
      const resolve = answer.batch === undefined ? undefined : waiting.get(answer.batch)
      if (resolve === undefined) pushed.push(answer)
      else resolve(answer)
    }
    for (const resolve of waiting.values()) resolve(undefined)
  })()
  return {
    stream,
    pushed,
    send(batch) {
      const number = ++last
      const answered = new Promise<ReceiptsAnswer | undefined>((resolve) => waiting.set(number, resolve))
      const hello = number === 1 ? { hello: HELLO } : {}
      stream.send(receiptsRequests.encode({ ...hello, ...batch, batch: number }))
      return answered
    },
  }
}
