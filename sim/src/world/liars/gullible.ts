import {
  cosignRequests,
  Notice,
  peekDocument,
  receiptsAnswers,
  sessionAnswers,
  signDocument,
  workAnswers,
  workRequests,
  type Scope,
  type Signer,
} from '@orien/protocol'
import type { FrameBends } from './bend.ts'

/** A scope in which every signature is good: a liar may tell its own logic what it likes. */
export function gullible(scope: Scope): Scope {
  return { ...scope, crypto: { ...scope.crypto, verify: () => true }, seen: [], path: [] }
}

/** Shows a party's own logic other Notices than came. It must be gullible. */
export function bendNotices(scope: Scope, signer: Signer, change: (notice: Notice) => Notice): FrameBends {
  const other = (bytes: Uint8Array): Uint8Array =>
    signDocument(scope, signer, Notice, change(peekDocument(scope, Notice, bytes).value)).bytes
  return {
    // What was made up here is shown to nobody else.
    out: (frame, { protocol }) => {
      if (protocol !== 'work') return frame
      const request = workRequests.decode(frame)
      if (request.notice !== undefined) return undefined
      if (request.attach?.notice === undefined) return frame
      const { notice: _madeUp, ...attach } = request.attach
      return workRequests.encode({ ...request, attach })
    },
    in: (frame, { protocol }) => {
      if (protocol === 'work') {
        const answer = workAnswers.decode(frame)
        if (answer.notice !== undefined) return workAnswers.encode({ ...answer, notice: other(answer.notice) })
      } else if (protocol === 'receipts') {
        const answer = receiptsAnswers.decode(frame)
        if (answer.notice !== undefined) return receiptsAnswers.encode({ ...answer, notice: other(answer.notice) })
      } else if (protocol === 'session') {
        const answer = sessionAnswers.decode(frame)
        if (answer.notice !== undefined) return sessionAnswers.encode({ ...answer, notice: other(answer.notice) })
      } else if (protocol === 'cosign') {
        const request = cosignRequests.decode(frame)
        if (request.notice !== undefined) return cosignRequests.encode({ ...request, notice: other(request.notice) })
      }
      return frame
    },
  }
}
