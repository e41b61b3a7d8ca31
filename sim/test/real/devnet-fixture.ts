// What the tests of the devnet's processes share.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** A folder of a test's own, gone with `remove`. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'orien-devnet-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/** Command lines of living processes that name a folder of the test: an orphan's would. */
export async function processesNaming(text: string): Promise<string[]> {
  const child = spawn('ps', ['-eo', 'stat,args'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  for await (const part of child.stdout) output += String(part)
  return output.split('\n').filter((line) => line.includes(text) && !line.startsWith('Z'))
}

/** Resolves when no process names it any more: one that was sent SIGKILL may be seen for a moment. The test's own deadline bounds it. */
export async function noneNaming(text: string): Promise<void> {
  while ((await processesNaming(text)).length > 0) await setTimeout(20)
}

// A process that keeps the promises of the ClearNode stand-in's command line, and nothing else: the devnet's tests are
// about processes. Credits are kept in a file, one JSON line each.
const STUB = `
import { createServer } from 'node:http'
import { appendFileSync } from 'node:fs'
const args = process.argv.slice(2)
const home = args[args.indexOf('--home') + 1]
const port = Number(args[args.indexOf('--port') + 1])
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (part) => (body += part))
  request.on('end', () => {
    const good = request.method === 'POST' && request.url === '/credit' && !body.includes('"0"')
    if (good) appendFileSync(home + '/credits', body + '\\n')
    response.writeHead(good ? 200 : 400).end('{}')
  })
})
process.on('SIGTERM', () => process.exit(0))
server.listen(port, '127.0.0.1', () => {
  const at = '127.0.0.1:' + server.address().port
  const ready = { event: 'ready', url: 'ws://' + at + '/ws', faucetUrl: 'http://' + at + '/credit', broker: '0xb0', pid: process.pid }
  console.log('not the line')
  console.log(JSON.stringify(ready))
})
`

/** Writes the stub's program into a folder; its path. */
export function writeStub(folder: string, source: string = STUB): string {
  const file = join(folder, 'stub.mjs')
  writeFileSync(file, source)
  return file
}
