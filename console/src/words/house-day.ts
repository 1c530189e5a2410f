const HOUSE_OFFSET_MS = 7 * 3_600_000

/** The day in Viet Nam at a moment, `2026-06-19`. */
export const houseDay = (ms: number): string => new Date(ms + HOUSE_OFFSET_MS).toISOString().slice(0, 10)
