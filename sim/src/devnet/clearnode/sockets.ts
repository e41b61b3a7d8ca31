import type { IncomingMessage, Server } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Answer, Node, Socket } from './context.ts'
import { stringifyExact, type Writable } from './json.ts'
import { clearnodeLimits } from './limits.ts'
import { readMessage } from './message.ts'
import { assetView } from './queries.ts'
import { route } from './router.ts'

interface Connection extends Socket {
  readonly ws: WebSocket
  /** Requests of one socket are served one after another, in order of arrival. */
  queue: Promise<void>
}

/** The WebSocket side: all paths, one queue per socket, pushes to every socket of a wallet. */
export interface Sockets {
  readonly pushTo: Node['pushTo']
  /** Set once, before the first connection. */
  readonly serve: (node: Node) => void
  readonly close: () => Promise<void>
}

export const openSockets = (http: Server, onFault: (error: unknown) => void): Sockets => {
  const server = new WebSocketServer({ server: http, maxPayload: clearnodeLimits.maxMessageBytes })
  const connections = new Set<Connection>()
  let node: Node | undefined

  const send = async (running: Node, { ws }: Connection, id: bigint, { method, params }: Answer) => {
    const res = stringifyExact([id, method, params, BigInt(Math.trunc(running.nowMs()))])
    const signature = await running.broker.sign(res)
    if (ws.readyState === ws.OPEN) ws.send(`{"res":${res},"sig":["${signature}"]}`)
    return { res, signature }
  }

  const answer = async (running: Node, connection: Connection, text: string): Promise<void> => {
    const request = readMessage(text)
    if (typeof request === 'string') {
      const ownId = BigInt(Math.trunc(running.nowMs()))
      await send(running, connection, ownId, { method: 'error', params: { error: request } })
      return
    }
    const { res, signature } = await send(running, connection, request.id, await route(running, connection, request))
    if (connection.login === undefined) return
    const { history } = running
    history.push({
      id: (history.at(-1)?.id ?? 0) + 1,
      sender: connection.login.wallet,
      request,
      response: res,
      responseSignature: signature,
    })
    if (history.length > clearnodeLimits.historyRows) history.shift()
  }

  const connect = (running: Node, ws: WebSocket, _request: IncomingMessage): void => {
    const connection: Connection = { ws, login: undefined, queue: Promise.resolve() }
    connections.add(connection)
    const enqueue = (work: () => Promise<unknown>): void => {
      connection.queue = connection.queue.then(work).then(
        () => undefined,
        (error: unknown) => {
          // A fault of the node itself: the socket ends, so that nobody waits for an answer that cannot come.
          onFault(error)
          ws.terminate()
        },
      )
    }
    enqueue(() =>
      send(running, connection, 0n, { method: 'assets', params: { assets: running.assets.map(assetView) } }),
    )
    ws.on('message', (data) => enqueue(() => answer(running, connection, bytesOf(data).toString('utf8'))))
    ws.on('close', () => connections.delete(connection))
    // A broken frame ends that socket alone; 'close' follows.
    ws.on('error', () => ws.terminate())
  }

  return {
    serve: (running) => {
      node = running
      server.on('connection', (ws, request) => connect(running, ws, request))
    },
    pushTo: async (wallet: string, method: string, params: Writable) => {
      if (node === undefined) return
      for (const connection of connections)
        if (connection.login?.wallet === wallet) await send(node, connection, 0n, { method, params })
    },
    close: async () => {
      for (const { ws } of connections) ws.terminate()
      await Promise.all([...connections].map(({ queue }) => queue))
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
      })
    },
  }
}

const bytesOf = (data: Buffer | ArrayBuffer | Buffer[]): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data)
