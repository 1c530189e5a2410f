import { useWords } from '../../words/use-words.ts'
import { FLOOR_DBFS, HOT_DBFS, shareOf } from './level.ts'
import './listen.css'
import { words } from './words.ts'

/** @param props.dbfs null: it is not known; `label` says of what it is */
export function LevelMeter({ dbfs, label }: { readonly dbfs: number | null; readonly label: string }) {
  const say = useWords(words)
  const shown = Math.round(Math.max(FLOOR_DBFS, dbfs ?? FLOOR_DBFS))
  const text = dbfs === null ? say('unknown') : shown <= FLOOR_DBFS ? say('silent') : say('levelText', { dbfs: shown })
  return (
    <span className="level-meter" role="meter" aria-label={label} aria-valuemin={FLOOR_DBFS} aria-valuemax={0} aria-valuenow={shown} aria-valuetext={text} data-hot={shown > HOT_DBFS || undefined} data-unknown={dbfs === null || undefined}>
      <span className="level-cover" style={{ transform: `scaleX(${String(1 - shareOf(dbfs ?? FLOOR_DBFS))})` }} />
    </span>
  )
}
