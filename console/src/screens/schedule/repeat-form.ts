import { WEEKDAYS, type Weekday } from './days.ts'
import { weekdayOf, type Day } from '../../words/house-day.ts'
import type { Repeat } from './item-types.ts'

/** How a repetition is chosen: `weekdays` is Monday to Friday. A `rule` comes from elsewhere and is kept as it is. */
export const PATTERNS = ['once', 'daily', 'weekdays', 'weekly', 'monthly', 'lunar', 'dates', 'rule'] as const
export type Pattern = (typeof PATTERNS)[number]

/** What is filled in; what the chosen pattern does not use is kept, for who changes his mind. */
export interface RepeatForm {
  readonly pattern: Pattern
  /** Days or weeks from one to the next; null while the field is empty. */
  readonly every: number | null
  readonly weekdays: readonly Weekday[]
  /** 1 to 31; -1 is the last of the month. */
  readonly monthDays: readonly number[]
  readonly lunarDays: readonly number[]
  /** Empty: all. */
  readonly lunarMonths: readonly number[]
  readonly dates: readonly Day[]
  readonly rrule: string
}

const WORKDAYS: readonly Weekday[] = ['MO', 'TU', 'WE', 'TH', 'FR']

/** With what is most likely wanted when a pattern is chosen: the weekday and the date of the first day, the first and the fifteenth of the moon. */
export const newRepeatForm = (firstDay: Day): RepeatForm => ({
  pattern: 'once', every: 1, weekdays: [WEEKDAYS[weekdayOf(firstDay)]!], monthDays: [Number(firstDay.slice(8))], lunarDays: [1, 15], lunarMonths: [], dates: [firstDay], rrule: '',
})

export function repeatFormOf(repeat: Repeat, firstDay: Day): RepeatForm {
  const form = newRepeatForm(firstDay)
  switch (repeat.kind) {
    case 'once':
      return form
    case 'daily':
      return { ...form, pattern: 'daily', every: repeat.every ?? 1 }
    case 'weekly': {
      const weekdays = inOrder(repeat.weekdays ?? form.weekdays)
      const every = repeat.every ?? 1
      return { ...form, pattern: every === 1 && weekdays.join() === WORKDAYS.join() ? 'weekdays' : 'weekly', every, weekdays }
    }
    case 'monthly':
      return { ...form, pattern: 'monthly', monthDays: sorted(repeat.days ?? []) }
    case 'lunar':
      return { ...form, pattern: 'lunar', lunarDays: sorted(repeat.days ?? []), lunarMonths: sorted(repeat.months ?? []) }
    case 'dates':
      return { ...form, pattern: 'dates', dates: [...(repeat.dates ?? [])].sort() }
    case 'rule':
      return { ...form, pattern: 'rule', rrule: repeat.rrule ?? '' }
  }
}

export function repeatOf(form: RepeatForm): Repeat {
  switch (form.pattern) {
    case 'once':
      return { kind: 'once' }
    case 'daily':
      return { kind: 'daily', ...everyOf(form) }
    case 'weekdays':
      return { kind: 'weekly', weekdays: [...WORKDAYS], every: 1 }
    case 'weekly':
      return { kind: 'weekly', weekdays: inOrder(form.weekdays), ...everyOf(form) }
    case 'monthly':
      return { kind: 'monthly', days: sorted(form.monthDays) }
    case 'lunar':
      return { kind: 'lunar', days: sorted(form.lunarDays), ...(form.lunarMonths.length === 0 ? {} : { months: sorted(form.lunarMonths) }) }
    case 'dates':
      return { kind: 'dates', dates: [...form.dates].sort() }
    case 'rule':
      return { kind: 'rule', rrule: form.rrule }
  }
}

/** Days of a month that somebody wrote, `1, 15, cuối`: numbers, and a word for the last. @returns null when one is none */
export function readDays(text: string, most: number): number[] | null {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '')
  const days = parts.map((part) => (/^\d{1,2}$/.test(part) && Number(part) >= 1 && Number(part) <= most ? Number(part) : null))
  return days.includes(null) ? null : sorted(days as number[])
}

const everyOf = ({ every }: RepeatForm): Pick<Repeat, 'every'> => (every === null ? {} : { every })
const inOrder = (weekdays: readonly Weekday[]): Weekday[] => WEEKDAYS.filter((weekday) => weekdays.includes(weekday))
/** Days from the end of the month come last. */
const sorted = (days: readonly number[]): number[] => [...new Set(days)].sort((a, b) => (a < 0 ? a + 100 : a) - (b < 0 ? b + 100 : b))
