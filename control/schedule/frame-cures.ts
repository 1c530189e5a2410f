import { framesBetween } from '../policy/level-frames.ts'
import type { FrameBreach } from '../policy/frame-check.ts'
import type { HeldFrame } from '../policy/policy-port.ts'
import { addDays, instantOf, localDay } from './calendar.ts'
import { playsBetween, type Sized } from './collisions.ts'
import type { Occurrence } from './occurrences.ts'

/** A way out of a frame that belongs to another level: a change of the item, as `PATCH` takes it. `ask` wants the reason beside it. */
export interface FrameCure {
  readonly cure: 'move' | 'trim' | 'ask'
  readonly change: { readonly time?: string; readonly durationMs?: number; readonly enabled?: false }
}

/** So many places of the day are tried. */
const MOST_TRIED = 24

/**
 * What ends all of the breaches at once: to be played at the nearest time of its day where nothing stands against it, to end before the frame begins, or to
 * ask those who keep the frame.
 * @param isFree whether plays keep to every rule of every cluster
 */
export function frameCuresOf(sized: Sized, breaches: readonly FrameBreach[], frames: readonly HeldFrame[], isFree: (plays: readonly Occurrence[]) => boolean, fromMs: number, untilMs: number): readonly FrameCure[] {
  if (breaches.length === 0) return []
  const playsAs = (change: { readonly time?: string; readonly durationMs?: number }): readonly Occurrence[] =>
    playsBetween({ item: { ...sized.item, ...change }, lengthMs: change.durationMs ?? sized.lengthMs }, fromMs, untilMs)
  const works = (change: { readonly time?: string; readonly durationMs?: number }): boolean => isFree(playsAs(change))
  const time = timesNearby(sized, breaches, frames).find((one) => works({ time: one }))
  const durationMs = Math.min(...breaches.map(({ first }) => first.startsAtMs - first.play.startsAtMs))
  return [
    ...(time === undefined ? [] : [{ cure: 'move', change: { time } } as const]),
    ...(durationMs > 0 && works({ durationMs }) ? [{ cure: 'trim', change: { durationMs } } as const] : []),
    { cure: 'ask', change: { enabled: false } },
  ]
}

/** Times of the day at which the item would begin where a frame ends, or end where one begins; the nearest first. */
function timesNearby({ item, lengthMs }: Sized, breaches: readonly FrameBreach[], frames: readonly HeldFrame[]): readonly string[] {
  const { zone, time, plays, gapMs } = item
  const day = localDay(Math.min(...breaches.map(({ first }) => first.play.startsAtMs)), zone)
  const [dayMs, nextMs, startMs] = [instantOf(day, '00:00:00', zone), instantOf(addDays(day, 1), '00:00:00', zone), instantOf(day, time, zone)]
  const spanMs = (plays - 1) * (lengthMs + gapMs) + lengthMs
  const starts = framesBetween(frames, dayMs, nextMs).flatMap(({ startsAtMs, endsAtMs }) => [Math.floor((startsAtMs - spanMs) / 1000) * 1000, Math.floor(startsAtMs / 1000) * 1000, Math.ceil(endsAtMs / 1000) * 1000])
  return [...new Set(starts)]
    .filter((ms) => ms >= dayMs && ms < nextMs)
    .sort((a, b) => Math.abs(a - startMs) - Math.abs(b - startMs))
    .slice(0, MOST_TRIED)
    .map((ms) => new Date(ms - dayMs).toISOString().slice(11, 19))
}
