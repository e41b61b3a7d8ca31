/**
 * The runner process: starts tools for a daemon and holds no key, no secret and no connection but the one to its daemon (descriptor 3). When
 * that one ends, however it ends, every tool is killed and the runner exits.
 */
import { Socket } from 'node:net'
import type { StopReason } from '../port.ts'
import { cpuLedger } from './cpu-ledger.ts'
import { FRAME, frameReader, writeFrame } from './frames.ts'
import { SAMPLE_MS } from './limits.ts'
import { decodeJson, decodeStart, encodeJson } from './messages.ts'
import { closeInherited } from './proc.ts'
import { programFinder } from './programs.ts'
import { superviseChild, type Supervised } from './supervisor.ts'

const LINK_FD = 3

function serve(link: Socket): void {
  const jobs = new Map<number, Supervised>()
  const tools = { find: programFinder(process.env['PATH'] ?? ''), cpu: cpuLedger() }
  let closing = false

  const finishWhenIdle = (): void => {
    if (closing && jobs.size === 0) link.end(() => process.exit(0))
  }
  const start = (number: number, body: Uint8Array): void => {
    const { message, stdin } = decodeStart(body)
    const job = superviseChild(message, stdin, tools, {
      started: (pid, startTicks) => void writeFrame(link, FRAME.started, number, encodeJson({ pid, startTicks })),
      output(stream, bytes) {
        if (!writeFrame(link, FRAME[stream], number, bytes)) for (const each of jobs.values()) each.hold('link')
      },
      exit(exit) {
        jobs.delete(number)
        writeFrame(link, FRAME.exit, number, encodeJson(exit))
        finishWhenIdle()
      },
    })
    if (job !== undefined) jobs.set(number, job)
  }
  const close = (): void => {
    closing = true
    for (const job of jobs.values()) {
      job.stop('stopped')
      job.kill()
    }
    finishWhenIdle()
  }
  const handlers: Readonly<Record<number, (number: number, body: Uint8Array) => void>> = {
    [FRAME.start]: start,
    [FRAME.stop]: (number, body) => jobs.get(number)?.stop(decodeJson<StopReason>(body)),
    [FRAME.pause]: (number) => jobs.get(number)?.hold('consumer'),
    [FRAME.resume]: (number) => jobs.get(number)?.release('consumer'),
    [FRAME.close]: close,
  }
  link.on('drain', () => {
    for (const job of jobs.values()) job.release('link')
  })
  link.on(
    'data',
    frameReader((kind, number, body) => handlers[kind]?.(number, body)),
  )
  dieWith(link, () => {
    for (const job of jobs.values()) job.kill()
  })
  setInterval(() => {
    for (const job of jobs.values()) job.sample()
  }, SAMPLE_MS).unref()
  writeFrame(link, FRAME.ready, 0)
}

/** However link or process end, no tool outlives them. */
function dieWith(link: Socket, killAll: () => void): void {
  const abandon = (code: number): never => {
    killAll()
    process.exit(code)
  }
  link.on('close', () => abandon(0))
  link.on('end', () => abandon(0))
  link.on('error', () => abandon(0))
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(signal, () => abandon(0))
  process.on('uncaughtException', (error) => {
    process.stderr.write(`runner: ${error.stack ?? error.message}\n`)
    abandon(1)
  })
}

closeInherited(LINK_FD + 1)
// Files that tools make are for their owner alone.
process.umask(0o077)
serve(new Socket({ fd: LINK_FD, readable: true, writable: true }))
