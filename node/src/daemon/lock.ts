import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isOrienError, OrienError } from '@orien/protocol'
import { openLevelStore } from '../store/level.ts'
import { ensureHome } from './home.ts'

/** A home that this daemon alone uses, until it releases it or dies. */
export interface HomeLock {
  release(): Promise<void>
}

/**
 * Takes the home for this process. Throws `locked` when another daemon has it. The lock is LevelDB's, which the kernel
 * drops with the process, so that nothing stale is left after kill -9; `daemon.pid` only names the holder.
 *
 * @example
 * const lock = await lockHome(resolveHome())
 * // … run …
 * await lock.release()
 */
export async function lockHome(home: string): Promise<HomeLock> {
  await ensureHome(home)
  const pidFile = join(home, 'daemon.pid')
  const store = await openLevelStore(join(home, 'lock')).catch(async (cause: unknown) => {
    if (!isOrienError(cause, 'locked')) throw cause
    const pid = await holderOf(pidFile)
    const who = pid === undefined ? 'another daemon' : `the daemon with pid ${pid}`
    const details = { home, ...(pid === undefined ? {} : { pid }) }
    throw new OrienError('locked', { message: `${home} is used by ${who}`, details, cause })
  })
  await writeFile(pidFile, `${process.pid}\n`, { mode: 0o600 })
  return {
    async release() {
      await rm(pidFile, { force: true })
      await store.close()
    },
  }
}

async function holderOf(pidFile: string): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => '')
  const pid = Number(text.trim())
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
}
