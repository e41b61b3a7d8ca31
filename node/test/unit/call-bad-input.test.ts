import { micros, utf8, utf8Text } from '@orien/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import type { RigOptions } from '../helpers/rig.ts'
import { echoProgram, plainToolBox, toolNamed } from '../helpers/rig-parts.ts'
import { failureOf, startTimedRig, type TimedRig } from '../helpers/timed.ts'
import { loadCatalogue } from '../../src/tools/catalogue.ts'
import { createToolBox } from '../../src/tools/tool-box.ts'

let rig: TimedRig
afterEach(async () => {
  await rig.stop()
})

async function start(options: RigOptions = {}): Promise<void> {
  rig = await startTimedRig(options)
}

/** Nothing was charged, nothing is held that should not be, and the next call works. */
async function expectUnharmed(): Promise<void> {
  const { output } = await rig.agent.run('echo', { well: 1 })
  expect(utf8Text(output)).toBe('{"well":1}')
  const { only } = rig.coordinator
  await rig.time.until(() => only.acks.length > 0, 'the Ack')
  expect(only.acks.at(-1)?.acceptedNumerator).toBe(0n)
  for (const session of rig.provider.sessions()) {
    expect({ reserved: session.reserved, open: session.openCaps.size }).toEqual({ reserved: 0n, open: 0 })
  }
  expect(rig.agent.sessions()[0]?.session).toMatchObject({ reserved: 0n, inFlight: 0 })
}

describe('arguments', () => {
  const catalogue = loadCatalogue(
    `
    [provider]
    name = "p"
    [[tools]]
    id = "echo"
    command = ["echo", "{text}"]
    price = "0.06"
    maxDurationSeconds = 60
    [tools.schema]
    type = "object"
    additionalProperties = false
    required = ["text"]
    [tools.schema.properties]
    text = { type = "string", maxLength = 10 }
    `,
    { file: 'provider.toml', format: 'toml' },
  )

  test('error: that fail the schema are refused by the provider, and nothing is billed', async () => {
    await start({ toolBox: createToolBox(catalogue, {}) })
    for (const args of [{}, { text: 7 }, { text: 'x'.repeat(11) }, { text: 'x', more: 1 }, [], null, 'text']) {
      const error = await failureOf(rig.agent.run('echo', args))
      expect(error).toMatchObject({ code: 'badArguments', money: { where: 'reserved', minMicros: 0n } })
      expect(error.hint).not.toBe('')
    }
    expect(utf8Text((await rig.agent.run('echo', { text: 'fine' })).output)).toBe('fine')
  })

  test('error: that are too long, or no JSON, never leave the agent', async () => {
    await start()
    expect((await failureOf(rig.agent.run('echo', { text: 'x'.repeat(70_000) }))).code).toBe('badArguments')
    expect((await failureOf(rig.agent.run('echo', { value: 1n }))).code).toBe('badArguments')
    expect(rig.coordinator.sessions.size).toBe(0)
    await expectUnharmed()
  })
})

describe('files', () => {
  test('behavior: reach the tool, and what it leaves comes back', async () => {
    await start({
      programs: {
        echo: echoProgram,
        copy: async ({ cwd }) => {
          const bytes = rig.files.peek(`${cwd}/in/a.txt`) ?? new Uint8Array()
          rig.files.put(`${cwd}/out.txt`, utf8(utf8Text(bytes).toUpperCase()))
        },
      },
      outputs: ['**'],
    })
    const { files } = await rig.agent.run('copy', {}, { files: { 'in/a.txt': utf8('hello') } })
    expect(utf8Text(files.get('out.txt') ?? new Uint8Array())).toBe('HELLO')
  })

  test('error: too many, too large, or outside the workspace never leave the agent', async () => {
    await start()
    const many = Object.fromEntries(Array.from({ length: 1_025 }, (_, at) => [`f${at}`, new Uint8Array()]))
    expect((await failureOf(rig.agent.run('echo', {}, { files: many }))).code).toBe('tooManyFiles')
    const longNames = Object.fromEntries(
      Array.from({ length: 1_024 }, (_, at) => [`${'x'.repeat(600)}${at}`, new Uint8Array()]),
    )
    expect((await failureOf(rig.agent.run('echo', {}, { files: longNames }))).code).toBe('tooManyFiles')
    for (const path of ['../up', '/etc/passwd', 'a//b', '.', 'a\\b', 'a\0b']) {
      expect((await failureOf(rig.agent.run('echo', {}, { files: { [path]: utf8('x') } }))).code).toBe('badInputs')
    }
    expect(rig.coordinator.sessions.size).toBe(0)
    await expectUnharmed()
  })

  test('error: that the provider cannot place are refused before the call runs', async () => {
    await start()
    const error = await failureOf(rig.agent.run('echo', {}, { files: { a: utf8('x'), 'a/b': utf8('y') } }))
    expect(error).toMatchObject({ code: 'badInputs', money: { where: 'reserved', minMicros: 0n } })
    await expectUnharmed()
  })

  test('error: that the tool does not ask for are refused before the call runs', async () => {
    await start({ tools: [toolNamed('echo', { fileInputs: ['*.csv'] })] })
    const files = { 'data.csv': utf8('x'), 'tsconfig.json': utf8('{}') }
    const error = await failureOf(rig.agent.run('echo', {}, { files }))
    expect(error).toMatchObject({ code: 'badInputs', money: { minMicros: 0n } })
    await expectUnharmed()
  })

  test('error: a result with more files than wanted is not fetched, and says that the call is owed', async () => {
    await start({
      programs: {
        echo: echoProgram,
        big: async ({ cwd }) => {
          rig.files.put(`${cwd}/big`, new Uint8Array(2_000))
          await rig.time.advance(100)
        },
      },
      outputs: ['**'],
      policy: { maxOutputBytes: 1_000 },
    })
    const error = await failureOf(rig.agent.run('big', {}))
    expect(error).toMatchObject({ code: 'tooLarge', money: { where: 'owed', minMicros: 100n, delivered: false } })
  })
})

