/** A day of the calendar, `YYYY-MM-DD`; such texts sort as the days do. */
export type Day = string

export const DAY_MS = 86_400_000
export const MINUTE_MS = 60_000
/** Viet Nam is always so far ahead of UTC. */
const HOUSE_OFFSET_MS = 7 * 3_600_000

export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export const addDays = (day: Day, days: number): Day => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
export const daysBetween = (from: Day, to: Day): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS)
/** 0 is Monday, with which weeks begin here. */
export const weekdayOf = (day: Day): number => (new Date(Date.parse(day)).getUTCDay() + 6) % 7
export const mondayOf = (day: Day): Day => addDays(day, -weekdayOf(day))

/** What clocks in Viet Nam show, `YYYY-MM-DDTHH:MM:SS`. */
export const wallOf = (ms: number): string => new Date(ms + HOUSE_OFFSET_MS).toISOString().slice(0, 19)
export const houseDay = (ms: number): Day => wallOf(ms).slice(0, 10)
export const todayHere = (): Day => houseDay(Date.now())
/** When it is that time in Viet Nam, ms since 1970. @param wall `YYYY-MM-DDTHH:MM[:SS]` */
export const instantOf = (wall: string): number => Date.parse(`${wall}Z`) - HOUSE_OFFSET_MS

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
