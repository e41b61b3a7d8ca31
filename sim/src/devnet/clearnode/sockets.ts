import type { Server } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Answer, Node, Request, Socket } from './context.ts'
import { stringifyExact, type Writable } from './json.ts'
import { clearnodeLimits } from './limits.ts'
import { readMessage } from './message.ts'
import { welcome } from './pushes.ts'
import { assetView } from './queries.ts'
import { isKept, route } from './router.ts'

interface Connection extends Socket {
  readonly ws: WebSocket
  /** Requests of one socket are served one after another, in order of arrival. */
  queue: Promise<void>
}

/** The WebSocket side: all paths, one queue per socket, pushes to every socket of a wallet. */
export interface Sockets {
  readonly pushTo: Node['pushTo']
  /** Called once, before the first connection. */
  readonly serve: (node: Node) => void
  readonly close: () => Promise<void>
}

/** `onFault` hears of what went wrong inside the node; the socket it happened on is ended. */
export const openSockets = (http: Server, onFault: (error: unknown) => void): Sockets => {
  const server = new WebSocketServer({ server: http, maxPayload: clearnodeLimits.maxMessageBytes })
  const connections = new Set<Connection>()
  let node: Node | undefined
  return {
    serve: (running) => {
      node = running
      server.on('connection', (ws) => {
        const connection: Connection = { ws, login: undefined, queue: Promise.resolve() }
        connections.add(connection)
        ws.on('close', () => connections.delete(connection))
        connect(running, connection, onFault)
      })
    },
    pushTo: async (wallet: string, method: string, params: Writable) => {
      if (node === undefined) return
      for (const connection of connections)
        if (connection.login?.wallet === wallet) await send(node, connection, 0n, { method, params })
    },
    close: async () => {
      const queues = [...connections].map(({ queue }) => queue)
      for (const { ws } of connections) ws.terminate()
      await Promise.all(queues)
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
      })
    },
  }
}

const connect = (node: Node, connection: Connection, onFault: (error: unknown) => void): void => {
  const { ws } = connection
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
  enqueue(() => send(node, connection, 0n, { method: 'assets', params: { assets: node.assets.map(assetView) } }))
  ws.on('message', (data) => enqueue(() => answer(node, connection, bytesOf(data).toString('utf8'))))
  // A broken frame ends that socket alone; 'close' follows.
  ws.on('error', () => ws.terminate())
}

/** Signs and sends an answer or a push (id 0); gives back its exact `res` text. */
const send = async (node: Node, { ws }: Connection, id: bigint, { method, params }: Answer): Promise<string> => {
  const res = stringifyExact([id, method, params, BigInt(Math.trunc(node.nowMs()))])
  const signature = await node.broker.sign(res)
  if (ws.readyState === ws.OPEN) ws.send(`{"res":${res},"sig":["${signature}"]}`)
  return res
}

const answer = async (node: Node, connection: Connection, text: string): Promise<void> => {
  const request = readMessage(text)
  if ('refusal' in request) {
    const id = request.id ?? BigInt(Math.trunc(node.nowMs()))
    await send(node, connection, id, { method: 'error', params: { error: request.refusal } })
    return
  }
  const before = connection.login?.wallet
  const response = await send(node, connection, request.id, await route(node, connection, request))
  const wallet = connection.login?.wallet
  if (wallet === undefined) return
  if (isKept(request.method)) remember(node, wallet, request, response)
  // Told once per socket and wallet, after the answer to the log-in.
  if (wallet !== before)
    for (const [method, params] of welcome(node, wallet)) await send(node, connection, 0n, { method, params })
}

const remember = ({ history }: Node, sender: string, request: Request, response: string): void => {
  history.push({ id: (history.at(-1)?.id ?? 0) + 1, sender, request, response })
  if (history.length > clearnodeLimits.historyRows) history.shift()
}

const bytesOf = (data: Buffer | ArrayBuffer | Buffer[]): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data)
