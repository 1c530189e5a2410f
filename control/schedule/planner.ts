import { occurrencesOf, type Occurrence } from './occurrences.ts'
import type { ScheduleItemRecord, SchedulePlayRecord } from './schedule-port.ts'

/** What is kept of a play, and how its order stands. */
export interface KnownPlay extends SchedulePlayRecord {
  /** Whether a person has stopped its order. */
  readonly stopped: boolean
}

export interface ItemPlan {
  /** Occurrences that need an order. */
  readonly make: readonly Occurrence[]
  /** Plays to come whose order does not stand in the schedule any more. */
  readonly withdraw: readonly KnownPlay[]
}

/**
 * What must be done so that the orders of an item are those of its schedule up to the horizon. What has begun stays as it is; what a person has stopped, and
 * what was missed, is not given again; nor is what lies beyond the horizon touched, for the clock may have been set back. Doing it and planning again leads to
 * nothing to do.
 * @param known plays of the item, back to the day before yesterday at least: moved to a later time of its day, a play stays the one that has been
 * @param sinceMs starts before it are nobody's any more
 */
export function planItem(item: ScheduleItemRecord, lengthMs: number, known: readonly KnownPlay[], { nowMs, sinceMs, horizonMs }: { readonly nowMs: number; readonly sinceMs: number; readonly horizonMs: number }): ItemPlan {
  const wanted = item.enabled ? occurrencesOf(item, lengthMs, nowMs, horizonMs).filter(({ startsAtMs }) => startsAtMs >= Math.max(sinceMs, item.changedAtMs)) : []
  const keys = new Set(wanted.map(({ key }) => key))
  const withdraw = known.filter(({ occurrence, version, startsAtMs, orderId, stopped }) => orderId !== null && !stopped && startsAtMs > nowMs && (version !== item.version || (startsAtMs < horizonMs && !keys.has(occurrence))))
  const withdrawn = new Set(withdraw.map(({ occurrence }) => occurrence))
  const settled = new Set(known.map(({ occurrence }) => occurrence).filter((occurrence) => !withdrawn.has(occurrence)))
  return { make: wanted.filter(({ key }) => !settled.has(key)), withdraw }
}

/** A start that nobody was there for. */
export interface MissedStart {
  readonly item: ScheduleItemRecord
  readonly occurrence: Occurrence
  /** Whether its order was given before; it then goes on as if it had begun in time. */
  readonly ordered: boolean
}

export type MissedOutcome = 'join' | 'late' | 'leave-out'

/**
 * What becomes of each missed start, by its item's rule. Of those that would be played late on the same cluster one alone is, the weightiest and then the
 * latest, so that nobody hears the programmes of a whole night in a row.
 */
export function judgeMissed(missed: readonly MissedStart[], nowMs: number, shareCluster: (a: ScheduleItemRecord, b: ScheduleItemRecord) => boolean): ReadonlyMap<MissedStart, MissedOutcome> {
  const outcomes = new Map<MissedStart, MissedOutcome>()
  const late: MissedStart[] = []
  for (const start of missed) {
    const { item, occurrence, ordered } = start
    const inProgress = item.missed === 'join' && occurrence.endsAtMs > nowMs && (ordered || item.sourceId !== null)
    outcomes.set(start, inProgress ? 'join' : 'leave-out')
    if (item.missed === 'late' && nowMs - occurrence.startsAtMs <= item.lateLimitMs) late.push(start)
  }
  const standing = ({ item }: MissedStart): number => (item.class === 'priority' ? 0 : 1)
  late.sort((a, b) => standing(a) - standing(b) || b.occurrence.startsAtMs - a.occurrence.startsAtMs || (a.item.id < b.item.id ? -1 : 1))
  const chosen: MissedStart[] = []
  for (const start of late) {
    if (chosen.some(({ item }) => item.id === start.item.id || shareCluster(item, start.item))) continue
    chosen.push(start)
    outcomes.set(start, 'late')
  }
  return outcomes
}
