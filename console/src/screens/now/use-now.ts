import { useEffect, useState, useSyncExternalStore } from 'react'

/** What o'clock it is, ms since 1970, shown anew at each step. */
export function useNowMs(stepMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => { setNowMs(Date.now()) }, stepMs)
    return () => { clearInterval(timer) }
  }, [stepMs])
  return nowMs
}

const narrow = matchMedia('(max-width: 60rem)')

/** Whether list and map do not fit beside each other; as in now.css. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore((listener) => {
    narrow.addEventListener('change', listener)
    return () => { narrow.removeEventListener('change', listener) }
  }, () => narrow.matches)
}
