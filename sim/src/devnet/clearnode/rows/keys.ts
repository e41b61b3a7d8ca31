import { equal } from 'node:assert/strict'
import { ask, letGoOfOwnKey } from './reading.ts'
import { dial, freshWallet, requestText, signedBy } from './client.ts'
import { inScene } from './channel.ts'
import type { ClearnodeRow } from './row.ts'
import { logIn, tryLogIn } from './scene.ts'

const source = 'Session keys'
const inUse = 'signer is already in use for another wallet'

export const keyRows: readonly ClearnodeRow[] = [
  {
    name: 'nobody takes an address whose owner is logged in with it as session key',
    source,
    run: inScene(async ({ context, a }) => {
      const { client, reply } = await tryLogIn(context, freshWallet(), { sessionKey: a.address })
      equal(reply.error, inUse)
      await client.close()
    }),
  },
  {
    name: 'the owner can undo it: another key for the application, and anybody may claim the address',
    source,
    run: inScene(async (scene) => {
      const { context, a } = scene
      await letGoOfOwnKey(scene, a)
      const { client, reply } = await tryLogIn(context, freshWallet(), { sessionKey: a.address })
      equal(reply.error, undefined)
      await client.close()
    }),
  },
  {
    name: 'an address that never logged in can be claimed; its owner then cannot log in with it, nor sign',
    source,
    run: async (context) => {
      const owner = freshWallet()
      await context.fund(owner.address, '5')
      const squatter = await logIn(context, freshWallet(), { sessionKey: owner.address })
      const refused = await tryLogIn(context, owner)
      equal(refused.reply.error, inUse)
      const client = await logIn(context, owner, { sessionKey: freshWallet().address, on: refused.client })
      const params = { destination: freshWallet().address, allocations: [{ asset: 'usdc', amount: '1' }] }
      const paid = await client.send(await signedBy(requestText('transfer', params, context.nowMs()), owner))
      equal(paid.error, 'invalid signature')
      await client.close()
      await squatter.close()
    },
  },
  {
    name: 'after an own-key entry expires the wallet cannot log in with it again, nor can a stranger claim it',
    source,
    needs: 'advance',
    run: async (context) => {
      const owner = freshWallet()
      const expiresAt = BigInt(Math.floor(context.nowMs() / 1000) + 3)
      const first = await logIn(context, owner, { expiresAt })
      await context.advance?.(5_000)
      const again = await tryLogIn(context, owner)
      equal(again.reply.error, 'session key already exists but is expired')
      const stranger = await tryLogIn(context, freshWallet(), { sessionKey: owner.address })
      equal(stranger.reply.error, inUse)
      for (const client of [first, again.client, stranger.client]) await client.close()
    },
  },
  {
    name: 'a JWT logs further sockets in, without a challenge',
    source,
    run: async (context) => {
      const owner = freshWallet()
      const { client, reply } = await tryLogIn(context, owner)
      const jwt = String(reply.params['jwt_token'])
      const further = await dial(context.url)
      const verified = await ask(further, context, 'auth_verify', { jwt })
      equal(verified.params['address'], owner.address)
      equal((await ask(further, context, 'get_ledger_balances')).error, undefined)
      await client.close()
      await further.close()
    },
  },
  {
    name: 'about 1000 pending challenges block every log-in by signature; a JWT still works',
    source,
    last: true,
    run: async (context) => {
      const owner = freshWallet()
      const { client, reply } = await tryLogIn(context, owner)
      const jwt = String(reply.params['jwt_token'])
      const claim = { address: owner.address, session_key: owner.address, application: 'orien', allowances: [] }
      let refused: string | undefined
      for (let pending = 0; pending < 1_010 && refused === undefined; pending++) {
        const asked = await ask(client, context, 'auth_request', { ...claim, expires_at: 9_999_999_999, scope: '' })
        refused = asked.error
      }
      equal(refused, 'failed to generate challenge')
      const blocked = await tryLogIn(context, freshWallet(), { on: client })
      equal(blocked.reply.error, 'failed to generate challenge')
      const verified = await ask(client, context, 'auth_verify', { jwt })
      equal(verified.params['success'], true)
      await client.close()
    },
  },
]
