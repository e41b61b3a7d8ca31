import { expect, test } from 'vitest'
import { decodeEnvelope, isOrienError, openDocument, TickAck, turnSigner, type Signer } from '../../../src/index.ts'
import { PEERS, scope } from '../../keys.ts'
import { hash } from '../../samples.ts'

const { peer } = PEERS.agent
const tick = (ms: number): TickAck => ({ authId: hash(1), ms })

function counting(): { signer: Signer; signed: () => number } {
  let signatures = 0
  const { signer } = PEERS.agent
  return {
    signer: {
      publicKey: signer.publicKey,
      sign(message) {
        signatures++
        return signer.sign(message)
      },
    },
    signed: () => signatures,
  }
}

test('behavior: everything of one turn leaves under one signature, in the order handed in', async () => {
  const { signer, signed } = counting()
  const turn = turnSigner(scope, signer)
  const all = await Promise.all(Array.from({ length: 70 }, (_, at) => turn.sign(TickAck, tick(at))))
  expect(signed()).toBe(1)
  all.forEach((one, at) => expect(openDocument(scope, TickAck, one.bytes, peer).value).toEqual(tick(at)))
})

test('behavior: a single document is signed directly', async () => {
  const { signer, signed } = counting()
  const one = await turnSigner(scope, signer).sign(TickAck, tick(1))
  expect([signed(), decodeEnvelope(one.bytes).proof.length]).toEqual([1, 0])
})

test('behavior: the next turn has a signature of its own', async () => {
  const { signer, signed } = counting()
  const turn = turnSigner(scope, signer)
  await turn.sign(TickAck, tick(1))
  await Promise.all([turn.sign(TickAck, tick(2)), turn.sign(TickAck, tick(3))])
  expect(signed()).toBe(2)
})

test('behavior: more than a batch holds takes several signatures', async () => {
  const { signer, signed } = counting()
  const turn = turnSigner(scope, signer)
  const all = await Promise.all(Array.from({ length: 1_025 }, (_, at) => turn.sign(TickAck, tick(at))))
  expect(signed()).toBe(2)
  expect(decodeEnvelope(all.at(-1)?.bytes ?? new Uint8Array(0)).proof).toHaveLength(0)
})

test('error: a bad field rejects its own document only', async () => {
  const turn = turnSigner(scope, PEERS.agent.signer)
  const [good, bad] = await Promise.allSettled([turn.sign(TickAck, tick(1)), turn.sign(TickAck, tick(-1))])
  expect(good.status).toBe('fulfilled')
  expect(bad.status === 'rejected' && isOrienError(bad.reason, 'badDocument')).toBe(true)
})

test('error: a signer that throws rejects its whole turn, and the next turn goes on', async () => {
  let broken = true
  const { signer } = PEERS.agent
  const turn = turnSigner(scope, {
    publicKey: signer.publicKey,
    sign(message) {
      if (broken) throw new Error('no key')
      return signer.sign(message)
    },
  })
  const results = await Promise.allSettled([turn.sign(TickAck, tick(1)), turn.sign(TickAck, tick(2))])
  expect(results.map((one) => one.status)).toEqual(['rejected', 'rejected'])
  broken = false
  expect((await turn.sign(TickAck, tick(3))).value).toEqual(tick(3))
})
