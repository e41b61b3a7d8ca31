import { OrienError, type Tool } from '@orien/protocol'
import type { Argv } from './argv.ts'
import type { Catalogue } from './catalogue.ts'
import type { JobLimits } from './port.ts'
import { compileTool, type ToolDefinition } from './tool-definition.ts'

/** What a call of a tool comes to. */
export interface ToolCommand {
  readonly argv: Argv
  readonly env: Readonly<Record<string, string>>
  readonly limits: Omit<JobLimits, 'maxMs'>
  /** Globs of the files to hand back. */
  readonly outputs: readonly string[]
}

export interface ToolBox {
  /** What an Offer says of each tool. */
  tools(): readonly Tool[]
  /** Checks the exact argument bytes and builds the command. Throws `unknownTool`, `badArguments`, `tooLarge`. */
  command(toolId: string, args: Uint8Array): ToolCommand
}

/**
 * The tools of a catalogue, compiled. `env` is the whole environment of every tool; nothing of the daemon's is added.
 *
 * @example
 * const box = createToolBox(catalogue, { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' })
 * box.command('compile_contract', utf8('{"files":["Token.sol"]}')).argv // ['solc', '--', 'Token.sol']
 */
export function createToolBox(catalogue: Pick<Catalogue, 'tools'>, env: Readonly<Record<string, string>>): ToolBox {
  const offered = catalogue.tools.map((tool) => offeredTool(tool))
  const compiled = new Map(catalogue.tools.map((tool) => [tool.toolId, { tool, argvOf: compileTool(tool) }]))
  return {
    tools: () => offered,
    command(toolId, args) {
      const found = compiled.get(toolId)
      if (found === undefined) throw new OrienError('unknownTool', { message: 'no such tool is offered here' })
      const { tool, argvOf } = found
      const { cpuMillis, memoryBytes, outputBytes, pids } = tool.limits
      return {
        argv: argvOf(args),
        env,
        limits: { cpuMillis, memoryBytes, outputBytes, pids },
        outputs: tool.fileOutputs,
      }
    },
  }
}

/** Without what only the provider may know: its command, its files. */
function offeredTool({ command: _command, network: _network, secrets: _secrets, ...offered }: ToolDefinition): Tool {
  return offered
}
