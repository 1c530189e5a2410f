import { useEffect, useState } from 'react'
import { Button, type ButtonProps } from './button.tsx'

/** How long the second press is waited for, and how soon it counts: a double click is one slip. */
const ARMED_MS = 5000
const LEAST_MS = 400

type Phase = 'idle' | 'asking' | 'ready'

/** For what cannot be undone and must be quick: the first press asks, in the button itself, the second does it. */
export function TwoPressButton({ children, again, onConfirm, ...rest }: Omit<ButtonProps, 'onPress'> & { /** What it says between the two. */ readonly again: string; readonly onConfirm: () => void }) {
  const [phase, setPhase] = useState<Phase>('idle')
  useEffect(() => {
    if (phase === 'idle') return undefined
    const timer = phase === 'asking' ? setTimeout(() => { setPhase('ready') }, LEAST_MS) : setTimeout(() => { setPhase('idle') }, ARMED_MS)
    return () => { clearTimeout(timer) }
  }, [phase])
  const press = (): void => {
    if (phase === 'idle') setPhase('asking')
    if (phase !== 'ready') return
    setPhase('idle')
    onConfirm()
  }
  return <Button {...rest} data-phase={phase} onPress={press}><span aria-live="assertive">{phase === 'idle' ? children : again}</span></Button>
}
