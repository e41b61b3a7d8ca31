import {
  addressOfBytes,
  hex,
  micros,
  Payout,
  peekDocument,
  signDocument,
  Statement,
  type PayoutLeg,
} from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agentKeys } from '../../src/agent/records.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { bundleFromJson, bundleToJson } from '../../src/verify/bundle-json.ts'
import { bundleOf, sessionOfId } from '../../src/verify/bundle.ts'
import { EVIDENCE_LINKS, type EvidenceBundle, type EvidenceLink } from '../../src/verify/evidence.ts'
import { isSound, verifyEvidence } from '../../src/verify/verify.ts'
import { CHAIN_ID, scope } from '../helpers/parties.ts'
import { echoProgram } from '../helpers/rig-parts.ts'
import { steered, type Steered } from '../helpers/steered.ts'
import { failureOf, startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
let tool: Steered
let bundle: EvidenceBundle
let session: string

/** A session of three calls, closed and paid, as the agent kept it. */
beforeEach(async () => {
  tool = steered()
  rig = await startTimedRig({
    programs: { slow: tool.program, echo: echoProgram },
    policy: { maxCallMicros: micros(10_000n) },
  })
  for (const ms of [1_000, 2_000]) {
    const runs = tool.runs
    const call = rig.agent.run('slow', {})
    await rig.time.until(() => tool.runs > runs)
    await rig.time.advance(ms)
    tool.exit()
    await call
  }
  await rig.agent.run('echo', {})
  session = [...rig.coordinator.sessions.keys()][0] ?? ''
  await rig.time.until(() => rig.coordinator.only.acks.length === 3)
  const [live] = rig.agent.sessions()
  await rig.coordinator.close(session)
  await live?.settled()
  rig.coordinator.tell(session, 'PAID')
  await live?.paid()
  bundle = await bundleOf(scope, memoryStore({ disk: rig.agentDisk }), session)
})
afterEach(async () => {
  await rig.stop()
})

function verdicts(of: EvidenceBundle): Record<string, string> {
  return Object.fromEntries(verifyEvidence(scope, CHAIN_ID, of).map(({ link, verdict }) => [link, verdict]))
}

/** The link that is named: the first bad one. */
function culprit(of: EvidenceBundle): EvidenceLink | undefined {
  return verifyEvidence(scope, CHAIN_ID, of).find(({ verdict }) => verdict === 'bad')?.link
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

describe('the evidence of a session', () => {
  test('behavior: is good from offer to payout', () => {
    const steps = verifyEvidence(scope, CHAIN_ID, bundle)
    expect(steps.map(({ link }) => link)).toEqual(EVIDENCE_LINKS)
    expect(new Set(steps.map(({ verdict }) => verdict))).toEqual(new Set(['good']))
    expect(isSound(steps)).toBe(true)
    expect(steps.map(({ detail }) => detail).join('\n')).toContain('0.003 USDC')
  })

  test('behavior: is the same after a trip through JSON', () => {
    const text = JSON.stringify(bundleToJson(bundle))
    expect(bundleFromJson(text, 'evidence.json')).toEqual(bundle)
  })

  test('error: that is no evidence is refused by name', async () => {
    for (const text of ['{', '{}', '{"grant":"xx","calls":[],"acks":[],"statements":[],"payouts":[]}']) {
      const read = Promise.resolve().then(() => bundleFromJson(text, 'evidence.json'))
      expect((await failureOf(read)).code).toBe('badDocument')
    }
  })

  test('behavior: is found by the id of the session and of any receipt', async () => {
    const store = memoryStore({ disk: rig.agentDisk })
    const receipt = rig.coordinator.only.receipts[1]
    expect(await sessionOfId(scope, store, session)).toBe(session)
    expect(await sessionOfId(scope, store, hex(receipt!.id))).toBe(session)
    for (const id of ['00'.repeat(32), 'nothing']) {
      expect((await failureOf(sessionOfId(scope, store, id))).code).toBe('notFound')
    }
  })

  test('behavior: may be unfinished, and is sound as far as it goes', () => {
    const { offer: _offer, ...rest } = bundle
    const open = { ...rest, statements: [], payouts: [] }
    expect(verdicts(open)).toMatchObject({ offer: 'missing', grant: 'good', ack: 'good', statement: 'missing' })
    expect(isSound(verifyEvidence(scope, CHAIN_ID, open))).toBe(true)
  })
})

describe('a set that is paid in several transactions', () => {
  const other = addressOfBytes(new Uint8Array(20).fill(0x99))

  /** A Payout of the same set, with these legs, by another transaction. */
  function payout(legs: readonly PayoutLeg[], digit: string): Uint8Array {
    const { value } = peekDocument(scope, Payout, bundle.payouts[0]!)
    const transaction = `0x${digit.repeat(64)}`
    return signDocument(scope, rig.coordinatorParty.signer, Payout, { ...value, legs, transaction }).bytes
  }

  function step(payouts: readonly Uint8Array[]) {
    return verifyEvidence(scope, CHAIN_ID, { ...bundle, payouts }).find(({ link }) => link === 'payout')
  }

  test('behavior: is paid when all its Payouts together pay the share, whichever comes first', () => {
    const [leg] = peekDocument(scope, Payout, bundle.payouts[0]!).value.legs
    const early = payout([{ recipient: other, micros: micros(7n) }], '1')
    const late = payout([leg!], '2')
    expect(step([early])?.verdict).toBe('missing')
    for (const both of [
      [early, late],
      [late, early],
    ])
      expect(step(both)).toMatchObject({ verdict: 'good', detail: expect.stringContaining(`0x${'2'.repeat(64)}`) })
    const less = payout([{ ...leg!, micros: micros(leg!.micros - 1n) }], '3')
    expect(step([early, less])?.verdict).toBe('bad')
    expect(step([less, less])?.verdict).toBe('bad')
  })

  test('behavior: is found whole in a book, also where an older one kept a Payout under the set alone', async () => {
    const store = memoryStore({ disk: rig.agentDisk })
    const { value } = peekDocument(scope, Payout, bundle.payouts[0]!)
    const early = payout([{ recipient: other, micros: micros(7n) }], '1')
    const entries = [
      [`payout/${hex(value.payoutId)}`, bundle.payouts[0]!],
      [agentKeys.payout(hex(value.payoutId), `0x${'1'.repeat(64)}`), early],
    ] as const
    await store.commit(entries.map(([key, bytes]) => ({ type: 'put', key, value: bytes })))
    const { payouts } = await bundleOf(scope, store, session)
    expect(payouts.map(hex).toSorted()).toEqual([bundle.payouts[0]!, early].map(hex).toSorted())
  })

  test('behavior: of another session is not shown: another coordinator may have signed it', async () => {
    const store = memoryStore({ disk: rig.agentDisk })
    const { value: statement } = peekDocument(scope, Statement, bundle.statements[0]!)
    const sessionId = new Uint8Array(32).fill(7)
    const signer = rig.providerParty.signer
    const theirs = signDocument(scope, signer, Statement, { ...statement, sessionId })
    const { value } = peekDocument(scope, Payout, bundle.payouts[0]!)
    const paid = signDocument(scope, signer, Payout, { ...value, statementIds: [theirs.id] })
    await store.commit([
      { type: 'put', key: agentKeys.statement(hex(sessionId), 1), value: theirs.bytes },
      { type: 'put', key: agentKeys.payout('other', value.transaction), value: paid.bytes },
    ])
    expect(isSound(verifyEvidence(scope, CHAIN_ID, await bundleOf(scope, store, session)))).toBe(true)
  })
})

describe('evidence that was tampered with', () => {
  const links: readonly [EvidenceLink, (of: EvidenceBundle, at: (bytes: Uint8Array) => number) => EvidenceBundle][] = [
    ['offer', (of, at) => ({ ...of, offer: flipped(of.offer!, at(of.offer!)) })],
    [
      'authorisation',
      (of, at) => {
        const [first, ...rest] = of.calls
        const { authorisation } = first!
        return { ...of, calls: [{ ...first!, authorisation: flipped(authorisation, at(authorisation)) }, ...rest] }
      },
    ],
    [
      'receipt',
      (of, at) => {
        const [first, second, ...rest] = of.calls
        const { receipt } = second!
        return { ...of, calls: [first!, { ...second!, receipt: flipped(receipt, at(receipt)) }, ...rest] }
      },
    ],
    ['ack', (of, at) => ({ ...of, acks: of.acks.map((ack, seq) => (seq === 1 ? flipped(ack, at(ack)) : ack)) })],
    ['statement', (of, at) => ({ ...of, statements: of.statements.map((one) => flipped(one, at(one))) })],
    ['payout', (of, at) => ({ ...of, payouts: of.payouts.map((one) => flipped(one, at(one))) })],
  ]
  for (const [link, tamper] of links) {
    test(`error: one byte of the ${link}, wherever it is, names the ${link}`, () => {
      for (let part = 0; part < 40; part++) {
        const tampered = tamper(bundle, (bytes) => Math.floor((bytes.length * part) / 40))
        expect(culprit(tampered), `${link} at ${part}/40`).toBe(link)
      }
    })
  }

  test('error: one byte of the grant names the grant, or makes it unreadable', async () => {
    for (let part = 0; part < 40; part++) {
      const grant = flipped(bundle.grant, Math.floor((bundle.grant.length * part) / 40))
      const named = await Promise.resolve()
        .then(() => culprit({ ...bundle, grant }))
        .catch((error: unknown) => (error as { code?: string }).code)
      expect(['grant', 'badDocument', 'wrongType']).toContain(named)
    }
  })

  test('error: a receipt, an Ack or a call left out', () => {
    expect(culprit({ ...bundle, calls: bundle.calls.slice(1) })).toBe('receipt')
    expect(culprit({ ...bundle, calls: bundle.calls.slice(0, 2) })).toBe('ack')
    expect(culprit({ ...bundle, calls: bundle.calls.slice(0, 2), acks: bundle.acks.slice(0, 2) })).toBe('statement')
    expect(culprit({ ...bundle, acks: bundle.acks.slice(1) })).toBe('ack')
    expect(culprit({ ...bundle, calls: [...bundle.calls, bundle.calls[0]!] })).toBe('authorisation')
  })

  test('error: papers of another session', async () => {
    const other = await startTimedRig({ policy: { maxCallMicros: micros(20_000n) } })
    await other.agent.run('echo', {})
    const [key] = [...other.coordinator.sessions.keys()]
    await other.time.until(() => other.coordinator.only.acks.length === 1)
    const theirs = await bundleOf(scope, memoryStore({ disk: other.agentDisk }), key ?? '')
    expect(culprit({ ...bundle, calls: theirs.calls })).toBe('authorisation')
    expect(culprit({ ...bundle, acks: theirs.acks })).toBe('ack')
    await other.stop()
  })

  test('error: of another chain', () => {
    expect(culprit(bundle)).toBeUndefined()
    expect(verifyEvidence(scope, 1, bundle).some(({ verdict }) => verdict === 'bad')).toBe(true)
  })
})
