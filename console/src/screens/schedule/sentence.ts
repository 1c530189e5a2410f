import { clockMs, clockText, dayText, MINUTE_MS, WEEKDAYS } from './days.ts'
import { weekdayOf, type Day } from '../../words/house-day.ts'
import type { Item, Repeat } from './item-types.ts'
import type { SentenceWord } from './sentence-words.ts'

export type SaySentence = (key: SentenceWord, values?: Readonly<Record<string, string | number>>) => string
export type Timing = Pick<Item, 'time' | 'firstDay' | 'lastDay' | 'repeat' | 'except' | 'holidays' | 'plays' | 'gapMs' | 'playMs'>

/** On which days, in one phrase: `Thứ 2–6`, `Ngày 1 và 15 âm lịch`. */
export function repeatPhrase(repeat: Repeat, firstDay: Day, today: Day, say: SaySentence): string {
  switch (repeat.kind) {
    case 'once':
      return say('once', { weekday: weekdayPhrase([weekdayOf(firstDay)], say), day: dayText(firstDay, today) })
    case 'daily':
      return say('daily', { every: repeat.every ?? 1 })
    case 'weekly': {
      const numbers = WEEKDAYS.flatMap((weekday, index) => (repeat.weekdays?.includes(weekday) === true ? [index] : []))
      const every = repeat.every ?? 1
      return numbers.length === WEEKDAYS.length && every === 1 ? say('daily', { every }) : say('weekly', { weekdays: weekdayPhrase(numbers, say), every })
    }
    case 'monthly':
      return say('monthly', { days: list((repeat.days ?? []).map((day) => (day > 0 ? String(day) : day === -1 ? say('lastDay') : say('dayFromEnd', { day: -day }))), say) })
    case 'lunar': {
      const days = list((repeat.days ?? []).map(String), say)
      return repeat.months === undefined || repeat.months.length === 0 ? say('lunar', { days }) : say('lunarMonths', { days, months: list(repeat.months.map(String), say) })
    }
    case 'dates':
      return say('dates', { days: list([...(repeat.dates ?? [])].sort().slice(0, MOST_DATES).map((day) => dayText(day, today)), say), more: Math.max(0, (repeat.dates ?? []).length - MOST_DATES) })
    case 'rule':
      return say('rule', { rule: repeat.rrule ?? '' })
  }
}

/** So many single days are named. */
const MOST_DATES = 5

/** All of it in one sentence: `Thứ 2–6, 05:00–05:30, từ 1/12`. */
export function itemSentence({ time, firstDay, lastDay, repeat, except, holidays, plays, gapMs, playMs }: Timing, today: Day, say: SaySentence): string {
  const startMs = clockMs(time)
  const isAgain = repeat.kind !== 'once' && repeat.kind !== 'dates'
  return [
    repeatPhrase(repeat, firstDay, today, say),
    playMs > 0 ? `${clockText(startMs)}–${clockText(startMs + playMs)}` : clockText(startMs),
    ...(plays > 1 ? [say('plays', { plays, minutes: Math.round(gapMs / MINUTE_MS) })] : []),
    ...(isAgain && firstDay > today ? [say('from', { day: dayText(firstDay, today) })] : []),
    ...(isAgain && lastDay !== null ? [say('until', { day: dayText(lastDay, today) })] : []),
    ...(holidays === 'play' ? [] : [say(holidays === 'skip' ? 'noHolidays' : 'onlyHolidays')]),
    ...(except.length === 0 ? [] : [say('except', { days: list(except.slice(0, MOST_DATES).map((day) => dayText(day, today)), say), more: Math.max(0, except.length - MOST_DATES) })]),
  ].join(', ')
}

/** `Thứ 2–4, 6`: three or more in a row are told by their ends. @param numbers ascending, 0 is Monday */
export function weekdayPhrase(numbers: readonly number[], say: SaySentence): string {
  const SUNDAY = 6
  if (numbers.length === 1 && numbers[0] === SUNDAY) return say('sunday')
  const names = [say('mo'), say('tu'), say('we'), say('th'), say('fr'), say('sa'), say('su')]
  const runs: number[][] = []
  for (const number of numbers) {
    const run = runs.at(-1)
    if (run !== undefined && run.at(-1) === number - 1) run.push(number)
    else runs.push([number])
  }
  const parts = runs.flatMap((run) => (run.length >= 3 ? [`${names[run[0]!]!}–${names[run.at(-1)!]!}`] : run.map((number) => names[number]!)))
  return say('weekdayList', { list: parts.join(', ') })
}

/** `1, 15 và 30`. */
const list = (parts: readonly string[], say: SaySentence): string => (parts.length < 2 ? parts.join('') : say('and', { first: parts.slice(0, -1).join(', '), last: parts.at(-1)! }))
