/** What a meter begins with; quieter than that is silence to an ear. */
export const FLOOR_DBFS = -60
/** Above this it may be cut off at full scale. */
export const HOT_DBFS = -3

/** Loudness of samples (root mean square) in dBFS, never below the floor. */
export function levelOf(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return sum === 0 ? FLOOR_DBFS : Math.max(FLOOR_DBFS, 10 * Math.log10(sum / samples.length))
}

/** How far a meter stands, 0 to 1. */
export const shareOf = (dbfs: number): number => Math.min(1, Math.max(0, 1 - dbfs / FLOOR_DBFS))

const FALL_DB_A_SECOND = 24

/** A meter rises at once and falls slowly, so that an eye can follow speech. */
export const ballistic = (shownDbfs: number, dbfs: number, elapsedMs: number): number => Math.max(dbfs, shownDbfs - (FALL_DB_A_SECOND * elapsedMs) / 1000, FLOOR_DBFS)
