/** What is quieter than the quietest 24-bit step is reported as this, so that levels stay finite. */
export const FLOOR_DBFS = -144

export const dbToGain = (db: number): number => 10 ** (db / 20)

/** Amplitude to dBFS, not below `FLOOR_DBFS`. */
export const gainToDb = (gain: number): number => (gain > 0 ? Math.max(FLOOR_DBFS, 20 * Math.log10(gain)) : FLOOR_DBFS)

/** Mean square to dBFS, not below `FLOOR_DBFS`. */
export const powerToDb = (meanSquare: number): number => (meanSquare > 0 ? Math.max(FLOOR_DBFS, 10 * Math.log10(meanSquare)) : FLOOR_DBFS)
