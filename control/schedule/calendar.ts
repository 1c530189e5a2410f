import { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import { lunarDateOf } from './lunar.ts'
import { WEEKDAYS, type Repeat } from './schedule-port.ts'

/** A day as `YYYY-MM-DD`; such texts sort as the days do, up to the year 9999. */
export type Day = string

const DAY_MS = 86_400_000

/** Days since 1970-01-01. */
const epochDayOf = (day: Day): number => Date.parse(day) / DAY_MS
/** After 9999-12-31 comes +010000-01-01 (ISO 8601, expanded): the last day of four digits has an end too. */
const dayOf = (epochDay: number): Day => new Date(epochDay * DAY_MS).toISOString().split('T', 1)[0]!

export const addDays = (day: Day, days: number): Day => dayOf(epochDayOf(day) + days)

/** Whether the text is a day that the calendar has, of the years 1970 to 2199. */
export const isDay = (text: string): boolean => /^(?:19[7-9]|2[01]\d)\d-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text

/** Whether the text names a time zone. */
export function isZone(zone: string): boolean {
  try {
    // Offsets are no zones: they know nothing of summer time, and iCalendar cannot name them.
    return /^[A-Z]/.test(zone) && Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone).timeZoneId !== ''
  } catch {
    return false
  }
}

/** So many midnights are remembered; a search looks at some hundreds. */
const MOST_MIDNIGHTS = 20_000
const midnights = new Map<string, number>()

/** When a day begins somewhere. Remembered: thousands of items are planned on the same days, and the rules of a zone are slow to ask. */
function midnightOf(day: Day, zone: string): number {
  const key = `${day} ${zone}`
  const known = midnights.get(key)
  if (known !== undefined) return known
  if (midnights.size >= MOST_MIDNIGHTS) midnights.clear()
  const ms = Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: zone }).epochMilliseconds
  midnights.set(key, ms)
  return ms
}

/** The day it is somewhere. */
export function localDay(ms: number, zone: string): Day {
  // No place is further than a day from UTC.
  const utc = Math.floor(ms / DAY_MS)
  for (const day of [dayOf(utc + 1), dayOf(utc)]) if (midnightOf(day, zone) <= ms) return day
  return dayOf(utc - 1)
}

/** When it is `time` (`HH:MM:SS`) on a day somewhere, ms since 1970; a time that a clock change leaves out counts as if it had not (RFC 5545, 3.3.5). */
export function instantOf(day: Day, time: string, zone: string): number {
  const midnight = midnightOf(day, zone)
  // On a day of 24 hours no clock is changed.
  if (midnightOf(addDays(day, 1), zone) - midnight === DAY_MS) return midnight + (Number(time.slice(0, 2)) * 3600 + Number(time.slice(3, 5)) * 60 + Number(time.slice(6, 8))) * 1000
  return Temporal.PlainDateTime.from(`${day}T${time}`).toZonedDateTime(zone).epochMilliseconds
}

const PARTS_OF_DAYS = /^(?:FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)|(?:INTERVAL|COUNT|BYDAY|BYMONTHDAY|BYYEARDAY|BYWEEKNO|BYMONTH|BYSETPOS|WKST)=[\w,+-]+)$/

/** Whether it is a rule of RFC 5545 that chooses days; its end is said by the item's last day or by COUNT. */
export function isDayRule(rrule: string): boolean {
  if (!rrule.startsWith('FREQ=') || !rrule.split(';').every((part) => PARTS_OF_DAYS.test(part))) return false
  try {
    new RRuleTemporal({ rruleString: ruleText('2026-01-01', rrule), strict: true }).between(new Date(0), new Date(0))
    return true
  } catch {
    return false
  }
}

/** The RRULE of a repetition, without its name; null: it has none (single days, lunar days). */
export function rruleOf(repeat: Repeat): string | null {
  switch (repeat.kind) {
    case 'daily':
      return `FREQ=DAILY;INTERVAL=${String(repeat.every)}`
    case 'weekly':
      return `FREQ=WEEKLY;INTERVAL=${String(repeat.every)};WKST=MO;BYDAY=${repeat.weekdays.join(',')}`
    case 'monthly':
      return `FREQ=MONTHLY;BYMONTHDAY=${repeat.days.join(',')}`
    case 'rule':
      return repeat.rrule
    case 'once':
    case 'dates':
    case 'lunar':
      return null
  }
}

