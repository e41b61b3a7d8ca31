import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Writable } from '../json.ts'
import { inScene } from './channel.ts'
import { dial, freshWallet, requestText, signedBy, type Client, type Reply } from './client.ts'
import { ask } from './reading.ts'
import type { ClearnodeRow } from './row.ts'
import { asset, freshNonce, logIn, tryLogIn, type Scene } from './scene.ts'

/** What the note does not say, read in the real node's source and seen on it while these rows were written. */
const source = 'Beyond the note'
const failed = 'failed to create application session'

const create = async (scene: Scene, changes: { readonly [name: string]: Writable }): Promise<Reply> => {
  const text = scene.createText(['1', '0', '0'], scene.definition(changes))
  return scene.coordinator.send(await signedBy(text, scene.a))
}

export const numberRows: readonly ClearnodeRow[] = [
  {
    name: 'a nonce beyond 2^53 is read as a double: its neighbours are the same session',
    source,
    run: inScene(async (scene) => {
      const nonce = (freshNonce() << 8n) | (1n << 60n)
      const first = await create(scene, { nonce: nonce + 1n })
      equal(first.error, undefined)
      equal((await create(scene, { nonce: nonce + 3n })).error, failed)
      const id = String(first.params['app_session_id'])
      const definition = await ask(scene.open, scene.context, 'get_app_definition', { app_session_id: id })
      equal(definition.params['nonce'], Number(nonce))
    }),
  },
  {
    name: 'a nonce, challenge or quorum from 2^63 on, or a weight from 2^31 on, does not fit its column',
    source,
    run: inScene(async (scene) => {
      const wide = 2n ** 63n
      const participants = [scene.a.address, scene.c.address, scene.p.address]
      equal((await create(scene, { nonce: wide })).error, failed)
      equal((await create(scene, { challenge: wide })).error, failed)
      equal((await create(scene, { participants, weights: [2 ** 31, 1, 1] })).error, failed)
      equal((await create(scene, { nonce: wide * 2n })).error, 'failed to parse parameters')
      deepEqual(await scene.unified(), ['100', '0', '0'])
    }),
  },
  {
    name: 'a quorum of 0 is stored as 100, which nobody reaches',
    source,
    run: inScene(async (scene) => {
      const { coordinator, closeText, vector, a, c, p } = scene
      const id = String((await create(scene, { quorum: 0 })).params['app_session_id'])
      const close = await coordinator.send(await signedBy(closeText(id, vector(['1', '0', '0'])), a, c, p))
      equal(close.error, 'incorrect submit_state request: quorum not reached: 4 / 100')
    }),
  },
  {
    name: 'amounts are kept with 18 decimals',
    source,
    run: inScene(async ({ opened, stateText, vector, a, c, coordinator, standing }) => {
      const id = await opened(['1', '0', '0'])
      const text = stateText(id, 2, vector(['0.9999999999999999995', '0.0000000000000000005', '0']))
      equal((await coordinator.send(await signedBy(text, a, c))).error, undefined)
      deepEqual(await standing(id), ['0.999999999999999999', '0.000000000000000001', '0'])
    }),
  },
  {
    name: 'what is only partly readable is answered under its own id; an empty message is no valid one',
    source,
    run: inScene(async ({ context, agent }) => {
      const now = context.nowMs()
      const half = await agent.send(`{"req":[987654321,"ping",{},"late"]}`)
      equal(half.error, 'invalid message format')
      const signed = await agent.send(`{"req":[987654322,"ping",{},${now}],"sig":["abc"]}`)
      equal(signed.error, 'invalid message format')
      for (const text of [
        '{}',
        `{"req":[5,"ping",null,${now}]}`,
        `{"req":[5,"",{},${now}]}`,
        '{"req":[5,"ping",{},0]}',
      ])
        equal((await agent.sendStray(text)).error, 'message validation failed')
    }),
  },
]

