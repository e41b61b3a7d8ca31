import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createAppSessionMessage,
  createAuthRequestMessage,
  createAuthVerifyMessageFromChallenge,
  createAuthVerifyMessageWithJWT,
  createCloseAppSessionMessage,
  createECDSAMessageSigner,
  createEIP712AuthMessageSigner,
  createGetAppDefinitionMessageV2,
  createGetAppSessionsMessageV2,
  createGetAssetsMessageV2,
  createGetChannelsMessageV2,
  createGetConfigMessageV2,
  createGetLedgerBalancesMessage,
  createGetLedgerEntriesMessageV2,
  createGetLedgerTransactionsMessageV2,
  createGetRPCHistoryMessage,
  createGetSessionKeysMessage,
  createGetUserTagMessage,
  createPingMessageV2,
  createSubmitAppStateMessage,
  createTransferMessage,
  parseAnyRPCResponse,
  RPCAppStateIntent,
  RPCProtocolVersion,
  type RPCResponse,
} from '@erc7824/nitrolite'
import { createWalletClient, custom, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startClearnode, type Clearnode } from '../../src/devnet/clearnode/index.ts'

/** The story of an agent, a coordinator and a provider, told by the unmodified SDK. */
const asset = 'usdc'
const application = 'orien'
const far = Date.now() + 30 * 86_400_000
let home: string
let node: Clearnode
let lastId = 1

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'orien-clearnode-'))
  node = await startClearnode({ home })
})
afterAll(async () => {
  await node.stop()
  await rm(home, { recursive: true })
})

const party = () => {
  const key = generatePrivateKey()
  return { account: privateKeyToAccount(key), sign: createECDSAMessageSigner(key) }
}
type Party = ReturnType<typeof party>

const dial = async () => {
  const ws = new WebSocket(node.url)
  const waiting = new Map<number, (message: RPCResponse) => void>()
  const pushes: RPCResponse[] = []
  ws.on('message', (data: Buffer) => {
    const message = parseAnyRPCResponse(data.toString('utf8'))
    const resolve = waiting.get(message.requestId ?? 0)
    if (resolve === undefined) pushes.push(message)
    else resolve(message)
  })
  await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject))
  const call = (text: string): Promise<RPCResponse> =>
    new Promise((resolve) => {
      waiting.set((JSON.parse(text) as { req: [number] }).req[0], resolve)
      ws.send(text)
    })
  return { ws, call, pushes }
}

const logIn = async (who: Party) => {
  const socket = await dial()
  const policy = {
    session_key: who.account.address,
    scope: 'app.create',
    expires_at: 9_999_999_999n,
    allowances: [],
  }
  const challenge = await socket.call(
    await createAuthRequestMessage({ ...policy, address: who.account.address, application }, lastId++),
  )
  const transport = custom({ request: () => Promise.reject(new Error('no chain')) })
  const wallet = createWalletClient({ account: who.account, transport })
  const signer = createEIP712AuthMessageSigner(wallet, policy, { name: application })
  const { challengeMessage } = challenge.params as { challengeMessage: string }
  const verified = await socket.call(await createAuthVerifyMessageFromChallenge(signer, challengeMessage, lastId++))
  return { ...socket, verified: verified.params as { success: boolean; jwtToken: string; address: Hex } }
}

/** Appends further signatures over the same req. */
const cosign = async (text: string, ...parties: Party[]): Promise<string> => {
  const message = JSON.parse(text) as { req: Parameters<Party['sign']>[0]; sig: Hex[] }
  for (const { sign } of parties) message.sig.push(await sign(message.req))
  return JSON.stringify(message)
}

