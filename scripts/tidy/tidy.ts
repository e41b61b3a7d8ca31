import { applyExceptions, type Exceptions } from './exceptions.ts'
import type { House, Rule, Violation } from './house.ts'
import { ambientRule } from './rules/ambient.ts'
import { deadCodeRule, laterRule, suppressionRule } from './rules/comments.ts'
import { cycleRule } from './rules/cycles.ts'
import { directionRule, homeRule, importFormRule, layerRule, ownIndexRule } from './rules/directions.ts'
import { licenceRule, readmeRule, topLevelRule, versionedFolderRule } from './rules/layout.ts'
import { versionRule } from './rules/packages.ts'
import { fileSizeRule, functionSizeRule } from './rules/sizes.ts'
import { focusRule, testNameRule } from './rules/tests.ts'
import { wireRule } from './rules/wire.ts'
import { commitWordRule, fileWordRule, secretRule } from './rules/words.ts'

/** A file the parser cannot read would pass every other rule. */
const readableRule: Rule = ({ sources }) =>
  [...sources.values()].flatMap(({ path, errors }) =>
    errors.slice(0, 1).map((message) => ({ rule: 'readable', at: path, message })),
  )

/** Every rule, by the name its violations carry. */
export const rules: Readonly<Record<string, Rule>> = {
  readable: readableRule,
  'top-level': topLevelRule,
  'versioned-folder': versionedFolderRule,
  readme: readmeRule,
  licence: licenceRule,
  'file-size': fileSizeRule,
  'function-size': functionSizeRule,
  direction: directionRule,
  'own-index': ownIndexRule,
  'import-form': importFormRule,
  layer: layerRule,
  home: homeRule,
  cycle: cycleRule,
  ambient: ambientRule,
  'test-name': testNameRule,
  'focused-test': focusRule,
  later: laterRule,
  suppression: suppressionRule,
  'dead-code': deadCodeRule,
  secret: secretRule,
  'file-word': fileWordRule,
  'commit-word': commitWordRule,
  version: versionRule,
  wire: wireRule,
}

/** What is wrong with the house, after the exceptions. An empty list is a tidy house. */
export function tidy(house: House, exceptions: Exceptions = {}): Violation[] {
  const found = Object.values(rules).flatMap((rule) => rule(house))
  return applyExceptions(found, exceptions)
}

/** One violation on one line: `path:line  rule  message`. */
export function format({ rule, at, line, message }: Violation): string {
  const [path = '', name] = at.split('#')
  const place = line === undefined ? path : `${path}:${line}`
  return `${place}  [${rule}] ${name === undefined ? '' : `${name} `}${message}`
}