export const moneyRows: readonly ClearnodeRow[] = [
  {
    name: 'a close that omits a participant leaves its share in the closed session and pays the sum all the same',
    source,
    run: inScene(async ({ opened, stateText, closeText, vector, a, c, coordinator, standing, unified }) => {
      const id = await opened()
      await coordinator.send(await signedBy(stateText(id, 2, vector(['6', '4', '0'])), a, c))
      const omits = vector(['10', '0', '0']).slice(0, 1)
      equal((await coordinator.send(await signedBy(closeText(id, omits), a, c))).error, undefined)
      deepEqual(
        [await standing(id), await unified()],
        [
          ['0', '4', '0'],
          ['100', '0', '0'],
        ],
      )
    }),
  },
  {
    name: 'assets: one not deposited, one unknown, and a withdrawn one',
    source,
    run: inScene(async ({ opened, stateText, closeText, vector, a, c, coordinator }) => {
      const id = await opened()
      const gold = [...vector(['10', '0', '0']), { participant: c.address, asset: 'gold', amount: '1' }]
      const unknown = await coordinator.send(await signedBy(closeText(id, gold), a, c))
      equal(unknown.error, 'allocation references unknown asset gold')
      await coordinator.send(await signedBy(stateText(id, 2, vector(['0', '0', '0']), 'withdraw'), a, c))
      const emptied = await coordinator.send(await signedBy(closeText(id, vector(['1', '0', '0'])), a, c))
      const advice = 'Please deposit the asset first'
      equal(emptied.error, `asset usdc is not deposited into the app session. ${advice}`)
    }),
  },
  {
    name: 'deposits and withdrawals that go the wrong way, move nothing, or exceed the balance',
    source,
    run: inScene(async ({ opened, stateText, vector, a, c, coordinator, unified }) => {
      const id = await opened()
      const cases = [
        ['deposit', '9', `incorrect deposit request: decreased allocation for participant ${a.address}`],
        ['deposit', '10', 'incorrect deposit request: non-positive allocations sum delta'],
        ['deposit', '101', 'incorrect deposit request: insufficient unified balance'],
        ['withdraw', '11', `incorrect withdrawal request: increased allocation for participant ${a.address}`],
        ['withdraw', '10', 'incorrect withdrawal request: non-negative allocations sum delta'],
        ['steal', '10', 'incorrect app state: unsupported intent: steal'],
      ] as const
      for (const [intent, amount, error] of cases) {
        const text = stateText(id, 2, vector([amount, '0', '0']), intent)
        equal((await coordinator.send(await signedBy(text, a, c))).error, error)
      }
      deepEqual(await unified(), ['90', '0', '0'])
    }),
  },
  {
    name: 'a deposit by a participant who did not sign; one who signed with the quorum',
    source,
    run: inScene(async ({ context, opened, stateText, vector, a, c, p, coordinator, standing }) => {
      const id = await opened()
      await context.fund(p.address, '5')
      const text = stateText(id, 2, vector(['10', '0', '5']), 'deposit')
      const unsigned = await coordinator.send(await signedBy(text, a, c))
      equal(unsigned.error, 'incorrect deposit request: depositor signature is required')
      equal((await coordinator.send(await signedBy(text, a, p))).error, undefined)
      deepEqual(await standing(id), ['10', '0', '5'])
    }),
  },
  {
    name: 'transfers: no destination, no address, nothing to pay, no signature; oneself in lower case passes',
    source,
    run: inScene(async ({ context, a, p, agent, unified }) => {
      const one = [{ asset, amount: '1' }]
      const pay = async (params: Writable, signers = [a]): Promise<string | undefined> =>
        (await agent.send(await signedBy(requestText('transfer', params, context.nowMs()), ...signers))).error
      equal(await pay({ allocations: one }), 'destination or destination_tag must be provided')
      equal(await pay({ destination: 'bob', allocations: one }), 'invalid destination account: bob')
      equal(await pay({ destination: p.address }), 'allocations cannot be empty')
      equal(await pay({ destination: p.address, allocations: one }, []), 'missing participant signature')
      equal(await pay({ destination: a.address.toLowerCase(), allocations: one }), undefined)
      deepEqual(await unified(), ['100', '0', '0'])
    }),
  },
  {
    name: 'a wallet’s own signature funds a create even while a stranger has claimed its address',
    source,
    run: async (context) => {
      const [owner, other] = [freshWallet(), freshWallet()]
      await context.fund(owner.address, '5')
      const squatter = await logIn(context, freshWallet(), { sessionKey: owner.address })
      const definition = {
        application: 'orien',
        protocol: 'NitroRPC/0.4',
        participants: [owner.address, other.address],
        weights: [1, 1],
        quorum: 1,
        challenge: 0,
        nonce: freshNonce(),
      }
      const params = { definition, allocations: [{ participant: owner.address, asset, amount: '5' }] }
      const text = requestText('create_app_session', params, context.nowMs())
      equal((await squatter.send(await signedBy(text, owner))).error, undefined)
      await squatter.close()
    },
  },
]

const methods = (client: Client): string[] => client.pushes.map(({ method }) => method)

