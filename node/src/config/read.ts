import { readFile } from 'node:fs/promises'
import { OrienError } from '@orien/protocol'
import { parse, TomlError } from 'smol-toml'
import type { z } from 'zod'

/**
 * Reads a TOML file against a schema (`z.strictObject`, so that a misspelt key is an error). Throws `badConfig` naming the file, each
 * wrong key with its value, and how to write it.
 *
 * @example
 * const config = await readToml('provider.toml', z.strictObject({ price: usdc }))
 */
export async function readToml<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  const text = await readText(file, 'Write the file, or name another one.')
  return checkConfig(parseToml(file, text), file, schema)
}

/** A file that a person names, as UTF-8. Throws `badConfig` with the hint when it is absent or unreadable. */
export async function readText(file: string, hint: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new OrienError('badConfig', { message: `${file} cannot be read`, hint, details: { file }, cause })
  }
}

/** Checks a value that was read from `file` against a schema. Throws `badConfig` as readToml. */
export function checkConfig<S extends z.ZodType>(value: unknown, file: string, schema: S): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  const lines = result.error.issues.flatMap((issue) => describe(issue))
  const [first] = result.error.issues
  throw new OrienError('badConfig', {
    message: `${file}: ${lines.join('; ')}`,
    details: { file, key: first === undefined ? '' : keyOf(first) },
  })
}

function parseToml(file: string, text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const [what = 'not TOML'] = cause.message.split('\n')
    throw new OrienError('badConfig', {
      message: `${file}, line ${cause.line}, column ${cause.column}: ${what.replace(/^Invalid TOML document: /, '')}`,
      details: { file, line: cause.line },
      cause,
    })
  }
}

/** One line a fault: `tools[0].price = 0.05: write USDC as text`. */
function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (key) => `${pathText([...issue.path, key])}: there is no such key; take it out or correct its name`,
    )
  }
  const value = shown(issue.input)
  return [`${pathText(issue.path) || 'the whole file'}${value}: ${issue.message}`]
}

function keyOf(issue: z.core.$ZodIssue): string {
  return pathText(issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path)
}

function pathText(path: readonly PropertyKey[]): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? String(step) : `.${String(step)}`
  }
  return text
}

/** The value as it stands in the file, cut short; nothing for a table, a list or an absent one. */
function shown(input: unknown): string {
  if (typeof input === 'string') return ` = ${JSON.stringify(input).slice(0, 60)}`
  if (typeof input === 'number' || typeof input === 'bigint' || typeof input === 'boolean') return ` = ${input}`
  return ''
}
