/** The server gives a sign of life every 15 s; so long without one means that two were lost, ms. */
export const SILENT_MS = 35_000

/**
 * Whether a stream of events has died without a word, as one does when a wireless link goes away: no end of it ever comes, and a browser would wait for many minutes.
 * @param openedMs when it was opened; it may still be on its way
 * @param lifeMs of the last sign of life, of this stream or one before
 */
export const isSilent = (nowMs: number, openedMs: number, lifeMs: number): boolean => nowMs - Math.max(openedMs, lifeMs) > SILENT_MS
