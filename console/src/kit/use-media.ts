import { useSyncExternalStore } from 'react'

/** @param query of CSS, such as `(max-width: 60rem)`. @returns a hook: whether it holds now */
export function mediaHook(query: string): () => boolean {
  const media = matchMedia(query)
  const subscribe = (listener: () => void): (() => void) => {
    media.addEventListener('change', listener)
    return () => { media.removeEventListener('change', listener) }
  }
  return () => useSyncExternalStore(subscribe, () => media.matches)
}
