import { useEffect, useState } from 'react'

/** The time, again and again while the component is shown, ms since 1970. */
export function useNow(everyMs = 1000): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => { setNowMs(Date.now()) }, everyMs)
    return () => { clearInterval(timer) }
  }, [everyMs])
  return nowMs
}
