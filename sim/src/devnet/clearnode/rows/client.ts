import { WebSocket } from 'ws'
import type { Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount, sign } from 'viem/accounts'
import { stringifyExact, type Writable } from '../json.ts'
import { hashText } from '../signing.ts'

/** A raw client for the rows: it sends exact bytes and hides nothing, not even what the SDK would refuse to parse. */
export interface Reply {
  readonly id: number
  readonly method: string
  readonly params: { readonly [name: string]: unknown }
  /** The refusal's text; undefined when the request was accepted. */
  readonly error: string | undefined
}

export interface Client {
  /** Sends a message whose `req` carries an id of its own and waits for the answer under that id. */
  readonly send: (message: string) => Promise<Reply>
  /** Sends any text and waits for an answer under an id nobody asked with. */
  readonly sendStray: (text: string) => Promise<Reply>
  readonly pushes: Reply[]
  /** A round trip: what was pushed before it is in `pushes` now. */
  readonly settle: () => Promise<void>
  readonly close: () => Promise<void>
}

let lastId = 0
export const nextId = (): number => ++lastId

/** The exact text of a request. */
export const requestText = (method: string, params: Writable, tsMs: number, id: number = nextId()): string =>
  stringifyExact([id, method, params, tsMs])

export interface Wallet {
  readonly address: Hex
  readonly key: Hex
  readonly sign: (text: string) => Promise<Hex>
}

export const freshWallet = (): Wallet => {
  const key = generatePrivateKey()
  return {
    key,
    address: privateKeyToAccount(key).address,
    sign: (text) => sign({ hash: hashText(text), privateKey: key, to: 'hex' }),
  }
}

/** The message of a request with the signatures of these wallets, in this order. */
export const signedBy = async (text: string, ...wallets: readonly Wallet[]): Promise<string> =>
  `{"req":${text},"sig":${JSON.stringify(await Promise.all(wallets.map((wallet) => wallet.sign(text))))}}`

const readReply = (data: Buffer): Reply => {
  const { res } = JSON.parse(data.toString('utf8')) as { res: [number, string, Reply['params'], number] }
  const [id, method, params] = res
  return { id, method, params, error: method === 'error' ? String(params['error']) : undefined }
}

export const dial = async (url: string): Promise<Client> => {
  const ws = new WebSocket(url)
  const waiting = new Map<number, (reply: Reply) => void>()
  const strays: ((reply: Reply) => void)[] = []
  const pushes: Reply[] = []
  ws.on('message', (data: Buffer) => {
    const reply = readReply(data)
    const resolve = reply.id === 0 ? undefined : (waiting.get(reply.id) ?? strays.shift())
    waiting.delete(reply.id)
    if (resolve === undefined) pushes.push(reply)
    else resolve(reply)
  })
  await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject))
  const gone = new Promise<never>((_resolve, reject) => ws.once('close', () => reject(new Error('socket closed'))))
  // Only a request in flight cares; without one the rejection has no reader.
  gone.catch(() => undefined)
  const send = (message: string): Promise<Reply> => {
    const id = (JSON.parse(message) as { req: [number] }).req[0]
    const answered = new Promise<Reply>((resolve) => waiting.set(id, resolve))
    ws.send(message)
    return Promise.race([answered, gone])
  }
  return {
    send,
    pushes,
    sendStray: (text) => {
      const answered = new Promise<Reply>((resolve) => strays.push(resolve))
      ws.send(text)
      return Promise.race([answered, gone])
    },
    settle: async () => {
      await send(`{"req":${requestText('ping', {}, Date.now())}}`)
    },
    close: () =>
      new Promise((resolve) => {
        if (ws.readyState === ws.CLOSED) return resolve()
        ws.once('close', () => resolve())
        ws.close()
      }),
  }
}
