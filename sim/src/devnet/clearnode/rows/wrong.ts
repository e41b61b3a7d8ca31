import { deepEqual, equal, ok } from 'node:assert/strict'
import { inScene } from './channel.ts'
import { requestText, signedBy, type Client, type Reply } from './client.ts'
import { ask } from './reading.ts'
import type { ClearnodeRow, RowContext } from './row.ts'
import { asset, logIn, setScene, type Allocation, type Scene } from './scene.ts'

const source = 'What the real node gets wrong'

/** Runs a race so often as the context says; it must show in at least the stated number of rounds. */
const race =
  (round: (scene: Scene, second: Client) => Promise<boolean>) =>
  async (context: RowContext): Promise<void> => {
    let hits = 0
    for (let at = 0; at < context.races.rounds; at++) {
      const scene = await setScene(context)
      const second = await logIn(context, scene.c)
      if (await round(scene, second)) hits++
      await scene.close()
      await second.close()
    }
    ok(hits >= context.races.atLeast, `${hits} of ${context.races.rounds} rounds`)
  }

/** Sends on two sockets at once. */
const together = (first: Client, a: string, second: Client, b: string): Promise<Reply[]> =>
  Promise.all([first.send(a), second.send(b)])

const bothOk = (replies: readonly Reply[]): boolean => replies.every(({ error }) => error === undefined)

const payment = ({ context, p }: Scene, amount = '1', tsMs = context.nowMs()): string =>
  requestText('transfer', { destination: p.address, allocations: [{ asset, amount }] }, tsMs)

export const raceRows: readonly ClearnodeRow[] = [
  {
    name: 'one close on two sockets at once is paid twice',
    source,
    run: race(async ({ opened, closeText, vector, a, c, coordinator, unified }, second) => {
      const close = await signedBy(closeText(await opened(), vector(['7', '3', '0'])), a, c)
      if (!bothOk(await together(coordinator, close, second, close))) return false
      deepEqual(await unified(), ['104', '6', '0'])
      return true
    }),
  },
  {
    name: 'an old cheque and an exact close on two sockets at once are both paid',
    source,
    run: race(async ({ opened, closeText, vector, a, c, coordinator, unified }, second) => {
      const id = await opened()
      const cheque = await signedBy(closeText(id, vector(['5', '5', '0'])), a, c)
      const exact = await signedBy(closeText(id, vector(['8', '2', '0'])), a, c)
      if (!bothOk(await together(coordinator, cheque, second, exact))) return false
      deepEqual(await unified(), ['103', '7', '0'])
      return true
    }),
  },
  {
    name: 'two closes on one socket: only the first is paid',
    source,
    run: inScene(async ({ opened, closeText, vector, a, c, coordinator, unified }) => {
      const id = await opened()
      const cheque = await signedBy(closeText(id, vector(['7', '3', '0'])), a, c)
      const exact = await signedBy(closeText(id, vector(['8', '2', '0'])), a, c)
      const replies = await together(coordinator, cheque, coordinator, exact)
      deepEqual(
        replies.map(({ error }) => error),
        [undefined, 'an open app session not found: record not found'],
      )
      deepEqual(await unified(), ['97', '3', '0'])
    }),
  },
  {
    name: 'two operates at one version on two sockets at once both land',
    source,
    run: race(async ({ opened, stateText, vector, a, c, coordinator }, second) => {
      const id = await opened()
      const states = [vector(['9', '1', '0']), vector(['8', '2', '0'])].map((v) => stateText(id, 2, v))
      const [first = '', other = ''] = await Promise.all(states.map((text) => signedBy(text, a, c)))
      return bothOk(await together(coordinator, first, second, other))
    }),
  },
  {
    name: 'operate and close at once both answer ok',
    source,
    run: race(async ({ opened, stateText, closeText, vector, a, c, coordinator }, second) => {
      const id = await opened()
      const operate = await signedBy(stateText(id, 2, vector(['9', '1', '0'])), a, c)
      const close = await signedBy(closeText(id, vector(['8', '2', '0'])), a, c)
      return bothOk(await together(coordinator, operate, second, close))
    }),
  },
  {
    name: 'the same transfer bytes on two sockets at once are executed twice',
    source,
    run: race(async (scene, second) => {
      const { context, c, coordinator, unified } = scene
      await context.fund(c.address, '10')
      const bytes = await signedBy(payment(scene), c)
      if (!bothOk(await together(coordinator, bytes, second, bytes))) return false
      deepEqual(await unified(), ['100', '8', '2'])
      return true
    }),
  },
  {
    name: 'a transfer replayed is refused for 60 s, then executed again while its timestamp is good',
    source,
    needs: 'advance',
    run: inScene(async (scene) => {
      const { context, a, agent, unified } = scene
      const bytes = await signedBy(payment(scene, '1', context.nowMs() + 3_600_000), a)
      equal((await agent.send(bytes)).error, undefined)
      await context.advance?.(50_000)
      equal((await agent.send(bytes)).error, 'operation denied: the request has already been processed')
      await context.advance?.(12_000)
      equal((await agent.send(bytes)).error, undefined)
      deepEqual(await unified(), ['98', '0', '2'])
    }),
  },
  {
    name: 'a transfer replayed after a restart is executed again',
    source,
    needs: 'restart',
    run: async (context) => {
      const scene = await setScene(context)
      const bytes = await signedBy(payment(scene), scene.a)
      equal((await scene.agent.send(bytes)).error, undefined)
      const processed = 'operation denied: the request has already been processed'
      equal((await scene.agent.send(bytes)).error, processed)
      await context.restart?.()
      const agent = await logIn(context, scene.a)
      equal((await agent.send(bytes)).error, undefined)
      const read = { account_id: scene.p.address, wallet: scene.p.address }
      const entries = await ask(agent, context, 'get_ledger_entries', read)
      equal((entries.params['ledger_entries'] as unknown[]).length, 2)
      await agent.close()
    },
  },
]

