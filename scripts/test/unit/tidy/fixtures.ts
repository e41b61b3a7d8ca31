// For every rule at least one house that breaks it, and the same house mended.
import type { House } from '../../../tidy/house.ts'
import { houseOf, lines } from './house-of.ts'

export type Fixture = { rule: string; what: string; bad: House; good: House; at?: string }

const rule =
  (name: string) =>
  (what: string, path: string, bad: string, good: string, more: Record<string, string> = {}): Fixture => ({
    rule: name,
    what,
    bad: houseOf({ ...more, [path]: bad }),
    good: houseOf({ ...more, [path]: good }),
    at: path,
  })

const direction = rule('direction')
const home = rule('home')
const layer = rule('layer')
const testName = rule('test-name')
const deadCode = rule('dead-code')
const secret = rule('secret')
const key = 'ab'.repeat(32)

const imports: Fixture[] = [
  direction('protocol imports node', 'protocol/src/a.ts', `import '@orien/node/store'`, `import './b.ts'`),
  direction('node imports coordinator', 'node/src/a.ts', `import '@orien/coordinator'`, `import '@orien/protocol'`),
  direction('a type is imported', 'node/src/a.ts', `import type { A } from '@orien/sim'`, `import '@orien/protocol'`),
  direction('an import at run time', 'node/src/a.ts', `await import('@orien/sim')`, `await import('@orien/protocol')`),
  direction(
    'coordinator imports the node index',
    'coordinator/src/a.ts',
    `import '@orien/node'`,
    `import '@orien/node/rails'`,
  ),
  direction(
    'a path into another package',
    'node/src/a.ts',
    `export * from '../../protocol/src/b.ts'`,
    `export * from '@orien/protocol'`,
  ),
  direction(
    'a test reaches into a source',
    'sim/test/unit/a.test.ts',
    `import '../../../node/src/b.ts'`,
    `import '../../../node/test/conformance/b.ts'`,
  ),
  direction(
    'a test imports upwards',
    'node/test/unit/a.test.ts',
    `import '../../../sim/test/b.ts'`,
    `import '../../../scripts/test/parts.ts'`,
  ),
  rule('own-index')('a source imports its index', 'node/src/store/a.ts', `import '../index.ts'`, `import './index.ts'`),
  rule('own-index')(
    'a source imports its package by name',
    'node/src/a.ts',
    `import '@orien/node/store'`,
    `import './store/index.ts'`,
  ),
  rule('import-form')('an import without .ts', 'node/src/a.ts', `import './b.js'`, `import './b.ts'`),
  layer('provider imports agent', 'node/src/provider/a.ts', `import '../agent/b.ts'`, `import '../network/port.ts'`),
  layer('a rail imports another', 'node/src/rails/arc/a.ts', `import '../yellow/b.ts'`, `import '../chain.ts'`),
  layer(
    'a rail imports its next generation',
    'node/src/rails/yellow/a.ts',
    `import '../yellow-v1/b.ts'`,
    `import './b.ts'`,
  ),
  home(
    'libp2p outside its user',
    'node/src/provider/a.ts',
    `import { x } from '@libp2p/crypto/keys'`,
    `import { x } from '../network/port.ts'`,
  ),
  home('libp2p elsewhere in the network folder', 'node/src/network/a.ts', `import 'libp2p'`, `import './libp2p.ts'`),
  home('Nitrolite outside Yellow', 'node/src/rails/arc/a.ts', `import '@erc7824/nitrolite'`, `import 'viem'`),
  home(
    'viem in the protocol',
    'protocol/src/a.ts',
    `import type { Hex } from 'viem'`,
    `import '@noble/hashes/sha2.js'`,
  ),
  home('an engine outside the store', 'coordinator/src/a.ts', `import 'classic-level'`, `import '@orien/node/store'`),
  home('a test tool in a source', 'sim/src/a.ts', `import 'fast-check'`, `import './b.ts'`),
  rule('cycle')('two files import each other', 'node/src/a.ts', `import './b.ts'`, `import './c.ts'`, {
    'node/src/b.ts': `import type { A } from './a.ts'`,
  }),
  rule('cycle')('three files, one of them re-exported', 'node/src/a.ts', `export * from './b.ts'`, '', {
    'node/src/b.ts': `import './c.ts'`,
    'node/src/c.ts': `export { A } from './a.ts'`,
  }),
]

