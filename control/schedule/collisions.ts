import { localDay, instantOf, addDays } from './calendar.ts'
import { occurrencesOf, type Occurrence } from './occurrences.ts'
import type { ScheduleItemRecord } from './schedule-port.ts'

/** An item with the length of one play, ms. */
export interface Sized {
  readonly item: ScheduleItemRecord
  readonly lengthMs: number
}

/** Two plays at one time on the same clusters. */
export interface Overlap {
  readonly mine: Occurrence
  readonly theirs: Occurrence
}

export const CURES = ['overwrite', 'after', 'trim'] as const

/** One way out: a change of one of the two items, as `PATCH` takes it. */
export interface Cure {
  readonly cure: (typeof CURES)[number]
  readonly itemId: string
  readonly change: { readonly rank?: number; readonly time?: string; readonly durationMs?: number; readonly except?: readonly string[]; readonly enabled?: false }
}

/** All overlaps of two lists of plays, each of one item and by start. */
export function overlapsOf(mine: readonly Occurrence[], theirs: readonly Occurrence[]): readonly Overlap[] {
  const found: Overlap[] = []
  let first = 0
  for (const play of mine) {
    // Those of an item are of one length, so what ended before this one began is past for the next too.
    while (first < theirs.length && theirs[first]!.endsAtMs <= play.startsAtMs) first++
    for (let index = first; index < theirs.length && theirs[index]!.startsAtMs < play.endsAtMs; index++) found.push({ mine: play, theirs: theirs[index]! })
  }
  return found
}

export const playsBetween = ({ item, lengthMs }: Sized, fromMs: number, untilMs: number): readonly Occurrence[] => occurrencesOf(item, lengthMs, fromMs, untilMs)

/** False when two items cannot meet by their times of the day alone; cheap, for one item is looked at beside thousands. */
export function mayMeet(a: Sized, b: Sized): boolean {
  if (a.item.zone !== b.item.zone) return true
  const [startA, startB] = [secondsOf(a.item.time), secondsOf(b.item.time)]
  // An hour for changes of the clock.
  const reaches = (fromS: number, one: Sized, toS: number): boolean => (toS - fromS + DAY_S) % DAY_S <= spanS(one) + HOUR_S
  return reaches(startA, a, startB) || reaches(startB, b, startA)
}

const HOUR_S = 3600
const DAY_S = 24 * HOUR_S
const secondsOf = (time: string): number => Number(time.slice(0, 2)) * HOUR_S + Number(time.slice(3, 5)) * 60 + Number(time.slice(6, 8))
const spanS = ({ item, lengthMs }: Sized): number => ((item.plays - 1) * (lengthMs + item.gapMs) + lengthMs) / 1000

/** Two `priority` items of one level: the users of the commune say which goes first (Circular 39/2020), and until they have nobody does. */
export const isUndecided = (a: ScheduleItemRecord, b: ScheduleItemRecord, levelOf: (unitId: string) => number): boolean =>
  a.class === 'priority' && b.class === 'priority' && a.rank === b.rank && levelOf(a.issuerUnitId) === levelOf(b.issuerUnitId)

/** Whether one lays itself over the other and may: both are heard, so they do not collide. */
export const isLaidOver = (a: ScheduleItemRecord, b: ScheduleItemRecord, levelOf: (unitId: string) => number): boolean => goesOver(a, b, levelOf) || goesOver(b, a, levelOf)

function goesOver(over: ScheduleItemRecord, under: ScheduleItemRecord, levelOf: (unitId: string) => number): boolean {
  if ((over.mixing?.over ?? null) === null || (under.mixing?.over ?? null) !== null) return false
  if (over.class !== under.class) return over.class === 'priority'
  const [level, otherLevel] = [levelOf(over.issuerUnitId), levelOf(under.issuerUnitId)]
  return level < otherLevel || (level === otherLevel && (over.class === 'normal' || over.rank <= under.rank))
}

/** The cures of a collision, of which each ends the first overlap and all that are like it. */
export function curesOf(mine: Sized, theirs: Sized, overlaps: readonly Overlap[], levelOf: (unitId: string) => number): readonly Cure[] {
  const [first] = overlaps
  if (first === undefined) return []
  const cures: Cure[] = []
  const bothRanked = mine.item.class === 'priority' && theirs.item.class === 'priority' && levelOf(mine.item.issuerUnitId) === levelOf(theirs.item.issuerUnitId)
  cures.push(bothRanked
    ? { cure: 'overwrite', itemId: mine.item.id, change: { rank: theirs.item.rank - 1 } }
    : { cure: 'overwrite', itemId: theirs.item.id, change: withoutDays(theirs.item, new Set(overlaps.map(({ theirs: { key } }) => key.slice(0, 10)))) })
  const later = timeAfter(mine, theirs, overlaps)
  if (later !== null) cures.push({ cure: 'after', itemId: mine.item.id, change: { time: later } })
  const [earlier, laterStartMs] = first.mine.startsAtMs < first.theirs.startsAtMs ? [mine, first.theirs.startsAtMs] : [theirs, first.mine.startsAtMs]
  const trimmedMs = laterStartMs - Math.min(first.mine.startsAtMs, first.theirs.startsAtMs)
  if (trimmedMs > 0) cures.push({ cure: 'trim', itemId: earlier.item.id, change: { durationMs: trimmedMs } })
  return cures
}

/** Takes days out of an item; one that has no others is switched off. */
function withoutDays({ repeat, firstDay, except }: ScheduleItemRecord, days: ReadonlySet<string>): Cure['change'] {
  const without = [...new Set([...except, ...days])].sort()
  const all = repeat.kind === 'once' ? [firstDay] : repeat.kind === 'dates' ? repeat.dates : null
  return all?.every((day) => without.includes(day)) === true ? { enabled: false } : { except: without }
}

/** The local time at which my first play of a day begins after the other has ended; null: not on the same day, or there they meet again. */
function timeAfter(mine: Sized, theirs: Sized, overlaps: readonly Overlap[]): string | null {
  const [first] = overlaps
  const { zone, time } = mine.item
  const day = first!.mine.key.slice(0, 10)
  const shiftMs = first!.theirs.endsAtMs - first!.mine.startsAtMs
  // To whole seconds, upwards: that is how times are written.
  const startMs = Math.ceil((instantOf(day, time, zone) + shiftMs) / 1000) * 1000
  if (localDay(startMs, zone) !== day) return null
  const moved = new Date(startMs - instantOf(day, '00:00:00', zone)).toISOString().slice(11, 19)
  const shifted = { ...mine, item: { ...mine.item, time: moved } }
  const around = [instantOf(day, '00:00:00', zone), instantOf(addDays(day, 2), '00:00:00', zone)] as const
  return overlapsOf(playsBetween(shifted, ...around), playsBetween(theirs, ...around)).length > 0 ? null : moved
}
