import { Ack, micros, openDocument } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scope } from '../helpers/parties.ts'
import { RawProvider } from '../helpers/raw-provider.ts'
import { failureOf, startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
let provider: RawProvider
beforeEach(async () => {
  rig = await startTimedRig({ start: { provider: false }, policy: { maxCallMicros: micros(10_000n), windowCalls: 2 } })
  provider = await RawProvider.start(rig)
})
afterEach(async () => {
  await rig.stop()
  await provider.network.stop()
})

/** What the agent sent since its newest attach. */
function sinceAttach() {
  const last = provider.seen.findLastIndex(({ attach }) => attach !== undefined)
  return provider.seen.slice(last)
}

function throughSeqs(): number[] {
  return sinceAttach().flatMap(({ ack }) =>
    ack === undefined ? [] : [openDocument(scope, Ack, ack, rig.agentParty.peer).value.throughSeq],
  )
}

async function cut(): Promise<void> {
  rig.hub.disconnect(rig.agentParty.peer, rig.providerParty.peer)
  await rig.time.advance(1_000)
}

describe('an agent that attaches again', () => {
  test('behavior: sends the Acks of the last windows again, in order, before anything that rests on them', async () => {
    for (let at = 0; at < 6; at++) await rig.agent.run('echo', { at })
    await rig.time.settle()
    await cut()
    expect(throughSeqs()).toEqual([3, 4, 5, 6])
    const { attach } = sinceAttach()[0] ?? {}
    expect(openDocument(scope, Ack, attach?.ack ?? new Uint8Array(), rig.agentParty.peer).value.throughSeq).toBe(6)
    expect(attach?.lastReceiptSeq).toBe(6)
  })

  test('behavior: sends every unanswered Authorisation again, the same one', async () => {
    provider.onRequest = ({ call }) => call !== undefined
    const call = rig.agent.run('echo', {})
    await rig.time.until(() => provider.seen.some((one) => one.call !== undefined))
    await cut()
    const sent = provider.seen.flatMap((one) => (one.call === undefined ? [] : [provider.authOf(one.call)]))
    expect(sent).toHaveLength(2)
    expect(sent[0]?.id).toEqual(sent[1]?.id)
    provider.done(sent[1]!)
    expect((await call).outcome).toBe('ok')
  })

  test('behavior: whose number was used up authorises the call anew, and never runs it twice under one', async () => {
    const numbers: number[] = []
    provider.onRequest = ({ call }) => {
      if (call === undefined) return false
      const auth = provider.authOf(call)
      numbers.push(auth.value.callSeq)
      if (numbers.length > 1) return false
      provider.refuse(auth, 'seqUsed', 40)
      return true
    }
    await rig.agent.run('echo', {})
    expect(numbers).toEqual([1, 41])
  })

  test('error: whose provider leaves next to no call numbers runs nothing there, with a book that can be read', async () => {
    for (const last of [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 257]) {
      provider.onRequest = ({ call }) => {
        if (call !== undefined) provider.refuse(provider.authOf(call), 'seqUsed', last)
        return call !== undefined
      }
      const { code, money } = await failureOf(rig.agent.run('echo', {}))
      expect({ code, where: money.where }).toEqual({ code: 'sessionClosed', where: 'reserved' })
      await rig.time.settle()
      await rig.crashAgent()
      provider.onRequest = () => false
    }
    expect(
      rig.agent
        .sessions()
        .map(({ session }) => session.phase)
        .toSorted(),
    ).toEqual(['ending', 'open'])
  })

  test('error: to a provider that stays away turns away the calls that wait, too', async () => {
    provider.onRequest = ({ call }) => call !== undefined
    const calls = [1, 2, 3, 4].map((at) => rig.agent.run('echo', { at }))
    for (const call of calls) call.catch(() => undefined)
    await rig.time.until(() => provider.seen.filter(({ call }) => call !== undefined).length === 2)
    await provider.network.stop()
    await rig.time.advance(10_000)
    const errors = await Promise.all(calls.map((call) => failureOf(call)))
    expect(errors.map(({ code }) => code)).toEqual(['unreachable', 'unreachable', 'unreachable', 'unreachable'])
    expect(errors.map(({ money }) => money.where)).toEqual(['running', 'running', 'reserved', 'reserved'])
  })
})
