/** Upper bound of the wait before the next attempt, as a part of the time the server has been away. */
const PART_OF_ABSENCE = 10
const MIN_CAP_MS = 500
const MAX_CAP_MS = 30_000
/** An attempt that is not welcomed within this is given up; early attempts are short, as the first packet may have been lost in the cut. */
const MIN_ATTEMPT_MS = 700
const MAX_ATTEMPT_MS = 10_000
/** Somebody else has this identity now: coming back at once would throw him out again, for ever. */
const REPLACED_MS = 60_000
/** What only a person can put right: key rotated, cluster disabled or removed, refused. */
const REFUSED_MS = 30_000

/** Codes of server/protocol.md, «Close codes». */
const CLOSE_REPLACED = 4009
const CLOSE_REFUSED = 4401
const CLOSES_FOR_PEOPLE = new Set([4001, 4003, 4004, 4400, CLOSE_REFUSED])

export interface Ending {
  readonly code: number
  readonly reason: string
  /** Asked for by the server in the problem before the close, ms. */
  readonly retryAfterMs?: number | undefined
}

/**
 * How long to wait before the next attempt: a random part of a bound that grows with the time the server has been away (full jitter), so a
 * short cut is over in half a second, and ten thousand devices do not come back in one wave after a long one.
 * @param absentMs since the last time the server was heard
 * @param random from 0 to 1
 */
export function retryDelayMs(ending: Ending, absentMs: number, random: number): number {
  if (ending.retryAfterMs !== undefined) return ending.retryAfterMs * (1 + random / 4)
  if (ending.code === CLOSE_REPLACED) return REPLACED_MS * (1 + random)
  if (CLOSES_FOR_PEOPLE.has(ending.code)) return REFUSED_MS * (1 + random)
  return random * Math.min(MAX_CAP_MS, Math.max(MIN_CAP_MS, absentMs / PART_OF_ABSENCE))
}

/** How long an attempt may take, from its start to the welcome. */
export const attemptTimeoutMs = (absentMs: number): number => Math.min(MAX_ATTEMPT_MS, Math.max(MIN_ATTEMPT_MS, absentMs / PART_OF_ABSENCE))
