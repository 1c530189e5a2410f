import { addDays, daysFrom, instantOf, localDay } from '../schedule/calendar.ts'
import { WEEKDAYS, type Weekday } from '../schedule/schedule-port.ts'
import type { BrokenLength, Policy, PolicyRule } from './policy-port.ts'

/** A stretch of sound: ms since 1970, [start, end). */
export interface Stretch {
  readonly startsAtMs: number
  readonly endsAtMs: number
}

export interface Breach {
  readonly rule: PolicyRule
  /** The first stretch that breaks it. */
  readonly first: Stretch
  /** How many do. */
  readonly count: number
  /** Of rules that limit one. */
  readonly length?: BrokenLength
}

export const NO_POLICY: Policy = { windows: null, quiet: null, playMs: null, dayMs: null, volume: null, levelFrames: null }

/** What holds for a unit, without the frames of levels, which add up: of each rule what the nearest unit says, from itself upwards. */
export function effectivePolicy(lineage: readonly string[], own: (unitId: string) => Policy | undefined): Omit<Policy, 'levelFrames'> {
  const said = lineage.map(own).filter((policy) => policy !== undefined)
  const nearest = <K extends keyof Policy>(name: K): Policy[K] => said.find((policy) => policy[name] !== null)?.[name] ?? NO_POLICY[name]
  return { windows: nearest('windows'), quiet: nearest('quiet'), playMs: nearest('playMs'), dayMs: nearest('dayMs'), volume: nearest('volume') }
}

const weekdayOf = (day: string): Weekday => WEEKDAYS[(new Date(day).getUTCDay() + 6) % 7]!

/** The windows of a list as stretches, on all days that touch a stretch; a window that ends no later than it begins ends on the next day. */
export function stretchesOf(windows: NonNullable<Policy['windows']>, { startsAtMs, endsAtMs }: Stretch, zone: string): Stretch[] {
  const found: Stretch[] = []
  for (const day of daysFrom(addDays(localDay(startsAtMs, zone), -1), localDay(endsAtMs, zone))) {
    for (const { weekdays, from, to } of windows) {
      if (weekdays?.includes(weekdayOf(day)) === false) continue
      found.push({ startsAtMs: instantOf(day, `${from}:00`, zone), endsAtMs: instantOf(to > from ? day : addDays(day, 1), `${to}:00`, zone) })
    }
  }
  return found.sort((a, b) => a.startsAtMs - b.startsAtMs)
}

/** Whether windows that follow or overlap each other hold it wholly. */
function isInside(stretch: Stretch, windows: NonNullable<Policy['windows']>, zone: string): boolean {
  let reachedMs = stretch.startsAtMs
  for (const { startsAtMs, endsAtMs } of stretchesOf(windows, stretch, zone)) {
    if (startsAtMs > reachedMs) break
    reachedMs = Math.max(reachedMs, endsAtMs)
  }
  return reachedMs >= stretch.endsAtMs
}

const touches = (stretch: Stretch, windows: NonNullable<Policy['windows']>, zone: string): boolean =>
  stretchesOf(windows, stretch, zone).some(({ startsAtMs, endsAtMs }) => startsAtMs < stretch.endsAtMs && endsAtMs > stretch.startsAtMs)

const lastingMs = ({ startsAtMs, endsAtMs }: Stretch): number => endsAtMs - startsAtMs

/**
 * What of a policy these stretches break.
 * @param others what else sounds there on the same days
 */
export function breachesOf(policy: Omit<Policy, 'levelFrames'>, stretches: readonly Stretch[], others: readonly Stretch[], zone: string): readonly Breach[] {
  const { windows, quiet, playMs, dayMs } = policy
  const found: Breach[] = []
  const note = (rule: Breach['rule'], broken: readonly Stretch[], lengthOf?: (first: Stretch) => BrokenLength): void => {
    const [first] = broken
    if (first !== undefined) found.push({ rule, first, count: broken.length, ...(lengthOf === undefined ? {} : { length: lengthOf(first) }) })
  }
  if (windows !== null) note('hours', stretches.filter((stretch) => !isInside(stretch, windows, zone)))
  if (quiet !== null) note('quiet', stretches.filter((stretch) => touches(stretch, quiet, zone)))
  if (playMs !== null) note('play', stretches.filter((one) => lastingMs(one) > playMs), (first) => ({ usedMs: lastingMs(first), allowedMs: playMs }))
  if (dayMs !== null) {
    // A stretch counts on the day it begins.
    const sums = new Map<string, number>()
    const dayOf = ({ startsAtMs }: Stretch): string => localDay(startsAtMs, zone)
    for (const one of [...stretches, ...others]) sums.set(dayOf(one), (sums.get(dayOf(one)) ?? 0) + lastingMs(one))
    const usedMs = (one: Stretch): number => sums.get(dayOf(one))!
    note('day', stretches.filter((one) => usedMs(one) > dayMs), (first) => ({ usedMs: usedMs(first), allowedMs: dayMs }))
  }
  return found
}
