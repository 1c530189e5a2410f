/** How loud what was sent was, for who has no idea of LUFS. */
export type Loudness = 'silent' | 'faint' | 'quiet' | 'good' | 'loud'

/** Brought up by more than 30 dB nothing is; from −36 LUFS up the noise of the room comes up with it. */
const BOUNDS: readonly (readonly [Loudness, number])[] = [['faint', -36], ['quiet', -27], ['good', -9]]

/** @param lufs integrated, of what was sent; null: silence */
export function loudnessOf(lufs: number | null): Loudness {
  if (lufs === null) return 'silent'
  return BOUNDS.find(([, below]) => lufs < below)?.[0] ?? 'loud'
}

export type LoudnessFilter = 'all' | 'quiet' | 'good' | 'loud'
/** The same bounds for the server. */
export const LOUDNESS_QUERY: Readonly<Record<LoudnessFilter, { readonly minLufs?: number; readonly maxLufs?: number }>> = { all: {}, quiet: { maxLufs: -27 }, good: { minLufs: -27, maxLufs: -9 }, loud: { minLufs: -9 } }

export type LengthFilter = 'all' | 'short' | 'medium' | 'long'
export const LENGTH_QUERY: Readonly<Record<LengthFilter, { readonly minDurationMs?: number; readonly maxDurationMs?: number }>> = { all: {}, short: { maxDurationMs: 60_000 }, medium: { minDurationMs: 60_000, maxDurationMs: 600_000 }, long: { minDurationMs: 600_000 } }
