const BEGUN = 'loa.practice.begun'
const SAW = 'loa.practice.saw-now'

/** When this person began to practise in this window, ms since 1970. */
export function begunAtMs(): number {
  const kept = Number(sessionStorage.getItem(BEGUN))
  return kept > 0 ? kept : beginAgain()
}

export function beginAgain(): number {
  const nowMs = Date.now()
  sessionStorage.setItem(BEGUN, String(nowMs))
  sessionStorage.removeItem(SAW)
  return nowMs
}

/** The shell notes each look at the screen Now. */
export const noteNow = (): void => { sessionStorage.setItem(SAW, String(Date.now())) }
export const sawNow = (sinceMs: number): boolean => Number(sessionStorage.getItem(SAW)) >= sinceMs
