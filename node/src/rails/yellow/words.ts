import { fromHex, hex, keccak, OrienError, utf8, utf8Text } from '@orien/protocol'
import type { Allocations, ChannelCapabilities, ChannelPaper, Lane, LaneParties } from '../channel.ts'
import { checkDefinition, singlePaper, type PaperWords } from '../single-paper.ts'
import { amountText } from './decimal.ts'
import { YELLOW_LIMITS } from './limits.ts'

/** The rail's name in a Grant. */
export const YELLOW_V0_RAIL = 'yellow-v0'

export interface YellowPaperOptions {
  /** The asset's symbol at the node: `usdc`. */
  readonly asset: string
  /** Part of every definition. Default `orien`. */
  readonly application?: string
}

/**
 * The node reads a request's numbers as doubles before it hashes the definition, so a nonce above 2⁵³ would give another
 * id (and above 2⁶³ its database refuses it). Of the eight random bytes the low 53 bits are used: a stranger who wants to
 * take the id first must still guess one in 9·10¹⁵, one request a guess.
 */
const MAX_NONCE = (1n << 53n) - 1n
/** An exit has no sequence number, and the node refuses request id 0. */
export const EXIT_ID = 1
export const CREATE_ID = 1

/**
 * The exact texts of Yellow v0. Written by hand, not by JSON.stringify of an object: the signature covers every byte, and
 * each verifier must arrive at the same text. A test holds them equal to the SDK's.
 */
export function yellowWords({ asset, application = 'orien' }: YellowPaperOptions): PaperWords {
  const capabilities: ChannelCapabilities = {
    rail: YELLOW_V0_RAIL,
    debitMovesBase: false,
    landingMs: YELLOW_LIMITS.landingMs,
  }
  const head = (lane: Lane): string => `"app_session_id":"${lane.id}",`
  const body = (lane: Lane, allocations: Allocations): string =>
    `"allocations":${vector(lane, allocations)},"session_data":"${hex(lane.sessionId)}"`
  return {
    capabilities,
    asset,
    define: (parties, nonce) => define(application, parties, nonce),
    nonceOf,
    open(lane, tsMs) {
      const all = { agentMicros: lane.capacity, coordinatorMicros: NONE, providerMicros: NONE }
      return request(CREATE_ID, 'create_app_session', `"definition":${lane.definition},${body(lane, all)}`, tsMs)
    },
    close: (lane, { seq, allocations, tsMs }) =>
      request(seq === 0 ? EXIT_ID : seq, 'close_app_session', `${head(lane)}${body(lane, allocations)}`, tsMs),
    operate: (lane, { version, allocations, tsMs }) => {
      const params = `${head(lane)}"intent":"operate","version":${version},${body(lane, allocations)}`
      return request(version, 'submit_app_state', params, tsMs)
    },
    wrap: (text, signatures) => utf8(wrapText(text, signatures)),
    unwrapOpen,
  }
}

/** Yellow v0's pure half alone: for whoever verifies offline. */
export function yellowPaper(options: YellowPaperOptions): ChannelPaper {
  return singlePaper(yellowWords(options))
}

/** A request with its signatures, as it is sent. */
export function wrapText(text: string, signatures: readonly Uint8Array[]): string {
  return `{"req":${text},"sig":[${signatures.map((one) => `"0x${hex(one)}"`).join(',')}]}`
}

/** A request's text: what is signed. The node wants 13 digits of time. Throws `badDocument`. */
export function request(id: number, method: string, params: string, tsMs: number): string {
  if (String(tsMs).length !== 13) {
    throw new OrienError('badDocument', { message: 'the time is not 13 digits of Unix milliseconds' })
  }
  return `[${id},"${method}",{${params}},${tsMs}]`
}

const NONE = 0n as Lane['capacity']

/** Always all three, in the definition's order: the node mints money from a participant that is left out. */
function vector(lane: Lane, { agentMicros, coordinatorMicros, providerMicros }: Allocations): string {
  const rows = [
    [lane.agentWallet, agentMicros],
    [lane.coordinatorWallet, coordinatorMicros],
    [lane.providerWallet, providerMicros],
  ] as const
  const texts = rows.map(
    ([participant, micros]) =>
      `{"participant":"${participant}","asset":"${lane.asset}","amount":"${amountText(micros)}"}`,
  )
  return `[${texts.join(',')}]`
}

function define(application: string, parties: LaneParties, nonce: Uint8Array): { definition: string; id: string } {
  checkDefinition(parties, nonce)
  const number = BigInt(`0x${hex(nonce)}`) & MAX_NONCE
  if (number === 0n) throw new OrienError('badDocument', { message: 'the nonce is zero' })
  const participants = [parties.agentWallet, parties.coordinatorWallet, parties.providerWallet]
  const definition =
    `{"application":"${application}","protocol":"NitroRPC/0.4","participants":["${participants.join('","')}"],` +
    `"weights":[2,1,1],"quorum":3,"challenge":0,"nonce":${number}}`
  return { definition, id: `0x${hex(keccak(utf8(definition)))}` }
}

function nonceOf(definition: string): Uint8Array | undefined {
  const digits = /,"nonce":([1-9]\d{0,15})\}$/.exec(definition)?.[1]
  if (digits === undefined || BigInt(digits) > MAX_NONCE) return undefined
  return fromHex(BigInt(digits).toString(16).padStart(16, '0'))
}

const OPEN_MESSAGE = /^\{"req":\[1,"create_app_session",\{.*\},(\d{13})\],"sig":\["(0x[0-9a-f]{130})"\]\}$/s

function unwrapOpen(bytes: Uint8Array): { tsMs: number; signature: Uint8Array } | undefined {
  const match = OPEN_MESSAGE.exec(textOf(bytes) ?? '')
  const signature = fromHex(match?.[2] ?? 'none')
  return match === null || signature === undefined ? undefined : { tsMs: Number(match[1]), signature }
}

/** UTF-8 text; undefined for other bytes. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8Text(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
