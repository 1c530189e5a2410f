import { WEEKDAYS } from '../schedule/schedule-port.ts'
import type { HeldFrame, LevelFrame, Policy } from './policy-port.ts'
import { stretchesOf, type Stretch } from './policy.ts'

/**
 * Windows of the day that are kept free for the units of one level (khung giờ theo cấp): the province's, the district's, the commune's. They are
 * the cluster's, so they are told in its own zone, whatever the zone of who plans.
 */
export const FRAME_ZONE = 'Asia/Ho_Chi_Minh'

const WEEK_MINUTES = 7 * 24 * 60

/** A frame at a time. */
export interface FrameStretch extends Stretch {
  readonly frame: HeldFrame
}

/** A part of a play that lies in a frame of another level. */
export interface Intrusion extends FrameStretch {
  readonly play: Stretch
}

/** All frames that hold for a unit, the root's first: what a unit keeps free, no unit below it gives to another level. */
export const heldFrames = (lineage: readonly string[], own: (unitId: string) => Policy | undefined): readonly HeldFrame[] =>
  lineage.toReversed().flatMap((unitId) => (own(unitId)?.levelFrames ?? []).map((frame) => ({ ...frame, unitId })))

/** Which frame holds when, in [fromMs, untilMs): by start, none at the same time as another. Where two overlap, the first of the list holds. */
export function framesBetween(frames: readonly HeldFrame[], fromMs: number, untilMs: number): readonly FrameStretch[] {
  let taken: FrameStretch[] = []
  for (const frame of frames) {
    const wanted = stretchesOf([frame], { startsAtMs: fromMs, endsAtMs: untilMs }, FRAME_ZONE)
      .map(({ startsAtMs, endsAtMs }) => ({ startsAtMs: Math.max(startsAtMs, fromMs), endsAtMs: Math.min(endsAtMs, untilMs), frame }))
      .filter(({ startsAtMs, endsAtMs }) => startsAtMs < endsAtMs)
    taken = [...taken, ...wanted.flatMap((stretch) => without(stretch, taken))].sort((a, b) => a.startsAtMs - b.startsAtMs)
  }
  return taken
}

/** @param taken by start, apart from each other */
function without(stretch: FrameStretch, taken: readonly FrameStretch[]): FrameStretch[] {
  const left: FrameStretch[] = []
  let fromMs = stretch.startsAtMs
  for (const { startsAtMs, endsAtMs } of taken) {
    if (endsAtMs <= fromMs) continue
    if (startsAtMs >= stretch.endsAtMs) break
    if (startsAtMs > fromMs) left.push({ ...stretch, startsAtMs: fromMs, endsAtMs: startsAtMs })
    fromMs = endsAtMs
  }
  return fromMs < stretch.endsAtMs ? [...left, { ...stretch, startsAtMs: fromMs }] : left
}

/**
 * Every part of the plays that lies in a frame of another level, by start.
 * @param level of the unit in whose name they are
 * @param plays by start
 */
export function intrusionsOf(level: number, plays: readonly Stretch[], frames: readonly HeldFrame[]): readonly Intrusion[] {
  const [first] = plays
  if (first === undefined || frames.length === 0) return []
  const foreign = framesBetween(frames, first.startsAtMs, Math.max(...plays.map(({ endsAtMs }) => endsAtMs))).filter(({ frame }) => frame.level !== level)
  const found: Intrusion[] = []
  let past = 0
  for (const play of plays) {
    while (past < foreign.length && foreign[past]!.endsAtMs <= play.startsAtMs) past++
    for (let index = past; index < foreign.length && foreign[index]!.startsAtMs < play.endsAtMs; index++) {
      const { startsAtMs, endsAtMs, frame } = foreign[index]!
      found.push({ play, frame, startsAtMs: Math.max(startsAtMs, play.startsAtMs), endsAtMs: Math.min(endsAtMs, play.endsAtMs) })
    }
  }
  return found
}

/** The unit whose users say who may sound in a frame: that of its level above the cluster; where the tree has none, the one that keeps the frame. */
export const keeperOf = ({ level, unitId }: HeldFrame, lineage: readonly string[]): string => lineage.at(-1 - level) ?? unitId

/** Two frames of a list, for different levels, that overlap in the week; null: none do. */
export function contradiction(frames: readonly LevelFrame[]): readonly [number, number] | null {
  const minutes = frames.map((frame) => weekMinutes(frame))
  for (const [index, { level }] of frames.entries()) {
    for (let other = 0; other < index; other++) {
      if (frames[other]!.level !== level && minutes[other]!.some((a) => minutes[index]!.some((b) => overlap(a, b)))) return [other, index]
    }
  }
  return null
}

/** As [start, length] from Monday, 00:00. */
function weekMinutes({ weekdays, from, to }: LevelFrame): readonly (readonly [number, number])[] {
  const [start, end] = [minuteOf(from), minuteOf(to)]
  return (weekdays ?? WEEKDAYS).map((day) => [WEEKDAYS.indexOf(day) * 1440 + start, end > start ? end - start : end - start + 1440] as const)
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
const overlap = ([a, lengthA]: readonly [number, number], [b, lengthB]: readonly [number, number]): boolean => (b - a + WEEK_MINUTES) % WEEK_MINUTES < lengthA || (a - b + WEEK_MINUTES) % WEEK_MINUTES < lengthB
