import { useEffect } from 'react'
import { useLocation } from 'wouter'
import { EMERGENCY_PATH, loadEmergency } from './screens.ts'

/** As aria-keyshortcuts names it. Browsers and screen readers leave it free; the letter is where it is whatever the keyboard writes. */
export const EMERGENCY_KEY = 'Alt+K'

/** After the first screen is there. */
const LOAD_AFTER_MS = 2000

/** The way to an emergency from everywhere, also out of a field or a dialog; its screen is loaded before anybody goes there. */
export function useEmergencyKey(): void {
  const [, navigate] = useLocation()
  useEffect(() => {
    const timer = setTimeout(() => { void loadEmergency().catch(() => undefined) }, LOAD_AFTER_MS)
    return () => { clearTimeout(timer) }
  }, [])
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.code !== 'KeyK' || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      navigate(EMERGENCY_PATH)
    }
    addEventListener('keydown', press, { capture: true })
    return () => { removeEventListener('keydown', press, { capture: true }) }
  }, [navigate])
}
