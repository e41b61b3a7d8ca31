import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Writable } from '../json.ts'
import { inScene } from './channel.ts'
import { dial, freshWallet, requestText, signedBy, type Wallet } from './client.ts'
import { ask } from './reading.ts'
import type { ClearnodeRow } from './row.ts'
import { dayMs, type Amounts, type Scene } from './scene.ts'

const source = 'Other refusals'

interface Refused {
  readonly name: string
  readonly text: (scene: Scene) => Promise<string> | string
  readonly error: string | ((scene: Scene) => string)
  /** The agent alone by default. */
  readonly signers?: (scene: Scene) => readonly Wallet[]
}

/** One row per text: the agent's socket sends it, nothing moves. */
const refused = ({ name, text, error, signers = ({ a }) => [a] }: Refused): ClearnodeRow => ({
  name: `refused: ${name}`,
  source,
  run: inScene(async (scene) => {
    const reply = await scene.agent.send(await signedBy(await text(scene), ...signers(scene)))
    equal(reply.error, typeof error === 'string' ? error : error(scene))
    deepEqual(await scene.unified(), ['100', '0', '0'])
  }),
})

const create = (scene: Scene, changes: { readonly [name: string]: Writable }, agentGives = '10'): string => {
  const amounts: Amounts = [agentGives, '0', '0']
  return scene.createText(amounts, scene.definition(changes))
}

const pay = ({ context }: Scene, destination: string, amount = '1', asset = 'usdc', tsMs = context.nowMs()): string =>
  requestText('transfer', { destination, allocations: [{ asset, amount }] }, tsMs)

const closeWith = ({ context }: Scene, params: Writable): string =>
  requestText('close_app_session', params, context.nowMs())

const lacking = ({ a }: Scene, asset = 'usdc'): string => `insufficient funds: ${a.address} for asset ${asset}`
const unparsable = 'failed to parse parameters'
const missing = 'missing required parameters: app_id or allocations'
const oldTime = 'invalid message timestamp'

const cases: readonly Refused[] = [
  {
    name: 'a request older than 60 s',
    text: (s) => pay(s, s.p.address, '1', 'usdc', s.context.nowMs() - 61_000),
    error: oldTime,
  },
  {
    name: 'a timestamp in seconds',
    text: (s) => pay(s, s.p.address, '1', 'usdc', Math.floor(s.context.nowMs() / 1000)),
    error: oldTime,
  },
  { name: 'a create above the balance', text: (s) => create(s, {}, '100.000001'), error: lacking },
  { name: 'a transfer above the balance', text: (s) => pay(s, s.p.address, '101'), error: lacking },
  { name: 'an unknown asset', text: (s) => pay(s, s.p.address, '1', 'gold'), error: (s) => lacking(s, 'gold') },
  {
    name: 'a definition without a nonce',
    text: (s) => create(s, { nonce: 0 }),
    error: 'nonce is zero or not provided',
  },
  {
    name: 'a quorum above the weights',
    text: (s) => create(s, { quorum: 9 }),
    error: 'target quorum (9) cannot be greater than total sum of weights (4)',
  },
  {
    name: 'an unknown protocol',
    text: (s) => create(s, { protocol: 'NitroRPC/9' }),
    error: 'unsupported protocol: NitroRPC/9',
  },
  {
    name: 'too few weights',
    text: (s) => create(s, { weights: [2, 1] }),
    error: 'number of weights must be equal to participants',
  },
  {
    name: 'a negative allocation',
    text: (s) => create(s, {}, '-1'),
    error: 'negative allocation: -1 for asset usdc',
  },
  { name: 'a nonce as text', text: (s) => create(s, { nonce: '7' }), error: unparsable },
  {
    name: 'a version as text',
    text: async (s) => {
      const params = {
        app_session_id: `0x${'11'.repeat(32)}`,
        intent: 'operate',
        version: '2',
        allocations: s.vector(['9', '1', '0']),
      }
      return requestText('submit_app_state', params, s.context.nowMs())
    },
    error: unparsable,
  },
  {
    name: 'session_data that is no text',
    text: (s) =>
      closeWith(s, {
        app_session_id: `0x${'11'.repeat(32)}`,
        allocations: s.vector(['9', '1', '0']),
        session_data: {},
      }),
    error: unparsable,
  },
  {
    name: 'a close without allocations',
    text: (s) => closeWith(s, { app_session_id: `0x${'11'.repeat(32)}` }),
    error: missing,
  },
  {
    name: 'a close without a session',
    text: (s) => closeWith(s, { allocations: s.vector(['9', '1', '0']) }),
    error: missing,
  },
  {
    name: 'an unknown method',
    text: (s) => requestText('get_rich', {}, s.context.nowMs()),
    error: 'unknown method: get_rich',
  },
  {
    name: 'a transfer of nothing',
    text: (s) => pay(s, s.p.address, '0'),
    error: 'invalid allocation: 0 for asset usdc',
  },
  { name: 'a transfer to oneself', text: (s) => pay(s, s.a.address), error: 'cannot transfer to self' },
  {
    name: 'a transfer that another signed',
    text: (s) => pay(s, s.p.address),
    signers: () => [freshWallet()],
    error: 'invalid signature',
  },
]

