import type { PointLook } from '../../parts/map/types.ts'
import { ToggleButton } from 'react-aria-components'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { LookMark, SHOWN_LOOKS } from './looks.tsx'
import type { LookCounts } from './views.ts'
import { words } from './words.ts'

/** Counted only when there is one. */
const SELDOM: ReadonlySet<PointLook> = new Set(['emergency', 'exercise', 'priority'])

/** How many clusters are how; each number shows only those. */
export function Counts({ counts, look, onLook }: { readonly counts: LookCounts; readonly look: PointLook | null; readonly onLook: (look: PointLook | null) => void }) {
  const say = useWords(words)
  const { number } = useFormats()
  return (
    <div className="now-counts">
      {SHOWN_LOOKS.filter((one) => counts[one] > 0 || one === look || !SELDOM.has(one)).map((one) => (
        <ToggleButton key={one} className={`now-count ${one}`} isSelected={look === one} onChange={(isSelected) => { onLook(isSelected ? one : null) }}>
          <span className="now-number number">{number(counts[one])}</span><span className="row tight"><LookMark look={one} />{say(one)}</span>
        </ToggleButton>
      ))}
    </div>
  )
}