describe('finding and opening', () => {
  test('error: a tool that nobody offers, and a provider that is not there', async () => {
    await start()
    expect(await failureOf(rig.agent.run('unheard-of', {}))).toMatchObject({
      code: 'notFound',
      money: { where: 'wallet' },
    })
    const nobody = rig.coordinatorParty.peer
    expect((await failureOf(rig.agent.run('echo', {}, { provider: nobody }))).code).toBe('notFound')
    await expectUnharmed()
  })

  test('error: a provider that is not confined well enough', async () => {
    await start({ policy: { minTier: 'A' } })
    expect((await failureOf(rig.agent.run('echo', {}))).code).toBe('unsafe')
  })

  test('error: a coordinator that cannot be reached, with the money in the wallet', async () => {
    await start()
    await rig.coordinator.stop()
    expect(await failureOf(rig.agent.run('echo', {}))).toMatchObject({
      code: 'unreachable',
      money: { where: 'wallet' },
    })
    expect(rig.ledger.balance(rig.agentParty.wallet.address)).toBe(10_000_000n)
  })

  test('error: a coordinator that refuses', async () => {
    await start()
    rig.coordinator.script.refuseOpen = 'noFloat'
    expect(await failureOf(rig.agent.run('echo', {}))).toMatchObject({ code: 'noFloat', money: { where: 'wallet' } })
    delete rig.coordinator.script.refuseOpen
    await expectUnharmed()
  })

  test('error: a wallet without the allowance, with nothing moved', async () => {
    await start({ agentMicros: 1_000n })
    const error = await failureOf(rig.agent.run('echo', {}, { maxCost: '0.01' }))
    expect(error).toMatchObject({ code: 'insufficientBalance', money: { where: 'wallet' } })
    expect(error.details).toMatchObject({ balanceMicros: 1_000n, allowanceMicros: 80_000n })
    rig.ledger.fund(rig.agentParty.wallet.address, micros(1_000_000n))
    expect((await rig.agent.run('echo', {}, { maxCost: '0.01' })).outcome).toBe('ok')
  })

  test('error: a price that changed since the offer, before anything is funded', async () => {
    await start()
    rig.coordinator.script.grant = (grant) => ({
      ...grant,
      terms: grant.terms.map((term) => ({ ...term, priceMicrosPerMin: micros(70_000n) })),
    })
    expect(await failureOf(rig.agent.run('echo', {}))).toMatchObject({
      code: 'priceChanged',
      money: { where: 'wallet' },
    })
    expect(rig.coordinator.sessions.size).toBe(0)
  })

  test('error: a price that changed after the quote: the provider refuses, and the session ends unspent', async () => {
    let price = micros(60_000n)
    const box = plainToolBox([toolNamed('echo')])
    const toolBox = { ...box, tools: () => [toolNamed('echo', { priceMicrosPerMin: price })] }
    await start({ toolBox })
    price = micros(90_000n)
    const error = await failureOf(rig.agent.run('echo', {}))
    expect(error.code).toBe('priceChanged')
    await rig.time.until(() => rig.coordinator.only.ends.includes('priceChanged'), 'the End')
    await rig.provider.announce()
    expect((await rig.agent.run('echo', {})).outcome).toBe('ok')
  })

  test('error: a cap of nothing, and a cap below a millisecond', async () => {
    await start({ tools: [toolNamed('echo', { priceMicrosPerMin: micros(1_000_000_000n) })] })
    expect((await failureOf(rig.agent.run('echo', {}, { maxCost: '0' }))).code).toBe('capTooSmall')
    expect((await failureOf(rig.agent.run('echo', {}, { maxCost: '0.000001' }))).code).toBe('capTooSmall')
    expect((await failureOf(rig.agent.run('echo', {}, { maxCost: '0.0000001' }))).code).toBe('badMoney')
  })
})
