import { DAY_MS, houseDay, type Day } from '../../words/house-day.ts'

export const MINUTE_MS = 60_000

export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export const todayHere = (): Day => houseDay(Date.now())

/** Of `HH:MM` or `HH:MM:SS`, ms since midnight; NaN when it is none. */
export function clockMs(time: string): number {
  const match = /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(time)
  return match === null ? Number.NaN : (Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0)) * 1000
}

/** `05:30`, or `05:30:15` where seconds count; of the day, whatever is added to it. */
export function clockText(ms: number): string {
  const text = new Date((((Math.round(ms / 1000) * 1000) % DAY_MS) + DAY_MS) % DAY_MS).toISOString().slice(11, 19)
  return text.endsWith(':00') ? text.slice(0, 5) : text
}

/** A day as people write it: `1/12`, with the year when it is another than that of `today`. */
export function dayText(day: Day, today: Day): string {
  const [year, month, date] = day.split('-')
  return `${String(Number(date))}/${String(Number(month))}${today.startsWith(`${year ?? ''}-`) ? '' : `/${year ?? ''}`}`
}
