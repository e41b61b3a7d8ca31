import { describe, expect, it } from 'vitest'
import { needs } from '../../../scripts/test/parts.ts'
import type { DemoSummary } from '../../src/demo/summary.ts'
import { demoProgram, runDemo } from '../helpers/stage-demo.ts'
import { startProgram } from '../helpers/stage.ts'
import { isAlive, noneNaming, temporaryFolder } from './devnet-fixture.ts'

/** Far above what a run takes; only a run that hangs meets it. */
const DEADLINE_MS = 150_000

/** The main job, as a stranger runs it: every process real, judged by the audit of what they left behind. */
describe('the demo', needs('anvil'), () => {
  it(
    'behavior: rents tools, pays everybody and leaves nothing behind',
    async () => {
      const { code, summary, lines } = await runDemo()
      expectSettled(summary)
      expect(code).toBe(0)
      expect(lines).toHaveLength(1)
      expect(summary.calls).toBeGreaterThanOrEqual(6)
      expect(summary.receipts).toBe(summary.calls)
      expect(summary.countersigned).toBe(summary.calls)
      expect(BigInt(summary.debitedMicros)).toBeGreaterThan(0n)
      expect(BigInt(summary.refundedMicros)).toBeGreaterThan(0n)
    },
    DEADLINE_MS,
  )

  it(
    'behavior: bills an agent that vanished by the tick rule, and sends the rest back',
    async () => {
      const { code, summary, story } = await runDemo('--vanish')
      expectSettled(summary)
      expect(code).toBe(0)
      expect(story).toContain('kill -9')
      const { receiptedMicros = '0', ceilingMicros = '0', returnedMicros = '0' } = summary.vanish ?? {}
      expect(BigInt(receiptedMicros)).toBeGreaterThan(0n)
      expect(BigInt(receiptedMicros)).toBeLessThanOrEqual(BigInt(ceilingMicros))
      expect(BigInt(returnedMicros)).toBeGreaterThan(0n)
    },
    DEADLINE_MS,
  )

  it(
    'behavior: stops a call at its cap when the allowance runs out, and bills exactly the cap',
    async () => {
      const { code, summary } = await runDemo('--exhaust')
      expectSettled(summary)
      expect(code).toBe(0)
      const { capMicros = '0', billedMicros, stopLagMs = -1 } = summary.exhaust ?? {}
      expect(BigInt(capMicros)).toBeGreaterThan(0n)
      expect(billedMicros).toBe(capMicros)
      expect(stopLagMs).toBeGreaterThanOrEqual(0)
    },
    DEADLINE_MS,
  )

  it(
    'behavior: accepts of a lie only what the agent’s own clock allows',
    async () => {
      const { code, summary } = await runDemo('--lie')
      expectSettled(summary)
      expect(code).toBe(0)
      const { claimedMs = 0, observedMs = 0, acceptedMs = 0 } = summary.lie ?? {}
      expect(acceptedMs).toBeGreaterThan(0)
      // PROTOCOL, "Agent, Receipt": a thousandth and 5 ms more than was seen.
      expect(acceptedMs).toBeLessThanOrEqual(Math.ceil(observedMs * 1.001) + 5)
      expect(acceptedMs).toBeLessThan(claimedMs)
    },
    DEADLINE_MS,
  )

  it(
    'error: one changed byte is found and named, and the demo fails',
    async () => {
      const { code, summary, story } = await runDemo('--tamper', 'receipt')
      expect(code).toBe(1)
      const [, id] = /changes one byte of receipt (.+)/.exec(story) ?? []
      expect(summary.violations).toContainEqual(expect.objectContaining({ what: 'receipt', id }))
      expectNobodyLeft(summary)
    },
    DEADLINE_MS,
  )

  it.each([
    ['while the network comes up', 'The network comes up'],
    ['while the agents start', 'Two agents'],
    ['in the middle of a call', 'primes-1 │'],
  ])(
    'behavior: Ctrl-C %s ends every process',
    async (_, words) => {
      const home = temporaryFolder()
      try {
        const running = startProgram(demoProgram, ['demo', '--home', home.path], {})
        await running.writes(words)
        running.signal('SIGINT')
        expect(await running.ended).toMatchObject({ code: 130, stderr: '' })
        await noneNaming(home.path)
      } finally {
        home.remove()
      }
    },
    DEADLINE_MS,
  )
})

function expectSettled(summary: DemoSummary): void {
  expect(summary.violations).toEqual([])
  expect(summary.chainId).toBe(31_337)
  expect([summary.providers, summary.agents]).toEqual([3, 2])
  const { provider, platform, reserve } = summary.paidMicros
  expect(BigInt(provider) + BigInt(platform) + BigInt(reserve)).toBe(BigInt(summary.debitedMicros))
  expect(summary.payoutTxs.length).toBeGreaterThan(0)
  for (const transaction of summary.payoutTxs) expect(transaction).toMatch(/^0x[0-9a-f]{64}$/)
  expectNobodyLeft(summary)
}

/** Eight processes of their own, six of them peers of their own; all of them gone. */
function expectNobodyLeft({ processes }: DemoSummary): void {
  const roles = processes.map(({ role }) => role).sort()
  const daemons = ['agent', 'agent', 'coordinator', 'provider', 'provider', 'provider']
  expect(roles).toEqual([...daemons, 'anvil', 'clearnode'].sort())
  expect(new Set(processes.map(({ pid }) => pid)).size).toBe(processes.length)
  const peers = processes.filter(({ role }) => daemons.includes(role)).map(({ peer }) => peer)
  for (const peer of peers) expect(peer).toMatch(/^12D3KooW/)
  expect(new Set(peers).size).toBe(daemons.length)
  expect(processes.filter(({ pid }) => isAlive(pid))).toEqual([])
}
