import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { readLedger, tamperLedgerEntry } from '../../src/devnet/clearnode/index.ts'
import { dial, freshWallet, requestText } from '../../src/devnet/clearnode/rows/client.ts'
import { clearnodeRows } from '../conformance/clearnode-rows.ts'
import { startProcess } from './clearnode-child.ts'

const folders: string[] = []
const freshHome = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'orien-clearnode-'))
  folders.push(folder)
  return folder
}

const home = await freshHome()
let running = await startProcess(home)
const { url } = running

afterAll(async () => {
  await running.end('SIGTERM')
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })))
})

clearnodeRows('the stand-in, as a process', {
  url,
  fund: (wallet, amount) => running.fund(wallet, amount),
  restart: async () => {
    await running.end('SIGKILL')
    running = await startProcess(home, Number(new URL(url).port))
  },
})

/**
 * The same rows against a real ClearNode of tag clearnode/v0.5.2 (asset `usdc` configured):
 * ORIEN_CLEARNODE_URL   its WebSocket address
 * ORIEN_CLEARNODE_FUND  a program, called with wallet and amount, that puts money into a unified balance
 * ORIEN_CLEARNODE_RESTART  optional: a program that kills it with -9 and starts it again on the same database
 * ORIEN_CLEARNODE_WAIT  optional: set to 1 to run the rows that wait (about 70 s) for the node's clock
 */
const realUrl = process.env['ORIEN_CLEARNODE_URL']
const fund = process.env['ORIEN_CLEARNODE_FUND']
const restart = process.env['ORIEN_CLEARNODE_RESTART']
const run = promisify(execFile)
if (realUrl !== undefined && fund !== undefined)
  clearnodeRows('a real ClearNode', {
    url: realUrl,
    fund: async (wallet, amount) => {
      await run(fund, [wallet, amount])
    },
    ...(restart === undefined
      ? {}
      : {
          restart: async () => {
            await run(restart)
          },
        }),
    ...(process.env['ORIEN_CLEARNODE_WAIT'] === '1'
      ? { advance: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) }
      : {}),
    races: { rounds: 30, atLeast: 20 },
    timeoutMs: 300_000,
  })

test('behavior: one ready line on stdout and a clean exit on SIGTERM and SIGINT, with sockets open', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const node = await startProcess(await freshHome())
    const socket = await dial(node.url)
    await socket.settle()
    expect(await node.end(signal)).toEqual([0, null])
    expect(node.lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['ready'])
  }
})

test('behavior: a tampered entry is loaded as it is and read back changed', async () => {
  const folder = await freshHome()
  const first = await startProcess(folder)
  const wallet = freshWallet().address
  await first.fund(wallet, '5.25')
  await first.end('SIGKILL')
  const before = await readFile(join(folder, 'ledger.jsonl'), 'utf8')
  await tamperLedgerEntry(folder, 0)
  const after = await readFile(join(folder, 'ledger.jsonl'), 'utf8')
  const changed = Array.from(before).filter((letter, at) => letter !== after.charAt(at))
  expect([changed.length, after.length]).toEqual([1, before.length])
  expect(await readLedger(folder)).toMatchObject([
    { account: wallet, wallet, asset: 'usdc', credit: '6.25', debit: '0' },
  ])
  const second = await startProcess(folder, Number(new URL(first.url).port))
  const socket = await dial(second.url)
  const params = { account_id: wallet, wallet }
  const reply = await socket.send(`{"req":${requestText('get_ledger_entries', params, Date.now())}}`)
  expect(reply.params['ledger_entries']).toMatchObject([{ credit: '6.25' }])
  expect([second.url, second.broker]).toEqual([first.url, first.broker])
  await second.end('SIGTERM')
})

test('behavior: whatever was answered before a kill -9 is in the ledger, whole, and the node starts on it', async () => {
  const folder = await freshHome()
  const node = await startProcess(folder)
  const wallet = freshWallet().address
  const answered: string[] = []
  const asked = Array.from({ length: 40 }, async (_, at) => {
    await node.fund(wallet, `${at + 1}`)
    answered.push(`${at + 1}`)
    if (answered.length === 10) await node.end('SIGKILL')
  })
  await Promise.allSettled(asked)
  expect(answered.length).toBeGreaterThanOrEqual(10)
  const credits = new Set((await readLedger(folder)).map(({ credit }) => credit))
  expect(answered.filter((amount) => !credits.has(amount))).toEqual([])
  const again = await startProcess(folder)
  await again.fund(wallet, '1000')
  expect((await readLedger(folder)).map(({ id }) => id)).toEqual(
    Array.from({ length: credits.size + 1 }, (_, at) => at + 1),
  )
  expect(await again.end('SIGTERM')).toEqual([0, null])
})
