import type { RoomRef } from './plan.ts'

/** A level that goes from one value to another, straight in dB, and stays there. */
export interface LevelRamp {
  readonly fromDb: number
  readonly toDb: number
  readonly atSamples: number
  /** 0: at once. */
  readonly samples: number
}

/** `from` fades into `to` with equal power in the `samples` from `atSamples` on; before them `from` alone sounds, after them `to`. */
export interface Crossfade {
  readonly from: RoomRef
  readonly to: RoomRef
  readonly atSamples: number
  readonly samples: number
}

/** `over` at full level, `under` beneath it at `level`; without `over` it is on its way back. */
export interface Overlay {
  readonly over: RoomRef | null
  readonly under: RoomRef
  readonly level: LevelRamp
}

/** What a mixed room is made of; its rooms may be mixed themselves. */
export type Mix = Crossfade | Overlay

export const isCrossfade = (mix: Mix): mix is Crossfade => 'from' in mix

// The parts stand in one sequence, whoever made the object: equal mixes have equal names.
export const crossfadeRoom = ({ from, to, atSamples, samples }: Crossfade): RoomRef => `mix:${JSON.stringify([from, to, atSamples, samples])}`
export const overlayRoom = ({ over, under, level: { fromDb, toDb, atSamples, samples } }: Overlay): RoomRef => `mix:${JSON.stringify([over, under, atSamples, samples, fromDb, toDb])}`

/** @param text what stands after `mix:` @returns undefined when it is not a mix */
export function parseMix(text: string): Mix | undefined {
  let parts: unknown
  try {
    parts = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(parts)) return undefined
  const [first, second, ...numbers] = parts as unknown[]
  if (typeof second !== 'string' || !numbers.every((number) => Number.isFinite(number))) return undefined
  const [atSamples = 0, samples = 0, fromDb = 0, toDb = 0] = numbers as number[]
  if (numbers.length === 2 && typeof first === 'string') return { from: first, to: second, atSamples, samples }
  if (numbers.length === 4 && (first === null || typeof first === 'string')) return { over: first, under: second, level: { fromDb, toDb, atSamples, samples } }
  return undefined
}

/** dB at a house sample. */
export function levelDbAt({ fromDb, toDb, atSamples, samples }: LevelRamp, at: number): number {
  if (at >= atSamples + samples) return toDb
  return at <= atSamples ? fromDb : fromDb + ((toDb - fromDb) * (at - atSamples)) / samples
}

/** Places of items that fade into one another. */
export interface Places {
  /** Where each begins after the first; one more for the end of the last. */
  readonly starts: readonly number[]
  /** How long each sounds together with the next, samples; 0 for the last. */
  readonly overlaps: readonly number[]
}

/**
 * Where items stand one after another when each fades into the next. A fade takes no more than half of either, so no three sound at once.
 * @param lengths of the items; any unit, that of `crossfade` and of the answer
 */
export function placesOf(lengths: readonly number[], crossfade: number): Places {
  const overlaps = lengths.map((length, index) => (index + 1 < lengths.length ? Math.min(crossfade, Math.floor(Math.min(length, lengths[index + 1]!) / 2)) : 0))
  const starts = [0]
  for (const [index, length] of lengths.entries()) starts.push(starts[index]! + length - overlaps[index]!)
  return { starts, overlaps }
}
