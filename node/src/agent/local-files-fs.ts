import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { OrienError } from '@orien/protocol'
import type { LocalFiles } from './ports.ts'

/** Local files of the machine the agent runs on. */
export function localFiles(): LocalFiles {
  return {
    async open(path) {
      try {
        const facts = await stat(path)
        if (!facts.isFile()) throw new OrienError('badInputs', { message: `${path} is not a file`, details: { path } })
        return {
          bytes: facts.size,
          read: (offset) =>
            createReadStream(path, { start: offset, highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>,
        }
      } catch (cause) {
        if (cause instanceof OrienError) throw cause
        throw new OrienError('badInputs', { message: `${path} cannot be read`, details: { path }, cause })
      }
    },
  }
}
