import { styleText } from 'node:util'
import { printable } from '@orien/node/daemon'
import { formatUsdc, micros } from '@orien/protocol'
import type { Said } from './stage.ts'

/** Tells the run step by step, as it happens. */
export interface Story {
  title(text: string): void
  line(who: string, text: string): void
  hear(said: Said): void
}

type Teller = (fields: Readonly<Record<string, unknown>>, names: Names) => string | undefined
type Names = ReadonlyMap<string, string>

/** So much of a tool's line is shown that a terminal of 80 columns need not break it. */
const LOG_LETTERS = 36
const WHY_LETTERS = 120

/** Events worth telling, by who says them. Everything else stays in the logs. */
const TELLERS: Readonly<Record<string, Teller>> = {
  announced: ({ tools }) => `offers ${counted(tools, 'tool')}, told by gossip and DHT`,
  found: ({ tool, rank, of, provider, priceMicros }, names) =>
    `finds ${text(tool)} at ${named(provider, names)}, ${usdc(priceMicros)} USDC/min${of === 1 ? '' : ` (${text(rank)} of ${text(of)})`}`,
  sessionOpened: ({ session, allowanceMicros, agent }) =>
    agent === undefined
      ? `session ${short(session)} is open: a channel holds ${usdc(allowanceMicros)} USDC`
      : `reads the channel of session ${short(session)}: all there`,
  callStarted: ({ call, tool }) => `runs ${text(tool)} as “${text(call)}”`,
  toolLog: ({ call, text: said }) => {
    const last = text(said).trim().split('\n').at(-1) ?? ''
    return last === '' ? undefined : `${text(call)} │ ${printable(last).slice(0, LOG_LETTERS)}`
  },
  tick: ({ call, ms }) => `signs for ${text(ms)} ms of “${text(call)}” so far`,
  receipt: ({ receipt, tool, effectiveMs, outcome }) =>
    `receipt ${short(receipt)}: ${text(tool)}, ${text(outcome)}, ${text(effectiveMs)} ms`,
  countersigned: ({ throughSeq, exceptions, acceptedMicros }) =>
    `countersigns through receipt ${text(throughSeq)}: ${usdc(acceptedMicros)} USDC${Number(exceptions) > 0 ? `, ${text(exceptions)} in part` : ''}`,
  cosigned: ({ version, totalMicros }) => `co-signs debit ${text(version)} at ${usdc(totalMicros)} USDC`,
  closeSigned: ({ totalMicros }) => `signs the exact close at ${usdc(totalMicros)} USDC`,
  callDone: ({ call, outcome, effectiveMs, costNumerator, files }) =>
    `“${text(call)}” is back: ${text(outcome)}, ${text(effectiveMs)} ms, ${exact(costNumerator)} USDC${files === '' ? '' : `, files ${text(files)}`}`,
  // The agent's program names its call and where the money is; the provider numbers it and says what its machine did.
  callFailed: ({ call, code, where, callSeq, why }) =>
    call === undefined
      ? `call ${text(callSeq)} failed: ${printable(text(why)).slice(0, WHY_LETTERS)}`
      : `“${text(call)}” failed: ${text(code)}; money ${text(where)}`,
  sessionEnded: ({ session, reason }) => `ends session ${short(session)} (${text(reason)})`,
  sessionState: ({ session, state }) =>
    state === 'OPEN' ? `reads the channel of ${short(session)}: open; grants session` : undefined,
  debited: ({ session, totalMicros }) => `debits session ${short(session)}: ${usdc(totalMicros)} USDC in all`,
  sessionClosed: ({ session, receivedMicros, totalMicros, paidMicros }) =>
    receivedMicros === undefined
      ? `has a statement for ${short(session)}: ${usdc(paidMicros)} of ${usdc(totalMicros)} USDC`
      : `closes session ${short(session)}: got ${usdc(receivedMicros)} for ${usdc(totalMicros)} USDC`,
  refunded: ({ session, refundMicros }) =>
    `sends ${usdc(refundMicros)} USDC of session ${short(session)} back to its agent`,
  payoutSent: ({ transaction, legs }) =>
    `pays ${counted(legs, 'account')} on the chain: ${text(transaction).slice(0, 18)}…`,
  sessionPaid: ({ session, paidMicros }) => `is paid ${usdc(paidMicros)} USDC for session ${short(session)}`,
}

/** A story on a stream; colours only where a person looks at a terminal. */
export function storyOn(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>, names: Names): Story {
  const colour = stream.isTTY
  const paint = (format: Parameters<typeof styleText>[0], words: string): string =>
    colour ? styleText(format, words) : words
  const begun = performance.now()
  const line = (who: string, words: string): void => {
    const at = ((performance.now() - begun) / 1_000).toFixed(1).padStart(5)
    stream.write(`${paint('dim', at)}  ${paint(colourOf(who), who.padEnd(16))} ${words}\n`)
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

function counted(value: unknown, what: string): string {
  return `${text(value)} ${what}${Number(value) === 1 ? '' : 's'}`
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
  return `${digits.slice(0, -8)}.${digits.slice(-8)}`.replace(/\.?0+$/, '')
}
