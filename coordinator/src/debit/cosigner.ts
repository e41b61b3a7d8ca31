import { PROTOCOLS, type FrameStream, type Network } from '@orien/node/network'
import {
  cosignAnswers,
  cosignRequests,
  isOrienError,
  OrienError,
  type CosignAnswer,
  type CosignRequest,
  type Outgoing,
  type PeerText,
} from '@orien/protocol'
import { helloOf, refused, type Core } from '../core.ts'

type Question = Partial<Outgoing<Pick<CosignRequest, 'debit' | 'close' | 'contest'>>>

/** One answered question. The stream stays open until it is finished, so that the Notice can follow. */
export interface Exchange {
  readonly answer: CosignAnswer
  /** Sends the Notice, if any, and closes. Never throws: the agent learns it from its receipts stream too. */
  finish(notice?: Uint8Array): void
}

/** Asks agents for co-signatures, on the connections they opened. */
export interface Cosigner {
  /**
   * Waits for the agent to be connected, and then for its answer, `timeoutMs` together. Undefined when none came. An answer may carry a
   * failure. Rejects with `stopped`: that nobody waited is no refusal of the agent's.
   */
  ask(agent: PeerText, question: Question, timeoutMs: number): Promise<Exchange | undefined>
  /** Gives up every question that waits. */
  stop(): void
}

export function createCosigner(core: Core): Cosigner {
  const stopping = new AbortController()
  return {
    stop: () => stopping.abort(),
    ask: (agent, question, timeoutMs) =>
      within(core, stopping.signal, timeoutMs, async (signal) => {
        // A stream that ended without an answer (a slow wallet, a lost connection) is no refusal: asked again until time is up.
        for (;;) {
          const stream = await openStream(core, agent, signal)
          const abort = (): void => stream.abort('too late')
          signal.addEventListener('abort', abort, { once: true })
          sendQuietly(stream, { hello: helloOf(core), ...question })
          const answer = await readAnswer(stream, signal)
          signal.removeEventListener('abort', abort)
          if (answer !== undefined) return answer
          await pause(core, signal)
        }
      }),
  }
}

/** Runs an exchange that must end within `timeoutMs`; undefined when it does not, or when the agent went away for good. */
function within(
  core: Core,
  stopping: AbortSignal,
  timeoutMs: number,
  exchange: (signal: AbortSignal) => Promise<Exchange | undefined>,
): Promise<Exchange | undefined> {
  const abort = new AbortController()
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      end()
      abort.abort()
      reject(refused('stopped', 'the coordinator is stopping'))
    }
    if (stopping.aborted) {
      reject(refused('stopped', 'the coordinator is stopping'))
      return
    }
    const cancel = core.timers.after(timeoutMs, () => {
      end()
      abort.abort()
      resolve(undefined)
    })
    stopping.addEventListener('abort', stop)
    const end = (): void => {
      cancel()
      stopping.removeEventListener('abort', stop)
    }
    exchange(abort.signal).then(
      (answer) => {
        end()
        resolve(answer)
      },
      (error: unknown) => {
        end()
        if (
          isOrienError(error, 'unreachable') ||
          isOrienError(error, 'streamClosed') ||
          isOrienError(error, 'cancelled')
        )
          resolve(undefined)
        else reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}

/** Dials on the agent's connection, as often as one comes up, until it works. */
async function openStream(core: Core, agent: PeerText, signal: AbortSignal): Promise<FrameStream> {
  for (;;) {
    if (signal.aborted) throw new OrienError('cancelled', { message: 'the agent is not there' })
    if (core.network.isConnected(agent)) {
      try {
        return await core.network.dial({ peer: agent }, PROTOCOLS.cosign, { signal })
      } catch (error) {
        if (!isOrienError(error, 'unreachable') && !isOrienError(error, 'timedOut')) throw error
        await pause(core, signal)
        continue
      }
    }
    await connected(core.network, agent, signal)
  }
}

const REDIAL_MS = 250

function pause(core: Core, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = core.timers.after(REDIAL_MS, resolve)
    signal.addEventListener(
      'abort',
      () => {
        cancel()
        resolve()
      },
      { once: true },
    )
  })
}

function connected(network: Network, agent: PeerText, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = network.onConnect((peer) => {
      if (peer === agent) end()
    })
    const end = (): void => {
      stop()
      resolve()
    }
    signal.addEventListener('abort', end, { once: true })
  })
}

async function readAnswer(stream: FrameStream, signal: AbortSignal): Promise<Exchange | undefined> {
  for await (const frame of stream.frames) {
    if (signal.aborted) return undefined
    const answer = decode(frame)
    if (answer === undefined) break
    return { answer, finish: (notice) => finish(stream, notice) }
  }
  stream.abort('no answer')
  return undefined
}

function decode(frame: Uint8Array): CosignAnswer | undefined {
  try {
    return cosignAnswers.decode(frame)
  } catch (error) {
    // An agent that cannot be understood is like one that does not answer.
    if (isOrienError(error)) return undefined
    throw error
  }
}

function finish(stream: FrameStream, notice?: Uint8Array): void {
  if (notice !== undefined) sendQuietly(stream, { notice })
  void stream.close()
}

/** A stream that is gone is noticed where its answer is read. */
function sendQuietly(stream: FrameStream, request: Partial<Outgoing<CosignRequest>>): void {
  try {
    stream.send(cosignRequests.encode(request))
  } catch (error) {
    if (!isOrienError(error, 'streamClosed')) throw error
  }
}
