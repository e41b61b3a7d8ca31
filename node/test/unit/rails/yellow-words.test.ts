import {
  createAppSessionMessage,
  createCloseAppSessionMessage,
  createECDSAMessageSigner,
  createSubmitAppStateMessage,
  RPCAppStateIntent,
  RPCProtocolVersion,
} from '@erc7824/nitrolite'
import { hex, keccak, micros, utf8, utf8Text, type Cheque, type Grant } from '@orien/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Lane } from '../../../src/rails/channel.ts'
import { localWallet } from '../../../src/rails/wallet.ts'
import { microsOfText } from '../../../src/rails/yellow/decimal.ts'
import { refusalOf } from '../../../src/rails/yellow/refusals.ts'
import { yellowPaper } from '../../../src/rails/yellow/words.ts'

const AGENT_KEY = `0x${'11'.repeat(32)}` as const
const agent = localWallet(AGENT_KEY)
const wallets = {
  agentWallet: agent.address,
  coordinatorWallet: localWallet(`0x${'22'.repeat(32)}`).address,
  providerWallet: localWallet(`0x${'33'.repeat(32)}`).address,
}
const paper = yellowPaper({ asset: 'usdc' })
const NONCE = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe)
const TS_MS = 1_800_000_000_000
const CHEQUE_TS_MS = 1_802_592_000_000
const sessionId = new Uint8Array(32).map((_, at) => at)
const usd = (text: bigint) => micros(text)
const sign = createECDSAMessageSigner(AGENT_KEY)
const lane = laneOf()

function laneOf(): Lane {
  const { definition, id } = paper.define(wallets, NONCE)
  const channel = { rail: 'yellow-v0', url: 'ws://127.0.0.1', appSessionId: id, definition }
  const terms = { asset: 'usdc', channel, allowanceMicros: usd(10_000_000n), chequeTsMs: CHEQUE_TS_MS }
  return paper.lane({ ...wallets, ...terms } as Grant, sessionId)
}

const textOf = (drafts: readonly { readonly bytes: Uint8Array }[]): string =>
  utf8Text(drafts[0]?.bytes ?? new Uint8Array())
const reqOf = (message: string): string => message.slice('{"req":'.length, message.indexOf(',"sig":'))
const vector = (amounts: readonly string[]) =>
  Object.values(wallets).map((participant, at) => ({ participant, asset: 'usdc', amount: amounts[at] ?? '0' }))
const session_data = hex(sessionId)

describe('the texts are those of the SDK', () => {
  const app_session_id = lane.id as `0x${string}`

  test('behavior: an opening, signature included', async () => {
    const definition = {
      application: 'orien',
      protocol: RPCProtocolVersion.NitroRPC_0_4,
      participants: Object.values(wallets),
      weights: [2, 1, 1],
      quorum: 3,
      challenge: 0,
      nonce: 2 ** 53 - 2,
    }
    const params = { definition, allocations: vector(['10', '0', '0']), session_data }
    const drafts = paper.draftOpen(lane, { version: 0 }, TS_MS)
    const expected = await createAppSessionMessage(sign, params, 1, TS_MS)
    const [mine] = paper.assembleOpen(lane, drafts, [await agent.sign(drafts[0] ?? never())])
    expect(utf8Text(mine ?? new Uint8Array())).toBe(expected)
  })

  test('behavior: a cheque', async () => {
    const params = { app_session_id, allocations: vector(['7.5', '2.5', '0']), session_data }
    const expected = reqOf(await createCloseAppSessionMessage(sign, params, 7, CHEQUE_TS_MS))
    expect(textOf(paper.draft(lane, 7, usd(2_500_000n)))).toBe(expected)
  })

  test('behavior: an exit', async () => {
    const params = { app_session_id, allocations: vector(['9.999999', '0', '0.000001']), session_data }
    const expected = reqOf(await createCloseAppSessionMessage(sign, params, 1, TS_MS))
    expect(textOf(paper.draftExit(lane, usd(1n), TS_MS))).toBe(expected)
  })

  test('behavior: a debit', async () => {
    const allocations = vector(['8', '2', '0'])
    const params = { app_session_id, intent: RPCAppStateIntent.Operate, version: 4, allocations, session_data }
    const expected = reqOf(await createSubmitAppStateMessage(sign, params, 4, TS_MS))
    expect(textOf(paper.draftDebit(lane, 4, usd(2_000_000n), TS_MS))).toBe(expected)
  })
})

describe('the definition', () => {
  test('behavior: its id is the hash of its exact text, and its nonce survives a JSON number', () => {
    expect(lane.id).toBe(`0x${hex(keccak(utf8(lane.definition)))}`)
    const parsed = JSON.parse(lane.definition) as { nonce: number }
    expect(Number.isSafeInteger(parsed.nonce)).toBe(true)
    expect(JSON.stringify(parsed)).toBe(lane.definition)
  })

  test('behavior: the low 53 bits of the eight bytes are the nonce', () => {
    const low = paper.define(wallets, Uint8Array.of(0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe))
    expect(low).toEqual(paper.define(wallets, NONCE))
    expect(paper.define(wallets, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7)).definition).toMatch(/"nonce":7\}$/)
  })

  test('error: a nonce without any of those bits is refused', () => {
    for (const nonce of [new Uint8Array(8), Uint8Array.of(0xff, 0xe0, 0, 0, 0, 0, 0, 0), new Uint8Array(7).fill(1)]) {
      expect(() => paper.define(wallets, nonce)).toThrow(expect.objectContaining({ code: 'badDocument' }))
    }
  })

  test('error: a nonce above 2⁵³, of another spelling, or with other keys is no lane of ours', () => {
    const nonce = String(2 ** 53 - 2)
    for (const definition of [
      lane.definition.replace(nonce, '9007199254740993'),
      lane.definition.replace(nonce, `0${nonce}`),
      lane.definition.replace(nonce, `${nonce}.0`),
      lane.definition.replace('"challenge":0', '"challenge":1'),
      lane.definition.replace('"quorum":3', '"quorum":2'),
      lane.definition.replace('[2,1,1]', '[1,2,1]'),
      lane.definition.replace('orien', 'other'),
      lane.definition.replace('NitroRPC/0.4', 'NitroRPC/0.2'),
    ]) {
      expect(definition).not.toBe(lane.definition)
      const channel = { rail: 'yellow-v0', url: '', appSessionId: `0x${hex(keccak(utf8(definition)))}`, definition }
      const grant = {
        ...wallets,
        asset: 'usdc',
        channel,
        allowanceMicros: lane.capacity,
        chequeTsMs: CHEQUE_TS_MS,
      } as Grant
      expect(() => paper.lane(grant, sessionId)).toThrow(expect.objectContaining({ code: 'badDocument' }))
    }
  })
})

