import { LocateFixed, Navigation, Phone, Volume2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Link } from 'wouter'
import { api } from '../../api/client.ts'
import { useMe, useRights, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Switch } from '../../kit/fields.tsx'
import { Badge, Empty, Loaded, Notice } from '../../kit/surfaces.tsx'
import { fold } from '../../words/fold.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { StateBadge } from './state-badge.tsx'
import { CommandDialog } from './command-dialog.tsx'
import { ListPage } from './list-page.tsx'
import { useRegistry } from './registry-data.ts'
import { TicketSteps } from './ticket-actions.tsx'
import { TicketBadge } from './ticket-list.tsx'
import { roadOrder, type Place, type RoadStop, type Ticket } from './ticket-rules.ts'
import { ticketWords } from './ticket-words.ts'
import type { Row } from './cluster-filter.ts'

/** For who is on the way with a phone: what is to be repaired, the nearest first, with whom to call and what to press. */
export default function RoadPage() {
  const say = useWords(ticketWords)
  const { data: me } = useMe()
  const [isMine, setIsMine] = useState(true)
  const [here, setHere] = useState<Place | null>(null)
  const [hasFailed, setHasFailed] = useState(false)
  const registry = useRegistry()
  const rows = useMemo(() => new Map(registry.data?.map((row) => [row.cluster.id, row])), [registry.data])
  const places = useMemo(() => new Map([...rows].flatMap(([id, { cluster: { position } }]) => (position === null ? [] : [[id, position] as const]))), [rows])
  const query = api.useQuery('get', '/v1/tickets', { params: { query: { limit: 500, state: 'unfinished' } } })
  const locate = (): void => {
    if (!('geolocation' in navigator)) {
      setHasFailed(true)
      return
    }
    navigator.geolocation.getCurrentPosition(({ coords: { latitude, longitude } }) => { setHere({ lat: latitude, lon: longitude }); setHasFailed(false) }, () => { setHasFailed(true) }, { enableHighAccuracy: true, timeout: 15_000 })
  }
  const myName = fold(me?.name ?? '')
  return (
    <ListPage help={<p>{say('roadHelp')}</p>}>
      <div className="row"><Switch isSelected={isMine} onChange={setIsMine}>{say('mine')}</Switch><Button onPress={locate}><LocateFixed size={18} aria-hidden />{say('near')}</Button></div>
      {hasFailed ? <Notice tone="warn">{say('nearFailed')}</Notice> : here === null && <p className="small quiet">{say('nearOff')}</p>}
      <Loaded query={query}>{({ items }) => {
        const stops = roadOrder(items.filter(({ assignee }) => !isMine || (assignee !== null && fold(assignee) === myName)), places, here)
        return stops.length === 0 ? <Empty>{isMine ? say('noneMine') : say('none')}</Empty> : <ul className="cluster-grid">{stops.map((stop) => <Stop key={stop.ticket.id} stop={stop} row={stop.ticket.clusterId === null ? undefined : rows.get(stop.ticket.clusterId)} />)}</ul>
      }}</Loaded>
    </ListPage>
  )
}

function Stop({ stop: { ticket, km }, row }: { readonly stop: RoadStop<Ticket>; readonly row: Row | undefined }) {
  const say = useWords(ticketWords)
  const rights = useRights()
  const { units } = useUnits()
  const { number } = useFormats()
  const [isBeeping, setIsBeeping] = useState(false)
  const { id, title, unitId, state } = ticket
  const { keeper, keeperPhone } = row?.cluster.equipment ?? { keeper: null, keeperPhone: null }
  const position = row?.cluster.position ?? null
  return (
    <li className="card ticket-card">
      <div className="row tight"><TicketBadge state={state} />{row?.working != null && <StateBadge state={row.working.state} />}<span className="grow" />{km === null ? position === null && <Badge>{say('noPlace')}</Badge> : <b className="number">{say('km', { km: number(km, 1) })}</b>}</div>
      <h2><Link href={`/clusters/tickets/${id}`}>{title}</Link></h2>
      <p>{row === undefined ? units.name(unitId) : <><Link href={`/clusters/${row.cluster.id}`}>{row.cluster.name}</Link> · {units.name(row.cluster.unitId)}</>}</p>
      <div className="row tight">
        {keeperPhone !== null && <a className="button normal" href={`tel:${keeperPhone}`}><Phone size={18} aria-hidden />{say('call', { name: keeper ?? keeperPhone })}</a>}
        {position !== null && <a className="button normal" href={`geo:${String(position.lat)},${String(position.lon)}?q=${String(position.lat)},${String(position.lon)}`}><Navigation size={18} aria-hidden />{say('way')}</a>}
        {row !== undefined && rights.at('command', row.cluster.unitId) && <Button onPress={() => { setIsBeeping(true) }}><Volume2 size={18} aria-hidden />{say('beep')}</Button>}
      </div>
      {rights.at('maintain', unitId) && <TicketSteps ticket={ticket} most={3} />}
      {isBeeping && row !== undefined && <CommandDialog clusters={[{ id: row.cluster.id, name: row.cluster.name }]} first="identify" onClose={() => { setIsBeeping(false) }} />}
    </li>
  )
}