const shapes: Fixture[] = [
  rule('readable')('a file that does not parse', 'node/src/a.ts', 'const = 1', 'const a = 1'),
  rule('file-size')('401 lines', 'sim/test/unit/a.ts', lines(401), lines(400)),
  {
    ...rule('function-size')(
      '61 lines',
      'node/src/a.ts',
      `function f() {\n${lines(59)}}`,
      `function f() {\n${lines(58)}}`,
    ),
    at: 'node/src/a.ts#f',
  },
  {
    ...rule('function-size')(
      'an arrow in a script',
      'scripts/a.mjs',
      `const f = () => {\n${lines(59)}}`,
      `const f = () => {\n${lines(5)}}`,
    ),
    at: 'scripts/a.mjs#f',
  },
  {
    ...rule('function-size')(
      'a method',
      'node/src/a.ts',
      `class A {\n  m() {\n${lines(59)}}\n}`,
      `class A {\n  m() {\n${lines(58)}}\n}`,
    ),
    at: 'node/src/a.ts#m',
  },
  {
    ...rule('function-size')(
      'a helper in a test',
      'node/test/unit/a.test.ts',
      `function f() {\n${lines(59)}}`,
      `describe('a', () => {\n${lines(99)}})`,
    ),
    at: 'node/test/unit/a.test.ts#f',
  },
  rule('ambient')(
    'the clock in logic',
    'coordinator/src/debit/a.ts',
    'const t = Date.now()',
    'const t = clock.wallMs()',
  ),
  rule('ambient')('a timer in an exempt folder', 'node/src/tools/a.ts', 'setTimeout(f, 1)', 'timers.after(1, f)', {
    'node/src/tools/runner/b.ts': 'setTimeout(f, 1)',
    'coordinator/src/bin.ts': 'process.exit(1)',
  }),
]

const texts: Fixture[] = [
  testName(
    'a name without a kind',
    'node/test/unit/a.test.ts',
    `it('works', () => {})`,
    `it('behavior: works', () => {})`,
  ),
  testName(
    'a name from a table',
    'node/test/unit/a.test.ts',
    `for (const n of t) it(n, () => {})`,
    'for (const n of t) it(`error: ${n}`, () => {})',
  ),
  testName('each', 'node/test/unit/a.test.ts', `it.each([1])('%i', () => {})`, `it.each([1])('error: %i', () => {})`),
  testName(
    'a skipping test',
    'node/test/unit/a.test.ts',
    `test.skipIf(x)('a', () => {})`,
    `test.skipIf(x)('error: a', () => {})`,
  ),
  testName('a suite', 'node/test/conformance/a.ts', `it('a', () => {})`, `expect(/a/.test('a'))`),
  rule('focused-test')('only', 'node/test/unit/a.test.ts', `describe.only('a', () => {})`, `describe('a', () => {})`),
  rule('focused-test')(
    'skip',
    'node/test/unit/a.test.ts',
    `it.skip('error: a', () => {})`,
    `it('error: a', needs('anvil'), () => {})`,
  ),
  rule('later')('in a source', 'node/src/a.ts', '/* a\n * TODO: b */', `const a = 'TODO'`),
  rule('later')('in a contract', 'sim/src/devnet/contracts/a.sol', 'uint a; // FIXME', 'uint fixme;'),
  rule('suppression')('the type checker', 'node/src/a.ts', '// @ts-ignore', '// @ts-expect-error: the library lies'),
  rule('suppression')(
    'a lint rule',
    'node/src/a.ts',
    '// oxlint-disable-next-line no-empty',
    '// oxlint-disable-next-line no-empty -- the file may be gone',
  ),
  deadCode('a call', 'node/src/a.ts', '// await send(frame)', '// Sends (frame) twice, see close().'),
  deadCode('several lines', 'node/src/a.ts', '// if (a) {\n//   b()\n// }', '// If a then b,\n// else c.'),
  deadCode('a return', 'node/src/a.ts', '// return total', '// total = A / 60000'),
  deadCode('an import', 'node/src/a.ts', `/* import a from 'a' */`, `/** import a from 'a' */`),
  deadCode('a declaration', 'node/src/a.ts', '// const a = 1', '// Usage:\n//\n//   const a = 1'),
  secret('a key', 'node/src/a.ts', `const wallet = '0x${key}'`, `const typeHash = '0x${key}'`),
  secret(
    'a PEM key',
    'node/src/a.ts',
    `const a = '-----BEGIN EC PRIVATE KEY-----'`,
    `const a = '-----BEGIN PUBLIC KEY-----'`,
  ),
  {
    rule: 'secret',
    what: 'the devnet’s keys are well known',
    bad: houseOf({ 'sim/src/demo.ts': `const key = '${key}'` }),
    good: houseOf({ 'sim/src/devnet/a.ts': `const key = '${key}'`, 'node/test/unit/a.ts': `const key = '${key}'` }),
  },
  rule('file-word')(
    'a registry',
    'node/README.md',
    `https://${['registry', 'example', 'org'].join('.')}/a`,
    'a registry',
  ),
  {
    rule: 'file-word',
    what: 'a path of this machine',
    bad: houseOf({ 'scripts/docs/a.md': 'see /srv/work/notes.md' }, { machineWords: ['/srv/work'] }),
    good: houseOf({ 'scripts/docs/a.md': '/orien/srv/work/1.0.0 and /srv/workers' }, { machineWords: ['/srv/work'] }),
  },
  {
    rule: 'commit-word',
    what: 'who typed it',
    bad: houseOf({}, { commits: ['Add a\n\nCo-Authored-By: B'] }),
    good: houseOf({}, { commits: ['Wipe the cache\n\nIt was stale.'] }),
  },
]

