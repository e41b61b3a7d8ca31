import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { markBins } from '../../bootstrap/build.mjs'
import { stale } from '../../bootstrap/install.mjs'
import { withLock } from '../../bootstrap/lock.mjs'
import { newEnough } from '../../bootstrap/pinned-node.mjs'
import { createRelay } from '../../bootstrap/relay.mjs'
import { Stop } from '../../bootstrap/say.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orien-bootstrap-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function write(path: string, content: unknown) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content))
}

/** A folder whose manifest asks for `a`, with `packages` in its lockfile and `installed` in node_modules. */
function layOut(packages: Record<string, unknown>, installed: Record<string, unknown> | undefined) {
  write('package.json', { dependencies: { a: '1.0.0' } })
  write('package-lock.json', { packages: { '': { dependencies: { a: '1.0.0' } }, ...packages } })
  if (installed === undefined) return
  write('node_modules/.package-lock.json', { packages: installed })
  for (const path of Object.keys(installed)) write(`${path}/package.json`, {})
}

describe('the Node that may run', () => {
  it('behavior: the versions the strictest tool takes are taken', () => {
    expect(['22.22.2', '22.23.0', '24.15.0', '26.0.0', '27.1.0'].every(newEnough)).toBe(true)
  })

  it('error: older ones and odd releases are not', () => {
    expect(['20.20.2', '22.22.1', '22.9.0', '23.11.0', '24.14.9', '25.0.0'].some(newEnough)).toBe(false)
  })
})

describe('passing signals on', () => {
  /** What the child gets when `signals` arrive within the time of copies. */
  function sentAfter(signals: readonly string[], terminal: boolean) {
    const sent: string[] = []
    const waiting: (() => void)[] = []
    const relay = createRelay({
      send: (signal: string) => sent.push(signal),
      after: (_ms: number, action: () => void) => {
        waiting.push(action)
        return () => waiting.splice(0)
      },
      hasTerminal: () => terminal,
    })
    for (const signal of signals) relay.receive(signal)
    for (const action of waiting) action()
    return sent
  }

  it('behavior: a signal that reached npm alone is passed on', () => {
    expect(sentAfter(['SIGTERM'], true)).toEqual(['SIGTERM'])
    expect(sentAfter(['SIGINT'], false)).toEqual(['SIGINT'])
    expect(sentAfter(['SIGHUP'], true)).toEqual(['SIGHUP'])
  })

  it('behavior: a signal to the whole group is not, the child has it', () => {
    expect(sentAfter(['SIGTERM', 'SIGTERM'], true)).toEqual([])
    expect(sentAfter(['SIGINT', 'SIGINT', 'SIGINT'], false)).toEqual([])
  })

  it('behavior: Ctrl-C in a terminal is not', () => {
    expect(sentAfter(['SIGINT'], true)).toEqual([])
  })
})

describe('whether node_modules matches the lockfile', () => {
  const a = { version: '1.0.0' }

  it('behavior: a matching tree needs nothing', () => {
    layOut({ 'node_modules/a': a }, { 'node_modules/a': a })
    expect(stale(folder)).toBeUndefined()
  })

  it('behavior: an empty clone, a missing package and another version are told apart', () => {
    layOut({ 'node_modules/a': a }, undefined)
    expect(stale(folder)).toMatch('nothing')
    layOut({ 'node_modules/a': a }, {})
    expect(stale(folder)).toMatch('missing')
    layOut({ 'node_modules/a': a }, { 'node_modules/a': { version: '0.9.0' } })
    expect(stale(folder)).toMatch('0.9.0')
  })

  it('behavior: an optional package of another platform may be absent, one of this platform may not', () => {
    const elsewhere = { version: '1.0.0', optional: true, os: ['plan9'] }
    const here = { version: '1.0.0', optional: true, os: [process.platform], cpu: [process.arch] }
    layOut({ 'node_modules/a': a, 'node_modules/b': elsewhere }, { 'node_modules/a': a })
    expect(stale(folder)).toBeUndefined()
    layOut({ 'node_modules/a': a, 'node_modules/b': here }, { 'node_modules/a': a })
    expect(stale(folder)).toMatch('node_modules/b')
  })

  it('error: a manifest that the lockfile does not know stops with code 2', () => {
    layOut({ 'node_modules/a': a }, { 'node_modules/a': a })
    write('package.json', { dependencies: { a: '2.0.0' } })
    expect(() => stale(folder)).toThrow(Stop)
    try {
      stale(folder)
    } catch (error) {
      expect((error as Stop).end.code).toBe(2)
    }
  })
})

describe('the build', () => {
  it('behavior: bins become executable, one that is not built yet is left alone', () => {
    write('package.json', { bin: { a: './dist/bin.js', b: './dist/later.js' } })
    write('dist/bin.js', '')
    markBins(folder)
    expect(statSync(join(folder, 'dist/bin.js')).mode & 0o111).toBe(0o111)
  })
})

describe('the lock', () => {
  const lock = () => join(folder, 'lock')

  it('behavior: holders take turns', async () => {
    let inside = 0
    let most = 0
    const visit = () =>
      withLock(lock(), undefined, async () => {
        most = Math.max(most, ++inside)
        await new Promise((resolve) => setImmediate(resolve))
        inside--
      })
    await Promise.all([visit(), visit(), visit()])
    expect(most).toBe(1)
  })

  it('behavior: it is released when the action fails', async () => {
    await expect(withLock(lock(), undefined, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await withLock(lock(), undefined, () => 'free')).toBe('free')
  })

  it('behavior: a holder elsewhere keeps it while it beats and loses it when it stands still', async () => {
    write('lock', 'another-host 1 x')
    expect(await withLock(lock(), undefined, () => 'taken', 50)).toBe('taken')
  })

  it('behavior: a lock taken over is not released by the one who lost it', async () => {
    await withLock(lock(), undefined, () => write('lock', 'another-host 1 x'))
    expect(readFileSync(lock(), 'utf8')).toBe('another-host 1 x')
  })
})
