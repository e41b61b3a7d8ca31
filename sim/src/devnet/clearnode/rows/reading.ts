import { deepEqual, equal } from 'node:assert/strict'
import type { Writable } from '../json.ts'
import { inScene } from './channel.ts'
import { freshWallet, requestText, signedBy, type Client, type Reply, type Wallet } from './client.ts'
import type { ClearnodeRow, RowContext } from './row.ts'
import { logIn, tryLogIn, type Scene } from './scene.ts'

const source = 'Reading'

/** A request without signatures: none is needed where nothing moves. */
export const ask = (client: Client, context: RowContext, method: string, params: Writable = {}): Promise<Reply> =>
  client.send(`{"req":${requestText(method, params, context.nowMs())}}`)

const rowsOf = (reply: Reply, field: string): readonly { readonly [name: string]: unknown }[] =>
  reply.params[field] as readonly { readonly [name: string]: unknown }[]

const methods = (pushes: readonly Reply[]): string[] => pushes.map(({ method }) => method).toSorted()

export const readingRows: readonly ClearnodeRow[] = [
  {
    name: 'get_ledger_balances of a session shows the caller’s own share only',
    source,
    run: inScene(async (scene) => {
      const { context, opened, stateText, vector, a, c, agent, coordinator } = scene
      const id = await opened()
      await coordinator.send(await signedBy(stateText(id, 2, vector(['9', '1', '0'])), a, c))
      const shares = []
      for (const client of [agent, coordinator])
        shares.push(rowsOf(await ask(client, context, 'get_ledger_balances', { account_id: id }), 'ledger_balances'))
      deepEqual(shares, [[{ asset: 'usdc', amount: '9' }], [{ asset: 'usdc', amount: '1' }]])
      const unified = rowsOf(await ask(agent, context, 'get_ledger_balances'), 'ledger_balances')
      deepEqual(unified, [{ asset: 'usdc', amount: '90' }])
    }),
  },
  {
    name: 'get_ledger_entries: by wallet for all; without one everybody’s without a login, one’s own with it',
    source,
    run: inScene(async (scene) => {
      const { context, opened, stateText, vector, a, c, agent, coordinator, open } = scene
      const id = await opened()
      await coordinator.send(await signedBy(stateText(id, 2, vector(['9', '1', '0'])), a, c))
      const owners = async (client: Client, params: { wallet?: string }): Promise<string[]> => {
        const reply = await ask(client, context, 'get_ledger_entries', { account_id: id, ...params })
        return rowsOf(reply, 'ledger_entries').map(({ participant }) => String(participant))
      }
      deepEqual(await owners(open, { wallet: c.address }), [c.address])
      deepEqual((await owners(open, {})).toSorted(), [a.address, a.address, c.address].toSorted())
      deepEqual(await owners(agent, {}), [a.address, a.address])
      deepEqual(await owners(agent, { wallet: c.address }), [c.address])
      const reply = await ask(open, context, 'get_ledger_entries', { account_id: id, wallet: a.address })
      const amounts = rowsOf(reply, 'ledger_entries').map(({ credit, debit }) => [credit, debit])
      deepEqual(amounts, [
        ['0', '1'],
        ['10', '0'],
      ])
    }),
  },
  {
    name: 'get_ledger_transactions of a session: what went in and what came out',
    source,
    run: inScene(async (scene) => {
      const { context, opened, stateText, closeText, vector, a, c, p, coordinator, open } = scene
      const id = await opened()
      await coordinator.send(await signedBy(stateText(id, 2, vector(['9', '1', '0'])), a, c))
      await coordinator.send(await signedBy(closeText(id, vector(['7', '3', '0'])), a, c))
      const reply = await ask(open, context, 'get_ledger_transactions', { account_id: id })
      const rows = rowsOf(reply, 'ledger_transactions')
      deepEqual(
        rows.map((row) => [row['tx_type'], row['from_account'], row['to_account'], row['amount']]),
        [
          ['app_withdrawal', id, p.address, '0'],
          ['app_withdrawal', id, c.address, '3'],
          ['app_withdrawal', id, a.address, '7'],
          ['app_deposit', a.address, id, '10'],
        ],
      )
    }),
  },
  {
    name: 'get_app_sessions has no allocations, get_app_definition no application',
    source,
    run: inScene(async (scene) => {
      const { context, opened, a, open } = scene
      const id = await opened()
      const sessions = rowsOf(await ask(open, context, 'get_app_sessions', { participant: a.address }), 'app_sessions')
      equal(sessions.length, 1)
      deepEqual([sessions[0]?.['app_session_id'], sessions[0]?.['application']], [id, 'orien'])
      equal(JSON.stringify(sessions).includes('allocation'), false)
      const definition = await ask(open, context, 'get_app_definition', { app_session_id: id })
      equal(definition.params['application'], '')
      equal(definition.params['quorum'], 3)
    }),
  },
  {
    name: 'lists: newest first, 10 by default, 100 at most',
    source,
    run: async (context) => {
      const wallet = freshWallet()
      for (let amount = 1; amount <= 101; amount++) await context.fund(wallet.address, `${amount}`)
      const client = await logIn(context, freshWallet())
      const credits = async (page: { limit?: number; offset?: number }): Promise<unknown[]> => {
        const params = { account_id: wallet.address, wallet: wallet.address, ...page }
        return rowsOf(await ask(client, context, 'get_ledger_entries', params), 'ledger_entries').map(
          (r) => r['credit'],
        )
      }
      deepEqual(await credits({}), ['101', '100', '99', '98', '97', '96', '95', '94', '93', '92'])
      equal((await credits({ limit: 1000 })).length, 100)
      deepEqual(await credits({ limit: 1000, offset: 100 }), ['1'])
      await client.close()
    },
  },
  {
    name: 'answers to create, submit and close carry only id, version and status',
    source,
    run: inScene(async (scene) => {
      const { createText, stateText, closeText, vector, a, c, coordinator } = scene
      const created = await coordinator.send(await signedBy(createText(['10', '0', '0']), a))
      const id = String(created.params['app_session_id'])
      const submitted = await coordinator.send(await signedBy(stateText(id, 2, vector(['9', '1', '0'])), a, c))
      const closed = await coordinator.send(await signedBy(closeText(id, vector(['9', '1', '0'])), a, c))
      const filled = [created, submitted, closed].map(({ params }) =>
        Object.entries(params).filter(([, value]) => value !== null && value !== '' && value !== 0),
      )
      deepEqual(
        filled.map((fields) => Object.fromEntries(fields)),
        [
          { app_session_id: id, version: 1, status: 'open' },
          { app_session_id: id, version: 2, status: 'open' },
          { app_session_id: id, version: 3, status: 'closed' },
        ],
      )
    }),
  },
  {
    name: 'pushes: bu to whom a balance changed and always to the submitter, asu to the participants on submit',
    source,
    run: inScene(async (scene) => {
      const { context, createText, stateText, vector, a, c, agent, coordinator } = scene
      const seen = async (act: () => Promise<unknown>): Promise<string[][]> => {
        for (const client of [agent, coordinator]) {
          await client.settle()
          client.pushes.length = 0
        }
        await act()
        for (const client of [agent, coordinator]) await client.settle()
        return [agent, coordinator].map(({ pushes }) => methods(pushes))
      }
      let id = ''
      const create = async (): Promise<void> => {
        const reply = await coordinator.send(await signedBy(createText(['10', '0', '0']), a))
        id = String(reply.params['app_session_id'])
      }
      deepEqual(await seen(create), [['bu'], ['bu']])
      const operate = async (): Promise<unknown> =>
        coordinator.send(await signedBy(stateText(id, 2, vector(['9', '1', '0'])), a, c))
      deepEqual(await seen(operate), [['asu'], ['asu', 'bu']])
      deepEqual(await seen(operate), [[], ['bu']])
      const payee = { destination: c.address, allocations: [{ asset: 'usdc', amount: '1' }] }
      const pay = async (): Promise<unknown> =>
        agent.send(await signedBy(requestText('transfer', payee, context.nowMs()), a))
      deepEqual(await seen(pay), [
        ['bu', 'bu', 'tr'],
        ['bu', 'tr'],
      ])
      const update = coordinator.pushes.find(({ method }) => method === 'bu')
      deepEqual(update?.params, { balance_updates: [{ asset: 'usdc', amount: '1' }] })
    }),
  },
]