const manifest = (over: object) => JSON.stringify({ version: '0.1.0', license: '(Apache-2.0 OR MIT)', ...over })
const version = (what: string, bad: object, good: object): Fixture =>
  rule('version')(what, 'node/package.json', manifest(bad), manifest(good), {
    'lerna.json': '{"version":"0.1.0"}',
    'package.json': manifest({ devDependencies: { ws: '1.0.0' } }),
  })

const mit = 'MIT License\nPermission is hereby granted, free of charge\nTHE SOFTWARE IS PROVIDED "AS IS"\n'
const apache = 'Apache License\nVersion 2.0, January 2004\n9. Accepting Warranty\nEND OF TERMS\n'
const manifests = Object.fromEntries(
  ['protocol', 'node', 'coordinator', 'sim'].map((name) => [
    `${name}/package.json`,
    '"license": "(Apache-2.0 OR MIT)"',
  ]),
)

const layout: Fixture[] = [
  {
    rule: 'top-level',
    what: 'a config at the top level',
    bad: houseOf({}, { top: ['knip.json', 'node'] }),
    good: houseOf({}, { top: [] }),
    at: 'knip.json',
  },
  {
    rule: 'versioned-folder',
    what: 'a version as a folder',
    bad: houseOf({ 'node/src/rails/v1/a.ts': '' }),
    good: houseOf({ 'node/src/rails/yellow-v1/a.ts': '', 'node/src/v1.ts': '' }),
    at: 'node/src/rails/v1',
  },
  {
    rule: 'readme',
    what: 'a folder without README',
    bad: houseOf({ 'node/src/store/deep/a.ts': '', 'node/src/index.ts': '' }),
    good: houseOf({ 'node/src/store/a.ts': '', 'node/src/store/README.md': '', 'node/src/docs/a.md': '' }),
    at: 'node/src/store',
  },
  rule('licence')('one text only', 'LICENSE', mit, mit + apache, manifests),
  rule('licence')('a package without one', 'sim/package.json', '{}', manifests['sim/package.json'] ?? '', {
    ...manifests,
    LICENSE: mit + apache,
  }),
  version('two versions of one package', { dependencies: { ws: '2.0.0' } }, { dependencies: { ws: '1.0.0' } }),
  version('a range', { dependencies: { a: '^1.0.0' } }, { dependencies: { a: '1.0.0' } }),
  version('a package of ours at another version', { version: '0.2.0' }, {}),
  {
    rule: 'wire',
    what: 'edited by hand',
    bad: houseOf({ 'protocol/src/a.wire.ts': '// a\nb' }, { wire: new Map([['protocol/src/a.wire.ts', 'c']]) }),
    good: houseOf(
      { 'protocol/src/a.wire.ts': '// a\n/* x */\nb' },
      { wire: new Map([['protocol/src/a.wire.ts', '// d\nb']]) },
    ),
    at: 'protocol/src/a.wire.ts',
  },
  {
    rule: 'wire',
    what: 'not generated',
    bad: houseOf({}, { wire: new Map([['protocol/src/a.wire.ts', 'c']]) }),
    good: houseOf({}),
  },
  {
    rule: 'wire',
    what: 'without a source',
    bad: houseOf({ 'protocol/src/a.wire.ts': 'c' }),
    good: houseOf({}),
  },
]

/* The top-level rule also asks for everything that must be there, so its mended house is judged by the place alone. */
export const fixtures: readonly Fixture[] = [...imports, ...shapes, ...texts, ...layout]
