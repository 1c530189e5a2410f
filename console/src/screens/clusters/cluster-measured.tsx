import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { done } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useEvents, type LoaEvent } from '../../api/events.ts'
import { queryClient } from '../../api/query-client.ts'
import { ExportLinks } from '../../kit/export-links.tsx'
import { Empty, Loaded } from '../../kit/surfaces.tsx'
import { Chart, type ChartSeries } from '../../parts/chart/chart.tsx'
import { useWords } from '../../words/use-words.ts'
import { columnsOf, isSaid, lineOf, withTail, type Columns, type Measure, type Measurements } from './measured.ts'
import { measuredWords } from './measured-words.ts'

const PATH = '/v1/clusters/{id}/measurements'
/** Five minutes are the shortest step there is. */
const READ_EVERY_MS = 5 * 60_000
/** Devices say how they are every 10 s. */
const READ_TAIL_EVERY_MS = 5000
const HEIGHT_PX = 150

/** What charts show at least, so that a quiet day does not look like a storm; and their sequence. */
const CHARTS = [
  { id: 'signal', measure: 'signalDbm', unit: 'dBm', least: [-110, -60] },
  { id: 'syncError', measure: 'syncErrorMs', unit: 'ms', least: [-2, 2] },
  { id: 'volume', measure: 'volumePercent', unit: '%', least: [0, 100] },
  { id: 'temperature', measure: 'temperatureC', unit: '°C', least: [20, 60] },
] as const satisfies readonly { readonly measure: Measure; readonly [rest: string]: unknown }[]

async function read(id: string, fromMs: number, untilMs: number, stepMs?: number): Promise<Measurements> {
  return done(await loa.GET(PATH, { params: { path: { id }, query: { from: new Date(fromMs).toISOString(), to: new Date(untilMs).toISOString(), ...(stepMs === undefined ? {} : { stepMs }) } } }))
}

interface ClusterMeasuredProps {
  readonly clusterId: string
  /** What the strip above shows. */
  readonly fromMs: number
  readonly untilMs: number
}

/** What the device measured, below the strip and by the same time. Its end is read again while one looks, and at once when something happens to the cluster. */
export function ClusterMeasured({ clusterId, fromMs, untilMs }: ClusterMeasuredProps) {
  const say = useWords(measuredWords)
  const spanMs = untilMs - fromMs
  const whole = useQuery({ queryKey: ['get', PATH, clusterId, spanMs], queryFn: () => read(clusterId, Date.now() - spanMs, Date.now()), refetchInterval: READ_EVERY_MS })
  const stepMs = whole.data?.stepMs
  const tail = useQuery({
    queryKey: ['get', PATH, clusterId, spanMs, 'tail', whole.data?.to],
    enabled: whole.data !== undefined,
    queryFn: () => read(clusterId, Date.parse(whole.data!.to) - 2 * stepMs!, Date.now(), stepMs),
    refetchInterval: READ_TAIL_EVERY_MS,
  })
  useEvents(useCallback(({ type, data }: LoaEvent) => {
    const clusterIds = data['clusterIds'] as readonly string[] | undefined
    if ((type === 'state' || type === 'on-air') && clusterIds?.includes(clusterId) === true) void queryClient.invalidateQueries({ queryKey: ['get', PATH, clusterId], predicate: ({ queryKey }) => queryKey.includes('tail') })
  }, [clusterId]))
  return (
    <Loaded query={whole}>{(first) => {
      const columns = columnsOf(withTail(first.items, tail.data?.items), first.stepMs, fromMs, tail.data === undefined ? untilMs : Math.max(untilMs, Date.parse(tail.data.to)))
      const said = CHARTS.filter(({ measure }) => isSaid(columns, measure))
      const silent = CHARTS.filter((chart) => !said.includes(chart))
      if (said.length === 0) return <Empty>{say('none')}</Empty>
      return (
        <>
          {said.map(({ id, measure, unit, least }) => (
            <section key={id} className="stack tight measured" data-measure={measure}>
              <div className="row tight"><h3>{say(id)} ({unit})</h3><span className="small quiet">{say(`${id}Hint`)}</span></div>
              <Chart label={say(id)} unit={unit} heightPx={HEIGHT_PX} isOnStrip leastRange={least} xs={columns.xs} series={measure === 'volumePercent' ? volumeSeries(columns, say('set'), say('played')) : spreadSeries(columns, measure, say('lowest'), say('highest'), say('mean'))} />
            </section>
          ))}
          <div className="row end"><ExportLinks path={PATH.replace('{id}', `${encodeURIComponent(clusterId)}`) + '/export'} query={{ from: first.from, to: first.to }} /></div>
          {silent.length > 0 && <p className="small quiet">{say('notSaid', { names: silent.map(({ id }) => say(id)).join(', ') })}</p>}
        </>
      )
    }}</Loaded>
  )
}

const spreadSeries = (columns: Columns, measure: Measure, lowest: string, highest: string, mean: string): readonly ChartSeries[] => [
  { name: lowest, look: 'edge', values: lineOf(columns, measure, 'min') },
  { name: highest, look: 'edge', values: lineOf(columns, measure, 'max') },
  { name: mean, look: 'line', values: lineOf(columns, measure, 'mean') },
]

const volumeSeries = (columns: Columns, set: string, played: string): readonly ChartSeries[] => [
  { name: set, look: 'line', values: lineOf(columns, 'volumePercent', 'mean') },
  { name: played, look: 'line', values: lineOf(columns, 'playedPercent', 'mean') },
]
