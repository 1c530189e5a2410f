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
const timers = new Map<number, ReturnType<typeof setTimeout>>()
/** A hand or the keyboard is at them: what is being read, or reached for, does not go away. */
let isHeld = false
const listeners = new Set<() => void>()

function set(next: readonly Toast[]): void {
  toasts = next
  for (const [id, timer] of timers) {
    if (next.some((one) => one.id === id)) continue
    clearTimeout(timer)
    timers.delete(id)
  }
  if (next.length === 0) isHeld = false
  for (const listener of listeners) listener()
}

/** Says shortly that something was done; with a way back where there is one. Faults do not belong here: they stay where they were made. */
export function toast(text: string, undo: (() => void) | null = null): void {
  const id = count += 1
  set([...toasts.slice(-2), { id, text, undo }])
  if (!isHeld) begin(id)
}

const take = (id: number): void => { set(toasts.filter((one) => one.id !== id)) }

function begin(id: number): void {
  timers.set(id, setTimeout(() => { take(id) }, SHOWN_MS))
}

/** Once they are let go, each is shown as long as a new one. */
function hold(isToBeHeld: boolean): void {
  if (isToBeHeld === isHeld) return
  isHeld = isToBeHeld
  for (const timer of timers.values()) clearTimeout(timer)
  timers.clear()
  if (!isHeld) for (const { id } of toasts) begin(id)
}
const holdThem = (): void => { hold(true) }
const letGo = (): void => { hold(false) }

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
    <div className="toasts" role="status" aria-live="polite" data-react-aria-top-layer="true" ref={room} onPointerEnter={holdThem} onPointerLeave={letGo} onFocus={holdThem} onBlur={letGo}>
      {shown.map(({ id, text, undo }) => (
        <div key={id} className="toast"><span className="grow">{text}</span>
          {undo !== null && <Button onPress={() => { take(id); letGo(); undo() }}>{say('undo')}</Button>}
        </div>
      ))}
    </div>
  )
}
