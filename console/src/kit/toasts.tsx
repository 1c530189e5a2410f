import { useSyncExternalStore } from 'react'
import { whenPersonGoes } from '../api/session-change.ts'
import { common } from '../words/common.ts'
import { useWords } from '../words/use-words.ts'
import { Button } from './button.tsx'
import { useKeptHeight } from './keep-height.ts'

interface Toast { readonly id: number; readonly text: string; readonly undo: (() => void) | null }

/** Long enough to read, and for a hand to reach «Undo». */
const SHOWN_MS = 8000
let toasts: readonly Toast[] = []
let count = 0
const listeners = new Set<() => void>()

function set(next: readonly Toast[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

/** Says shortly that something was done; with a way back where there is one. Faults do not belong here: they stay where they were made. */
export function toast(text: string, undo: (() => void) | null = null): void {
  const id = count += 1
  set([...toasts.slice(-2), { id, text, undo }])
  setTimeout(() => { set(toasts.filter((one) => one.id !== id)) }, SHOWN_MS)
}

whenPersonGoes(() => { set([]) })

/** They stay within reach and are heard over a dialog, which leaves them room: no button of it lies under one. */
export function Toasts() {
  const room = useKeptHeight<HTMLDivElement>('--toasts')
  const say = useWords(common)
  const shown = useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, () => toasts)
  return (
    <div className="toasts" role="status" aria-live="polite" data-react-aria-top-layer="true" ref={room}>
      {shown.map(({ id, text, undo }) => (
        <div key={id} className="toast"><span className="grow">{text}</span>
          {undo !== null && <Button onPress={() => { set(toasts.filter((one) => one.id !== id)); undo() }}>{say('undo')}</Button>}
        </div>
      ))}
    </div>
  )
}
