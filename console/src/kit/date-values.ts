import type { CalendarDate, CalendarDateTime, Time } from '@internationalized/date'

export type Moment = CalendarDate | CalendarDateTime | Time

/** What a text of a form means; null: nothing, or not what it should be. */
export function valueIn<Value extends Moment>(text: string, parse: (text: string) => Value): Value | null {
  try {
    return text === '' ? null : parse(text)
  } catch {
    return null
  }
}

/** Somebody who types `2026` has typed the years 2, 20 and 202 before. */
const FIRST_YEAR = 1000

/** As a form holds it: `2026-11-22`, `05:30`, `05:30:15`, `2026-11-22T05:30`; empty: nothing yet. */
export function textOf(value: Moment | null): string {
  if (value === null || ('year' in value && value.year < FIRST_YEAR)) return ''
  return value.toString().replace(/(\d\d:\d\d):00$/, '$1')
}