test('behavior: the unmodified SDK opens, debits and closes by a cheque with the agent gone', async () => {
  const [a, c, p] = [party(), party(), party()]
  await node.credit(a.account.address, asset, '100')
  const agent = await logIn(a)
  const coordinator = await logIn(c)
  const provider = await logIn(p)
  expect(agent.verified).toMatchObject({ success: true, address: a.account.address })
  const full = (agentHas: string, coordinatorHas: string) => [
    { participant: a.account.address, asset, amount: agentHas },
    { participant: c.account.address, asset, amount: coordinatorHas },
    { participant: p.account.address, asset, amount: '0' },
  ]
  const definition = {
    application,
    protocol: RPCProtocolVersion.NitroRPC_0_4,
    participants: [a.account.address, c.account.address, p.account.address],
    weights: [2, 1, 1],
    quorum: 3,
    challenge: 0,
    nonce: Date.now(),
  }
  const create = await createAppSessionMessage(a.sign, { definition, allocations: full('10', '0') }, lastId++)
  const created = await coordinator.call(create)
  expect(created.params).toMatchObject({ version: 1, status: 'open' })
  const app_session_id = (created.params as { appSessionId: Hex }).appSessionId

  const operate = await createSubmitAppStateMessage(
    a.sign,
    { app_session_id, intent: RPCAppStateIntent.Operate, version: 2, allocations: full('9', '1') },
    lastId++,
  )
  expect((await coordinator.call(await cosign(operate, c))).params).toMatchObject({ version: 2 })
  const cheque = await createCloseAppSessionMessage(
    a.sign,
    { app_session_id, allocations: full('7.5', '2.5') },
    lastId++,
    far,
  )
  agent.ws.close()
  const probe = await coordinator.call(cheque)
  expect(probe.params).toEqual({ error: 'incorrect submit_state request: quorum not reached: 2 / 3' })
  expect((await coordinator.call(await cosign(cheque, c))).params).toMatchObject({ status: 'closed' })
  const balances = await coordinator.call(await createGetLedgerBalancesMessage(c.sign, undefined, lastId++))
  expect(balances.params).toEqual({ ledgerBalances: [{ asset, amount: '2.5' }] })

  const payout = { destination: p.account.address, allocations: [{ asset, amount: '2' }] }
  const paid = await coordinator.call(await createTransferMessage(c.sign, payout, lastId++))
  expect(paid.params).toMatchObject({ transactions: [{ txType: 'transfer', asset, amount: '2' }] })
  // The pushes were sent before the payer's answer: a ping on the same socket comes after them.
  await provider.call(createPingMessageV2(lastId++))
  expect(provider.pushes.map(({ method }) => method)).toEqual(expect.arrayContaining(['assets', 'bu', 'tr', 'asu']))
  provider.ws.close()
  coordinator.ws.close()
})

test('behavior: the SDK parses every kind of answer, and a JWT logs a further socket in', async () => {
  const who = party()
  await node.credit(who.account.address, asset, '3')
  const first = await logIn(who)
  const second = await dial()
  const verified = await second.call(await createAuthVerifyMessageWithJWT(first.verified.jwtToken, lastId++))
  expect(verified.params).toMatchObject({ success: true, address: who.account.address })
  const { address } = who.account
  const methods: string[] = []
  for (const text of [
    createPingMessageV2(lastId++),
    createGetConfigMessageV2(lastId++),
    createGetAssetsMessageV2(31337, lastId++),
    createGetChannelsMessageV2(address, undefined, lastId++),
    createGetAppSessionsMessageV2(address, undefined, lastId++),
    createGetAppDefinitionMessageV2(`0x${'00'.repeat(32)}`, lastId++),
    createGetLedgerEntriesMessageV2(address, asset, lastId++),
    createGetLedgerTransactionsMessageV2(address, undefined, lastId++),
    await createGetLedgerBalancesMessage(who.sign, undefined, lastId++),
    await createGetUserTagMessage(who.sign, lastId++),
    await createGetSessionKeysMessage(who.sign, lastId++),
    await createGetRPCHistoryMessage(who.sign, lastId++),
  ])
    methods.push((await second.call(text)).method)
  expect(methods).toEqual([
    'pong',
    'get_config',
    'get_assets',
    'get_channels',
    'get_app_sessions',
    'error',
    'get_ledger_entries',
    'get_ledger_transactions',
    'get_ledger_balances',
    'get_user_tag',
    'get_session_keys',
    'get_rpc_history',
  ])
  first.ws.close()
  second.ws.close()
})
