import type { OrderRecord } from '../../control/ports.ts'

export interface HistoryRules {
  /** Orders over for less than this are always taken. */
  readonly forgetAfterMs: number
  /** And never more than this. */
  readonly maxBackMs: number
}

/**
 * The orders that are over and still decide what sounds now. An emergency that has cut a clip order decides where that goes
 * on, so the history reaches back to the start of every clip order that is not over; and where an earlier one had its place
 * shifted likewise, back to the start of that one, and so on.
 * @param overSince orders that have begun by now, are over, and ended after the given moment
 */
export function historyOf(unfinished: readonly OrderRecord[], overSince: (sinceMs: number) => readonly OrderRecord[], nowMs: number, rules: HistoryRules): readonly OrderRecord[] {
  const earliestClips = (orders: readonly OrderRecord[]): number => Math.min(Infinity, ...orders.filter(({ clipIds }) => clipIds !== null).map(({ startsAtMs }) => startsAtMs))
  const floorMs = nowMs - rules.maxBackMs
  let sinceMs = Math.min(nowMs - rules.forgetAfterMs, earliestClips(unfinished))
  for (;;) {
    sinceMs = Math.max(sinceMs, floorMs)
    const over = overSince(sinceMs)
    const earlierMs = earliestClips(over)
    if (earlierMs >= sinceMs || sinceMs === floorMs) return over
    sinceMs = earlierMs
  }
}
