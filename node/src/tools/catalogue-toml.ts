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
import { defineTool, type RawTool } from './tool-definition.ts'
import { toolList } from './tool-list.ts'

const tool = z
  .strictObject({
    id: toolId,
    name: line(LIMITS.maxNameBytes, 1).optional(),
    description: line(LIMITS.maxDescriptionBytes).default(''),
    command: z
      .array(z.string(), 'write the program and its arguments as a list, for example ["tsc", "--outDir", "dist"]')
      .min(1, 'name a program'),
    schema: z
      .union([z.string(), z.record(z.string(), z.unknown())], 'write a JSON Schema as a table or as JSON text')
      .optional(),
    price,
    maxDurationSeconds,
    limits,
    inputs: globs.default([]),
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
      inputs,
      outputs,
      maxDurationSeconds: seconds,
      price: priceMicrosPerMin,
      schema,
      ...rest
    } = value
    const raw: RawTool = {
      ...rest,
      toolId: id,
      name,
      schema,
      fileInputs: inputs,
      fileOutputs: outputs,
      maxMs: seconds * 1_000,
      priceMicrosPerMin,
    }
    return defineTool(raw, 'schema', context) ?? z.NEVER
  })

/** `provider.toml`. */
export const tomlCatalogue = z.strictObject({
  provider: z.strictObject({ name: line(LIMITS.maxNameBytes, 1), ens: ensName.optional(), ...providerFields }),
  tools: toolList(tool),
})