const probeSource = 'Probe'
const alive = 'incorrect submit_state request: quorum not reached: 2 / 3'

export const probeRows: readonly ClearnodeRow[] = [
  {
    name: 'a cheque with the agent’s signature alone: quorum not reached = alive, and nothing changes',
    source: probeSource,
    run: inScene(async ({ opened, closeText, vector, a, coordinator, standing }) => {
      const id = await opened()
      for (const share of ['3', '4']) {
        const probe = await coordinator.send(await signedBy(closeText(id, vector(['7', share, '0'])), a))
        equal(probe.error, alive)
      }
      deepEqual(await standing(id), ['10', '0', '0'])
    }),
  },
  {
    name: 'unknown participant wallet = hijacked; it lives again when the hijacker lets go',
    source: probeSource,
    run: inScene(async (scene) => {
      const { context, opened, closeText, vector, a, coordinator, unified, c } = scene
      const id = await opened()
      const cheque = closeText(id, vector(['7', '3', '0']))
      const second = freshWallet()
      await letGoOfOwnKey(scene, a)
      const hijacker = await logIn(context, second, { sessionKey: a.address })
      const unknown = `signature from unknown participant wallet ${second.address}`
      equal((await coordinator.send(await signedBy(cheque, a))).error, unknown)
      equal((await coordinator.send(await signedBy(cheque, a, c))).error, unknown)
      const other = freshWallet()
      await logIn(context, second, { sessionKey: other.address, on: hijacker })
      equal((await coordinator.send(await signedBy(cheque, a))).error, alive)
      equal((await coordinator.send(await signedBy(cheque, a, c))).error, undefined)
      deepEqual(await unified(), ['97', '3', '0'])
      await hijacker.close()
    }),
  },
]

/** The owner logs in with another key for the same application, which deletes the entry of its own key. */
export const letGoOfOwnKey = async (scene: Scene, wallet: Wallet): Promise<void> => {
  const { client, reply } = await tryLogIn(scene.context, wallet, { sessionKey: freshWallet().address })
  equal(reply.error, undefined)
  await client.close()
}
