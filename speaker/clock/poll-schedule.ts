/** Exchanges after each connection: quick until the clock stands, then quiet. */
const PHASES: readonly { readonly exchanges: number; readonly everyMs: number }[] = [
  { exchanges: 20, everyMs: 100 },
  { exchanges: 72, everyMs: 250 },
]
const STEADY_MS = 1000

/** @returns how long after the `asked`th question of a connection the next one is asked, ms */
export function nextPollMs(asked: number): number {
  let left = asked
  for (const { exchanges, everyMs } of PHASES) {
    if (left < exchanges) return everyMs
    left -= exchanges
  }
  return STEADY_MS
}
