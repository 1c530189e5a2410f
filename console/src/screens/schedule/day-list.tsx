import { ListMusic, Radio } from 'lucide-react'
import { useUnits } from '../../api/me.ts'
import { Badge } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import type { Day } from '../../words/house-day.ts'
import { byDay, type Entry } from './entries.ts'
import { ownerOf, useStateText } from './play-text.ts'
import { words } from './words.ts'

/** The same as the grid in rows: for phones, and for who prefers to read. */
export function DayList({ from, days, entries, onOpen, headerOf }: { readonly from: Day; readonly days: number; readonly entries: readonly Entry[]; readonly onOpen: (entry: Entry) => void; readonly headerOf: (day: Day) => string }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { units } = useUnits()
  const stateText = useStateText()
  return (
    <div className="stack">
      {byDay(entries, from, days).map(({ day, entries: ofDay }) => (
        <section key={day} className="day-section" aria-label={headerOf(day)}>
          <h2 className="small quiet">{headerOf(day)}</h2>
          {ofDay.length === 0 && <p className="quiet small">{say('empty')}</p>}
          <ul className="day-list">
            {ofDay.map((entry) => {
              const { item, mayPlan } = entry.shown
              return (
                <li key={entry.key}>
                  <button type="button" className={`play-row play ${item.class} ${entry.play.state}${mayPlan ? '' : ' foreign'}`} onClick={() => { onOpen(entry) }}>
                    <span className="number play-row-time">{entry.startWall.slice(11, 16)}<br />{entry.endWall.slice(11, 16)}</span>
                    {item.sourceId === null ? <ListMusic size={18} aria-hidden /> : <Radio size={18} aria-hidden />}
                    <span className="grow"><strong>{item.title}</strong><br /><span className="small">{mayPlan ? stateText(entry) : say('foreign', { unit: ownerOf(entry, units) })}</span></span>
                    {item.class === 'priority' && <Badge tone="accent">{sayCommon('priority')}</Badge>}
                  </button>
                </li>
              )
            })}
          </ul>
        </section>
      ))}
    </div>
  )
}
