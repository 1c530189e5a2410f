import { addDays, type Day, daysBetween } from '../../words/house-day.ts'
import { bodyOf, type NewItem, type Scheduled } from './item-types.ts'
import { dayOfPlay } from './move.ts'

export interface WeekCopy {
  /** New items, one for each that was copied. */
  readonly bodies: readonly NewItem[]
  /** Plays that are there by themselves in the other week: their items repeat. */
  readonly repeated: number
  /** Items that the reader may not change, and so does not copy. */
  readonly foreign: number
}

/**
 * What must be made so that a week plays what another plays. Days keep their weekday; what repeats into the other week by itself is not made twice,
 * and what is over before today is left out.
 * @param from what plays in the week that is copied
 * @param there what plays in the other week already
 * @param fromMonday first days of the weeks
 */
export function copyWeek(from: readonly Scheduled[], there: readonly Scheduled[], fromMonday: Day, toMonday: Day, today: Day): WeekCopy {
  const shift = daysBetween(fromMonday, toMonday)
  const known = new Map(there.map(({ item, plays }) => [item.id, new Set(plays.map(({ occurrence }) => dayOfPlay(occurrence)))]))
  const bodies: NewItem[] = []
  let repeated = 0
  let foreign = 0
  for (const { item, plays, mayPlan } of from) {
    const days = [...new Set(plays.map(({ occurrence }) => dayOfPlay(occurrence)).filter((day) => fromMonday <= day && day < addDays(fromMonday, 7)).map((day) => addDays(day, shift)))].filter((day) => day >= today)
    const missing = days.filter((day) => known.get(item.id)?.has(day) !== true).sort()
    repeated += days.length - missing.length
    const [first] = missing
    if (first === undefined) continue
    if (!mayPlan) {
      foreign += 1
      continue
    }
    bodies.push({ ...bodyOf(item), firstDay: first, lastDay: null, except: [], holidays: 'play', repeat: missing.length === 1 ? { kind: 'once' } : { kind: 'dates', dates: missing } })
  }
  return { bodies, repeated, foreign }
}
