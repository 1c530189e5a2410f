/** House time 0, as ms since 1970: 2026-01-01T00:00:00Z (server/protocol.md). */
const HOUSE_EPOCH_MS = Date.UTC(2026, 0, 1)

/** Times in signed messages are house time written in ISO 8601, UTC, with ms, and in no other way. */
const HOUSE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** @returns house time as ms since 1970; NaN for anything else */
export const parseHouseTime = (text: string): number => (HOUSE_TIME.test(text) ? Date.parse(text) : NaN)

export const houseMsOf = (houseUs: number): number => HOUSE_EPOCH_MS + houseUs / 1000

/** House place, in samples at 48 kHz, of a house time in ms since 1970. */
export const housePlaceOf = (houseMs: number): number => (houseMs - HOUSE_EPOCH_MS) * 48
