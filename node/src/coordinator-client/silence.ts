import { isOrienError, type Grant } from '@orien/protocol'

/** A coordinator that was not heard of by then may be left out: agent and provider close the channel by an Exit. */
export function exitDueMs(grant: Grant): number {
  return grant.expiresAtMs + grant.collectMs + grant.contestMs
}

/** True for an error that says the coordinator is not there, false for one that it answered with. */
export function isSilence(error: unknown): boolean {
  return isOrienError(error, 'unreachable') || isOrienError(error, 'timedOut') || isOrienError(error, 'streamClosed')
}

/**
 * True for an error that says that the coordinator will never close a session: it is not there, or does not know it any more, as after a
 * back-up that was older.
 */
export function isGone(error: unknown): boolean {
  return isSilence(error) || isOrienError(error, 'unknownSession')
}
