// A provider of the demo that lies: its runner reports twice the time. Everything else is the real provider.
import { readFile } from 'node:fs/promises'
import { delimiter } from 'node:path'
import { parseArgs } from 'node:util'
import { createProvider, loadCatalogue, startRunner, type Runner } from '@orien/node'
import { loadProfile } from '@orien/node/config'
import { announceReady, openLog, runDaemon } from '@orien/node/daemon'
import { parseUsdc } from '@orien/protocol'

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: 'provider.toml' },
    profile: { type: 'string', default: 'profile.toml' },
    home: { type: 'string', default: '.' },
    listen: { type: 'string', default: '/ip4/127.0.0.1/tcp/0' },
    capacity: { type: 'string', default: '1' },
    'first-window': { type: 'string', default: '0.5' },
    'first-window-calls': { type: 'string', default: '1' },
    tick: { type: 'string', default: '5000' },
    'tick-ack': { type: 'string', default: '30000' },
    'unsafe-no-sandbox': { type: 'boolean', default: false },
  },
})

/** Twice the time for every tool that ran. */
function doubled(runner: Runner): Runner {
  return {
    start(job, onOutput) {
      const running = runner.start(job, onOutput)
      const exited = running.exited.then((exit) => ({ ...exit, effectiveMs: exit.effectiveMs * 2 }))
      return {
        started: running.started,
        exited,
        stop: (reason) => running.stop(reason),
        pauseOutput: () => running.pauseOutput(),
        resumeOutput: () => running.resumeOutput(),
      }
    },
    close: () => runner.close(),
  }
}

await runDaemon(async () => {
  const path = (process.env['PATH'] ?? '/usr/bin:/bin')
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .join(delimiter)
  const log = openLog().subsystem('provider').info
  const daemon = await createProvider({
    profile: await loadProfile(values.profile),
    catalogue: loadCatalogue(await readFile(values.config, 'utf8'), { file: values.config, format: 'toml' }),
    home: values.home,
    listen: [values.listen],
    unsafeNoSandbox: values['unsafe-no-sandbox'],
    capacity: Number(values.capacity),
    firstWindow: { windowMicros: parseUsdc(values['first-window']), windowCalls: Number(values['first-window-calls']) },
    tickMs: Number(values.tick),
    tickAckMs: Number(values['tick-ack']),
    path,
    runner: doubled(await startRunner({ path })),
    log: (event, fields) => log(event, fields),
  })
  announceReady({ peer: daemon.provider.peer, addrs: daemon.network.addresses(), home: values.home })
  return { stop: () => daemon.stop() }
})
