import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Store } from '../ports.ts'
import { addDays, type Day } from '../schedule/calendar.ts'
import type { AvailabilityDesk } from './availability-desk.ts'
import { BUCKETS, noAmounts, type Amounts } from './availability.ts'
import { unpackTotals } from './packing.ts'
import { PlaceInTime } from './place-in-time.ts'

export const PERIODS = ['day', 'month', 'year'] as const
export type Period = (typeof PERIODS)[number]

export const BREAKDOWNS = ['total', 'unit', 'cluster'] as const
export type Breakdown = (typeof BREAKDOWNS)[number]

export interface AvailabilityQuery {
  /** A unit with everything below it, or a cluster, wherever it stood; neither: everything within `within`. */
  readonly unitId: string | null
  readonly clusterId: string | null
  /** Units with all below each; null: all. */
  readonly within: readonly string[] | null
  /** `unit`: the units right below `unitId`, and itself for its own clusters; without one, the topmost that the caller sees. */
  readonly by: Breakdown
  readonly period: Period
  /** Both included. */
  readonly from: Day
  readonly to: Day
}

export interface AvailabilityRow {
  /** `2026-06-18`, `2026-06` or `2026`. */
  readonly period: string
  /** First and last day of it that are in the figures. */
  readonly from: Day
  readonly to: Day
  /** Of a unit or a cluster, by the breakdown; null: of all together. */
  readonly key: string | null
  /** Different clusters in it. */
  readonly clusters: number
  readonly amounts: Amounts
}

interface Group {
  from: Day
  to: Day
  clusters: number
  readonly amounts: Amounts
}

/** Days read in one go; others are served in between. */
const DAYS_AT_ONCE = 8

const PERIOD_LETTERS: Readonly<Record<Period, number>> = { day: 10, month: 7, year: 4 }

/**
 * Sums the totals of days by the map of each day: a cluster counts for the unit to which it belonged at the day's end, and for those that stood above it
 * then. The present day counts as far as the log is complete. Rows come by period, then by key.
 */
export async function availabilityReport(store: Pick<Store, 'monitoring' | 'units' | 'clusters'>, desk: Pick<AvailabilityDesk, 'today' | 'knownMs' | 'totalsOfToday'>, query: AvailabilityQuery): Promise<readonly AvailabilityRow[]> {
  const clusterIds: string[] = []
  for (const { number, clusterId } of store.monitoring.clusters()) clusterIds[number] = clusterId
  const place = new PlaceInTime(store.units.allVersions(), store.clusters.allMemberships())
  const keyOf = keyFinder(query, place)
  const periods = new Map<string, Map<string, Group>>()
  /** The group in which a cluster was counted last. */
  const countedIn: Group[] = []

  const take = (day: Day, endMs: number, each: (count: (number: number, amounts: Amounts) => void) => void): void => {
    place.goTo(endMs - 1)
    const period = day.slice(0, PERIOD_LETTERS[query.period])
    let groups = periods.get(period)
    if (groups === undefined) periods.set(period, groups = new Map<string, Group>())
    each((number, amounts) => {
      // Hot path: once for each cluster and day.
      const key = keyOf(clusterIds[number]!)
      if (key === null) return
      let group = groups.get(key)
      if (group === undefined) groups.set(key, group = { from: day, to: day, clusters: 0, amounts: noAmounts() })
      group.to = day
      for (let index = 0; index < amounts.length; index++) group.amounts[index]! += amounts[index]!
      if (countedIn[number] === group) return
      countedIn[number] = group
      group.clusters++
    })
  }

  const today = desk.today
  const lastClosed = query.to < today.day ? query.to : addDays(today.day, -1)
  for (let from = firstDay(store, query.from); from <= lastClosed; from = addDays(from, DAYS_AT_ONCE)) {
    const to = addDays(from, DAYS_AT_ONCE - 1)
    for (const { day, untilMs, totals } of store.monitoring.days(from, to < lastClosed ? to : lastClosed)) take(day, untilMs, (count) => { unpackTotals(totals, BUCKETS.length, count) })
    await nextTurn()
  }
  if (query.from <= today.day && today.day <= query.to && desk.knownMs > today.fromMs) {
    take(today.day, desk.knownMs, (count) => { for (const [number, amounts] of desk.totalsOfToday()) count(number, amounts) })
  }
  return [...periods].flatMap(([period, groups]) => [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, group]) => ({ period, key: key === '' ? null : key, ...group })))
}

/** Years before the first day that was kept need no looking through. */
function firstDay({ monitoring }: Pick<Store, 'monitoring'>, from: Day): Day {
  const first = monitoring.firstDay()
  return first !== null && first > from ? first : from
}

/** What a cluster is counted under at the time of `place`; null: it is not asked for. */
function keyFinder({ unitId, clusterId, within, by }: AvailabilityQuery, place: PlaceInTime): (id: string) => string | null {
  return (id) => {
    if (clusterId !== null) return id === clusterId ? id : null
    const units = place.unitsOf(id)
    if (unitId === null) {
      const top = within === null ? units.at(-1) : units.findLast((unit) => within.includes(unit))
      if (top === undefined) return null
      return by === 'cluster' ? id : by === 'unit' ? top : ''
    }
    const at = units.indexOf(unitId)
    if (at < 0) return null
    return by === 'cluster' ? id : by === 'unit' ? units[Math.max(0, at - 1)]! : unitId
  }
}
