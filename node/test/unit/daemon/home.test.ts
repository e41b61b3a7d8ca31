import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveHome } from '../../../src/daemon/index.ts'

test('behavior: ORIEN_HOME wins, then XDG_CONFIG_HOME, then ~/.config', () => {
  expect(resolveHome({ ORIEN_HOME: '/a/b', XDG_CONFIG_HOME: '/c' })).toBe('/a/b')
  expect(resolveHome({ ORIEN_HOME: '', XDG_CONFIG_HOME: '/c' })).toBe('/c/orien')
  expect(resolveHome({ XDG_CONFIG_HOME: 'relative' })).toBe(join(homedir(), '.config', 'orien'))
  expect(resolveHome({})).toBe(join(homedir(), '.config', 'orien'))
})
