import { clockMs, clockText, WEEKDAYS, type Weekday } from './days.ts'
import { addDays, DAY_MS, weekdayOf, type Day } from '../../words/house-day.ts'
import { bodyOf, type Change, type Item, type NewItem, type Repeat } from './item-types.ts'
import type { Plan } from './steps.ts'

/** Which plays of an item a change means. */
export const SCOPES = ['this', 'following', 'all'] as const
export type Scope = (typeof SCOPES)[number]

/** What a hand has done to a play. Shifts hold in the item's own time zone too, unless a clock is changed in between. */
export interface Shift {
  /** How much later it begins. */
  readonly startMs: number
  /** Its new length; null: as it was. */
  readonly lengthMs: number | null
}

/** The day of a play, out of the name of its occurrence, `2026-06-18.1`. */
export const dayOfPlay = (occurrence: string): Day => occurrence.slice(0, 10)

/** Whether an item plays more than once, so that a change must say what it means. */
export const isRepeating = ({ repeat }: Pick<Item, 'repeat'>): boolean => !(repeat.kind === 'once' || (repeat.kind === 'dates' && (repeat.dates ?? []).length < 2))

/**
 * Moves or stretches a play, it and all after it, or all.
 * @returns null when no rule says it: a monthly or lunar item cannot go to another day as a whole
 */
export function moved(item: Item, occurrence: string, shift: Shift, scope: Scope): Plan | null {
  const day = dayOfPlay(occurrence)
  if (!isRepeating(item)) return whole(item, day, shift)
  if (scope === 'all') return whole(item, day, shift)
  if (scope === 'this') {
    const { days, time } = shifted(item, shift)
    const body: NewItem = { ...bodyOf(item), ...lengthOf(shift), time, firstDay: addDays(day, days), lastDay: null, repeat: { kind: 'once' }, except: [], holidays: 'play' }
    return { steps: [{ kind: 'change', id: item.id, change: { except: [...item.except, day] } }, { kind: 'create', body }], otherwise: whole(item, day, shift)?.steps ?? null }
  }
  return following(item, day, (rest) => changeOf(rest, day, shift))
}

/** Leaves a play out, it and all after it, or removes all. */
export function left(item: Item, occurrence: string, scope: Scope): Plan {
  const day = dayOfPlay(occurrence)
  const remove: Plan = { steps: [{ kind: 'remove', id: item.id }], otherwise: null }
  if (scope === 'all' || !isRepeating(item)) return remove
  // Nothing is left of it when the server says so.
  const change: Change = scope === 'this' ? { except: [...item.except, day] } : { lastDay: addDays(day, -1) }
  return scope === 'following' && day <= item.firstDay ? remove : { steps: [{ kind: 'change', id: item.id, change }], otherwise: remove.steps }
}

/** Changes a play, it and all after it, or all, to what a form says of all. */
export function changed(item: Item, occurrence: string, change: Change, scope: Scope): Plan | null {
  const day = dayOfPlay(occurrence)
  const all: Plan = { steps: [{ kind: 'change', id: item.id, change }], otherwise: null }
  if (scope === 'all' || !isRepeating(item)) return all
  if (scope === 'following') return following(item, day, () => change)
  const { repeat: _repeat, lastDay: _lastDay, except: _except, firstDay: _firstDay, ...rest } = change
  const body: NewItem = { ...contentOver(bodyOf(item), rest), firstDay: day, lastDay: null, repeat: { kind: 'once' }, except: [], holidays: 'play' }
  return { steps: [{ kind: 'change', id: item.id, change: { except: [...item.except, day] } }, { kind: 'create', body }], otherwise: all.steps }
}

function whole(item: Item, day: Day, shift: Shift): Plan | null {
  const change = changeOf(item, day, shift)
  return change === null ? null : { steps: [{ kind: 'change', id: item.id, change }], otherwise: null }
}

