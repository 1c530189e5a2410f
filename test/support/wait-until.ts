const POLL_MS = 10

/**
 * Waits until `condition` holds, looking every 10 ms.
 * @param reason what is waited for, in words for the error
 * @param condition true or a value other than undefined, null and false ends the wait
 * @throws after `timeoutMs`, naming the reason
 */
export async function waitUntil<T>(reason: string, condition: () => T | Promise<T>, timeoutMs = 10_000): Promise<NonNullable<T>> {
  const endMs = performance.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value !== undefined && value !== null && value !== false) return value
    if (performance.now() > endMs) throw new Error(`waited ${String(timeoutMs)} ms in vain: ${reason}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
