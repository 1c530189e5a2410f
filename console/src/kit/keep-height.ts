import { useLayoutEffect, useRef, type RefObject } from 'react'

/** Keeps a property of the page, such as `--shell-top`, at the height of what has the reference, in px: what stands beside it leaves it that room. */
export function useKeptHeight<T extends HTMLElement>(property: `--${string}`): RefObject<T | null> {
  const kept = useRef<T>(null)
  useLayoutEffect(() => {
    const element = kept.current
    if (element === null) return undefined
    const measured = new ResizeObserver(() => { document.documentElement.style.setProperty(property, `${String(element.offsetHeight)}px`) })
    measured.observe(element)
    return () => { measured.disconnect() }
  }, [property])
  return kept
}
