#!/usr/bin/env node
import './cli/small-heap.ts'

// Loaded after the heap was told its size.
const { CommanderError } = await import('commander')
const { program } = await import('./cli/main.ts')
const { EXIT } = await import('./daemon/exit.ts')

const orien = program().exitOverride()
for (const command of orien.commands) {
  command.exitOverride()
  for (const inner of command.commands) inner.exitOverride()
}
try {
  await orien.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  // Commander said what is wrong; help and version are no mistake.
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
}
