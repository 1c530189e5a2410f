import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { done } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { Select } from '../../kit/fields.tsx'
import { Empty, Loaded } from '../../kit/surfaces.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { clusterWords } from './cluster-words.ts'
import { ClusterMeasured } from './cluster-measured.tsx'
import { segmentsOf, sharesOf, STRIP_LOOKS, type History } from './state-strip.ts'
import { words } from './words.ts'

const DAY_MS = 86_400_000
const SPANS = { day: DAY_MS, week: 7 * DAY_MS } as const
const MOST_LISTED = 300

/** The last day or week of a cluster as one line, the same as words, and below it what its device measured. */
export function StateStrip({ clusterId }: { readonly clusterId: string }) {
  const say = useWords(clusterWords)
  const [span, setSpan] = useState<keyof typeof SPANS>('day')
  const query = useQuery({
    queryKey: ['get', '/v1/clusters/{id}/state-history', clusterId, span],
    queryFn: async () => {
      const untilMs = Date.now()
      const history = done(await loa.GET('/v1/clusters/{id}/state-history', { params: { path: { id: clusterId }, query: { from: new Date(untilMs - SPANS[span]).toISOString(), to: new Date(untilMs).toISOString() } } }))
      return { history, fromMs: untilMs - SPANS[span], untilMs }
    },
    refetchInterval: 30_000,
  })
  return (
    <section className="card stack cluster-wide-card">
      <div className="row"><h2 className="grow">{say('strip')}</h2><Select label={say('strip')} hideLabel value={span} choices={[{ id: 'day', label: say('day') }, { id: 'week', label: say('week') }]} onChange={setSpan} /></div>
      <Loaded query={query}>{({ history, fromMs, untilMs }) => (
        <>
          {history.items.length === 0 ? <Empty>{say('noHistory')}</Empty> : <Strip history={history} fromMs={fromMs} untilMs={untilMs} />}
          <ClusterMeasured clusterId={clusterId} fromMs={fromMs} untilMs={untilMs} />
        </>
      )}</Loaded>
    </section>
  )
}

function Strip({ history, fromMs, untilMs }: { readonly history: History; readonly fromMs: number; readonly untilMs: number }) {
  const say = useWords(clusterWords)
  const sayList = useWords(words)
  const { dayTime, duration } = useFormats()
  return (
    <>
      <div className="chart-sides">
        <svg className="strip" viewBox="0 0 1000 40" preserveAspectRatio="none" aria-hidden>{segmentsOf(history, fromMs, untilMs).map(({ at, width, look, from, state, to }) => <rect key={from} x={at * 1000} width={width * 1000} height={40} className={`look-${look}`}><title>{`${sayList(state)} ${dayTime(from)} – ${dayTime(to)}`}</title></rect>)}</svg>
        <div className="strip-scale small quiet number">{[0, 0.25, 0.5, 0.75, 1].map((share) => <span key={share}>{dayTime(fromMs + share * (untilMs - fromMs))}</span>)}</div>
      </div>
      <div className="strip-legend">{sharesOf(history).map(({ state, ms, times }) => <span key={state}><i className={`strip-key look-${STRIP_LOOKS[state]}`} aria-hidden />{sayList(state)} <b className="number">{duration(ms)}</b> <span className="small quiet">{say('times', { count: times })}</span></span>)}</div>
      <details><summary>{say('spans')}</summary>
        <div className="table-wrap report-list" tabIndex={0}><table className="table"><tbody>{[...history.items].reverse().slice(0, MOST_LISTED).map(({ state, from, to }) => <tr key={from}><td className="number">{dayTime(from)}</td><td>{sayList(state)}</td><td className="number">{duration(Date.parse(to) - Date.parse(from))}</td></tr>)}</tbody></table></div>
      </details>
    </>
  )
}
