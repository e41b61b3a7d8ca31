import { styleText } from 'node:util'
import { printable } from '@orien/node/daemon'
import { formatUsdc, micros } from '@orien/protocol'
import type { Said } from './cast.ts'

/** Tells the run step by step, as it happens. */
export interface Story {
  title(text: string): void
  line(who: string, text: string): void
  hear(said: Said): void
}

type Teller = (fields: Readonly<Record<string, unknown>>, names: Names) => string | undefined
type Names = ReadonlyMap<string, string>

/** Events worth telling, by who says them. Everything else stays in the logs. */
const TELLERS: Readonly<Record<string, Teller>> = {
  announced: ({ tools, seq }) => `announces an offer of ${text(tools)} tools (sequence ${text(seq)}) by gossip and DHT`,
  found: ({ tool, rank, of, provider, priceMicros, tier }, names) =>
    `finds ${text(tool)} (${text(rank)} of ${text(of)}) at ${named(provider, names)}: ${usdc(priceMicros)} USDC/min, tier ${text(tier)}`,
  sessionOpened: ({ session, allowanceMicros, agent }) =>
    agent === undefined
      ? `session ${short(session)} is open, ${usdc(allowanceMicros)} USDC held in a channel`
      : `has read the channel of session ${short(session)}: it holds what the grant says`,
  callStarted: ({ call, tool }) => `runs ${text(tool)} as “${text(call)}”`,
  toolLog: ({ call, text: said }) => {
    const last = text(said).trim().split('\n').at(-1) ?? ''
    return last === '' ? undefined : `${text(call)} │ ${printable(last).slice(0, 90)}`
  },
  tick: ({ call, ms }) => `${text(call)} has run ${text(ms)} ms and signs for it`,
  receipt: ({ receipt, tool, effectiveMs, outcome }) =>
    `receipt ${short(receipt)}: ${text(tool)}, ${text(outcome)}, ${text(effectiveMs)} ms`,
  countersigned: ({ throughSeq, exceptions, acceptedMicros }) =>
    `countersigns through receipt ${text(throughSeq)}: ${usdc(acceptedMicros)} USDC in all${Number(exceptions) > 0 ? `, ${text(exceptions)} accepted in part` : ''}`,
  cosigned: ({ version, totalMicros }) => `co-signs debit ${text(version)} at ${usdc(totalMicros)} USDC`,
  closeSigned: ({ totalMicros }) => `signs the exact close at ${usdc(totalMicros)} USDC`,
  callDone: ({ call, outcome, effectiveMs, costNumerator, files }) =>
    `“${text(call)}” is back: ${text(outcome)}, ${text(effectiveMs)} ms, ${exact(costNumerator)} USDC${files === '' ? '' : `, files ${text(files)}`}`,
  callFailed: ({ call, code, where }) => `“${text(call)}” failed: ${text(code)}; money ${text(where)}`,
  sessionEnded: ({ session, reason }) => `ends session ${short(session)} (${text(reason)})`,
  sessionState: ({ session, state }) =>
    state === 'OPEN' ? `has read the open channel of session ${short(session)} and grants it` : undefined,
  debited: ({ session, totalMicros }) =>
    `debits session ${short(session)} in its channel: ${usdc(totalMicros)} USDC in all`,
  sessionClosed: ({ session, receivedMicros, totalMicros }) =>
    `closes the channel of session ${short(session)}: received ${usdc(receivedMicros)}, total ${usdc(totalMicros)} USDC`,
  refunded: ({ session, refundMicros }) =>
    `sends ${usdc(refundMicros)} USDC of session ${short(session)} back to its agent`,
  payoutSent: ({ transaction, legs }) =>
    `pays ${text(legs)} recipients on the chain, transaction ${text(transaction).slice(0, 18)}…`,
  sessionPaid: ({ session, paidMicros }) => `is paid ${usdc(paidMicros)} USDC for session ${short(session)}`,
}

/** A story on a stream; colours only where a person looks at a terminal. */
export function storyOn(stream: NodeJS.WriteStream, names: Names): Story {
  const colour = stream.isTTY
  const paint = (format: Parameters<typeof styleText>[0], words: string): string =>
    colour ? styleText(format, words) : words
  const begun = performance.now()
  const line = (who: string, words: string): void => {
    const at = ((performance.now() - begun) / 1_000).toFixed(1).padStart(5)
    stream.write(`${paint('dim', at)}  ${paint(colourOf(who), who.padEnd(17))} ${words}\n`)
  }
  return {
    title: (words) => void stream.write(`\n${paint('bold', words)}\n`),
    line,
    hear({ who, event, fields }) {
      const words = TELLERS[event]?.(fields, names)
      if (words !== undefined) line(who, words)
    },
  }
}

function colourOf(who: string): 'cyan' | 'green' | 'yellow' | 'magenta' | 'blue' {
  if (who === 'coordinator') return 'magenta'
  if (who === 'ada' || who === 'grace') return 'cyan'
  if (who === 'chain' || who === 'demo') return 'blue'
  return who === 'audit' ? 'yellow' : 'green'
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

function short(value: unknown): string {
  return text(value).slice(0, 8)
}

function named(peer: unknown, names: Names): string {
  return names.get(text(peer)) ?? text(peer).slice(-8)
}

function usdc(value: unknown): string {
  return formatUsdc(micros(BigInt(text(value) || '0')))
}

/** A numerator as USDC with 8 fraction digits, cut off: what one call costs is often less than a micro-USDC. */
function exact(value: unknown): string {
  const digits = (BigInt(text(value) || '0') / 600n).toString().padStart(9, '0')
  return `${digits.slice(0, -8)}.${digits.slice(-8)}`
}
