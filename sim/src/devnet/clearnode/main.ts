import { parseArgs } from 'node:util'
import { startClearnode } from './index.ts'

/** `node main.js --home DIR [--port N]`: the stand-in as a process of its own. One line on stdout when ready. */
const { values } = parseArgs({ options: { home: { type: 'string' }, port: { type: 'string' } } })
if (values.home === undefined || (values.port !== undefined && !/^\d{1,5}$/.test(values.port))) {
  process.stderr.write('usage: main.js --home DIR [--port N]\n')
  process.exit(2)
}

const node = await startClearnode({ home: values.home, port: Number(values.port ?? 0) })

let stopping = false
const stop = (): void => {
  if (stopping) return
  stopping = true
  node.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exit(1)
    },
  )
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

process.stdout.write(
  `${JSON.stringify({
    event: 'ready',
    url: node.url,
    faucetUrl: node.faucetUrl,
    broker: node.brokerAddress,
    pid: process.pid,
  })}\n`,
)
