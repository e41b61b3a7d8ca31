// What the tests of the Yellow rail share: a ClearNode stand-in on a clock of their own, a way to it that can lose
// requests and answers, and the attacks that a real node allows.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createAuthRequestMessage,
  createAuthVerifyMessageFromChallenge,
  EIP712AuthTypes,
  parseAnyRPCResponse,
  RPCMethod,
} from '@erc7824/nitrolite'
import { systemRandom, systemTimers } from '@orien/node/crypto'
import {
  createYellowRail,
  localWallet,
  type ChannelRail,
  type Lane,
  type Wallet,
  type YellowRailOptions,
} from '@orien/node/rails'
import { formatUsdc, fromHex, hex, utf8, type Address, type Clock, type Micros } from '@orien/protocol'
import { generatePrivateKey } from 'viem/accounts'
import { hashTypedData } from 'viem/utils'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import { startClearnode, type Clearnode } from '../../src/devnet/clearnode/index.ts'

export const ASSET = 'usdc'
/** How long a channel stays quiet after an answer was lost, and no Exit is sent after a start. */
export const QUIET_MS = 60_000

/** A stand-in, its clock, and rails that reach it through one proxy each. */
export class YellowLab {
  readonly clock: Clock
  #node: Clearnode
  readonly #home: string
  readonly #time: { nowMs: number }
  readonly #rails: ChannelRail[] = []
  readonly #ways = new Map<string, Way>()

  private constructor(home: string, node: Clearnode, time: { nowMs: number }) {
    this.#home = home
    this.#node = node
    this.#time = time
    this.clock = { wallMs: () => time.nowMs, monoMs: () => time.nowMs }
  }

  static async open(): Promise<YellowLab> {
    const home = await mkdtemp(join(tmpdir(), 'orien-yellow-'))
    const time = { nowMs: Date.now() }
    return new YellowLab(home, await startClearnode({ home, nowMs: () => time.nowMs }), time)
  }

  get node(): Clearnode {
    return this.#node
  }

