/** Part of a sound, ms from its beginning. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** Shorter is a slip of the finger. */
const LEAST_MS = 200

/** A mark moved to a place, kept inside the sound and away from the other. */
export function movedMark(span: Span, mark: keyof Span, toMs: number, durationMs: number): Span {
  const least = Math.min(LEAST_MS, durationMs)
  return mark === 'fromMs'
    ? { ...span, fromMs: Math.round(Math.max(0, Math.min(toMs, span.toMs - least))) }
    : { ...span, toMs: Math.round(Math.min(durationMs, Math.max(toMs, span.fromMs + least))) }
}

/** `1:05.3`: to the tenth of a second. */
export function markText(ms: number): string {
  const tenths = Math.round(ms / 100)
  const minutes = Math.floor(tenths / 600)
  return `${String(minutes)}:${String(Math.floor(tenths / 10) % 60).padStart(2, '0')}.${String(tenths % 10)}`
}

/** Fewer peaks, each the largest of those it stands for. */
export function fewerPeaks(peaks: readonly number[], most: number): readonly number[] {
  if (peaks.length <= most) return peaks
  return Array.from({ length: most }, (_, index) => Math.max(...peaks.slice(Math.floor((index * peaks.length) / most), Math.ceil(((index + 1) * peaks.length) / most))))
}

/** The outline of peaks, mirrored, in a box of `peaks.length` × 100. Silence is a thin line. */
export function outline(peaks: readonly number[]): string {
  const half = (peak: number): number => Math.max(0.8, Math.min(1, peak) * 48)
  const up = peaks.map((peak, index) => `L${String(index)} ${(50 - half(peak)).toFixed(1)}H${String(index + 1)}`)
  const down = peaks.map((peak, index) => `L${String(index + 1)} ${(50 + half(peak)).toFixed(1)}H${String(index)}`).reverse()
  return `M0 50${up.join('')}${down.join('')}Z`
}
