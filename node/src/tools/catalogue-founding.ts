import { LIMITS } from '@orien/protocol'
import { z } from 'zod'
import {
  ensName,
  globs,
  limits,
  line,
  maxDurationSeconds,
  price,
  providerFields,
  secrets,
  tags,
  toolId,
} from './catalogue-fields.ts'
import { splitCommand } from './command-line.ts'
import { isJsonObject } from './schema-rules.ts'
import { defineTool, type RawTool } from './tool-definition.ts'
import { toolList } from './tool-list.ts'

/** A workspace whose files nobody declared takes any. */
const ANY_FILE = ['**']

const command = z.string('write the command as one string').transform((value, context) => {
  const split = splitCommand(value)
  if (!('words' in split)) return split
  context.addIssue({ code: 'custom', message: split.words, input: value })
  return z.NEVER
})

const tool = z
  .strictObject({
    id: toolId,
    name: line(LIMITS.maxNameBytes, 1).optional(),
    description: line(LIMITS.maxDescriptionBytes).default(''),
    command,
    args: z.record(z.string(), z.unknown(), 'write a JSON Schema as an object').optional(),
    price,
    maxDuration: maxDurationSeconds,
    resourceLimits: limits,
    workspaceRequired: z.boolean().default(false),
    inputs: globs.optional(),
    outputs: globs.default([]),
    network: z.boolean().default(false),
    secrets,
    tags,
    thirdPartyUseAllowed: z.boolean().default(false),
  })
  .transform((value, context) => {
    const {
      id,
      name = id,
      args,
      outputs,
      maxDuration,
      price: priceMicrosPerMin,
      resourceLimits,
      workspaceRequired,
      inputs,
      ...rest
    } = value
    const fileInputs = inputs ?? (workspaceRequired ? ANY_FILE : [])
    const common = {
      ...rest,
      toolId: id,
      name,
      schema: args,
      limits: resourceLimits,
      maxMs: maxDuration * 1_000,
      priceMicrosPerMin,
    }
    const raw: RawTool = { ...common, fileInputs, fileOutputs: outputs }
    return defineTool(raw, 'args', context) ?? z.NEVER
  })

/** The founding JSON form, with the keys it does not have but a provider may want. */
export const foundingCatalogue = z
  .strictObject({
    providerId: line(LIMITS.maxNameBytes, 1),
    name: line(LIMITS.maxNameBytes, 1).optional(),
    ensName: ensName.optional(),
    pricePerMinute: price.optional(),
    ...providerFields,
    tools: toolList(tool),
  })
  .transform((value) => {
    const {
      providerId,
      name = providerId,
      ensName: ens,
      description,
      region,
      coordinators,
      maxUnpaid,
      maxWindow,
    } = value
    return { provider: { name, ens, description, region, coordinators, maxUnpaid, maxWindow }, tools: value.tools }
  })

/** The founding form knows no price per tool: the provider's `pricePerMinute` stands in where a tool has none. */
export function spreadPrice(value: unknown): unknown {
  if (!isJsonObject(value) || value['pricePerMinute'] === undefined || !Array.isArray(value['tools'])) return value
  const tools = value['tools'].map((one: unknown) =>
    isJsonObject(one) ? { price: value['pricePerMinute'], ...one } : one,
  )
  return { ...value, tools }
}
