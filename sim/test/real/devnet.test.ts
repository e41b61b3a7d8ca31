import { spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Child } from '../../src/devnet/child.ts'
import { startDevnet, type Devnet } from '../../src/devnet/devnet.ts'
import { accountOf, usdc } from './arc-fixture.ts'
import { isAlive, noneNaming, processesNaming, temporaryFolder, writeStub } from './devnet-fixture.ts'

const who = accountOf('funded').address
let folder: ReturnType<typeof temporaryFolder>
let devnet: Devnet | undefined
let clearnodeMain: string
let owners: Owner[] = []

beforeEach(() => {
  folder = temporaryFolder()
  clearnodeMain = writeStub(folder.path)
})
afterEach(async () => {
  await devnet?.kill9()
  devnet = undefined
  for (const owner of owners) owner.kill('SIGKILL')
  owners = []
  folder.remove()
})

const home = () => join(folder.path, 'home')
const open = async (): Promise<Devnet> => (devnet = await startDevnet({ home: home(), clearnodeMain }))

it('behavior: it names its parts, funds accounts on both sides, and stops all of them', async () => {
  const net = await open()
  expect(net.chainId).toBe(31_337)
  expect(net.rpcUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(net.clearnodeUrl).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/ws$/)
  expect(net.processes.map(({ role }) => role)).toEqual(['anvil', 'clearnode'])
  expect(new Set([...net.processes.map(({ pid }) => pid), process.pid]).size).toBe(3)
  await Promise.all([net.fundArc(who, usdc(5)), net.fundGas(who, 10n ** 18n), net.fundChannelBalance(who, usdc(7))])
  expect(await net.arc.balanceMicros(who)).toBe(usdc(6))
  expect(await net.arc.gasWei(who)).toBe(10n ** 18n)
  const credited: unknown = JSON.parse(readFileSync(join(home(), 'clearnode', 'credits'), 'utf8'))
  expect(credited).toEqual({ wallet: who, asset: 'usdc', amount: '7' })
  await expect(net.fundChannelBalance(who, usdc(0))).rejects.toMatchObject({ code: 'railRefused' })
  const pids = net.processes.map(({ pid }) => pid)
  await net.stop()
  await net.stop()
  expect(pids.map(isAlive)).toEqual([false, false])
})

it('behavior: with the built ClearNode stand-in it funds a unified balance', async (context) => {
  const built = new URL('../../dist/devnet/clearnode/main.js', import.meta.url)
  if (!existsSync(built)) context.skip('sim is not built')
  devnet = await startDevnet({ home: home() })
  await devnet.fundChannelBalance(who, usdc(7))
  await devnet.clearnode.kill9()
  await devnet.clearnode.restart()
  await devnet.fundChannelBalance(who, usdc(1))
  expect(await unifiedBalance(devnet.clearnodeUrl, who)).toBe(8)
  await expect(devnet.fundChannelBalance(who, usdc(0))).rejects.toMatchObject({ code: 'railRefused' })
})

it('behavior: started again in the same folder it has the same chain', async () => {
  await (await open()).fundArc(who, usdc(3))
  await devnet?.stop()
  expect(await (await open()).arc.balanceMicros(who)).toBe(usdc(3))
})

it('behavior: a killed part starts again at its address', async () => {
  const net = await open()
  const before = { rpcUrl: net.rpcUrl, url: net.clearnodeUrl, pids: net.processes.map(({ pid }) => pid) }
  await net.kill9()
  expect(before.pids.map(isAlive)).toEqual([false, false])
  await Promise.all([net.anvil.restart(), net.clearnode.restart()])
  expect([net.anvil.url, net.clearnode.url]).toEqual([before.rpcUrl, before.url])
  await Promise.all([net.fundArc(who, usdc(1)), net.fundChannelBalance(who, usdc(1))])
  expect(net.processes.some(({ pid }) => before.pids.includes(pid))).toBe(false)
  await expect(net.clearnode.restart()).rejects.toMatchObject({ code: 'locked' })
})

it('error: a part that does not start takes the others with it', async () => {
  clearnodeMain = writeStub(folder.path, "import 'node:fs'; console.error('no luck'); process.exit(3)")
  await expect(open()).rejects.toMatchObject({ code: 'partMissing', hint: expect.stringContaining('no luck') })
  await noneNaming(home())
  await expect(startDevnet({ home: home(), clearnodeMain: '/no/such/main.js' })).rejects.toMatchObject({
    code: 'partMissing',
    details: { part: 'clearnode' },
  })
})

it('error: a part that never gets ready is ended', async () => {
  const main = writeStub(folder.path, 'setInterval(() => undefined, 1_000)')
  const child = Child.start({
    role: 'sleeper',
    command: process.execPath,
    args: [main, folder.path],
    logFile: join(folder.path, 'log'),
    ready: () => undefined,
    readyMs: 300,
  })
  await expect(child).rejects.toMatchObject({ code: 'timedOut' })
  await noneNaming(main)
})

