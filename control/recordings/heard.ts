import type { HouseSpan, KeptRecording, RecordingPiece, RecordingSpan, Store } from '../ports.ts'
import type { Rights } from '../rights.ts'
import { standingUnits } from '../standing-units.ts'

/** A frame of Opus, in samples; recordings begin and end at the edges of frames, and so does everything cut out of them. */
const FRAME_SAMPLES = 960

type Look = Pick<Store, 'units' | 'clusters' | 'recordings'>

export const samplesToMs = (samples: number): number => samples / 48
const atFrame = (samples: number): number => Math.ceil(samples / FRAME_SAMPLES) * FRAME_SAMPLES

/** Whether somebody may hear what a unit heard; when that has ended, its successors' people may. */
export const mayHear = (unitId: string, rights: Rights, store: Look): boolean => standingUnits(unitId, store).some((id) => rights.holds('view', id))

/** Units that have ended whose recordings the caller may hear as one of their successors. */
export function endedUnitsHeard(rights: Rights, store: Look): readonly string[] {
  return store.units.all().filter(({ id, endedAtMs }) => endedAtMs !== null && mayHear(id, rights, store)).map(({ id }) => id)
}

/** The part that lies within the time, cut at the edges of frames; undefined: none. */
export function overlap<T extends HouseSpan>(span: T, within: HouseSpan): (T & HouseSpan) | undefined {
  const fromSamples = Math.max(atFrame(span.fromSamples), atFrame(within.fromSamples))
  const untilSamples = Math.min(atFrame(span.untilSamples), atFrame(within.untilSamples))
  return fromSamples < untilSamples ? { ...span, fromSamples, untilSamples } : undefined
}

/** What of a recording the caller's units heard, oldest first. */
export const heardParts = (recording: KeptRecording, rights: Rights, store: Look): readonly RecordingSpan[] =>
  store.recordings.spansOf(recording.room, recording).flatMap((span) => (mayHear(span.unitId, rights, store) ? (overlap(span, recording) ?? []) : []))

/** The same as pieces that do not overlap; all of it for who holds the right over the whole tree. */
export function audible(recording: KeptRecording, rights: Rights, store: Look): readonly RecordingPiece[] {
  const { file, fromSamples, untilSamples } = recording
  if (rights.roots('view') === null) return [{ file, fromSamples, untilSamples }]
  const pieces: { file: string; fromSamples: number; untilSamples: number }[] = []
  for (const part of heardParts(recording, rights, store)) {
    const last = pieces.at(-1)
    if (last !== undefined && part.fromSamples <= last.untilSamples) last.untilSamples = Math.max(last.untilSamples, part.untilSamples)
    else pieces.push({ file, fromSamples: part.fromSamples, untilSamples: part.untilSamples })
  }
  return pieces
}

export interface OrderPiece extends HouseSpan {
  readonly recording: KeptRecording
}

export interface OrderPieces {
  readonly unitId: string
  readonly pieces: readonly OrderPiece[]
  /** What was heard, whether or not it is in a recording; spans do not overlap. */
  readonly heardSamples: number
}

/**
 * Where what an order put on the air at a unit is found. Its tone and its programme follow on one another; where clusters of the unit heard different
 * things at once, what began first goes on.
 * @returns undefined when no unit of the caller has heard it
 */
export function orderPieces(orderId: string, unitId: string | undefined, rights: Rights, store: Look): OrderPieces | undefined {
  const spans = store.recordings.spansOfOrder(orderId).filter((span) => mayHear(span.unitId, rights, store))
  const unit = unitId ?? spans[0]?.unitId
  const pieces: OrderPiece[] = []
  let nextSamples = -Infinity
  let heardSamples = 0
  let isHeard = false
  for (const span of spans) {
    if (span.unitId !== unit) continue
    isHeard = true
    const rest = overlap(span, { fromSamples: nextSamples, untilSamples: Infinity })
    if (rest === undefined) continue
    heardSamples += rest.untilSamples - rest.fromSamples
    nextSamples = rest.untilSamples
    let recorded = rest.fromSamples
    for (const recording of store.recordings.ofRoom(span.room, rest).toSorted((a, b) => a.fromSamples - b.fromSamples || (a.mode === 'full' ? -1 : 1))) {
      const part = overlap(recording, { fromSamples: recorded, untilSamples: rest.untilSamples })
      if (part === undefined) continue
      pieces.push({ recording, fromSamples: part.fromSamples, untilSamples: part.untilSamples })
      recorded = part.untilSamples
    }
  }
  return isHeard ? { unitId: unit!, pieces, heardSamples } : undefined
}

/** How much of the span is missing in the recording. */
export const missingIn = (recording: KeptRecording, span: HouseSpan): number =>
  recording.gaps.reduce((sum, gap) => {
    const part = overlap(gap, span)
    return part === undefined ? sum : sum + part.untilSamples - part.fromSamples
  }, 0)
