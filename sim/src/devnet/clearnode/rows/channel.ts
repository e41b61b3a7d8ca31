import { deepEqual, equal, match } from 'node:assert/strict'
import { dial, freshWallet, requestText, signedBy } from './client.ts'
import type { ClearnodeRow, RowContext } from './row.ts'
import { logIn, setScene, tryLogIn, type Scene } from './scene.ts'

const source = 'Our channel on it'

/** Runs a row in a scene of its own. */
export const inScene =
  (run: (scene: Scene) => Promise<void>) =>
  async (context: RowContext): Promise<void> => {
    const scene = await setScene(context)
    await run(scene)
    await scene.close()
  }

export const channelRows: readonly ClearnodeRow[] = [
  {
    name: 'the agent signs a create, the coordinator submits it',
    source,
    run: inScene(async ({ createText, a, coordinator, standing, unified }) => {
      const reply = await coordinator.send(await signedBy(createText(['10', '0', '0']), a))
      equal(reply.params['version'], 1)
      equal(reply.params['status'], 'open')
      deepEqual(await standing(String(reply.params['app_session_id'])), ['10', '0', '0'])
      deepEqual(await unified(), ['90', '0', '0'])
    }),
  },
  {
    name: 'the same create bytes again are refused on any socket, and two sockets at once move the money once',
    source,
    run: inScene(async (scene) => {
      const { createText, a, agent, coordinator, unified } = scene
      const create = await signedBy(createText(['10', '0', '0']), a)
      equal((await coordinator.send(create)).error, undefined)
      for (const socket of [coordinator, agent])
        equal((await socket.send(create)).error, 'failed to create application session')
      const raced = await signedBy(createText(['10', '0', '0']), a)
      const both = await Promise.all([agent.send(raced), coordinator.send(raced)])
      const outcomes = both.map(({ error }) => error ?? 'accepted').toSorted()
      deepEqual(outcomes, ['accepted', 'failed to create application session'])
      deepEqual(await unified(), ['80', '0', '0'])
    }),
  },
  {
    name: 'operate at version + 1 signed by agent and coordinator, in any order, on any socket, a stranger’s too',
    source,
    run: inScene(async (scene) => {
      const { context, opened, stateText, vector, a, c, agent, coordinator, standing } = scene
      const id = await opened()
      const stranger = await logIn(context, freshWallet())
      const versions: unknown[] = []
      for (const [at, socket] of [coordinator, agent, stranger].entries()) {
        const text = stateText(id, at + 2, vector([`${9 - at}`, `${1 + at}`, '0']))
        const reply = await socket.send(await signedBy(text, ...(at === 1 ? [c, a] : [a, c])))
        versions.push(reply.params['version'])
      }
      deepEqual(versions, [2, 3, 4])
      deepEqual(await standing(id), ['7', '3', '0'])
      await stranger.close()
    }),
  },
  {
    name: 'an empty create by a stranger takes the id of our definition',
    source,
    run: inScene(async (scene) => {
      const { context, createText, definition, a, coordinator } = scene
      const mine = definition()
      const mallory = freshWallet()
      const stranger = await logIn(context, mallory)
      const taken = await stranger.send(await signedBy(createText(['0', '0', '0'], mine), mallory))
      equal(taken.error, undefined)
      const refused = await coordinator.send(await signedBy(createText(['10', '0', '0'], mine), a))
      equal(refused.error, 'failed to create application session')
      const renewed = createText(['10', '0', '0'], definition())
      equal((await coordinator.send(await signedBy(renewed, a))).error, undefined)
      await stranger.close()
    }),
  },
  {
    name: 'a same or skipped version is refused',
    source,
    run: inScene(async (scene) => {
      const { opened, stateText, vector, a, c, coordinator, standing } = scene
      const id = await opened()
      for (const version of [1, 3]) {
        const text = stateText(id, version, vector(['9', '1', '0']))
        const expected = `incorrect app state: incorrect version: expected 2, got ${version}`
        equal((await coordinator.send(await signedBy(text, a, c))).error, expected)
      }
      deepEqual(await standing(id), ['10', '0', '0'])
    }),
  },
  {
    name: 'the agent alone, the agent twice, and coordinator with provider do not reach the quorum',
    source,
    run: inScene(async (scene) => {
      const { opened, stateText, vector, a, c, p, coordinator } = scene
      const id = await opened()
      const prefixes = { operate: 'submit_state', deposit: 'deposit', withdraw: 'withdrawal' }
      const amounts = { operate: '9', deposit: '11', withdraw: '9' } as const
      for (const intent of ['operate', 'deposit', 'withdraw'] as const)
        for (const signers of [[a], [c, p], [a, a]]) {
          const share = intent === 'operate' ? '1' : '0'
          const text = stateText(id, 2, vector([amounts[intent], share, '0']), intent)
          const reply = await coordinator.send(await signedBy(text, ...signers))
          equal(reply.error, `incorrect ${prefixes[intent]} request: quorum not reached: 2 / 3`)
        }
    }),
  },
  {
    name: 'a signature too many, one over something else, and one that recovers nothing',
    source,
    run: inScene(async (scene) => {
      const { opened, createText, stateText, closeText, vector, a, c, coordinator } = scene
      const id = await opened()
      const mallory = freshWallet()
      const text = stateText(id, 2, vector(['9', '1', '0']))
      const many = await coordinator.send(await signedBy(text, a, c, mallory))
      equal(many.error, `signature from unknown participant wallet ${mallory.address}`)
      const other = await a.sign(stateText(id, 2, vector(['8', '2', '0'])))
      const mixed = await coordinator.send(`{"req":${text},"sig":["${other}","${await c.sign(text)}"]}`)
      match(mixed.error ?? '', /^signature from unknown participant wallet 0x[0-9a-fA-F]{40}$/)
      const close = closeText(id, vector(['9', '1', '0']))
      const broken = `0x${'ff'.repeat(64)}1b`
      const reply = await coordinator.send(`{"req":${close},"sig":["${broken}"]}`)
      equal(reply.error, 'failed to get wallets from RPC message')
      const create = await coordinator.send(`{"req":${createText(['1', '0', '0'])},"sig":["${broken}"]}`)
      equal(create.error, 'failed to get signers from RPC message')
    }),
  },
  {
    name: 'a cheque closes after any number of operates with the agent gone; after the close it is refused',
    source,
    run: inScene(async (scene) => {
      const { opened, stateText, closeText, vector, a, c, agent, coordinator, standing, unified } = scene
      const id = await opened()
      const cheque = closeText(id, vector(['7', '3', '0']))
      for (const version of [2, 3, 4])
        await coordinator.send(await signedBy(stateText(id, version, vector(['9', '1', '0'])), a, c))
      await agent.close()
      const message = await signedBy(cheque, a, c)
      const reply = await coordinator.send(message)
      deepEqual([reply.params['status'], reply.params['version']], ['closed', 5])
      deepEqual(await standing(id), ['0', '0', '0'])
      deepEqual(await unified(), ['97', '3', '0'])
      const again = 'an open app session not found: record not found'
      equal((await coordinator.send(message)).error, again)
      const operate = await signedBy(stateText(id, 5, vector(['9', '1', '0'])), a, c)
      equal((await coordinator.send(operate)).error, again)
      deepEqual(await unified(), ['97', '3', '0'])
    }),
  },
  {
    name: 'agent and provider close without the coordinator',
    source,
    run: inScene(async (scene) => {
      const { opened, closeText, vector, a, p, agent, unified } = scene
      const id = await opened()
      const exit = await signedBy(closeText(id, vector(['6', '0', '4'])), a, p)
      equal((await agent.send(exit)).error, undefined)
      deepEqual(await unified(), ['96', '0', '4'])
    }),
  },
  {
    name: 'a deposit or a withdrawal voids every older cheque',
    source,
    run: inScene(async (scene) => {
      const { opened, stateText, closeText, vector, a, c, coordinator, unified } = scene
      for (const [intent, agentHas] of [
        ['deposit', '15'],
        ['withdraw', '5'],
      ] as const) {
        const id = await opened()
        const cheque = await signedBy(closeText(id, vector(['7', '3', '0'])), a, c)
        const moved = await coordinator.send(
          await signedBy(stateText(id, 2, vector([agentHas, '0', '0']), intent), a, c),
        )
        equal(moved.error, undefined)
        equal((await coordinator.send(cheque)).error, 'asset usdc not fully redistributed')
      }
      deepEqual(await unified(), ['80', '0', '0'])
    }),
  },
  {
    name: 'a sum too small or too big is refused',
    source,
    run: inScene(async (scene) => {
      const { opened, stateText, closeText, vector, a, c, coordinator, standing } = scene
      const id = await opened()
      for (const share of ['0.999999', '1.000001']) {
        const wrong = vector(['9', share, '0'])
        const close = await coordinator.send(await signedBy(closeText(id, wrong), a, c))
        equal(close.error, 'asset usdc not fully redistributed')
        const operate = await coordinator.send(await signedBy(stateText(id, 2, wrong), a, c))
        const prefix = 'incorrect operate request: non-zero allocations sum delta: '
        equal(operate.error, `${prefix}asset usdc not fully redistributed`)
      }
      deepEqual(await standing(id), ['10', '0', '0'])
    }),
  },
  {
    name: 'an allocation to a stranger or to a lower-case address is refused',
    source,
    run: inScene(async (scene) => {
      const { context, opened, closeText, vector, definition, a, c, coordinator } = scene
      const id = await opened()
      const lower = a.address.toLowerCase()
      for (const to of [freshWallet().address, lower]) {
        const allocations = [...vector(['9', '0', '0']), { participant: to, asset: 'usdc', amount: '1' }]
        const reply = await coordinator.send(await signedBy(closeText(id, allocations), a, c))
        equal(reply.error, `allocation to non-participant ${to}`)
      }
      const small = definition({ participants: [lower, c.address.toLowerCase()], weights: [2, 1], quorum: 3 })
      const params = { definition: small, allocations: [{ participant: lower, asset: 'usdc', amount: '1' }] }
      const create = requestText('create_app_session', params, context.nowMs())
      const refused = await coordinator.send(await signedBy(create, a))
      equal(refused.error, `missing signature for participant ${lower}`)
    }),
  },
  {
    name: 'kill -9 and restart: nothing lost, JWT and cheques still good',
    source,
    needs: 'restart',
    run: inScene(async (scene) => {
      const { context, opened, stateText, closeText, vector, a, c } = scene
      const id = await opened()
      const cheque = await signedBy(closeText(id, vector(['7', '3', '0'])), a, c)
      await scene.coordinator.send(await signedBy(stateText(id, 2, vector(['9', '1', '0'])), a, c))
      const jwt = await tokenOf(scene)
      await context.restart?.()
      const socket = await dial(context.url)
      const verified = await socket.send(`{"req":${requestText('auth_verify', { jwt }, context.nowMs())}}`)
      equal(verified.params['address'], c.address)
      const sessions = await socket.send(
        `{"req":${requestText('get_app_sessions', { participant: a.address }, context.nowMs())}}`,
      )
      const [session] = sessions.params['app_sessions'] as [{ status: string; version: number }]
      deepEqual([session.status, session.version], ['open', 2])
      equal((await socket.send(cheque)).params['status'], 'closed')
      const read = { account_id: a.address, wallet: a.address }
      const entries = await socket.send(`{"req":${requestText('get_ledger_entries', read, context.nowMs())}}`)
      equal((entries.params['ledger_entries'] as unknown[]).length, 3)
      await socket.close()
    }),
  },
]

const tokenOf = async ({ context, c }: Scene): Promise<string> => {
  const { client, reply } = await tryLogIn(context, c)
  await client.close()
  return String(reply.params['jwt_token'])
}