export const mintRows: readonly ClearnodeRow[] = [
  {
    name: 'an operate that omits a participant mints, and the minted money can be closed and paid away',
    source,
    run: inScene(async (scene) => {
      const { opened, stateText, closeText, vector, a, c, coordinator, standing, unified } = scene
      const id = await opened()
      const omits = vector(['0', '10', '0']).slice(1)
      equal((await coordinator.send(await signedBy(stateText(id, 2, omits), a, c))).error, undefined)
      deepEqual(await standing(id), ['10', '10', '0'])
      const close = await signedBy(closeText(id, vector(['10', '10', '0'])), a, c)
      equal((await coordinator.send(close)).error, undefined)
      deepEqual(await unified(), ['100', '10', '0'])
      equal((await coordinator.send(await signedBy(payment(scene, '10'), c))).error, undefined)
      deepEqual(await unified(), ['100', '0', '10'])
    }),
  },
  {
    name: 'duplicates in allocations: an operate burns, a close accepts',
    source,
    run: inScene(async ({ opened, stateText, closeText, vector, a, c, coordinator, standing, unified }) => {
      const half: Allocation = { participant: a.address, asset, amount: '5' }
      const twice = [half, half, ...vector(['0', '0', '0']).slice(1)]
      const burnt = await opened()
      equal((await coordinator.send(await signedBy(stateText(burnt, 2, twice), a, c))).error, undefined)
      deepEqual(await standing(burnt), ['5', '0', '0'])
      const id = await opened()
      equal((await coordinator.send(await signedBy(closeText(id, twice), a, c))).error, undefined)
      deepEqual(await unified(), ['90', '0', '0'])
    }),
  },
  {
    name: 'accepted: a participant twice in a definition',
    source,
    run: inScene(async ({ createText, definition, a, c, coordinator }) => {
      const twice = definition({ participants: [a.address, a.address, c.address] })
      const text = createText(['0', '0', '0'], twice)
      equal((await coordinator.send(await signedBy(text, a))).error, undefined)
    }),
  },
  {
    name: 'accepted: 7 decimals, unknown fields, session_data of 100 kB, intent missing',
    source,
    run: inScene(async (scene) => {
      const { context, opened, vector, a, c, coordinator, standing } = scene
      const id = await opened(['10', '0', '0'])
      const params = {
        app_session_id: id,
        version: 2,
        allocations: vector(['9.9999999', '0.0000001', '0']).map((one) => ({ ...one, colour: 'red' })),
        session_data: 'x'.repeat(100_000),
        mood: { good: true },
      }
      const text = requestText('submit_app_state', params, context.nowMs())
      equal((await coordinator.send(await signedBy(text, a, c))).params['version'], 2)
      deepEqual(await standing(id), ['9.9999999', '0.0000001', '0'])
    }),
  },
]
