import { matches } from '../../words/fold.ts'
import { addDays, DAY_MS, houseDay, instantOf, wallOf, type Day } from '../../words/house-day.ts'
import type { Play, Scheduled } from './item-types.ts'

/** One play as the calendar shows it; walls are what clocks in Viet Nam show. */
export interface Entry {
  readonly key: string
  readonly shown: Scheduled
  readonly play: Play
  readonly startWall: string
  readonly endWall: string
  /** Whether a hand may move it: the right is there, and it has not begun. */
  readonly isMovable: boolean
}

const TO_COME: ReadonlySet<Play['state']> = new Set(['planned', 'scheduled', 'off'])

/** Plays by beginning, of items whose title answers the question. */
export function entriesOf(scheduled: readonly Scheduled[], question: string): Entry[] {
  return scheduled
    .filter(({ item }) => question === '' || matches(item.title, question))
    .flatMap((shown) => shown.plays.map((play): Entry => ({ key: `${shown.item.id} ${play.occurrence}`, shown, play, startWall: wallOf(Date.parse(play.from)), endWall: wallOf(Date.parse(play.until)), isMovable: shown.mayPlan && TO_COME.has(play.state) })))
    .sort((a, b) => (a.startWall < b.startWall ? -1 : a.startWall > b.startWall ? 1 : 0))
}

/** By the days on which they begin; days without any are there too. */
export function byDay(entries: readonly Entry[], from: Day, days: number): readonly { readonly day: Day; readonly entries: readonly Entry[] }[] {
  const groups = Map.groupBy(entries, ({ startWall }) => startWall.slice(0, 10))
  return Array.from({ length: days }, (_, index) => addDays(from, index)).map((day) => ({ day, entries: groups.get(day) ?? [] }))
}

/** How long it sounds on each day, ms; a play over midnight counts on both. What is off, was missed or stopped counts nothing. */
export function soundMsByDay(scheduled: readonly Scheduled[], from: Day, days: number): Map<Day, number> {
  const sums = new Map(Array.from({ length: days }, (_, index) => [addDays(from, index), 0]))
  for (const { plays } of scheduled) {
    for (const { from: start, until, state } of plays) {
      if (state === 'off' || state === 'missed' || state === 'stopped') continue
      const [startMs, endMs] = [Date.parse(start), Date.parse(until)]
      for (let day = houseDay(startMs); instantOf(`${day}T00:00`) < endMs; day = addDays(day, 1)) {
        const dayMs = instantOf(`${day}T00:00`)
        const sum = sums.get(day)
        if (sum !== undefined) sums.set(day, sum + Math.min(endMs, dayMs + DAY_MS) - Math.max(startMs, dayMs))
      }
    }
  }
  return sums
}