/** Reckoned in UTC, where every day has 24 h; the zone comes in with the time of the day. */
const ruleText = (firstDay: Day, rrule: string): string => `DTSTART:${firstDay.replaceAll('-', '')}T000000Z\nRRULE:${rrule}`

/** The days of a repetition from `from` to `to`, both inside, ascending; `firstDay` is where its counting begins. */
export function repeatDays(repeat: Repeat, firstDay: Day, from: Day, to: Day): readonly Day[] {
  const since = from > firstDay ? from : firstDay
  if (since > to) return []
  switch (repeat.kind) {
    case 'once':
      return since === firstDay ? [firstDay] : []
    case 'dates':
      return [...new Set(repeat.dates)].filter((day) => since <= day && day <= to).sort()
    case 'lunar':
      return daysFrom(since, to).filter((day) => isLunarDay(repeat, day))
    case 'daily':
      return daysFrom(since, to, (epochDay) => (epochDay - epochDayOf(firstDay)) % repeat.every === 0)
    case 'weekly': {
      const firstMonday = mondayOf(epochDayOf(firstDay))
      const weekdays = new Set(repeat.weekdays.map((weekday) => WEEKDAYS.indexOf(weekday)))
      return daysFrom(since, to, (epochDay) => weekdays.has(epochDay - mondayOf(epochDay)) && ((mondayOf(epochDay) - firstMonday) / 7) % repeat.every === 0)
    }
    case 'monthly':
      return daysFrom(since, to).filter((day) => repeat.days.includes(Number(day.slice(8))) || repeat.days.includes(Number(day.slice(8)) - daysOfMonth(day) - 1))
    case 'rule': {
      const rule = new RRuleTemporal({ rruleString: ruleText(firstDay, repeat.rrule) })
      return rule.between(new Date(epochDayOf(since) * DAY_MS), new Date(epochDayOf(to) * DAY_MS), true).map((at) => at.toPlainDate().toString())
    }
  }
}

/** Both inside; counted, not compared, so that the days after 9999 are no trap. */
export function daysFrom(from: Day, to: Day, isWanted: (epochDay: number) => boolean = () => true): Day[] {
  const [days, last]: [Day[], number] = [[], epochDayOf(to)]
  for (let epochDay = epochDayOf(from); epochDay <= last; epochDay++) if (isWanted(epochDay)) days.push(dayOf(epochDay))
  return days
}

/** 1970-01-01 was a Thursday. */
const mondayOf = (epochDay: number): number => epochDay - ((((epochDay + 3) % 7) + 7) % 7)
const daysOfMonth = (day: Day): number => new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate()

function isLunarDay({ days, months }: Extract<Repeat, { kind: 'lunar' }>, day: Day): boolean {
  const lunar = lunarDateOf(epochDayOf(day))
  return days.includes(lunar.day) && (months === null || (!lunar.leap && months.includes(lunar.month)))
}

const SOLAR_HOLIDAYS = new Set(['01-01', '04-30', '05-01', '09-02'])

/**
 * Viet Nam's public holidays (Labour Code 2019, article 112), as far as they are the same every year: New Year, Tết from the last day of the old lunar year to
 * the third of the new one, the Hùng Kings, 30 April, 1 May, 2 September. What the government moves or adds in a year belongs into an item's `except` or `dates`.
 */
export function isHoliday(day: Day): boolean {
  if (SOLAR_HOLIDAYS.has(day.slice(5))) return true
  const { month, day: lunarDay, leap } = lunarDateOf(epochDayOf(day))
  if (!leap && ((month === 3 && lunarDay === 10) || (month === 1 && lunarDay <= 3))) return true
  const next = lunarDateOf(epochDayOf(day) + 1)
  return next.month === 1 && next.day === 1 && !next.leap
}
