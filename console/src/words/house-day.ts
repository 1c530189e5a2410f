/** A day of the calendar in Viet Nam, `2026-06-19`; such texts sort as the days do. */
export type Day = string

export const DAY_MS = 86_400_000
/** Viet Nam is always so far ahead of UTC. */
const HOUSE_OFFSET_MS = 7 * 3_600_000

export const addDays = (day: Day, days: number): Day => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
export const daysBetween = (from: Day, to: Day): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS)
/** 0 is Monday, with which weeks begin here. */
export const weekdayOf = (day: Day): number => (new Date(Date.parse(day)).getUTCDay() + 6) % 7
export const mondayOf = (day: Day): Day => addDays(day, -weekdayOf(day))

/** What clocks in Viet Nam show, `2026-06-19T05:30:00`. */
export const wallOf = (ms: number): string => new Date(ms + HOUSE_OFFSET_MS).toISOString().slice(0, 19)
export const houseDay = (ms: number): Day => wallOf(ms).slice(0, 10)
/** When it is that time in Viet Nam, ms since 1970. @param wall `2026-06-19T05:30[:00]` */
export const instantOf = (wall: string): number => Date.parse(`${wall}Z`) - HOUSE_OFFSET_MS
/** Its first moment, as the API wants moments. */
export const startOf = (day: Day): string => `${day}T00:00:00+07:00`