export const socketRows: readonly ClearnodeRow[] = [
  {
    name: 'a socket gets its assets at once, channels and balances after its first log-in only',
    source,
    run: async (context) => {
      const wallet = freshWallet()
      await context.fund(wallet.address, '2')
      const client = await dial(context.url)
      await client.settle()
      deepEqual(methods(client), ['assets'])
      await logIn(context, wallet, { on: client })
      await logIn(context, wallet, { on: client })
      await client.settle()
      deepEqual(methods(client), ['assets', 'channels', 'bu'])
      deepEqual(client.pushes.at(-1)?.params, { balance_updates: [{ asset, amount: '2' }] })
      await client.close()
    },
  },
  {
    name: 'asu shows what participants hold after the change, without the empty ones',
    source,
    run: inScene(async ({ opened, stateText, vector, a, c, agent, coordinator }) => {
      const id = await opened()
      await coordinator.send(await signedBy(stateText(id, 2, vector(['9', '1', '0'])), a, c))
      await agent.settle()
      const update = agent.pushes.findLast(({ method }) => method === 'asu')
      const session = update?.params['app_session'] as { [field: string]: unknown }
      deepEqual(
        [session['app_session_id'], session['version'], session['status'], session['application']],
        [id, 2, 'open', ''],
      )
      const shares = update?.params['participant_allocations'] as { participant: string; amount: string }[]
      const held = new Map(shares.map(({ participant, amount }) => [participant, amount]))
      deepEqual([held.size, held.get(a.address), held.get(c.address)], [2, '9', '1'])
    }),
  },
  {
    name: 'log-ins that fail: a lower-case address, a challenge used twice or unknown, an expiry in the past',
    source,
    run: async (context) => {
      const owner = freshWallet()
      const lower = { ...owner, address: owner.address.toLowerCase() as typeof owner.address }
      const { client, reply } = await tryLogIn(context, lower, { sessionKey: owner.address })
      equal(reply.error, 'invalid challenge or signature')
      const unknown = { challenge: '6ba7b810-9dad-41d1-80b4-00c04fd430c8' }
      const text = requestText('auth_verify', unknown, context.nowMs())
      equal((await client.send(await signedBy(text, owner))).error, 'invalid challenge')
      equal((await ask(client, context, 'auth_verify', { challenge: 'x' })).error, 'failed to parse auth parameters')
      const none = await ask(client, context, 'auth_verify', unknown)
      equal(none.error, 'invalid authentication method: expected JWT or signature')
      equal((await ask(client, context, 'auth_verify', { jwt: 'a.b.c' })).error, 'invalid JWT token')
      const past = await tryLogIn(context, owner, { expiresAt: 1_000_000_000n, on: client })
      equal(past.reply.error, 'expiration time must be set and in the future')
      await client.close()
    },
  },
  {
    name: 'a session key signs for its application only, within what it was allowed',
    source,
    run: inScene(async (scene) => {
      const { context, a, c, vector, definition } = scene
      const key = freshWallet()
      const client = await logIn(context, a, { sessionKey: key.address, application: 'games' })
      const attempt = async (application: string): Promise<string | undefined> => {
        const params = { definition: definition({ application }), allocations: vector(['1', '0', '0']) }
        const text = requestText('create_app_session', params, context.nowMs())
        return (await client.send(await signedBy(text, key))).error
      }
      const mismatch = `session key is for 'games', but app session is for 'orien'`
      equal(
        await attempt('orien'),
        `session key application validation failed: session key application mismatch: ${mismatch}`,
      )
      const prefix = 'session key spending validation failed: operation denied: '
      equal(await attempt('games'), `${prefix}asset usdc not allowed in session key spending cap`)
      const id = await scene.opened()
      const state = scene.stateText(id, 2, vector(['9', '1', '0']))
      equal(
        (await client.send(await signedBy(state, key, c))).error,
        `session key application validation failed for signer ${key.address}: session key application mismatch: ${mismatch}`,
      )
      await client.close()
    }),
  },
  {
    name: 'session keys are listed and revoked; a tag is given at the first log-in',
    source,
    run: async (context) => {
      const owner = freshWallet()
      const client = await logIn(context, owner)
      const listed = await ask(client, context, 'get_session_keys')
      const keys = listed.params['session_keys'] as { session_key: string; application: string }[]
      deepEqual(
        keys.map(({ session_key, application }) => [session_key, application]),
        [[owner.address, 'orien']],
      )
      const tag = String((await ask(client, context, 'get_user_tag')).params['tag'])
      ok(/^[0-9A-Z]{6}$/.test(tag), tag)
      const revoke = async (): Promise<Reply> =>
        client.send(
          await signedBy(requestText('revoke_session_key', { session_key: owner.address }, context.nowMs()), owner),
        )
      equal((await revoke()).error, undefined)
      equal((await revoke()).error, 'operation denied: provided address is not an active session key of this user')
      const again = await tryLogIn(context, owner)
      equal(again.reply.error, 'session key already exists but is expired')
      const freed = await logIn(context, owner, { sessionKey: freshWallet().address })
      equal((await tryLogIn(context, owner, { on: freed })).reply.error, undefined)
      for (const socket of [client, again.client, freed]) await socket.close()
    },
  },
  {
    name: 'lists: ascending on demand, and a sort that is no order fails with the list’s own text',
    source,
    run: inScene(async ({ context, a, opened, open }) => {
      await opened(['1', '0', '0'])
      const read = async (sort: string): Promise<Reply> =>
        ask(open, context, 'get_ledger_entries', { account_id: a.address, wallet: a.address, sort })
      const credits = async (sort: string): Promise<unknown[]> =>
        ((await read(sort)).params['ledger_entries'] as { credit: string }[]).map(({ credit }) => credit)
      deepEqual(await credits('asc'), ['100', '0'])
      deepEqual(await credits(''), ['100', '0'])
      deepEqual(await credits('desc'), ['0', '100'])
      equal((await read('sideways')).error, 'failed to get ledger entries')
      equal(
        (await ask(open, context, 'get_ledger_transactions', { tx_type: 'gift' })).error,
        'invalid ledger transaction type',
      )
      equal((await ask(open, context, 'get_app_definition')).error, 'missing account ID')
      equal((await ask(open, context, 'cleanup_session_key_cache')).error, 'test mode endpoints are disabled')
    }),
  },
]