describe('what a wallet signed instead', () => {
  const good = textOf(paper.draft(lane, 3, usd(2_500_000n)))
  const rows = (text: string): string => `"allocations":[${text}]`
  const own = good.slice(good.indexOf('"allocations":'), good.indexOf(',"session_data"'))
  const [agentRow = '', coordinatorRow = '', providerRow = ''] = own
    .slice('"allocations":['.length, -1)
    .split(/(?<=\}),/)
  let cheque: Cheque
  beforeAll(async () => {
    cheque = await signed(good)
  })
  const signed = async (text: string): Promise<Cheque> => ({
    sessionId,
    chequeSeq: 3,
    base: 0,
    ceilingMicros: usd(2_500_000n),
    signatures: [await agent.sign({ scheme: 'keccak', bytes: utf8(text) })],
  })

  test('behavior: our own text passes', () => {
    expect(paper.verify(lane, cheque)).toBeUndefined()
  })

  const others: readonly (readonly [string, string])[] = [
    ['a participant left out', good.replace(own, rows(`${agentRow},${coordinatorRow}`))],
    ['a participant twice', good.replace(own, rows(`${agentRow},${coordinatorRow},${coordinatorRow},${providerRow}`))],
    ['another order', good.replace(own, rows(`${coordinatorRow},${agentRow},${providerRow}`))],
    ['seven decimals', good.replace('"2.5"', '"2.5000001"')],
    ['trailing zeros', good.replace('"2.5"', '"2.500000"')],
    ['another sum', good.replace('"7.5"', '"7.6"')],
    ['an address in lower case', good.replace(wallets.providerWallet, wallets.providerWallet.toLowerCase())],
    ['another session_data', good.replace(session_data, session_data.replace('00', '01'))],
    ['another request id', good.replace('[3,', '[4,')],
    ['another time', good.replace(String(CHEQUE_TS_MS), String(CHEQUE_TS_MS + 1))],
    ['white space', good.replace('[3,', '[3, ')],
    ['an operate', good.replace('close_app_session', 'submit_app_state')],
    ['another asset', good.replaceAll('usdc', 'weth')],
  ]
  test.each(others)('error: %s is refused', async (_what, text) => {
    expect(text).not.toBe(good)
    const bad = await signed(text)
    expect(() => paper.verify(lane, bad)).toThrow(expect.objectContaining({ code: 'badSignature' }))
  })

  test('error: a base other than 0 is refused', () => {
    expect(() => paper.verify(lane, { ...cheque, base: 1 })).toThrow(expect.objectContaining({ code: 'badCheque' }))
  })
})

test('error: a time that is not 13 digits is not drafted', () => {
  for (const tsMs of [0, 999_999_999_999, 1.5, -1]) {
    expect(() => paper.draftExit(lane, usd(1n), tsMs)).toThrow(expect.objectContaining({ code: 'badDocument' }))
  }
})

test('behavior: amounts of the node are rounded towards zero to whole micros', () => {
  const cases: readonly (readonly [string, bigint])[] = [
    ['0', 0n],
    ['2.5', 2_500_000n],
    ['0.0000019', 1n],
    ['-0.0000019', -1n],
    ['12345678901234567890.123456789', 12_345_678_901_234_567_890_123_456n],
    ['3.', 3_000_000n],
  ]
  for (const [text, expected] of cases) expect(microsOfText(text)).toBe(expected)
  for (const text of ['', '1e3', '.5', 'NaN', '0x10', '1,5']) {
    expect(() => microsOfText(text)).toThrow(expect.objectContaining({ code: 'railRefused' }))
  }
})

test("behavior: the node's refusals are told apart by their exact words", () => {
  const cases: readonly (readonly [string, string])[] = [
    ['quorum not reached: 2 / 3', 'quorum'],
    ['incorrect submit_state request: quorum not reached: 1 / 3', 'signature'],
    [`signature from unknown participant wallet 0x${'ab'.repeat(20)}`, 'unknownSigner'],
    ['an open app session not found: record not found', 'notOpen'],
    ['asset usdc not fully redistributed', 'notRedistributed'],
    ['incorrect app state: incorrect version: expected 2, got 3', 'version'],
    ['invalid message timestamp', 'stale'],
    ['authentication required', 'login'],
    ['a text nobody has seen', 'other'],
  ]
  for (const [text, expected] of cases) expect(refusalOf(text)).toBe(expected)
})

function never(): never {
  throw new Error('no draft')
}
