import { randomBytes } from 'node:crypto'
import { privateKeyToAccount } from 'viem/accounts'
import type { Hex } from 'viem'
import { add, formatDecimal, parseDecimal, subtract, zero } from '../decimal.ts'
import type { Writable } from '../json.ts'
import { dial, freshWallet, requestText, signedBy, type Client, type Reply, type Wallet } from './client.ts'
import type { RowContext } from './row.ts'

export const asset = 'usdc'
export const application = 'orien'
export const dayMs = 86_400_000
const neverSeconds = 9_999_999_999n

export interface LoginOptions {
  readonly sessionKey?: Hex
  readonly expiresAt?: bigint
  readonly application?: string
  readonly on?: Client
}

/** Tries to log a wallet in by its EIP-712 signature; the reply is auth_verify's, or the refusal of either step. */
export const tryLogIn = async (
  context: RowContext,
  wallet: Wallet,
  { sessionKey = wallet.address, expiresAt = neverSeconds, application: app = application, on }: LoginOptions = {},
): Promise<{ client: Client; reply: Reply }> => {
  const client = on ?? (await dial(context.url))
  const claim = { address: wallet.address, session_key: sessionKey, application: app, allowances: [], scope: 'orien' }
  const asked = requestText('auth_request', { ...claim, expires_at: expiresAt }, context.nowMs())
  const challenged = await client.send(`{"req":${asked},"sig":[]}`)
  if (challenged.error !== undefined) return { client, reply: challenged }
  const challenge = String(challenged.params['challenge_message'])
  const signature = await privateKeyToAccount(wallet.key).signTypedData({
    domain: { name: app },
    types: {
      Policy: [
        { name: 'challenge', type: 'string' },
        { name: 'scope', type: 'string' },
        { name: 'wallet', type: 'address' },
        { name: 'session_key', type: 'address' },
        { name: 'expires_at', type: 'uint64' },
        { name: 'allowances', type: 'Allowance[]' },
      ],
      Allowance: [
        { name: 'asset', type: 'string' },
        { name: 'amount', type: 'string' },
      ],
    },
    primaryType: 'Policy',
    message: {
      challenge,
      scope: claim.scope,
      wallet: wallet.address,
      session_key: sessionKey,
      expires_at: expiresAt,
      allowances: [],
    },
  })
  const proof = requestText('auth_verify', { challenge }, context.nowMs())
  return { client, reply: await client.send(`{"req":${proof},"sig":["${signature}"]}`) }
}

export const logIn = async (context: RowContext, wallet: Wallet, options: LoginOptions = {}): Promise<Client> => {
  const { client, reply } = await tryLogIn(context, wallet, options)
  if (reply.error !== undefined) throw new Error(`log-in refused: ${reply.error}`)
  return client
}

export type Amounts = readonly [agent: string, coordinator: string, provider: string]

/** An agent with 100, a coordinator and a provider without; agent and coordinator logged in, and one public socket. */
export interface Scene {
  readonly context: RowContext
  readonly a: Wallet
  readonly c: Wallet
  readonly p: Wallet
  readonly agent: Client
  readonly coordinator: Client
  readonly open: Client
  /** `[agent 2, coordinator 1, provider 1]`, quorum 3, a fresh nonce at each call. */
  readonly definition: (changes?: { readonly [name: string]: Writable }) => { readonly [name: string]: Writable }
  readonly vector: (amounts: Amounts) => Allocation[]
  readonly createText: (amounts: Amounts, definition?: { readonly [name: string]: Writable }) => string
  readonly stateText: (id: string, version: number, allocations: readonly Allocation[], intent?: string) => string
  /** A close; dated 30 days ahead, as a cheque is. */
  readonly closeText: (id: string, allocations: readonly Allocation[]) => string
  /** Opens a session with these amounts of the agent's; its id. */
  readonly opened: (amounts?: Amounts) => Promise<Hex>
  /** Per party what a session's entries add up to, read without a login: `['9', '1', '0']`. */
  readonly standing: (id: string) => Promise<Amounts>
  /** Unified balances. */
  readonly unified: () => Promise<Amounts>
  readonly close: () => Promise<void>
}

export interface Allocation {
  readonly participant: string
  readonly asset: string
  readonly amount: string
  readonly [more: string]: Writable
}

export const setScene = async (context: RowContext): Promise<Scene> => {
  const [a, c, p] = [freshWallet(), freshWallet(), freshWallet()]
  await context.fund(a.address, '100')
  const [agent, coordinator, open] = [await logIn(context, a), await logIn(context, c), await dial(context.url)]
  const wallets = [a, c, p]
  const definition: Scene['definition'] = (changes = {}) => ({
    application,
    protocol: 'NitroRPC/0.4',
    participants: wallets.map(({ address }) => address),
    weights: [2, 1, 1],
    quorum: 3,
    challenge: 0,
    nonce: freshNonce(),
    ...changes,
  })
  const vector: Scene['vector'] = (amounts) =>
    wallets.map(({ address }, at) => ({ participant: address, asset, amount: amounts[at] ?? '0' }))
  const createText: Scene['createText'] = (amounts, definitionGiven = definition()) =>
    requestText('create_app_session', { definition: definitionGiven, allocations: vector(amounts) }, context.nowMs())
  const held = async (accounts: readonly [string, string, string]): Promise<Amounts> => {
    const of = (at: 0 | 1 | 2): Promise<string> => balanceAt(open, context, accounts[at], wallets[at]?.address ?? '')
    return [await of(0), await of(1), await of(2)]
  }
  return {
    context,
    a,
    c,
    p,
    agent,
    coordinator,
    open,
    definition,
    vector,
    createText,
    stateText: (id, version, allocations, intent = 'operate') =>
      requestText('submit_app_state', { app_session_id: id, intent, version, allocations }, context.nowMs()),
    closeText: (id, allocations) =>
      requestText('close_app_session', { app_session_id: id, allocations }, context.nowMs() + 30 * dayMs),
    opened: async (amounts = ['10', '0', '0']) => {
      const reply = await coordinator.send(await signedBy(createText(amounts), a))
      if (reply.error !== undefined) throw new Error(`create refused: ${reply.error}`)
      return reply.params['app_session_id'] as Hex
    },
    standing: (id) => held([id, id, id]),
    unified: () => held([a.address, c.address, p.address]),
    close: async () => {
      await Promise.all([agent.close(), coordinator.close(), open.close()])
    },
  }
}

/** 53 random bits, never 0: the node reads numbers as doubles, so a larger nonce loses its last bits there. */
export const freshNonce = (): bigint => (randomBytes(8).readBigUInt64BE() >> 11n) | 1n

const balanceAt = async (open: Client, context: RowContext, account: string, wallet: string): Promise<string> => {
  let sum = zero
  for (let offset = 0; ; offset += 100) {
    const params = { account_id: account, wallet, asset, offset, limit: 100 }
    const reply = await open.send(`{"req":${requestText('get_ledger_entries', params, context.nowMs())}}`)
    const entries = reply.params['ledger_entries'] as readonly { credit: string; debit: string }[]
    for (const { credit, debit } of entries)
      sum = subtract(add(sum, parseDecimal(credit) ?? zero), parseDecimal(debit) ?? zero)
    if (entries.length < 100) return formatDecimal(sum)
  }
}
