import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { OrienError } from '@orien/protocol'
import { isRecord, type Rpc } from './rpc.ts'

/** Runtime code of Multicall3, made on the node from the creation code that viem carries. Throws `partMissing`. */
export async function multicall3Code(rpc: Rpc): Promise<string> {
  // viem uses this constant itself but does not export it; its version is pinned, and a test pins the code's hash.
  const folder = dirname(createRequire(import.meta.url).resolve('viem/package.json'))
  const constants: unknown = await import(pathToFileURL(join(folder, '_esm', 'constants', 'contracts.js')).href)
  const creation = isRecord(constants) ? constants['multicall3Bytecode'] : undefined
  if (typeof creation !== 'string') {
    throw new OrienError('partMissing', { message: 'this viem does not carry the code of Multicall3' })
  }
  const code = await rpc('eth_call', { data: creation }, 'latest')
  if (typeof code === 'string' && code.length > 2) return code
  throw new OrienError('internal', { message: 'the creation code of Multicall3 made no contract' })
}
