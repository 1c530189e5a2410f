import { useSyncExternalStore } from 'react'

/** Below this a week has no room for its words. */
const query = matchMedia('(max-width: 52rem)')
const subscribe = (listener: () => void) => {
  query.addEventListener('change', listener)
  return () => { query.removeEventListener('change', listener) }
}

/** A phone, or a window as narrow as one. */
export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => query.matches)
