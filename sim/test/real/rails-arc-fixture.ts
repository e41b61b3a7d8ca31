// What the tests of the Arc rail share: a local Arc, a payer on it, and a way to the node that can lose what is sent.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createArcRail,
  localWallet,
  type ArcRailOptions,
  type ChainRail,
  type SignedLeg,
  type Wallet,
} from '@orien/node/rails'
import { fromHex, hex, requireAddress, type Address } from '@orien/protocol'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { encodeFunctionData, hashTypedData, parseAbi } from 'viem/utils'
import { startAnvil, type Anvil } from '../../src/devnet/anvil.ts'
import { placeArc, type Arc } from '../../src/devnet/arc.ts'
import { mined } from '../../src/devnet/faucet.ts'

const ABI = parseAbi([
  'function transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)',
  'function cancelAuthorization(address,bytes32,bytes)',
])
const CANCEL = {
  CancelAuthorization: [
    { name: 'authorizer', type: 'address' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const
const RELAY = '0x00000000000000000000000000000000000BEEF1'

export const freshAddress = (): Address => requireAddress(privateKeyToAccount(generatePrivateKey()).address, 'address')

/** A local Arc and one payer. */
export class ArcLab {
  readonly anvil: Anvil
  readonly arc: Arc
  readonly treasury: Wallet = localWallet(generatePrivateKey())
  readonly gas: Wallet = localWallet(generatePrivateKey())
  readonly way: HttpWay
  readonly #home: string

  private constructor(home: string, anvil: Anvil, arc: Arc, way: HttpWay) {
    this.#home = home
    this.anvil = anvil
    this.arc = arc
    this.way = way
  }

  static async open(): Promise<ArcLab> {
    const home = mkdtempSync(join(tmpdir(), 'orien-rails-arc-'))
    const anvil = await startAnvil({ home })
    const lab = new ArcLab(home, anvil, await placeArc(anvil.rpc), await HttpWay.open(anvil.url))
    await lab.arc.fundGas(RELAY, 10n ** 20n)
    await anvil.rpc('anvil_impersonateAccount', RELAY)
    return lab
  }

  async close(): Promise<void> {
    await this.way.close()
    await this.anvil.stop()
    rmSync(this.#home, { recursive: true, force: true })
  }

  rail(change: Partial<ArcRailOptions> = {}): Promise<ChainRail> {
    const { treasury, gas, anvil, arc } = this
    const token = requireAddress(arc.token, 'token')
    const multicall3 = requireAddress(arc.multicall3, 'multicall3')
    return createArcRail({ rpcUrl: this.way.url, chainId: anvil.chainId, token, multicall3, treasury, gas, ...change })
  }

  async submitElsewhere(leg: SignedLeg): Promise<void> {
    const signature = hex(leg.signature)
    const args = [
      this.treasury.address,
      leg.recipient,
      leg.micros,
      0n,
      BigInt(leg.validBeforeS),
      `0x${hex(leg.nonce)}`,
      Number.parseInt(signature.slice(128), 16),
      `0x${signature.slice(0, 64)}`,
      `0x${signature.slice(64, 128)}`,
    ] as const
    await this.#relay(encodeFunctionData({ abi: ABI, functionName: 'transferWithAuthorization', args }))
  }

  async cancel(leg: SignedLeg): Promise<void> {
    const nonce: `0x${string}` = `0x${hex(leg.nonce)}`
    const authorizer = this.treasury.address
    const domain = { name: 'USDC', version: '2', chainId: this.anvil.chainId, verifyingContract: this.arc.token }
    const message = { authorizer, nonce }
    const digest = hashTypedData({ domain, types: CANCEL, primaryType: 'CancelAuthorization', message })
    const signature: `0x${string}` = `0x${hex(await this.treasury.signDigest(fromHex(digest) ?? new Uint8Array()))}`
    const args = [authorizer, nonce, signature] as const
    await this.#relay(encodeFunctionData({ abi: ABI, functionName: 'cancelAuthorization', args }))
  }

  async setGas(wei: bigint): Promise<void> {
    await this.anvil.rpc('anvil_setBalance', this.gas.address, `0x${wei.toString(16)}`)
  }

  async holdMining(on: boolean): Promise<void> {
    await this.anvil.rpc('evm_setAutomine', !on)
    if (!on) await this.anvil.rpc('evm_mine')
  }

  async advance(seconds: number): Promise<void> {
    await this.anvil.rpc('evm_increaseTime', seconds)
    await this.anvil.rpc('evm_mine')
  }

  async #relay(data: string): Promise<void> {
    const call = { from: RELAY, to: this.arc.token, data, gas: '0x493e0' }
    const receipt = await mined(this.anvil.rpc, String(await this.anvil.rpc('eth_sendTransaction', call)))
    if (receipt['status'] !== '0x1') throw new Error('the relay was refused')
  }
}

/** A proxy before the node: it can lose a raw transaction on its way, or its answer. */
export class HttpWay {
  readonly url: string
  /** Methods asked, in order. */
  readonly asked: string[] = []
  #losing: 'request' | 'answer' | undefined
  readonly #server: Server
  readonly #target: string

  private constructor(server: Server, target: string) {
    this.#server = server
    this.#target = target
    const address = server.address()
    this.url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
    server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
  }

  static open(target: string): Promise<HttpWay> {
    return new Promise((resolve, reject) => {
      const server = createServer()
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => resolve(new HttpWay(server, target)))
    })
  }

  loseNext(what: 'request' | 'answer'): void {
    this.#losing = what
  }

  async close(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve)
      this.#server.closeAllConnections()
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const part of request) body += String(part)
    const { method } = JSON.parse(body) as { method: string }
    this.asked.push(method)
    const losing = method === 'eth_sendRawTransaction' ? this.#losing : undefined
    if (losing !== undefined) this.#losing = undefined
    if (losing === 'request') return void response.destroy()
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(this.#target, { method: 'POST', headers, body })
    const text = await answer.text()
    if (losing === 'answer') return void response.destroy()
    response.writeHead(answer.status, headers).end(text)
  }
}