  /** Stops the node and starts it again on its ledger and port. */
  async restartNode(): Promise<void> {
    const port = Number(new URL(this.#node.url).port)
    await this.#node.stop()
    this.#node = await startClearnode({ home: this.#home, port, nowMs: () => this.#time.nowMs })
  }

  async close(): Promise<void> {
    for (const rail of this.#rails) await rail.stop()
    for (const way of this.#ways.values()) await way.close()
    await this.node.stop()
    await rm(this.#home, { recursive: true, force: true })
  }

  advance(ms: number): void {
    this.#time.nowMs += ms
  }

  async rail(
    wallet: Wallet,
    options: Partial<Pick<YellowRailOptions, 'limits' | 'onEvent'>> = {},
  ): Promise<ChannelRail> {
    const way = await this.way(wallet.address)
    const rail = await createYellowRail({
      url: way.url,
      wallet,
      asset: ASSET,
      clock: this.clock,
      timers: systemTimers,
      random: systemRandom,
      ...options,
    })
    this.#rails.push(rail)
    return rail
  }

  /** A wallet whose rail has been up for a while: the quiet after its start is over. */
  async party(): Promise<{ wallet: Wallet; rail: ChannelRail }> {
    const wallet = localWallet(generatePrivateKey())
    const rail = await this.rail(wallet)
    this.advance(QUIET_MS)
    return { wallet, rail }
  }

  fund(wallet: Address, amount: Micros): Promise<void> {
    return this.node.credit(wallet, ASSET, formatUsdc(amount))
  }

  /** The proxy of a wallet, made at first use. */
  async way(wallet: string): Promise<Way> {
    const known = this.#ways.get(wallet)
    if (known !== undefined) return known
    const made = await Way.open(this.node.url)
    this.#ways.set(wallet, made)
    return made
  }

  lose(wallet: string, what: 'request' | 'answer'): void {
    this.#ways.get(wallet)?.loseNext(what)
  }

  /** The owner lets its own key go, then a second wallet claims its address. */
  async hijack(wallet: Wallet): Promise<() => Promise<void>> {
    const owner = await RawSocket.open(this.node.url)
    await owner.logIn(wallet, localWallet(generatePrivateKey()).address, this.#time.nowMs)
    owner.close()
    const second = localWallet(generatePrivateKey())
    const claimer = await RawSocket.open(this.node.url)
    await claimer.logIn(second, wallet.address, this.#time.nowMs)
    return async () => {
      await claimer.logIn(second, second.address, this.#time.nowMs)
      claimer.close()
    }
  }

  /** Somebody creates the session of a definition, empty. */
  async squat({ definition }: Pick<Lane, 'definition'>): Promise<void> {
    const stranger = await RawSocket.open(this.node.url)
    await stranger.logIn(localWallet(generatePrivateKey()), undefined, this.#time.nowMs)
    await stranger.request('create_app_session', `"definition":${definition},"allocations":[]`, this.#time.nowMs)
    stranger.close()
  }
}

/** A proxy before the node, for one wallet: a real socket on both sides. */
export class Way {
  readonly url: string
  /** Requests seen, by method, in order; `>` sent, `<` answered. */
  readonly seen: string[] = []
  /** Sockets opened so far. */
  opened = 0
  /** The most requests that were ever awaiting an answer at once, over all sockets. */
  mostAtOnce = 0
  #atOnce = 0
  #losing: 'request' | 'answer' | undefined
  readonly #server: WebSocketServer
  readonly #sockets = new Set<WebSocket>()

  private constructor(server: WebSocketServer, target: string) {
    this.#server = server
    const address = server.address()
    this.url = `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/ws`
    server.on('connection', (client) => this.#connect(client, new WebSocket(target)))
  }

  static open(target: string): Promise<Way> {
    return new Promise((resolve, reject) => {
      const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
      server.once('error', reject)
      server.once('listening', () => resolve(new Way(server, target)))
    })
  }

  loseNext(what: 'request' | 'answer'): void {
    this.#losing = what
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #connect(client: WebSocket, node: WebSocket): void {
    this.opened += 1
    let losingId: number | undefined
    let cut = false
    const queue: string[] = []
    for (const socket of [client, node]) this.#sockets.add(socket)
    const end = (): void => {
      cut = true
      client.terminate()
      node.close()
    }
    node.on('open', () => {
      for (const text of queue.splice(0)) node.send(text)
    })
    client.on('message', (data) => {
      const text = textOf(data)
      const [id, method] = (JSON.parse(text) as { req: [number, string] }).req
      this.seen.push(`> ${method}`)
      this.#atOnce += 1
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce)
      if (this.#losing !== undefined && movesMoney(text)) {
        const what = this.#losing
        this.#losing = undefined
        losingId = id
        if (what === 'request') {
          this.#atOnce -= 1
          return end()
        }
      }
      if (node.readyState === WebSocket.OPEN) node.send(text)
      else queue.push(text)
    })
    node.on('message', (data) => {
      const text = textOf(data)
      const [id, method] = (JSON.parse(text) as { res: [number, string] }).res
      if (id !== 0) {
        this.#atOnce -= 1
        this.seen.push(`< ${method}`)
      }
      if (cut) return
      if (id !== 0 && id === losingId) return end()
      if (client.readyState === WebSocket.OPEN) client.send(text)
    })
    client.on('close', () => node.close())
    node.on('close', () => client.terminate())
    for (const socket of [client, node]) socket.on('error', () => end())
  }
}

/** A probe carries one signature and cannot move anything. */
function movesMoney(text: string): boolean {
  const { req, sig } = JSON.parse(text) as { req: [number, string]; sig?: string[] }
  const alone = ['create_app_session', 'transfer'].includes(req[1])
  return alone || (['submit_app_state', 'close_app_session'].includes(req[1]) && (sig?.length ?? 0) > 1)
}

function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.concat(data as Buffer[]).toString('utf8')
}

/** A plain socket to the node, for what no rail of ours would do. */
export class RawSocket {
  readonly #ws: WebSocket
  #lastId = 1_000
  readonly #waiting = new Map<number, (text: string) => void>()

  private constructor(ws: WebSocket) {
    this.#ws = ws
    ws.on('message', (data) => {
      const text = textOf(data)
      const [id] = (JSON.parse(text) as { res: [number] }).res
      this.#waiting.get(id)?.(text)
    })
  }

  static open(url: string): Promise<RawSocket> {
    return new Promise((resolve, reject) => {
      const ws = new WebSocket(url)
      ws.once('error', reject)
      ws.once('open', () => resolve(new RawSocket(ws)))
    })
  }

  close(): void {
    this.#ws.terminate()
  }

  /** The answer's text. */
  send(text: string, id: number): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#ws.send(text)
    })
  }

  /** An answer's params; the signatures of `signers` go with it. */
  async request(
    method: string,
    params: string,
    tsMs: number,
    signers: readonly Wallet[] = [],
  ): Promise<Record<string, unknown>> {
    this.#lastId += 1
    const req = `[${this.#lastId},"${method}",{${params}},${tsMs}]`
    const bytes = utf8(req)
    const signatures = await Promise.all(signers.map((signer) => signer.sign({ scheme: 'keccak', bytes })))
    const text = `{"req":${req},"sig":[${signatures.map((one) => `"0x${hex(one)}"`).join(',')}]}`
    return (JSON.parse(await this.send(text, this.#lastId)) as { res: [number, string, Record<string, unknown>] })
      .res[2]
  }

  /** Logs in with any session key (absent: none). */
  async logIn(wallet: Wallet, sessionKey: Address | undefined, nowMs: number): Promise<void> {
    const claim = {
      address: wallet.address,
      session_key: sessionKey ?? wallet.address,
      application: 'orien',
      allowances: [],
      expires_at: 9_999_999_999n,
      scope: '',
    }
    this.#lastId += 1
    const asked = await this.send(await createAuthRequestMessage(claim, this.#lastId, nowMs), this.#lastId)
    const answer = parseAnyRPCResponse(asked)
    if (answer.method !== RPCMethod.AuthChallenge) throw new Error(`no challenge: ${asked}`)
    const { challengeMessage: challenge } = answer.params
    this.#lastId += 1
    const sign = async (): Promise<`0x${string}`> => {
      const digest = hashTypedData({
        domain: { name: claim.application },
        types: EIP712AuthTypes,
        primaryType: 'Policy',
        message: { ...claim, wallet: wallet.address, challenge },
      })
      return `0x${hex(await wallet.signDigest(fromHex(digest) ?? new Uint8Array()))}`
    }
    const text = await createAuthVerifyMessageFromChallenge(sign, challenge, this.#lastId, nowMs)
    const verified = parseAnyRPCResponse(await this.send(text, this.#lastId))
    if (verified.method !== RPCMethod.AuthVerify) throw new Error(`not logged in: ${JSON.stringify(verified.params)}`)
  }
}
