import { Link } from 'wouter'
import { api } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { DataTable } from '../../kit/data-table.tsx'
import { ExportLinks } from '../../kit/export-links.tsx'
import { Loaded } from '../../kit/surfaces.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import type { Selection } from './selection.ts'
import { words } from './words.ts'

/** How long repairs take, in all and by unit; each unit opens to its tickets. */
export function RepairFigures({ selection: { moments, unitId } }: { readonly selection: Selection }) {
  const say = useWords(words)
  const { units } = useUnits()
  const { number } = useFormats()
  const where = { ...moments, ...(unitId === null ? {} : { unitId }) }
  const query = api.useQuery('get', '/v1/ticket-figures', { params: { query: where } })
  const hours = (ms: number | null): string => (ms === null ? '–' : say('hours', { value: number(ms / 3_600_000, 1) }))
  return (
    <div className="stack">
      <div className="row end no-print"><ExportLinks path="/v1/tickets/export" query={where} /></div>
      <Loaded query={query}>{({ all, byUnit }) => (
        <DataTable label={say('repairs')} rows={[...byUnit, { unitId: null, ...all }]} keyOf={({ unitId: unit }) => unit ?? ''} columns={[
          { id: 'unit', title: say('byUnit'), cell: ({ unitId: unit }) => (unit === null ? <strong>{say('total')}</strong> : <Link href={`/clusters?${new URLSearchParams({ tab: 'tickets', unit }).toString()}`} aria-label={`${say('openTickets')}: ${units.name(unit)}`}>{units.name(unit)}</Link>) },
          { id: 'opened', title: say('opened'), isNumber: true, cell: ({ opened }) => number(opened) },
          { id: 'done', title: say('doneTickets'), isNumber: true, cell: ({ done }) => number(done) },
          { id: 'unfinished', title: say('unfinished'), isNumber: true, cell: ({ unfinished }) => number(unfinished) },
          { id: 'respond', title: say('respond'), isNumber: true, cell: ({ respondMedianMs }) => hours(respondMedianMs) },
          { id: 'repair', title: say('repair'), isNumber: true, cell: ({ repairMedianMs }) => hours(repairMedianMs) },
          { id: 'cost', title: say('cost'), isNumber: true, cell: ({ costVnd }) => number(costVnd) },
        ]} />
      )}</Loaded>
    </div>
  )
}
