import { useState } from 'react'
import { api } from '../../api/client.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { DateField } from '../../kit/date-fields.tsx'
import { Badge, Loaded } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { todayHere, MINUTE_MS } from './days.ts'
import { type Day } from '../../words/house-day.ts'
import { panelWords } from './panel-words.ts'

/** What a cluster will really be heard with, by the server's own rules. */
export function ClusterDayDialog({ clusterId, name, start, onClose }: { readonly clusterId: string; readonly name: string; readonly start: Day; readonly onClose: () => void }) {
  const say = useWords(panelWords)
  const sayCommon = useWords(common)
  const { time, day: dayName } = useFormats()
  const today = todayHere()
  const [day, setDay] = useState(start < today ? today : start)
  const query = api.useQuery('get', '/v1/clusters/{id}/schedule', { params: { path: { id: clusterId }, query: { day } } }, { enabled: day !== '', placeholderData: (before) => before })
  return (
    <Dialog title={say('clusterDayTitle', { name, day: day === '' ? '' : dayName(`${day}T12:00:00+07:00`) })} isOpen onClose={onClose} foot={<Button onPress={onClose}>{sayCommon('close')}</Button>}>
      <p className="quiet">{say('clusterDayHelp')}</p>
      <DateField label={sayCommon('day')} value={day} onChange={setDay} />
      <Loaded query={query}>
        {({ segments, plays, frames }) => (
          <>
            {segments.length === 0 && <p>{say('silent')}</p>}
            <ul className="day-list">
              {segments.map(({ from, until, title, class: itsClass, beneath, itemId }) => {
                const play = plays.find((one) => one.itemId === itemId && one.from <= from && one.until >= until)
                const plannedMs = play === undefined ? 0 : Date.parse(play.until) - Date.parse(play.from)
                return (
                  <li key={`${from} ${title}`} className={`play-row play ${itsClass}`}>
                    <span className="number play-row-time">{time(from)}<br />{time(until)}</span>
                    <span className="grow"><strong>{title}</strong>{beneath && <span className="small"> · {say('beneath')}</span>}{play !== undefined && play.heardMs < plannedMs && <><br /><span className="small">{say('lessHeard', { heard: Math.round(play.heardMs / MINUTE_MS), planned: Math.round(plannedMs / MINUTE_MS) })}</span></>}</span>
                    <Badge tone={itsClass === 'emergency' ? 'emergency' : itsClass === 'priority' ? 'warn' : 'accent'}>{sayCommon(itsClass)}</Badge>
                  </li>
                )
              })}
            </ul>
            {frames.length > 0 && <p className="small quiet">{say('frames', { list: frames.map(({ from, until, name: frame, level }) => say('frame', { from: time(from), to: time(until), name: frame, level })).join('; ') })}</p>}
          </>
        )}
      </Loaded>
    </Dialog>
  )
}
