import { WEEKDAYS } from '../schedule/schedule-port.ts'
import type { VolumeWindow } from './policy-port.ts'

export const WEEK_MINUTES = 7 * 24 * 60
const DAY_MINUTES = 24 * 60

/** A stretch of the week at less than full volume; minutes from Monday, 00:00, [from, until). */
export interface VolumeStretch {
  readonly from: number
  readonly until: number
  /** 1 to 99. */
  readonly percent: number
}

/** The week as stretches that follow each other; where windows overlap, the quietest holds, and where there is none, full volume. */
export function volumeWeek(windows: readonly VolumeWindow[]): readonly VolumeStretch[] {
  const minutes = new Uint8Array(WEEK_MINUTES).fill(100)
  for (const { weekdays, from, to, percent } of windows) {
    const [start, end] = [minuteOf(from), minuteOf(to)]
    const length = end > start ? end - start : end - start + DAY_MINUTES
    for (const weekday of weekdays ?? WEEKDAYS) {
      const first = WEEKDAYS.indexOf(weekday) * DAY_MINUTES + start
      for (let minute = first; minute < first + length; minute++) minutes[minute % WEEK_MINUTES] = Math.min(minutes[minute % WEEK_MINUTES]!, percent)
    }
  }
  const stretches: VolumeStretch[] = []
  for (let from = 0; from < WEEK_MINUTES; ) {
    const percent = minutes[from]!
    let until = from + 1
    while (until < WEEK_MINUTES && minutes[until] === percent) until++
    if (percent < 100) stretches.push({ from, until, percent })
    from = until
  }
  return stretches
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
