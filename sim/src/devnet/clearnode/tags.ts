import { randomInt } from 'node:crypto'
import type { Handler, Node } from './context.ts'
import { Refusal } from './errors.ts'

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXY'

/** Every wallet that logs in by signature gets a short name, once. */
export const ensureTag = async (node: Node, wallet: string): Promise<void> => {
  const { tables, commit } = node.store
  if (tables.tags.has(wallet)) return
  const tag = Array.from({ length: 6 }, () => letters.charAt(randomInt(letters.length))).join('')
  await commit('auth_verify', [{ table: 'tag', wallet, tag }])
}

export const getUserTag: Handler = async (node, socket) => {
  const tag = node.store.tables.tags.get(socket.login?.wallet ?? '')
  if (tag === undefined) throw new Refusal('failed to get user tag')
  return { method: 'get_user_tag', params: { tag } }
}
