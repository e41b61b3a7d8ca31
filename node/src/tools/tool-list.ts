import { LIMITS } from '@orien/protocol'
import { z } from 'zod'
import type { ToolDefinition } from './tool-definition.ts'

/** One to 64 tools, no two with one id. */
export function toolList<T extends z.ZodType<ToolDefinition>>(tool: T): z.ZodArray<T> {
  return z
    .array(tool)
    .min(1, 'describe at least one tool')
    .max(LIMITS.maxToolsPerOffer, `describe at most ${LIMITS.maxToolsPerOffer} tools`)
    .superRefine((tools, context) => {
      for (const [at, { toolId }] of tools.entries()) {
        if (tools.findIndex((one) => one.toolId === toolId) === at) continue
        context.addIssue({
          code: 'custom',
          path: [at, 'id'],
          message: 'another tool has this id; choose a different one',
          input: toolId,
        })
      }
    })
}
