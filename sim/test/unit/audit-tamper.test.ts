import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLevelStore } from '@orien/node/store'
import { isOrienError } from '@orien/protocol'
import { expect, test } from 'vitest'
import { audit } from '../../src/demo/audit/audit.ts'
import { tamper } from '../../src/demo/audit/tamper.ts'
import type { TamperKind } from '../../src/demo/audit/types.ts'
import { makeRun, withRun, type Run } from './audit-run.ts'

/** Everything that is stored, as one list of bytes by place. */
async function stored(home: string, run: Run): Promise<Map<string, Uint8Array>> {
  const all = new Map<string, Uint8Array>()
  for (const name of run.books.keys()) {
    const store = await openLevelStore(join(home, name))
    for await (const [key, value] of store.scan({})) all.set(`${name} ${key}`, Uint8Array.from(value))
    await store.close()
  }
  return all.set('ledger', await readFile(join(home, 'clearnode', 'ledger.jsonl')))
}

function differences(before: ReadonlyMap<string, Uint8Array>, after: ReadonlyMap<string, Uint8Array>): string[] {
  return [...before].flatMap(([place, bytes]) =>
    [...bytes].flatMap((byte, at) => (after.get(place)?.[at] === byte ? [] : [`${place} ${at}`])),
  )
}

const ID: Readonly<Record<TamperKind, RegExp>> = {
  receipt: /^build-barn receipt\/[0-9a-f]{12}\/1$/,
  ledger: /^clearnode entry\/\d+$/,
  payout: /^ada payout\/[0-9a-f]{12}$/,
  cheque: /^build-barn cheque\/[0-9a-f]{12}$/,
}

for (const kind of ['receipt', 'ledger', 'payout', 'cheque'] as const) {
  test(`behavior: tampering with a ${kind} changes one byte, and the audit names it`, async () => {
    const run = await makeRun()
    await withRun(run, async (input) => {
      const before = await stored(input.home, run)
      const tampered = await tamper(kind, input)
      const after = await stored(input.home, run)
      expect(differences(before, after)).toHaveLength(1)
      expect([...after.values()].map(({ length }) => length)).toEqual([...before.values()].map(({ length }) => length))
      expect(tampered.what).toBe(kind)
      expect(tampered.id).toMatch(ID[kind])
      const { violations } = await audit(input)
      expect(violations.map(({ what, id }) => ({ what, id }))).toContainEqual({ what: kind, id: tampered.id })
      // Nothing else is blamed for it: the other side's copy of a document stands, and so does an entry's transaction.
      const others = kind === 'ledger' ? ['clearnode asset/usdc'] : []
      expect(violations.map(({ id }) => id).toSorted()).toEqual([tampered.id, ...others].toSorted())
    })
  })
}

test('behavior: an audit changes nothing', async () => {
  const run = await makeRun()
  await withRun(run, async (input) => {
    const before = await stored(input.home, run)
    const first = await audit(input)
    expect(differences(before, await stored(input.home, run))).toEqual([])
    expect(await audit(input)).toEqual(first)
  })
})

test('error: an entry that no longer decodes is named, though the whole book cannot be read for it', async () => {
  const run = await makeRun()
  for (const book of run.books.values())
    for (const [key, value] of book) if (key.startsWith('payout/')) book.set(key, value.slice(0, -1))
  await withRun(run, async (input) => {
    const { violations } = await audit(input)
    const named = violations.filter(({ what }) => what === 'payout').map(({ code, id }) => `${code} ${id.slice(0, 10)}`)
    expect(named).toEqual(expect.arrayContaining(['bookUnreadable ada payout']))
  })
})

test('error: a book that its daemon still has open is not judged', async () => {
  await withRun(await makeRun(), async (input) => {
    const store = await openLevelStore(join(input.home, 'ada', 'agent'))
    const refused = await audit(input).catch((error: unknown) => error)
    await store.close()
    expect(isOrienError(refused, 'locked')).toBe(true)
  })
})

test('error: tampering with what is not there is refused', async () => {
  const run = await makeRun()
  for (const book of run.books.values())
    for (const key of [...book.keys()]) if (key.startsWith('payout/')) book.delete(key)
  await withRun(run, async (input) => {
    const refused = await tamper('payout', input).catch((error: unknown) => error)
    expect(isOrienError(refused, 'notFound')).toBe(true)
  })
})
