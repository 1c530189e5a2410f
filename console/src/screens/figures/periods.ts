import { addDays, daysBetween, mondayOf, startOf } from '../../words/house-day.ts'

/** Days are `2026-06-18`, of the loudspeakers' time. */
export interface DaySpan {
  /** First day. */
  readonly from: string
  /** Last day. */
  readonly to: string
}

export const PERIODS = ['day', 'week', 'month', 'quarter', 'year', 'report', 'own'] as const
export type Period = (typeof PERIODS)[number]
/** Until when units send their yearly reports; which one is theirs is a rule of the province. */
export const REPORT_DATES = ['12-05', '12-15', '12-20', '12-25'] as const

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const two = (value: number): string => String(value).padStart(2, '0')

/** The period of a kind that holds a day; `report`: the year so far up to the date of the report that `day` names. */
export function spanOf(period: Exclude<Period, 'own'>, day: string): DaySpan {
  const [year = 0, month = 1] = day.split('-').map(Number)
  const endOfMonth = (last: number): string => dayOf(Date.UTC(year, last, 0))
  switch (period) {
    case 'day': return { from: day, to: day }
    case 'week': {
      const from = mondayOf(day)
      return { from, to: addDays(from, 6) }
    }
    case 'month': return { from: `${String(year)}-${two(month)}-01`, to: endOfMonth(month) }
    case 'quarter': {
      const first = Math.floor((month - 1) / 3) * 3 + 1
      return { from: `${String(year)}-${two(first)}-01`, to: endOfMonth(first + 2) }
    }
    case 'year': return { from: `${String(year)}-01-01`, to: `${String(year)}-12-31` }
    case 'report': return { from: `${String(year)}-01-01`, to: day }
  }
}

/** The period before or after, of the same kind. */
export function shifted(period: Exclude<Period, 'own'>, { from, to }: DaySpan, by: -1 | 1): DaySpan {
  if (period === 'report') return { from: `${String(Number(from.slice(0, 4)) + by)}${from.slice(4)}`, to: `${String(Number(to.slice(0, 4)) + by)}${to.slice(4)}` }
  return spanOf(period, by === 1 ? addDays(to, 1) : addDays(from, -1))
}

/** As the API wants moments: from the first ms of the first day to that after the last. */
export const momentsOf = ({ from, to }: DaySpan): { readonly from: string; readonly to: string } => ({ from: startOf(from), to: startOf(addDays(to, 1)) })

export type Step = 'day' | 'week' | 'month' | 'year'

/** How finely a span is shown: some ten to sixty points. */
export function stepOf({ from, to }: DaySpan): Step {
  const days = daysBetween(from, to) + 1
  return days <= 62 ? 'day' : days <= 186 ? 'week' : days <= 1100 ? 'month' : 'year'
}

/** Keys of the API for every step of a span, also of those without a figure. */
export function keysOf(span: DaySpan, step: Step): readonly string[] {
  const keys = new Set<string>()
  for (let day = span.from; day <= span.to; day = addDays(day, 1)) keys.add(step === 'day' ? day : step === 'week' ? spanOf('week', day).from : day.slice(0, step === 'month' ? 7 : 4))
  return [...keys]
}

/** When what a key names begins, s since 1970. */
export const beginOf = (key: string): number => Date.parse(startOf(`${key}${'-01-01'.slice(key.length === 4 ? 0 : key.length === 7 ? 3 : 6)}`)) / 1000
