import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OrienError } from '@orien/protocol'
import { openLog, silentLogger } from '../../../src/daemon/index.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orien-log-'))
  file = join(folder, 'logs', 'daemon.log')
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function lines(): Promise<Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('behavior: an event is one JSON line with plain fields, written at once, in a file for its owner alone', async () => {
  const log = openLog({ file })
  log
    .subsystem('provider')
    .info('callDone', { callSeq: 7, micros: 12n, id: Uint8Array.of(0xab, 1), ok: true, none: undefined })
  const [line] = await lines()
  expect(line).toMatchObject({
    subsystem: 'provider',
    event: 'callDone',
    callSeq: 7,
    micros: '12',
    id: 'ab01',
    ok: true,
  })
  expect(line).not.toHaveProperty('none')
  expect(Number.isInteger(line?.['time'])).toBe(true)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('behavior: levels are per subsystem and change while it runs', async () => {
  const log = openLog({ file, level: 'warn', levels: { network: 'debug' } })
  const { info } = log.subsystem('provider')
  info('one')
  log.subsystem('network').debug('two')
  log.setLevel('info', 'provider')
  info('three')
  log.setLevel('silent')
  log.error('four')
  expect((await lines()).map((line) => line['event'])).toEqual(['two', 'three'])
})

test('behavior: fields that speak of keys are never written', async () => {
  const log = openLog({ file })
  log.info('start', { seed: 'aa'.repeat(32), privateKey: Uint8Array.of(1), jwt: 'x.y.z', publicKey: Uint8Array.of(2) })
  const text = await readFile(file, 'utf8')
  expect(text).not.toContain('aaaa')
  expect((await lines())[0]).toMatchObject({
    seed: '[secret]',
    privateKey: '[secret]',
    jwt: '[secret]',
    publicKey: '02',
  })
})

test('behavior: an error of ours is told by its code, a defect with its stack', async () => {
  const log = openLog({ file })
  log.warn('failed', {}, new OrienError('unreachable', { message: 'gone', cause: new Error('ECONNREFUSED') }))
  log.error('broke', {}, new TypeError('broken'))
  const [ours, defect] = await lines()
  expect(ours).toMatchObject({ code: 'unreachable', message: 'gone', where: 'wallet', cause: 'Error: ECONNREFUSED' })
  expect(ours).not.toHaveProperty('stack')
  expect(defect).toMatchObject({ code: 'internal', message: 'broken' })
  expect(defect?.['stack']).toContain('log.test.ts')
})

test('error: a file that cannot be opened answers badConfig', () => {
  expect(() => openLog({ file: folder })).toThrow(expect.objectContaining({ code: 'badConfig' }))
})

test('behavior: the silent logger takes everything', () => {
  expect(silentLogger.subsystem('x').info('y')).toBeUndefined()
})
