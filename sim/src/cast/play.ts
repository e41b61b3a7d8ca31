import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A run with processes of its own. */
export interface Play {
  /** Resolves with the exit code. */
  play(): Promise<number>
  /** Ends all of it, also what is still starting. */
  close(): Promise<void>
}

/** A closed terminal ends it in order too. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const INTERRUPTED = 130

/** Performs a play in a folder: the one named, which is kept, or a temporary one. Resolves with the exit code. */
export async function perform(
  named: string | undefined,
  prefix: string,
  playIn: (home: string) => Play,
): Promise<number> {
  const home = named ?? (await mkdtemp(join(tmpdir(), prefix)))
  const stopped = new AbortController()
  const onSignal = (): void => stopped.abort()
  for (const signal of SIGNALS) process.once(signal, onSignal)
  const play = playIn(home)
  try {
    return await Promise.race([play.play(), interrupted(stopped.signal)])
  } finally {
    await play.close()
    if (named === undefined) await rm(home, { recursive: true, force: true })
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

function interrupted(signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(INTERRUPTED), { once: true }))
}
