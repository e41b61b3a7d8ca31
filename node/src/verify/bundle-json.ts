import { fromHex, hex, OrienError } from '@orien/protocol'
import { z } from 'zod'
import type { EvidenceBundle } from './evidence.ts'

const envelope = z.string().transform((text, context): Uint8Array => {
  const bytes = fromHex(text)
  if (bytes !== undefined) return bytes
  context.addIssue({ code: 'custom', message: 'write an envelope as hex' })
  return z.NEVER
})

const schema = z.strictObject({
  offer: envelope.optional(),
  grant: envelope,
  calls: z.array(z.strictObject({ authorisation: envelope, receipt: envelope })),
  acks: z.array(envelope),
  statements: z.array(envelope),
  payouts: z.array(envelope),
})

/** Evidence as JSON: envelopes in hex. */
export function bundleToJson({
  offer,
  grant,
  calls,
  acks,
  statements,
  payouts,
}: EvidenceBundle): z.input<typeof schema> {
  return {
    ...(offer === undefined ? {} : { offer: hex(offer) }),
    grant: hex(grant),
    calls: calls.map((call) => ({ authorisation: hex(call.authorisation), receipt: hex(call.receipt) })),
    acks: acks.map(hex),
    statements: statements.map(hex),
    payouts: payouts.map(hex),
  }
}

/** Evidence of JSON text. Throws `badDocument` naming the field. */
export function bundleFromJson(text: string, file: string): EvidenceBundle {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new OrienError('badDocument', { message: `${file} is not JSON`, cause })
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) throw new OrienError('badDocument', { message: `${file}: ${z.prettifyError(parsed.error)}` })
  const { offer, ...rest } = parsed.data
  return { ...rest, ...(offer === undefined ? {} : { offer }) }
}
