import { useSyncExternalStore } from 'react'
import { whenPersonGoes } from '../../api/session-change.ts'
import type { Draft } from './draft.ts'

/** Kept while the page lives, so that who looks at another screen, or goes back from the review, finds it as it was. */
let draft: Draft | null = null
const listeners = new Set<() => void>()

export function setDraft(next: Draft | null): void {
  draft = next
  for (const listener of listeners) listener()
}

whenPersonGoes(() => { setDraft(null) })

export const useDraft = (): Draft | null => useSyncExternalStore((listener) => {
  listeners.add(listener)
  return () => { listeners.delete(listener) }
}, () => draft)
