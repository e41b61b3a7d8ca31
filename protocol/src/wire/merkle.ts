import { equalBytes } from '../bytes.ts'
import type { Crypto } from '../ports.ts'

/** One step from a leaf towards the root: the sibling's hash, and whether it stands on the left. */
export interface ProofStep {
  readonly left: boolean
  readonly hash: Uint8Array
}

/** A Merkle tree with the proof of each leaf, in order. */
export interface Tree {
  readonly root: Uint8Array
  readonly proofs: readonly (readonly ProofStep[])[]
}

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** leaf = sha256(0x00 ‖ bytes). */
export function leafHash(crypto: Crypto, bytes: Uint8Array): Uint8Array {
  return crypto.sha256(LEAF, bytes)
}

/** node = sha256(0x01 ‖ left ‖ right). */
export function nodeHash(crypto: Crypto, left: Uint8Array, right: Uint8Array): Uint8Array {
  return crypto.sha256(NODE, left, right)
}

/**
 * The tree of the leaf hashes: neighbours are paired level by level; an odd last one moves up unpaired. Throws
 * RangeError for no leaves.
 */
export function treeOf(crypto: Crypto, leaves: readonly Uint8Array[]): Tree {
  if (leaves.length === 0) throw new RangeError('a tree needs a leaf')
  const proofs: ProofStep[][] = leaves.map(() => [])
  let level = leaves.map((hash, at) => ({ hash, members: [at] }))
  while (level.length > 1) {
    const above: typeof level = []
    for (let at = 0; at < level.length; at += 2) {
      const left = level[at]
      const right = level[at + 1]
      if (left === undefined) continue
      if (right === undefined) {
        above.push(left)
        continue
      }
      for (const member of left.members) proofs[member]?.push({ left: false, hash: right.hash })
      for (const member of right.members) proofs[member]?.push({ left: true, hash: left.hash })
      above.push({ hash: nodeHash(crypto, left.hash, right.hash), members: [...left.members, ...right.members] })
    }
    level = above
  }
  const [top] = level
  if (top === undefined) throw new RangeError('a tree needs a leaf')
  return { root: top.hash, proofs }
}

/** A node worked out lately: neighbours of a batch share all but the lowest ones. */
interface KnownNode {
  readonly left: Uint8Array
  readonly right: Uint8Array
  readonly hash: Uint8Array
}

/** The nodes of the path walked last, by their height. Only ever saves hashing: a node that differs in one byte is hashed. */
export type LastPath = KnownNode[]

/** The root that a leaf and its proof lead to. With the path walked last, a batch opened in order costs one node a document. */
export function proofRoot(
  crypto: Crypto,
  leaf: Uint8Array,
  proof: readonly ProofStep[],
  last: LastPath = [],
): Uint8Array {
  let hash = leaf
  proof.forEach((step, height) => {
    const { left: isLeft, hash: sibling } = step
    const known = last[height]
    if (known !== undefined && isPair(known, isLeft ? sibling : hash, isLeft ? hash : sibling)) {
      hash = known.hash
      return
    }
    // A copy: a step is a window on a whole frame, which would stay in memory with it.
    const kept = new Uint8Array(sibling)
    const [left, right] = isLeft ? [kept, hash] : [hash, kept]
    hash = nodeHash(crypto, left, right)
    last[height] = { left, right, hash }
  })
  return hash
}

function isPair(node: KnownNode, left: Uint8Array, right: Uint8Array): boolean {
  return equalBytes(node.left, left) && equalBytes(node.right, right)
}
