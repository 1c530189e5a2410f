import { useLayoutEffect, useRef, type RefObject } from 'react'

/** Keeps `--shell-top` of the page at the height of what stands over every screen, which grows with its banners: what sticks below it begins there. */
export function useTopHeight(): RefObject<HTMLElement | null> {
  const top = useRef<HTMLElement>(null)
  useLayoutEffect(() => {
    const element = top.current
    if (element === null) return undefined
    const measured = new ResizeObserver(() => { document.documentElement.style.setProperty('--shell-top', `${String(element.offsetHeight)}px`) })
    measured.observe(element)
    return () => { measured.disconnect() }
  }, [])
  return top
}