/** Ends an item before a day, and begins another there. */
function following(item: Item, day: Day, changeOfRest: (rest: Item) => Change | null): Plan | null {
  const { repeat } = item
  const all = changeOfRest(item)
  const isFirst = repeat.kind === 'dates' ? (repeat.dates ?? []).every((date) => date >= day) : day <= item.firstDay
  if (isFirst) return all === null ? null : { steps: [{ kind: 'change', id: item.id, change: all }], otherwise: null }
  // A rule that counts its days does not know how many are over.
  if (repeat.kind === 'rule' && /COUNT/.test(repeat.rrule ?? '')) return null
  const rest: Item = { ...item, firstDay: day, except: item.except.filter((one) => one >= day), ...(repeat.kind === 'dates' ? { repeat: { kind: 'dates', dates: (repeat.dates ?? []).filter((date) => date >= day) } } : {}) }
  const change = changeOfRest(rest)
  if (change === null) return null
  const end: Change = repeat.kind === 'dates' ? { repeat: { kind: 'dates', dates: (repeat.dates ?? []).filter((date) => date < day) } } : { lastDay: addDays(day, -1) }
  return { steps: [{ kind: 'change', id: item.id, change: end }, { kind: 'create', body: contentOver(bodyOf(rest), change) }], otherwise: all === null ? null : [{ kind: 'change', id: item.id, change: all }] }
}

/** A change laid over a request: one kind of content takes the place of the other. */
function contentOver(body: NewItem, change: Change): NewItem {
  const { sourceId, clipIds, ...others } = body
  const content = change.sourceId === undefined && change.clipIds === undefined ? { ...(sourceId === undefined ? {} : { sourceId }), ...(clipIds === undefined ? {} : { clipIds }) } : {}
  return { ...others, ...content, ...change }
}

const lengthOf = ({ lengthMs }: Shift): Change => (lengthMs === null ? {} : { durationMs: lengthMs })

function shifted(item: Item, { startMs }: Shift): { readonly days: number; readonly time: string } {
  const ms = clockMs(item.time) + startMs
  return { days: Math.floor(ms / DAY_MS), time: clockText(ms) }
}

/** Of the whole item; `day` is one on which it plays. Null: no repetition of its kind says it. */
function changeOf(item: Item, day: Day, shift: Shift): Change | null {
  const { days, time } = shifted(item, shift)
  const inDay: Change = { ...(shift.startMs === 0 ? {} : { time }), ...lengthOf(shift) }
  if (days === 0) return inDay
  const repeat = shiftedRepeat(item.repeat, days)
  if (repeat === null) return null
  return {
    ...inDay, time,
    firstDay: addDays(repeat.kind === 'weekly' ? firstOf(item, day) : item.firstDay, days),
    ...(item.lastDay === null ? {} : { lastDay: addDays(item.lastDay, days) }),
    ...(item.except.length === 0 ? {} : { except: item.except.map((one) => addDays(one, days)) }),
    ...(repeat.kind === 'once' || repeat.kind === 'daily' ? {} : { repeat }),
  }
}

/** The first day on which a weekly item plays: its weeks are counted from there. @param day on which it plays */
function firstOf({ firstDay, repeat }: Item, day: Day): Day {
  const weekdays = repeat.weekdays ?? []
  const step = 7 * (repeat.every ?? 1)
  const firsts = weekdays.map((weekday) => {
    // The play of that weekday in the week of `day`, and then as far back as the item goes.
    let one = addDays(day, WEEKDAYS.indexOf(weekday) - weekdayOf(day))
    while (addDays(one, -step) >= firstDay) one = addDays(one, -step)
    while (one < firstDay) one = addDays(one, step)
    return one
  })
  return firsts.reduce((first, one) => (one < first ? one : first), firsts[0] ?? firstDay)
}

function shiftedRepeat(repeat: Repeat, days: number): Repeat | null {
  switch (repeat.kind) {
    case 'once':
    case 'daily':
      return repeat
    case 'dates':
      return { kind: 'dates', dates: (repeat.dates ?? []).map((date) => addDays(date, days)) }
    case 'weekly': {
      const numbers = (repeat.weekdays ?? []).map((weekday) => WEEKDAYS.indexOf(weekday) + days)
      const weeks = new Set(numbers.map((number) => Math.floor(number / 7)))
      // Some would come into other weeks than the rest, which only matters where weeks are left out.
      if ((repeat.every ?? 1) > 1 && weeks.size > 1) return null
      const weekdays = new Set(numbers.map((number) => WEEKDAYS[((number % 7) + 7) % 7]!))
      return { kind: 'weekly', weekdays: WEEKDAYS.filter((weekday: Weekday) => weekdays.has(weekday)), every: repeat.every ?? 1 }
    }
    case 'monthly':
    case 'lunar':
    case 'rule':
      return null
  }
}
