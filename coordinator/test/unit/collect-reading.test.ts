import { nodeCrypto } from '@orien/node/crypto'
import { inlineVerifier } from '@orien/protocol'
import { expect, test } from 'vitest'
import { worlds } from '../helpers/suite.ts'

const make = worlds()

test('behavior: a batch asks for its signatures together, and for none twice', async () => {
  const asked: number[] = []
  const inline = inlineVerifier(nodeCrypto)
  const w = make({
    verifier: {
      verifyAll: (checks) => {
        asked.push(checks.length)
        return inline.verifyAll(checks)
      },
    },
  })
  const session = await w.begin()
  const receipts = Array.from({ length: 5 }, () => w.provider.receipt(session, w.agent.authorise(session), 10))
  await w.provider.send(session, { receipts, acks: [w.agent.ack(session)] })
  const bare = Array.from({ length: 3 }, () => w.provider.receipt(session, w.agent.authorise(session), 10))
  await w.provider.send(session, { receipts: bare })
  // Five receipts and the Ack that vouches for their Authorisations; then three of each.
  expect(asked).toEqual([6, 6])
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ collectedThrough: 8, ackedThrough: 5 })
})

test('behavior: batches are decided in the order they came, however late their signatures are verified', async () => {
  const inline = inlineVerifier(nodeCrypto)
  const held: (() => void)[] = []
  const both = Promise.withResolvers<void>()
  const w = make({
    verifier: {
      async verifyAll(checks) {
        await new Promise<void>((resolve) => {
          held.push(resolve)
          if (held.length === 2) both.resolve()
        })
        return inline.verifyAll(checks)
      },
    },
  })
  const session = await w.begin()
  const batches = [1, 2].map(() => [w.provider.receipt(session, w.agent.authorise(session), 10)])
  const answers = batches.map((receipts) => w.provider.send(session, { receipts }))
  await both.promise
  for (const release of held.toReversed()) release()
  expect((await Promise.all(answers)).map((answer) => answer?.failure)).toEqual([undefined, undefined])
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ collectedThrough: 2 })
})

test('error: the first document that is refused is answered, for its own fault', async () => {
  const w = make()
  const session = await w.begin()
  const [good, forged, cut] = [1, 2, 3].map(() => w.provider.receipt(session, w.agent.authorise(session), 10))
  const broken = { ...cut!, receipt: cut!.receipt.subarray(1) }
  const bad = { ...forged!, receipt: forged!.receipt.with(-1, forged!.receipt.at(-1)! ^ 1) }
  const first = await w.provider.send(session, { receipts: [good!, bad, broken] })
  expect(first?.failure?.code).toBe('badSignature')
  const second = await w.provider.send(session, { receipts: [broken, bad] })
  expect(second?.failure?.code).toBe('badDocument')
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ collectedThrough: 1 })
  // An Authorisation that cannot be read stops its own receipt, not the one before it.
  const third = await w.provider.send(session, {
    receipts: [forged!, { ...cut!, authorisation: cut!.authorisation.subarray(1) }],
  })
  expect(third?.failure?.code).toBe('badDocument')
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ collectedThrough: 2 })
})
