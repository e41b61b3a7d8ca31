import type { Violation } from './house.ts'

/** rule → place (a path, or `path#function`) → how much of it there is today. */
export type Exceptions = Readonly<Record<string, Readonly<Record<string, number>>>>

/**
 * Takes away the violations that an exception covers exactly. The list can only shrink: an exception larger than what is
 * there, or for what is no longer there, is a violation itself.
 */
export function applyExceptions(violations: readonly Violation[], exceptions: Exceptions): Violation[] {
  const used = new Set<string>()
  const kept = violations.flatMap((violation): Violation[] => {
    const { rule, at, amount } = violation
    const allowed = exceptions[rule]?.[at]
    if (allowed === undefined || amount === undefined) return [violation]
    used.add(`${rule} ${at}`)
    if (amount === allowed) return []
    if (amount > allowed) return [{ ...violation, message: `${violation.message} (the exception allows ${allowed})` }]
    return [{ rule: 'exception', at, message: `the ${rule} exception says ${allowed}, ${amount} is enough: lower it` }]
  })
  const left = Object.entries(exceptions).flatMap(([rule, places]) =>
    Object.keys(places)
      .filter((at) => !used.has(`${rule} ${at}`))
      .map((at) => ({ rule: 'exception', at, message: `the ${rule} exception is no longer needed: remove it` })),
  )
  return [...kept, ...left]
}
