import { useEffect, useState } from 'react'

/** What o'clock it is, ms since 1970, shown anew at each step. */
export function useNowMs(stepMs = 1000): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => { setNowMs(Date.now()) }, stepMs)
    return () => { clearInterval(timer) }
  }, [stepMs])
  return nowMs
}
