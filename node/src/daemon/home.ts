import { mkdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { OrienError } from '@orien/protocol'

/** The part of the environment that names the home. */
export type HomeEnvironment = Readonly<Record<string, string | undefined>>

/**
 * Where a daemon keeps its state: `ORIEN_HOME`, else `orien` in `XDG_CONFIG_HOME`, else in `~/.config`. A relative
 * `XDG_CONFIG_HOME` is ignored, as its standard asks. Touches nothing.
 */
export function resolveHome(environment: HomeEnvironment = process.env): string {
  const { ORIEN_HOME: own, XDG_CONFIG_HOME: config } = environment
  if (own !== undefined && own !== '') return resolve(own)
  const base = config !== undefined && isAbsolute(config) ? config : join(homedir(), '.config')
  return join(base, 'orien')
}

/** Makes the home with mode 0700 when it is not there. Throws `badConfig` when others can read it or it cannot be made. */
export async function ensureHome(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new OrienError('badConfig', { message: `${home} cannot be made`, details: { home }, cause })
  }
  const { mode } = await stat(home)
  if ((mode & 0o077) === 0) return
  throw new OrienError('badConfig', {
    message: `${home} holds keys and is open to other users`,
    hint: `Run: chmod 700 ${home}`,
    details: { home },
  })
}
