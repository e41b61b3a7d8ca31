import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { micros, utf8, utf8Text } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLibp2pNetwork, type Libp2pNetworkOptions } from '../../src/network/libp2p.ts'
import { offerRecords } from '../../src/network/offer-records.ts'
import type { Network } from '../../src/network/port.ts'
import { OFFERS_TOPIC } from '../../src/network/protocols.ts'
import { openLevelStore } from '../../src/store/level.ts'
import type { Store } from '../../src/store/port.ts'
import { loadCatalogue } from '../../src/tools/catalogue.ts'
import { systemFiles } from '../../src/tools/files-fs.ts'
import { startRunner, type ProcessRunner } from '../../src/tools/runner/client.ts'
import { createSessionBlobs } from '../../src/tools/session-blobs.ts'
import { createToolBox } from '../../src/tools/tool-box.ts'
import { createWorkspaces } from '../../src/tools/workspace.ts'
import { party, scope, type Party } from '../helpers/parties.ts'
import { startRig, type Rig } from '../helpers/rig.ts'
import { failureOf } from '../helpers/timed.ts'

const PATH = '/usr/local/bin:/usr/bin:/bin'
const TOML = `
[provider]
name = "shell-less"
[[tools]]
id = "sort_file"
command = ["sort", "-o", "{to}", "--", "{file}"]
price = "0.06"
maxDurationSeconds = 20
inputs = ["**"]
outputs = ["**"]
[tools.schema]
type = "object"
additionalProperties = false
required = ["file", "to"]
[tools.schema.properties]
file = { type = "string", format = "workspace-path" }
to = { type = "string", format = "workspace-path" }

[[tools]]
id = "say"
command = ["node", "-e", "{script}"]
price = "0.06"
maxDurationSeconds = 2
[tools.schema]
type = "object"
additionalProperties = false
required = ["script"]
[tools.schema.properties]
script = { type = "string" }
`

let folder: string
let networks: Network[]
let stores: Store[]
let runner: ProcessRunner
let rig: Rig

/** Three peers on loopback TCP, a runner process, real folders and real books; only the coordinator and its ledger are a test's. */
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'orien-call-')))
  networks = []
  stores = []
  const coordinator = await peer(party(3))
  const bootstrap = coordinator.addresses()
  const provider = await peer(party(2), { bootstrap })
  const agent = await peer(party(1), { bootstrap, listen: [], role: 'client' })
  runner = await startRunner({ path: `${join(process.execPath, '..')}:${PATH}` })
  const workspaces = createWorkspaces({ files: systemFiles, root: join(folder, 'work') })
  rig = await startRig({
    networks: { agent, provider, coordinator },
    toolBox: createToolBox(loadCatalogue(TOML, { file: 'provider.toml', format: 'toml' }), { PATH }),
    providerParts: {
      runner,
      store: await book('provider'),
      files: workspaces,
      blobs: createSessionBlobs(workspaces),
    },
    agentParts: { store: await book('agent') },
    policy: { maxCallMicros: micros(50_000n), windowCalls: 4 },
  })
})
afterEach(async () => {
  await rig.stop()
  await runner.close()
  for (const network of networks) await network.stop()
  for (const store of stores) await store.close()
  await rm(folder, { recursive: true, force: true })
})

async function peer(of: Party, more: Partial<Libp2pNetworkOptions> = {}): Promise<Network> {
  const network = await createLibp2pNetwork({
    privateKeySeed: of.seed,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    role: 'server',
    loopback: true,
    records: offerRecords(scope),
    topics: [OFFERS_TOPIC],
    ...more,
  })
  networks.push(network)
  return network
}

async function book(name: string): Promise<Store> {
  const store = await openLevelStore(join(folder, name))
  stores.push(store)
  return store
}

describe('a call over the real network, in a real process', () => {
  test('behavior: files go in, files come out, and the folder goes', async () => {
    const { files, outcome } = await rig.agent.run(
      'sort_file',
      { file: 'in/words.txt', to: 'sorted.txt' },
      { files: { 'in/words.txt': utf8('pear\napple\n'), 'in/other': new Uint8Array(600_000).fill(7) } },
    )
    expect(outcome).toBe('ok')
    expect(utf8Text(files.get('sorted.txt') ?? new Uint8Array())).toBe('apple\npear\n')
    expect(files.get('in/other')?.length).toBe(600_000)
    const [session] = await readdir(join(folder, 'work'))
    expect(await readdir(join(folder, 'work', session ?? '', 'calls'))).toEqual([])
  })

  test('behavior: what it prints is streamed while it runs', async () => {
    const heard: string[] = []
    let running = true
    const script = `
      process.stdout.write('first\\n'); process.stderr.write('note\\n')
      process.stdin.resume(); setTimeout(() => process.stdout.write('last\\n'), 600)`
    const call = rig.agent.run(
      'say',
      { script },
      {
        onLog: (stream, bytes) => heard.push(`${running ? 'live' : 'late'} ${stream} ${utf8Text(bytes)}`),
      },
    )
    const { output, logs, effectiveMs } = await call
    running = false
    expect([utf8Text(output), utf8Text(logs)]).toEqual(['first\nlast\n', 'note\n'])
    expect(heard).toContain('live stdout first\n')
    expect(heard.length).toBeGreaterThan(2)
    expect(effectiveMs).toBeGreaterThanOrEqual(600)
  })

  test('behavior: an exit code, a time limit and a cancel are told and billed', async () => {
    const failed = await rig.agent.run('say', { script: 'process.exit(7)' })
    expect(failed).toMatchObject({ outcome: 'exitNonZero', exitCode: 7 })
    const late = await rig.agent.run('say', { script: 'setInterval(() => {}, 1000)' })
    expect(late.outcome).toBe('maxMs')
    expect(late.effectiveMs).toBeGreaterThanOrEqual(2_000)
    const abort = new AbortController()
    const cancelled = rig.agent.run(
      'say',
      { script: `console.log('up'); setInterval(() => {}, 1000)` },
      { signal: abort.signal, onLog: () => abort.abort() },
    )
    expect(await failureOf(cancelled)).toMatchObject({ code: 'cancelled', money: { where: 'owed' } })
    const { only } = rig.coordinator
    await expect.poll(() => only.acks.at(-1)?.throughSeq).toBe(3)
    expect(only.acks.flatMap(({ exceptions }) => exceptions)).toEqual([])
  })

  test('behavior: four at a time on one session', async () => {
    const results = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) => rig.agent.run('say', { script: `console.log(${n})` })),
    )
    expect(results.map(({ output }) => utf8Text(output))).toEqual(['1\n', '2\n', '3\n', '4\n', '5\n', '6\n'])
    expect(rig.coordinator.sessions.size).toBe(1)
  })

  test('error: bad arguments and wrong files are refused, and the daemon lives', async () => {
    expect((await failureOf(rig.agent.run('say', {}))).code).toBe('badArguments')
    const clash = { a: utf8('x'), 'a/b': utf8('y') }
    const error = await failureOf(rig.agent.run('sort_file', { file: 'a', to: 'b' }, { files: clash }))
    expect(error.code).toBe('badInputs')
    expect((await rig.agent.run('say', { script: '' })).outcome).toBe('ok')
  })
})
