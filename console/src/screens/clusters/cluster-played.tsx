import { Play } from 'lucide-react'
import { useState } from 'react'
import type { Schemas } from '../../../../control/client/index.ts'
import { api } from '../../api/client.ts'
import { Button } from '../../kit/button.tsx'
import { Badge, Empty, Loaded } from '../../kit/surfaces.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import type { Cluster } from './cluster-filter.ts'
import { clusterWords } from './cluster-words.ts'

type Entry = Schemas['PlayLogEntry']
const keyOf = ({ logId, number }: Entry): string => `${logId} ${String(number)}`

/** What the device says it has played, and what was recorded of it, to be heard again. */
export function ClusterPlayed({ cluster: { id, unitId } }: { readonly cluster: Cluster }) {
  const say = useWords(clusterWords)
  const { dayTime, duration } = useFormats()
  const [heard, setHeard] = useState<string | null>(null)
  const query = api.useQuery('get', '/v1/clusters/{id}/play-log', { params: { path: { id }, query: { limit: 50 } } })
  return (
    <section className="card stack cluster-wide-card">
      <h2>{say('playLog')}</h2>
      <Loaded query={query}>{({ items }) => (items.length === 0 ? <Empty>{say('playLogNone')}</Empty> : (
        <div className="table-wrap report-list" tabIndex={0}><table className="table"><tbody>{items.map((entry) => (
          <tr key={keyOf(entry)}>
            <td className="number">{dayTime(entry.from)}</td>
            <td>{entry.orderId === null ? say('filler') : <OrderTitle id={entry.orderId} />}</td>
            <td className="number">{duration(entry.playedMs)} <span className="small quiet">{entry.missingMs < 500 ? say('whole') : say('missing', { time: duration(entry.missingMs) })}</span></td>
            <td>{!entry.audible ? <Badge tone="warn">{say('silentRun')}</Badge> : entry.heard === true && <Badge tone="good">{say('heard')}</Badge>}</td>
            <td>{entry.orderId !== null && (heard === keyOf(entry) ? <Again orderId={entry.orderId} unitId={unitId} entry={entry} /> : <Button onPress={() => { setHeard(keyOf(entry)) }}><Play size={16} aria-hidden />{say('listen')}</Button>)}</td>
          </tr>
        ))}</tbody></table></div>
      ))}</Loaded>
    </section>
  )
}

function OrderTitle({ id }: { readonly id: string }) {
  const { data } = api.useQuery('get', '/v1/orders/{id}', { params: { path: { id } } }, { retry: false, staleTime: 10 * 60_000 })
  return data?.title ?? id
}

function Again({ orderId, unitId, entry: { from, until } }: { readonly orderId: string; readonly unitId: string; readonly entry: Entry }) {
  const say = useWords(clusterWords)
  const [isMissing, setIsMissing] = useState(false)
  if (isMissing) return <span className="small quiet">{say('noRecording')}</span>
  return <audio controls autoPlay src={`/v1/orders/${encodeURIComponent(orderId)}/recording/audio?${new URLSearchParams({ from, to: until, unitId }).toString()}`} onError={() => { setIsMissing(true) }} />
}
