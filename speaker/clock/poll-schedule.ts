/** Exchanges after each connection: quick until the clock stands, then quiet. */
const PHASES: readonly { readonly exchanges: number; readonly everyMs: number }[] = [
  { exchanges: 20, everyMs: 100 },
  { exchanges: 72, everyMs: 250 },
]
const STEADY_MS = 1000

/** Part of the interval by which it varies: in step with the server's flushes every answer would wait behind the same sound, which looks like a lopsided path. */
const SPREAD = 0.5

/**
 * How long after the `asked`th question of a connection the next one is asked, ms.
 * @param random from 0 to 1
 */
export function nextPollMs(asked: number, random: number): number {
  return intervalMs(asked) * (1 + SPREAD * (random - 0.5))
}

function intervalMs(asked: number): number {
  let left = asked
  for (const { exchanges, everyMs } of PHASES) {
    if (left < exchanges) return everyMs
    left -= exchanges
  }
  return STEADY_MS
}
