import { useEffect, useRef, type RefObject } from 'react'

/** Templates that a number key chooses. */
export const MOST_NUMBERS = 9
/** What takes numbers for itself. */
const OWN_KEYS = 'input, textarea, select, [contenteditable], [role="listbox"]'

/**
 * The keys of who composes an alert. They count also before what they choose has been read: whoever has ten seconds presses them one after the other.
 * @param keys.templates a list for which number keys are meant all the same
 */
export function useComposeKeys({ templates, onNumber, onReview }: { readonly templates: RefObject<HTMLElement | null>; readonly onNumber: (number: number) => void; readonly onReview: () => void }): void {
  const latest = useRef({ onNumber, onReview })
  useEffect(() => { latest.current = { onNumber, onReview } })
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (document.querySelector('[role="dialog"], [role="alertdialog"]') !== null || event.altKey) return
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        // In the first phase: a list keeps its Enter to itself.
        event.preventDefault()
        event.stopPropagation()
        latest.current.onReview()
      } else if (/^[1-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey && event.target instanceof Element && (event.target.closest(OWN_KEYS) === null || templates.current?.contains(event.target) === true)) latest.current.onNumber(Number(event.key))
    }
    addEventListener('keydown', press, { capture: true })
    return () => { removeEventListener('keydown', press, { capture: true }) }
  }, [templates])
}
