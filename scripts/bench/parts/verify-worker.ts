// One worker of the pool: verifies the same signature over a receipt's worth of bytes, as often as it is asked.
import { parentPort } from 'node:worker_threads'
import { keySigner, nodeCrypto, systemRandom } from '@orien/node/crypto'

const signer = keySigner(systemRandom.bytes(32))
const message = systemRandom.bytes(400)
const signature = signer.sign(message)

parentPort?.on('message', (count: number) => {
  for (let at = 0; at < count; at++) {
    if (!nodeCrypto.verify(signer.publicKey, message, signature)) throw new Error('a good signature was refused')
  }
  parentPort?.postMessage(count)
})
