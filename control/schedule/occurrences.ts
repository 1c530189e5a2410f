import { addDays, instantOf, isHoliday, localDay, repeatDays, type Day } from './calendar.ts'
import type { ScheduleItemRecord } from './schedule-port.ts'

/** One planned play of an item; times are ms since 1970, [start, end). */
export interface Occurrence {
  /** Names it within the item, whatever the time of the day: `2026-06-18.1`. */
  readonly key: string
  readonly startsAtMs: number
  readonly endsAtMs: number
}

type Timing = Pick<ScheduleItemRecord, 'zone' | 'time' | 'firstDay' | 'lastDay' | 'repeat' | 'except' | 'holidays' | 'plays' | 'gapMs'>

/** The plays of a day begin within 24 h of its first, and a window lasts no longer than a day. */
export const MOST_SPAN_MS = 86_400_000

/** The days on which an item plays, from `from` to `to`, both inside. */
export function daysOf(item: Timing, from: Day, to: Day): readonly Day[] {
  const last = item.lastDay !== null && item.lastDay < to ? item.lastDay : to
  return repeatDays(item.repeat, item.firstDay, from, last).filter((day) => {
    if (item.except.includes(day)) return false
    return item.holidays === 'play' || isHoliday(day) === (item.holidays === 'only')
  })
}

/**
 * All plays of an item that lie in [fromMs, untilMs) with any part of theirs, by start.
 * @param lengthMs of one play, at most MOST_SPAN_MS
 */
export function occurrencesOf(item: Timing, lengthMs: number, fromMs: number, untilMs: number): readonly Occurrence[] {
  if (untilMs <= fromMs) return []
  // A play may have begun on a day before, and be the last of a series that began before that.
  const from = addDays(localDay(fromMs, item.zone), -3)
  const found: Occurrence[] = []
  for (const day of daysOf(item, from, localDay(untilMs, item.zone))) {
    const first = instantOf(day, item.time, item.zone)
    for (let play = 1; play <= item.plays; play++) {
      const startsAtMs = first + (play - 1) * (lengthMs + item.gapMs)
      const endsAtMs = startsAtMs + lengthMs
      if (startsAtMs < untilMs && endsAtMs > fromMs) found.push({ key: `${day}.${String(play)}`, startsAtMs, endsAtMs })
    }
  }
  // Plays of one day reach into the next, and a clock that is set back brings two days nearer to each other.
  return found.sort((a, b) => a.startsAtMs - b.startsAtMs)
}
