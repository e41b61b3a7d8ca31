import { rm } from 'node:fs/promises'
import { printError, type RunningDaemon } from '@orien/node/daemon'
import type { CoordinatorDaemon } from '../start.ts'
import { forgetResume, takeResume, toldError } from './resume.ts'
import { STATUS_MS, statusPath, writeStatus, type Resumed } from './status.ts'

/** What is kept of a daemon. */
export interface KeptDaemon extends Pick<CoordinatorDaemon, 'addresses' | 'resume' | 'ended' | 'stop'> {
  status(): object
}

/** Keeps the status file of a running daemon, which goes with it, and takes up what `resume` leaves. */
export function keepHome(home: string, daemon: KeptDaemon, everyMs = STATUS_MS): RunningDaemon {
  const { addresses } = daemon
  let resumed: Resumed | undefined
  // Before the first status: whoever read one may leave a request.
  let writing: Promise<void> = forgetResume(home).catch(printError)
  let resuming: Promise<void> = writing
  const write = (): void => {
    writing = writing
      .then(() => writeStatus(home, { addresses, ...daemon.status(), ...(resumed === undefined ? {} : { resumed }) }))
      .catch(printError)
  }
  const takeUp = async (): Promise<void> => {
    const told = await takeResume(home)
    if (told === undefined) return
    const { id, current } = told
    try {
      await daemon.resume({ current })
      resumed = { id }
    } catch (error) {
      printError(error)
      resumed = { id, error: toldError(error) }
    }
    write()
  }
  write()
  const timer = setInterval(() => {
    // Apart: a resume waits for the chain, and whoever waits for it reads the status.
    write()
    resuming = resuming.then(takeUp).catch(printError)
  }, everyMs)
  return {
    ...(daemon.ended === undefined ? {} : { ended: daemon.ended }),
    async stop() {
      clearInterval(timer)
      await resuming
      await writing
      await daemon.stop()
      await rm(statusPath(home), { force: true })
    },
  }
}
