const POLL_MS = 10
const MOST_POLL_MS = 500
/** Time between two looks, in times of what a look costs: who looks without a pause takes the processor from what is waited for. */
const REST = 4
/** What never comes is told late; what comes late on a slow machine still counts. A promise about time is asserted by itself. */
const MOST_WAIT_MS = 30_000

/**
 * Waits until `condition` holds, looking every 10 ms, and less often when a look computes much.
 * @param reason what is waited for, in words for the error
 * @param condition true or a value other than undefined, null and false ends the wait
 * @throws after `timeoutMs`, naming the reason
 */
export async function waitUntil<T>(reason: string, condition: () => T | Promise<T>, timeoutMs = MOST_WAIT_MS): Promise<NonNullable<T>> {
  const endMs = performance.now() + timeoutMs
  for (;;) {
    const before = process.cpuUsage()
    const value = await condition()
    const { user, system } = process.cpuUsage(before)
    if (value !== undefined && value !== null && value !== false) return value
    if (performance.now() > endMs) throw new Error(`waited ${String(timeoutMs)} ms in vain: ${reason}`)
    await new Promise((resolve) => setTimeout(resolve, Math.min(MOST_POLL_MS, Math.max(POLL_MS, (REST * (user + system)) / 1000))))
  }
}