it('error: a ready line that lacks a field is refused, and the process ended', async () => {
  clearnodeMain = writeStub(folder.path, `console.log('{"event":"ready"}'); setInterval(() => undefined, 1_000)`)
  await expect(open()).rejects.toMatchObject({ code: 'partMissing', details: { role: 'clearnode' } })
  await noneNaming(home())
})

it('behavior: a part that ignores SIGTERM is ended all the same when its owner is killed', async () => {
  clearnodeMain = writeStub(folder.path, STUBBORN)
  const owner = await startOwner(`await startDevnet(${JSON.stringify({ home: home(), clearnodeMain })})`)
  expect(await processesNaming(home())).not.toEqual([])
  owner.kill('SIGKILL')
  await noneNaming(home())
})

const STUBBORN = `process.on('SIGTERM', () => undefined)
console.log(JSON.stringify({ event: 'ready', url: 'ws://x', faucetUrl: 'http://x', broker: '0xb0' }))
setInterval(() => undefined, 1_000)`

it('behavior: SIGINT, SIGTERM or SIGKILL to a process that started a devnet leaves no child', async () => {
  const ended = (['SIGINT', 'SIGTERM', 'SIGKILL'] as const).map(async (signal) => {
    const place = join(folder.path, signal)
    const owner = await startOwner(`await startDevnet(${JSON.stringify({ home: place, clearnodeMain })})`)
    expect((await processesNaming(place)).length).toBeGreaterThanOrEqual(2)
    owner.kill(signal)
    expect(await owner.exit).toEqual({ code: null, signal })
    await noneNaming(place)
  })
  await Promise.all(ended)
})

it('behavior: the command prints addresses, and Ctrl-C ends it with 130, its temporary folder gone', async () => {
  const owner = await startOwner(`process.exit(await devnetCommand(${JSON.stringify({ json: true, clearnodeMain })}))`)
  const said = owner.line as { home: string; rpcUrl: string; processes: { pid: number }[] }
  expect(Object.keys(said)).toEqual(
    expect.arrayContaining([
      'chainId',
      'rpcUrl',
      'token',
      'multicall3',
      'clearnodeUrl',
      'faucetUrl',
      'broker',
      'processes',
    ]),
  )
  expect(existsSync(said.home)).toBe(true)
  owner.kill('SIGINT')
  expect(await owner.exit).toEqual({ code: 130, signal: null })
  expect([existsSync(said.home), ...owner.pids.map(isAlive)]).toEqual([false, false, false])
})

it('error: the command ends with an error when a part dies', async () => {
  const program = `await devnetCommand(${JSON.stringify({ json: true, home: home(), clearnodeMain })}).catch((error) => {
    console.log(JSON.stringify({ code: error.code }))
    process.exit(1)
  })`
  const owner = await startOwner(program)
  process.kill(owner.pids[0] ?? 0, 'SIGKILL')
  expect(await owner.exit).toEqual({ code: 1, signal: null })
  expect(owner.lines.at(-1)).toBe('{"code":"stopped"}')
  expect(owner.pids.map(isAlive)).toEqual([false, false])
  expect(existsSync(home())).toBe(true)
})

interface Owner {
  readonly line: unknown
  readonly lines: readonly string[]
  readonly pids: readonly number[]
  readonly exit: Promise<{ code: number | null; signal: string | null }>
  kill(signal: NodeJS.Signals): void
}

/** A wallet's balance, read without a login. */
async function unifiedBalance(url: string, wallet: string): Promise<number> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  socket.send(`{"req":[7,"get_ledger_entries",{"account_id":"${wallet}","wallet":"${wallet}"},${Date.now()}],"sig":[]}`)
  for await (const [event] of on(socket, 'message')) {
    const { res } = JSON.parse(String((event as MessageEvent).data)) as { res: [number, string, LedgerEntries] }
    if (res[0] !== 7) continue
    socket.close()
    return res[2].ledger_entries.reduce((sum, { credit, debit }) => sum + Number(credit) - Number(debit), 0)
  }
  throw new Error('the socket closed')
}

interface LedgerEntries {
  readonly ledger_entries: readonly { readonly credit: string; readonly debit: string }[]
}

/** A process that starts a devnet and prints what it has; resolves at its first line. */
async function startOwner(program: string): Promise<Owner> {
  const module = (name: string) => JSON.stringify(new URL(`../../src/devnet/${name}.ts`, import.meta.url).href)
  const source = program.startsWith('await startDevnet')
    ? `const { startDevnet } = await import(${module('devnet')})
       const { processes } = ${program}
       console.log(JSON.stringify({ processes }))`
    : `const { devnetCommand } = await import(${module('command')})\n${program}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  const lines: string[] = []
  const first = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      resolve(line)
    })
    void exit.then(() => reject(new Error('the owner ended before its first line')))
  })
  const line = JSON.parse(first) as { processes: { pid: number }[] }
  const owner: Owner = {
    line,
    lines,
    exit,
    pids: line.processes.map(({ pid }) => pid),
    kill: (signal) => child.kill(signal),
  }
  owners.push(owner)
  return owner
}
