import type { Schemas } from '../../../../control/client/index.ts'

type Status = Pick<Schemas['Status'], 'clusters' | 'latenessMaxMs'>
const LATE_MS = 100
const MOST_AWAY = 0.1
const LEAST_FREE = 0.1
const SOON_MS = 21 * 86_400_000

/** Whether each figure needs somebody: what is said of it then is what to do, else what is normal. */
export const isLate = ({ latenessMaxMs }: Pick<Status, 'latenessMaxMs'>): boolean => latenessMaxMs > LATE_MS
export const areManyAway = ({ clusters: { enabled, online } }: Pick<Status, 'clusters'>): boolean => enabled - online > enabled * MOST_AWAY
export const isNearlyFull = ({ freeBytes, totalBytes }: { readonly freeBytes: number; readonly totalBytes: number }): boolean => freeBytes < totalBytes * LEAST_FREE
export const endsSoon = (endsAt: string, nowMs: number): boolean => Date.parse(endsAt) - nowMs < SOON_MS
