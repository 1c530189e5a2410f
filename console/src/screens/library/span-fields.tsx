import { NumberField } from '../../kit/fields.tsx'
import { movedMark, type Span } from '../../parts/sound/marks.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

const SECONDS: Intl.NumberFormatOptions = { minimumFractionDigits: 1, maximumFractionDigits: 1, useGrouping: false }

/** The marks of a waveform as numbers: for the keyboard, and for who knows the second. */
export function SpanFields({ span, durationMs, onSpan }: { readonly span: Span; readonly durationMs: number; readonly onSpan: (span: Span) => void }) {
  const say = useWords(words)
  const field = (mark: keyof Span, label: string) => <NumberField label={label} value={Math.round(span[mark] / 100) / 10} onChange={(seconds) => { if (seconds !== null) onSpan(movedMark(span, mark, seconds * 1000, durationMs)) }} minValue={0} maxValue={Math.ceil(durationMs / 100) / 10} step={0.1} formatOptions={SECONDS} />
  return <div className="columns library-span">{field('fromMs', say('fromSeconds'))}{field('toMs', say('toSeconds'))}</div>
}
