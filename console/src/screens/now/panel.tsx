import { X } from 'lucide-react'
import { api } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { Badge } from '../../kit/surfaces.tsx'
import { useNowMs } from '../../kit/use-now.ts'
import { ListenButton } from '../../parts/listen/listen-button.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { houseDay } from '../../words/house-day.ts'
import { useWords } from '../../words/use-words.ts'
import type { BoardRow, OnAirOrder } from './board.ts'
import { ClassBadge, useWhat } from './cards.tsx'
import { LOOK_TONES } from './looks.tsx'
import { StopOrder } from './stop-order.tsx'
import { words } from './words.ts'

const MOST_NEXT = 5
const STEP_MS = 10_000

/** One cluster: how it is, what it plays and what comes next. */
export function Panel({ row, order, meant, onClose }: { readonly row: BoardRow; readonly order: OnAirOrder | undefined; /** On the air there for how many. */ readonly meant: number; readonly onClose: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { time } = useFormats()
  const what = useWhat()
  const nowMs = useNowMs(STEP_MS)
  const { units } = useUnits()
  const { data: state } = api.useQuery('get', '/v1/clusters/{id}/state', { params: { path: { id: row.id } } })
  const { data: day } = api.useQuery('get', '/v1/clusters/{id}/schedule', { params: { path: { id: row.id }, query: { day: houseDay(nowMs) } } })
  const next = (day?.segments ?? []).filter(({ from, beneath }) => Date.parse(from) > nowMs && !beneath).slice(0, MOST_NEXT)
  return (
    <section className="card stack tight now-panel" aria-label={row.name}>
      <div className="row tight">
        <h2 className="grow now-title">{row.name} <span className="small quiet">{row.code}</span></h2>
        <Button look="plain" icon aria-label={sayCommon('close')} onPress={onClose}><X size={20} aria-hidden /></Button>
      </div>
      <p className="small quiet">{units.path(row.unitId).map(({ name }) => name).join(' › ')}</p>
      <div className="row tight"><Badge tone={LOOK_TONES[row.look]}>{say(row.state)}</Badge>{state?.conditions.map(({ code, title }) => <Badge key={code} tone="warn">{title}</Badge>)}</div>
      <h3>{say('playsNow')}</h3>
      {order === undefined ? <p className="quiet">{say('playsNothing')}</p> : (
        <div className="row tight"><ClassBadge order={order} /><span className="grow now-title">{order.title} <span className="small quiet">{[what(order), say('until', { time: time(order.until) })].filter((part) => part !== '').join(' · ')}</span></span></div>
      )}
      <h3>{say('playsNext')}</h3>
      {day !== undefined && next.length === 0 && <p className="quiet">{say('nothingNext')}</p>}
      <ul>{next.map(({ from, until, title }) => <li key={`${from} ${title}`} className="row tight"><span className="number">{time(from)}–{time(until)}</span><span className="grow now-title">{title}</span></li>)}</ul>
      <div className="row tight no-print">
        {order !== undefined && <ListenButton hears={{ cluster: row.id }} label={row.name} />}
        <ButtonLink href={`/clusters/${row.id}`}>{say('page')}</ButtonLink>
        {order !== undefined && order.class !== 'emergency' && <StopOrder order={order} clusters={meant} />}
      </div>
    </section>
  )
}
