import { useMemo, useRef, type KeyboardEvent, type PointerEvent } from 'react'
import { useWords } from '../../words/use-words.ts'
import { fewerPeaks, markText, movedMark, outline, type Span } from './marks.ts'
import './sound.css'
import { words } from './words.ts'

/** As many as a screen can show. */
const MOST_PEAKS = 600
const STEP_MS = 100
const LEAP_MS = 1000

export interface WaveformProps {
  readonly label: string
  /** 0 to 1, of equal parts. */
  readonly peaks: readonly number[]
  readonly durationMs: number
  readonly positionMs: number
  readonly onSeek: (ms: number) => void
  /** The part that is meant; with marks to move where `onSpan` is given. */
  readonly span?: Span
  readonly onSpan?: (span: Span) => void
}

/** How a sound looks, where it is being heard, and which part of it is meant: by finger, mouse and keyboard. */
export function Waveform({ label, peaks, durationMs, positionMs, onSeek, span, onSpan }: WaveformProps) {
  const say = useWords(words)
  const box = useRef<HTMLDivElement>(null)
  const { path, width } = useMemo(() => {
    const shown = fewerPeaks(peaks, MOST_PEAKS)
    return { path: outline(shown), width: Math.max(1, shown.length) }
  }, [peaks])
  const share = (ms: number): string => `${String(durationMs === 0 ? 0 : Math.max(0, Math.min(100, (ms / durationMs) * 100)))}%`
  const placeOf = (event: PointerEvent): number => {
    const { left, width: wide } = box.current?.getBoundingClientRect() ?? { left: 0, width: 1 }
    return Math.max(0, Math.min(1, (event.clientX - left) / wide)) * durationMs
  }
  const keys = (at: number, move: (ms: number) => void) => (event: KeyboardEvent): void => {
    const step = event.shiftKey ? LEAP_MS : STEP_MS
    const to = { ArrowLeft: at - step, ArrowDown: at - step, ArrowRight: at + step, ArrowUp: at + step, PageDown: at - LEAP_MS * 5, PageUp: at + LEAP_MS * 5, Home: 0, End: durationMs }[event.key]
    if (to === undefined) return
    event.preventDefault()
    move(Math.max(0, Math.min(durationMs, to)))
  }
  const slider = (name: string, at: number, move: (ms: number) => void) => ({ 'role': 'slider', 'tabIndex': 0, 'aria-label': name, 'aria-valuemin': 0, 'aria-valuemax': Math.round(durationMs), 'aria-valuenow': Math.round(at), 'aria-valuetext': markText(at), 'onKeyDown': keys(at, move) })
  const drag = (move: (ms: number) => void) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => { event.stopPropagation(); event.currentTarget.setPointerCapture(event.pointerId) },
    onPointerMove: (event: PointerEvent<HTMLElement>) => { if (event.currentTarget.hasPointerCapture(event.pointerId)) move(placeOf(event)) },
  })
  const moveMark = (mark: keyof Span) => (ms: number): void => { if (span !== undefined) onSpan?.(movedMark(span, mark, ms, durationMs)) }
  return (
    <div className="waveform" ref={box} role="group" aria-label={label} onPointerDown={(event) => { onSeek(placeOf(event)) }}>
      <svg viewBox={`0 0 ${String(width)} 100`} preserveAspectRatio="none" aria-hidden><path d={path} /></svg>
      {span !== undefined && <><div className="waveform-out" style={{ width: share(span.fromMs) }} /><div className="waveform-out end" style={{ width: share(durationMs - span.toMs) }} /></>}
      <div className="waveform-at" style={{ left: share(positionMs) }} {...slider(say('seek'), positionMs, onSeek)} />
      {span !== undefined && onSpan !== undefined && (['fromMs', 'toMs'] as const).map((mark) => (
        <div key={mark} className={mark === 'fromMs' ? 'waveform-mark' : 'waveform-mark end'} style={{ left: share(span[mark]) }} {...slider(say(mark === 'fromMs' ? 'from' : 'to'), span[mark], moveMark(mark))} {...drag(moveMark(mark))}><span aria-hidden /></div>
      ))}
    </div>
  )
}
