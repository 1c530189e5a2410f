import { Siren, TestTubeDiagonal, Theater } from 'lucide-react'
import { useWords } from '../../words/use-words.ts'
import type { AlertKind } from './draft.ts'
import { words } from './words.ts'

const BANDS = { real: { icon: Siren, word: 'bandReal' }, exercise: { icon: Theater, word: 'bandExercise' }, test: { icon: TestTubeDiagonal, word: 'bandTest' } } as const

/** Across the whole screen, while an alert is composed and while it runs: nobody takes one kind for another. */
export function KindBand({ kind }: { readonly kind: AlertKind }) {
  const say = useWords(words)
  const { icon: Icon, word } = BANDS[kind]
  return <div className="kind-band" data-kind={kind}><Icon size={24} aria-hidden /><strong>{say(word)}</strong></div>
}
