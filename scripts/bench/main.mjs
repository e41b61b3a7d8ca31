// npm run bench [-- [group]… [--json] [--quick] [--cpu-prof <folder>]]: measures what this machine makes of DESIGN §9. People see a
// table; with --json the last line of stdout is the rows. See README.md.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { killPeers, setNodeFlags } from './peers.ts'
import { jsonOf, noFindings, tableOf } from './report.ts'

// Each is loaded when it runs: a group that needs a missing part must not stop the others.
const groups = {
  'paid-call': async () => (await import('./groups/paid-call.ts')).paidCall,
  runner: async () => (await import('./groups/runner.ts')).runner,
  blob: async () => (await import('./groups/blob.ts')).blob,
  network: async () => (await import('./groups/network.ts')).network,
  coordinator: async () => (await import('./groups/coordinator.ts')).coordinator,
  daemon: async () => (await import('./groups/daemon.ts')).daemon,
}

const say = (line) => process.stderr.write(`bench: ${line}\n`)

async function runGroup(name, { quick }) {
  const home = mkdtempSync(join(tmpdir(), `orien-bench-${name}-`))
  const from = performance.now()
  try {
    const group = await groups[name]()
    const found = await group({ quick, home, say: (line) => say(`${name}: ${line}`) })
    say(`${name} took ${((performance.now() - from) / 1000).toFixed(1)} s`)
    return found
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    say(`${name} failed: ${text}`)
    process.exitCode = 1
    return {
      ...noFindings(),
      skipped: [{ name, why: text.split('\n')[0] ?? '' }],
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function usage() {
  say(`usage: npm run bench -- [${Object.keys(groups).join('|')}]… [--json] [--quick] [--cpu-prof <folder>]`)
  process.exitCode = 2
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, 'cpu-prof': { type: 'string' } },
  })
  if (positionals.some((name) => !Object.hasOwn(groups, name))) return usage()
  const profiles = values['cpu-prof']
  if (profiles !== undefined) setNodeFlags(['--cpu-prof', `--cpu-prof-dir=${resolve(profiles)}`])
  const found = noFindings()
  for (const name of positionals.length > 0 ? positionals : Object.keys(groups)) {
    const one = await runGroup(name, { quick: values.quick === true })
    for (const key of ['rows', 'skipped', 'notes', 'faults']) found[key].push(...one[key])
  }
  if (found.faults.length > 0) process.exitCode = 1
  process.stdout.write(`${tableOf(found)}\n`)
  if (values.json === true) process.stdout.write(`${jsonOf(found.rows)}\n`)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    killPeers()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  })
}
try {
  await main()
} catch (error) {
  if (error?.code?.startsWith('ERR_PARSE_ARGS')) usage()
  else throw error
} finally {
  killPeers()
}
