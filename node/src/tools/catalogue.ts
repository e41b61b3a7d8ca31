import { OrienError, utf8, type Micros, type WindowLimits } from '@orien/protocol'
import { parse, TomlError } from 'smol-toml'
import { checkConfig } from '../config/read.ts'
import type { CoordinatorRef } from './catalogue-fields.ts'
import { foundingCatalogue, spreadPrice } from './catalogue-founding.ts'
import { tomlCatalogue } from './catalogue-toml.ts'
import { TOOL_LIMITS } from './limits.ts'
import type { ToolDefinition } from './tool-definition.ts'

/** What a provider says of itself and of its money. */
export interface ProviderSettings {
  readonly name: string
  readonly description: string
  readonly region?: string
  readonly ensName?: string
  /** Coordinators it accepts; empty when somebody else configures them. */
  readonly coordinators: readonly CoordinatorRef[]
  /** What it lets one coordinator owe it. */
  readonly maxUnpaidMicros: Micros
  readonly maxWindow: WindowLimits
}

export interface Catalogue {
  readonly provider: ProviderSettings
  /** At least one; ids are unique. */
  readonly tools: readonly ToolDefinition[]
}

export interface CatalogueSource {
  /** The name that errors give. */
  readonly file: string
  readonly format: 'toml' | 'json'
}

/**
 * Reads a provider's catalogue: `provider.toml`, or the founding JSON form. Schemas are compiled and commands checked against them, so
 * what loads can be served.
 *
 * Throws `badConfig` naming the file and, for every mistake, the key, its value and what to write instead.
 *
 * @example
 * const { tools } = loadCatalogue(await readFile('provider.toml', 'utf8'), { file: 'provider.toml', format: 'toml' })
 */
export function loadCatalogue(text: string, source: CatalogueSource): Catalogue {
  const { file, format } = source
  if (utf8(text).length > TOOL_LIMITS.maxCatalogueBytes) {
    throw badFile(file, `is longer than ${TOOL_LIMITS.maxCatalogueBytes} bytes; take tools out`)
  }
  const { provider, tools } =
    format === 'toml'
      ? checkConfig(parseToml(text, file), file, tomlCatalogue)
      : checkConfig(spreadPrice(parseJson(text, file)), file, foundingCatalogue)
  const { region, ens, maxUnpaid, ...rest } = provider
  return {
    provider: {
      ...rest,
      maxUnpaidMicros: maxUnpaid,
      ...(region === undefined ? {} : { region }),
      ...(ens === undefined ? {} : { ensName: ens }),
    },
    tools,
  }
}

function parseToml(text: string, file: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const [what = 'is not TOML'] = cause.message.split('\n')
    throw badFile(file, `line ${cause.line}, column ${cause.column}: ${what}`, cause)
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw badFile(file, `is not JSON: ${cause.message}`, cause)
  }
}

function badFile(file: string, words: string, cause?: unknown): OrienError {
  return new OrienError('badConfig', {
    message: `${file}: ${words}`,
    details: { file, key: '' },
    ...(cause === undefined ? {} : { cause }),
  })
}
