import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readLedger, startClearnode, tamperLedgerEntry } from '../../src/devnet/clearnode/index.ts'
import { freshWallet, requestText, signedBy } from '../../src/devnet/clearnode/rows/client.ts'
import { ask } from '../../src/devnet/clearnode/rows/reading.ts'
import { logIn, setScene } from '../../src/devnet/clearnode/rows/scene.ts'

const wallet = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'orien-clearnode-'))
})
afterEach(async () => {
  await rm(home, { recursive: true })
})

test('behavior: a torn last line was never answered and is cut off; the rest stands', async () => {
  const first = await startClearnode({ home })
  await first.credit(wallet, 'usdc', '2')
  await first.stop()
  await appendFile(join(home, 'ledger.jsonl'), '{"seq":2,"atMs":1,"method":"credit","ro')
  const second = await startClearnode({ home })
  await second.credit(wallet, 'usdc', '3')
  await second.stop()
  expect((await readLedger(home)).map(({ id, credit }) => [id, credit])).toEqual([
    [1, '2'],
    [2, '3'],
  ])
})

test('error: a damaged line, a missing entry and a bad credit are refused by code', async () => {
  const node = await startClearnode({ home })
  for (const [to, asset, amount] of [
    ['nobody', 'usdc', '1'],
    [wallet, 'gold', '1'],
    [wallet, 'usdc', '-1'],
    [wallet, 'usdc', 'one'],
  ] as const)
    await expect(node.credit(to, asset, amount)).rejects.toMatchObject({ code: 'CLEARNODE_BAD_CREDIT' })
  await node.stop()
  await expect(tamperLedgerEntry(home, 0)).rejects.toMatchObject({ code: 'CLEARNODE_NO_SUCH_ENTRY' })
  await writeFile(join(home, 'ledger.jsonl'), 'not a line\n')
  await expect(startClearnode({ home })).rejects.toMatchObject({ code: 'CLEARNODE_LEDGER_DAMAGED' })
})

test('error: the faucet answers bad bodies with 400 and other paths with 404', async () => {
  const node = await startClearnode({ home })
  const post = async (url: string, body: string): Promise<number> => {
    const reply = await fetch(url, { method: 'POST', body })
    await reply.arrayBuffer()
    return reply.status
  }
  const statuses = [
    await post(node.faucetUrl, JSON.stringify({ wallet, asset: 'usdc', amount: '1' })),
    await post(node.faucetUrl, JSON.stringify({ wallet, asset: 'usdc', amount: 1 })),
    await post(node.faucetUrl, JSON.stringify({ wallet, asset: 'gold', amount: '1' })),
    await post(node.faucetUrl, 'nothing'),
    await post(node.faucetUrl, 'x'.repeat(10_000)),
    await post(node.faucetUrl.replace('credit', 'other'), '{}'),
  ]
  await node.stop()
  expect(statuses).toEqual([200, 400, 400, 400, 400, 404])
})

test('error: the channel methods of the chain are refused in plain words', async () => {
  const node = await startClearnode({ home })
  const owner = freshWallet()
  const context = { url: node.url, fund: async () => {}, nowMs: Date.now, races: { rounds: 1, atLeast: 1 } }
  const client = await logIn(context, owner)
  for (const method of ['create_channel', 'resize_channel', 'close_channel']) {
    const reply = await client.send(await signedBy(requestText(method, {}, Date.now()), owner))
    expect(reply.error).toBe(`${method} is not modelled by this devnet node: credit wallets through its faucet`)
  }
  await client.close()
  await node.stop()
})

test('behavior: races end the same way every time: deltas add up, and the later row of a session stands', async () => {
  const node = await startClearnode({ home })
  const context = {
    url: node.url,
    fund: (to: string, amount: string) => node.credit(to, 'usdc', amount),
    nowMs: Date.now,
    races: { rounds: 1, atLeast: 1 },
  }
  const scene = await setScene(context)
  const { a, c, coordinator, opened, stateText, closeText, vector, standing } = scene
  const second = await logIn(context, c)
  const outcomes: unknown[] = []
  const raced = async (first: string, other: string, id: string): Promise<void> => {
    const replies = await Promise.all([coordinator.send(first), second.send(other)])
    const listed = await ask(scene.open, context, 'get_app_sessions', { participant: a.address, limit: 100 })
    const sessions = listed.params['app_sessions'] as { app_session_id: string; status: string }[]
    const status = sessions.find((session) => session.app_session_id === id)?.status
    outcomes.push([...replies.map(({ error }) => error ?? 'ok'), status, await standing(id)])
  }
  for (let round = 0; round < 3; round++) {
    const id = await opened(['3', '0', '0'])
    const state = await signedBy(stateText(id, 2, vector(['2', '1', '0'])), a, c)
    const other = await signedBy(stateText(id, 2, vector(['1', '2', '0'])), a, c)
    await raced(state, other, id)
    const [early, late] = [await opened(['3', '0', '0']), await opened(['3', '0', '0'])]
    const signed = async (text: string): Promise<string> => signedBy(text, a, c)
    const [operate, close] = [vector(['2', '1', '0']), vector(['1', '2', '0'])]
    await raced(await signed(stateText(early, 2, operate)), await signed(closeText(early, close)), early)
    await raced(await signed(closeText(late, close)), await signed(stateText(late, 2, operate)), late)
  }
  await scene.close()
  await second.close()
  await node.stop()
  const round = [
    ['ok', 'ok', 'open', ['0', '3', '0']],
    ['ok', 'ok', 'closed', ['-1', '1', '0']],
    ['ok', 'ok', 'open', ['-1', '1', '0']],
  ]
  expect(outcomes).toEqual([...round, ...round, ...round])
})
