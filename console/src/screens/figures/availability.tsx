import { done, type Schemas } from '../../../../control/client/index.ts'
import { Link } from 'wouter'
import { loa } from '../../api/client.ts'
import { usePages } from '../../api/pages.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { ExportLinks } from '../../kit/export-links.tsx'
import { RadioGroup } from '../../kit/fields.tsx'
import { Loaded } from '../../kit/surfaces.tsx'
import { Chart } from '../../parts/chart/chart.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import type { FigureParts } from './minutes.tsx'
import { beginOf, keysOf, stepOf } from './periods.ts'
import { words } from './words.ts'

type Row = Schemas['Availability']

/** How long clusters were connected; a unit opens to its clusters, a cluster to its history. */
export function AvailabilityFigures({ selection: { span, unitId, by }, change, linkOf }: FigureParts) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { number, percent } = useFormats()
  const breakdown = by === 'cluster' ? 'cluster' : 'unit'
  const days = stepOf(span)
  const period = days === 'week' ? 'day' : days
  const where = { from: span.from, to: span.to, ...(unitId === null ? {} : { unit: unitId }) }
  const read = (query: Record<string, string>) => async (page: { readonly cursor?: string }) => done(await loa.GET('/v1/availability', { params: { query: { ...where, ...query, limit: 1000, ...page } } }))
  const overTime = usePages<Row>(['get', '/v1/availability', where, period], read({ by: 'total', period }))
  const rows = usePages<Row>(['get', '/v1/availability', where, breakdown], read({ by: breakdown, period: 'year' }))
  const keys = keysOf(span, period)
  const shareText = (share: number | null): string => (share === null ? say('notKnown') : percent(share, 2))
  return (
    <div className="stack">
      <Loaded query={overTime}>{(items) => {
        const found = new Map(items.map((item) => [item.period, item]))
        const shares = (of: (row: Row) => number | null) => keys.map((key) => { const row = found.get(key); const share = row === undefined ? null : of(row); return share === null ? null : share * 100 })
        return <Chart label={say('availabilityChart')} unit="%" xs={keys.map(beginOf)} series={[{ name: say('share'), look: 'line', values: shares(({ availability }) => availability) }, { name: say('soundedShare'), look: 'line', values: shares(({ soundedShare }) => soundedShare) }]} />
      }}</Loaded>
      <div className="row no-print">
        <div className="grow"><RadioGroup label={say('by')} value={breakdown} onChange={(next) => { change({ by: next }) }} choices={[{ id: 'unit', label: say('byUnit') }, { id: 'cluster', label: say('byCluster') }]} /></div>
        <ExportLinks path="/v1/availability/export" query={{ ...where, by: breakdown, period: 'year' }} />
      </div>
      <Loaded query={rows}>{(items) => (
        <>
          <DataTable label={say('availability')} rows={items} keyOf={({ period: year, unitId: unit, clusterId }) => `${year} ${unit ?? ''} ${clusterId ?? ''}`} columns={[
            { id: 'name', title: say('name'), cell: ({ unitId: unit, clusterId, name, code }) => (clusterId !== null ? <Link href={`/clusters/${clusterId}`}>{name ?? code ?? clusterId}</Link> : unit === null || unit === unitId ? name ?? code ?? '' : <Link href={linkOf({ unit, by: 'cluster' })}>{name ?? code ?? unit}</Link>) },
            { id: 'year', title: say('year'), cell: ({ period: year }) => year },
            { id: 'clusters', title: say('clusterCount'), isNumber: true, cell: ({ clusters }) => number(clusters) },
            { id: 'share', title: say('share'), isNumber: true, cell: ({ availability }) => shareText(availability) },
            { id: 'sounded', title: say('soundedShare'), isNumber: true, cell: ({ soundedShare }) => shareText(soundedShare) },
            { id: 'lost', title: say('lostTime'), isNumber: true, cell: ({ lostMs }) => say('hours', { value: number(lostMs / 3_600_000, 1) }) },
          ]} />
          {rows.more !== null && <Button onPress={rows.more}>{sayCommon('more')}</Button>}
        </>
      )}</Loaded>
    </div>
  )
}
