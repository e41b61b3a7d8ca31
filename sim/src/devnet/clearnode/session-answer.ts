import type { Answer } from './context.ts'
import type { SessionRow } from './tables.ts'

/** Answers to create, submit and close carry id, version and status only; the other fields are there, empty. */
export const sessionAnswer = (method: string, { id, version, status }: SessionRow): Answer => ({
  method,
  params: {
    app_session_id: id,
    application: '',
    status,
    participants: null,
    protocol: '',
    challenge: 0,
    weights: null,
    quorum: 0,
    version: BigInt(version),
    nonce: 0,
    created_at: '',
    updated_at: '',
  },
})
