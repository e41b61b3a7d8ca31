import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OrienError } from '@orien/protocol'
import { afterEach, expect, test, vi } from 'vitest'
import { keepHome, type KeptDaemon } from '../../src/home/keep.ts'
import { askResume, isResumable, takeResume } from '../../src/home/resume.ts'
import { readStatus, writeStatus } from '../../src/home/status.ts'
import { walletOf } from '../helpers/parties.ts'

const EVERY_MS = 10
const ASK = { lookMs: 5, takeMs: 5_000, doneMs: 5_000 }
/** No process has it: it is above what Linux gives. */
const NOBODY = 2 ** 30
const DOUBT = { found: 'a', missing: 'b', next: 'c' }

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end()
  vi.restoreAllMocks()
})

async function newHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'orien-coordinator-'))
  ends.push(() => rm(home, { recursive: true }))
  return home
}

const addresses = { channelWallet: walletOf(1).address, treasury: walletOf(2).address, gas: walletOf(3).address }

/** A daemon in this process, read-only until it is told to resume. */
async function daemonIn(home: string, resume?: KeptDaemon['resume']): Promise<boolean[]> {
  const told: boolean[] = []
  const daemon: KeptDaemon = {
    addresses,
    status: () => ({ floatMicros: 5n, readOnly: told.length === 0 ? [DOUBT] : [], withheld: told.length }),
    async resume(options = {}) {
      await resume?.(options)
      told.push(options.current === true)
    },
    stop: () => Promise.resolve(),
  }
  const kept = keepHome(home, daemon, EVERY_MS)
  ends.push(() => kept.stop())
  await vi.waitFor(() => readStatus(home))
  return told
}

const filesOf = async (home: string): Promise<string[]> =>
  (await readdir(home)).filter((name) => name.startsWith('resume'))

test('behavior: a daemon says what to fund and how it stands, amounts as text; the file goes with it', async () => {
  const home = await newHome()
  await daemonIn(home)
  expect(await readStatus(home)).toMatchObject({ pid: process.pid, addresses, floatMicros: '5', readOnly: [DOUBT] })
  await ends.pop()?.()
  await expect(readStatus(home)).rejects.toMatchObject({ code: 'unreachable', hint: expect.stringContaining('--home') })
})

test.for([
  ['whose pid is nobody’s', { pid: NOBODY }],
  ['that wrote nothing for long, although a process has its pid', { atMs: Date.now() - 60_000 }],
  ['that wrote at a time which is not yet', { atMs: Date.now() + 60_000 }],
] as const)('error: a daemon %s does not run, and was last seen then', async ([, left]) => {
  const home = await newHome()
  await writeStatus(home, left)
  const { atMs } = JSON.parse(await readFile(join(home, 'status.json'), 'utf8')) as { atMs: number }
  await expect(readStatus(home)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining(`last seen at ${new Date(atMs).toISOString()}`),
    details: { atMs },
  })
})

test.for([
  '',
  '{"atMs":1',
  'null',
  '{}',
  '{"atMs":1,"pid":0}',
  '{"atMs":9e15,"pid":1}',
  '{"atMs":1,"pid":1,"readOnly":[1]}',
])('error: a status that is damaged is said so: %s', async (text) => {
  const home = await newHome()
  await writeFile(join(home, 'status.json'), text)
  await expect(readStatus(home)).rejects.toMatchObject({ code: 'storeCorrupt', hint: expect.stringContaining('start') })
})

test('behavior: whoever asks to resume hears how the book stands after, and each request is taken once', async () => {
  const home = await newHome()
  const told = await daemonIn(home)
  expect(await askResume(home, process.pid, true, ASK)).toMatchObject({ readOnly: [], withheld: 1 })
  expect(await askResume(home, process.pid, false, ASK)).toMatchObject({ readOnly: [], withheld: 2 })
  expect(told).toEqual([true, false])
  expect(await filesOf(home)).toEqual([])
})

test('error: whoever asks to resume hears what stopped it', async () => {
  const home = await newHome()
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await daemonIn(home, () => Promise.reject(new OrienError('unreachable', { message: 'the chain is away' })))
  await expect(askResume(home, process.pid, false, ASK)).rejects.toMatchObject({
    code: 'unreachable',
    message: 'the chain is away',
  })
  expect(await readStatus(home)).toMatchObject({ readOnly: [DOUBT] })
})

test('error: a resume that nobody takes up is withdrawn, so that no later daemon meets it', async () => {
  const home = await newHome()
  await writeStatus(home, {})
  await expect(askResume(home, process.pid, true, { ...ASK, takeMs: 20 })).rejects.toMatchObject({
    code: 'unreachable',
    hint: expect.stringContaining('Nothing was changed'),
  })
  expect(await takeResume(home)).toBeUndefined()
})

test('error: a resume that takes long is not taken for one that failed, and the daemon does not seem gone', async () => {
  const home = await newHome()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const told = await daemonIn(home, () => promise)
  const { atMs } = await readStatus(home)
  const asked = askResume(home, process.pid, false, { ...ASK, takeMs: 100, doneMs: 50 })
  await expect(asked).rejects.toMatchObject({ code: 'timedOut' })
  expect((await readStatus(home)).atMs).toBeGreaterThan(atMs)
  resolve(undefined)
  await vi.waitFor(() => expect(told).toEqual([false]))
})

test.for([
  ['ends', { pid: NOBODY }],
  ['is another one now', { pid: process.ppid }],
] as const)('error: whoever asks a daemon that %s to resume hears that, and leaves nothing', async ([, next]) => {
  const home = await newHome()
  await writeStatus(home, {})
  const asked = askResume(home, process.pid, false, ASK)
  await vi.waitFor(async () => expect(await filesOf(home)).toEqual(['resume']))
  await writeStatus(home, next)
  await expect(asked).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('ended before') })
  expect(await filesOf(home)).toEqual([])
})

test('behavior: what was said to a daemon before this one is forgotten', async () => {
  const home = await newHome()
  for (const name of ['resume', 'resume.taken']) await writeFile(join(home, name), 'id current')
  const told = await daemonIn(home)
  expect(await filesOf(home)).toEqual([])
  await askResume(home, process.pid, false, ASK)
  expect(told).toEqual([false])
})

test('behavior: a book that is not read-only is resumed only as current, and only when something is withheld', () => {
  const status = { atMs: 1, pid: 1 }
  expect(isResumable({ ...status, readOnly: [DOUBT] }, false)).toBe(true)
  expect(isResumable({ ...status, readOnly: [], withheld: 2 }, false)).toBe(false)
  expect(isResumable({ ...status, readOnly: [], withheld: 2 }, true)).toBe(true)
  expect(isResumable({ ...status, readOnly: [], withheld: 0 }, true)).toBe(false)
})