export const refusalRows: readonly ClearnodeRow[] = [
  ...cases.map(refused),
  {
    name: 'refused: anything that moves money, without a login',
    source,
    run: inScene(async (scene) => {
      const stranger = await dial(scene.context.url)
      const texts = [pay(scene, scene.p.address), scene.createText(['10', '0', '0'])]
      for (const text of texts)
        equal((await stranger.send(await signedBy(text, scene.a))).error, 'authentication required')
      await stranger.close()
    }),
  },
  {
    name: 'refused: the same transfer again',
    source,
    run: inScene(async (scene) => {
      const message = await signedBy(pay(scene, scene.p.address), scene.a)
      equal((await scene.agent.send(message)).error, undefined)
      equal((await scene.agent.send(message)).error, 'operation denied: the request has already been processed')
      deepEqual(await scene.unified(), ['99', '0', '1'])
    }),
  },
  {
    name: 'accepted: a timestamp years ahead',
    source,
    run: inScene(async (scene) => {
      const { context, a, agent, p, unified } = scene
      const text = pay(scene, p.address, '1', 'usdc', context.nowMs() + 3_000 * dayMs)
      equal((await agent.send(await signedBy(text, a))).error, undefined)
      deepEqual(await unified(), ['99', '0', '1'])
    }),
  },
  {
    name: 'what cannot be parsed, and id 0, are answered under an id of the node’s own, its clock in ms',
    source,
    run: inScene(async ({ context, agent }) => {
      const formats = [
        'no json',
        '{"req":[1,"ping"]}',
        '{"req":{"id":1}}',
        `{"req":["1","ping",{},${context.nowMs()}]}`,
      ]
      for (const [text, error] of [
        ...formats.map((format) => [format, 'invalid message format'] as const),
        [`{"req":${requestText('ping', {}, context.nowMs(), 0)}}`, 'message validation failed'] as const,
      ]) {
        const reply = await agent.sendStray(text)
        equal(reply.error, error)
        ok(Math.abs(reply.id - context.nowMs()) < 60_000, `own id ${reply.id}`)
      }
    }),
  },
  {
    name: 'accepted: a request without sig where none is needed, and one socket is served in order',
    source,
    run: inScene(async ({ context, agent }) => {
      const order: string[] = []
      await Promise.all(
        ['get_config', 'ping', 'get_assets', 'get_ledger_balances'].map(async (method) => {
          const reply = await ask(agent, context, method)
          order.push(reply.method)
        }),
      )
      deepEqual(order, ['get_config', 'pong', 'get_assets', 'get_ledger_balances'])
    }),
  },
]
