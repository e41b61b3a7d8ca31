// One thread of the verify pool: a block of checks comes in, a byte for each goes back. The same `verify` as everywhere else.
import { parentPort } from 'node:worker_threads'
import { unpackChecks } from './checks.ts'
import { nodeCrypto } from './ed25519.ts'

parentPort?.on('message', (block: Uint8Array) => {
  const answers = Uint8Array.from(unpackChecks(block), ({ publicKey, message, signature }) =>
    nodeCrypto.verify(publicKey, message, signature) ? 1 : 0,
  )
  parentPort?.postMessage(answers, [answers.buffer])
})
