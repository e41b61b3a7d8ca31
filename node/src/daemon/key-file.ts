import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OrienError } from '@orien/protocol'
import { isDevnet } from '../config/devnet.ts'

/** A devnet's key says so in its own file, so that the mark travels with every copy. */
const DEVNET_MARK = 'devnet:'
const KEY_LINE = /^(devnet:)?([0-9a-f]{64})\n?$/

/**
 * The 32-byte key of a 0600 file, made by `make` when there is none. Two processes that make it at once end with the same key. The
 * file is one line of hex, behind `devnet:` when it was made for a devnet. Throws `badConfig` when others can read the file, when it
 * is no key, and for a devnet's key on any other chain; the key itself is never shown.
 */
export async function loadOrCreateKeyFile(file: string, chainId: number, make: () => Uint8Array): Promise<Uint8Array> {
  const existing = await readKey(file, chainId)
  if (existing !== undefined) return existing
  await writeOnce(file, `${isDevnet(chainId) ? DEVNET_MARK : ''}${Buffer.from(make()).toString('hex')}\n`)
  const made = await readKey(file, chainId)
  if (made === undefined) throw new OrienError('badConfig', { message: `${file} cannot be made`, details: { file } })
  return made
}

async function readKey(file: string, chainId: number): Promise<Uint8Array | undefined> {
  let text: string
  try {
    const { mode } = await stat(file)
    if ((mode & 0o077) !== 0) throw refusal(file, 'is open to other users', `Run: chmod 600 ${file}`)
    text = await readFile(file, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw cause
  }
  const match = KEY_LINE.exec(text)
  if (match === null)
    throw refusal(file, 'is not a key', 'Restore the file; without it this identity and its money are lost.')
  if (match[1] !== undefined && !isDevnet(chainId)) {
    throw refusal(file, 'is a key of a devnet', 'Use another home for this profile; devnet keys are not kept safe.')
  }
  return new Uint8Array(Buffer.from(match[2] ?? '', 'hex'))
}

/** Writes a file that appears whole or not at all, and never over another. */
async function writeOnce(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.${performance.now().toString(36)}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await link(draft, file)
    await syncFolder(dirname(file))
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
  } finally {
    await rm(draft, { force: true })
  }
}

/** A file's name is durable only once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function refusal(file: string, what: string, hint: string): OrienError {
  return new OrienError('badConfig', { message: `${file} ${what}`, hint, details: { file } })
}
