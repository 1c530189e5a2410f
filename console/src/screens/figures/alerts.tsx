import { useQuery } from '@tanstack/react-query'
import { everyItem, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { DataTable } from '../../kit/data-table.tsx'
import { ExportLinks } from '../../kit/export-links.tsx'
import { Badge, Loaded } from '../../kit/surfaces.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { wordOf } from './labels.ts'
import type { Selection } from './selection.ts'
import { words, type FigureWord } from './words.ts'

type Alert = Schemas['Alert']
const KINDS = ['real', 'exercise', 'test'] as const
const TONES = { real: 'emergency', exercise: 'exercise', test: 'test' } as const

/** Newest first. */
async function readAlerts({ from, to }: Selection['moments']): Promise<readonly Alert[]> {
  const found: Alert[] = []
  for await (const alert of everyItem<Alert>((cursor) => loa.GET('/v1/alerts', { params: { query: { from, to, limit: 500, ...cursor } } }))) found.push(alert)
  return found
}

/** Alerts of the time and of the unit with all below it; each opens to its report. */
export function AlertFigures({ selection: { moments, unitId } }: { readonly selection: Selection }) {
  const say = useWords(words)
  const { units } = useUnits()
  const { dayTime, number } = useFormats()
  const query = useQuery({ queryKey: ['get', '/v1/alerts', 'figures', moments], queryFn: () => readAlerts(moments) })
  return (
    <Loaded query={query}>{(all) => {
      const within = unitId === null ? null : units.below(unitId)
      const alerts = all.filter(({ issuer }) => within?.has(issuer) ?? true)
      return (
        <div className="stack">
          <div className="row end no-print"><ExportLinks path="/v1/alerts/export" query={{ ...moments, ...(unitId === null ? {} : { unitId }) }} /></div>
          <dl className="figures-counts">{KINDS.map((kind) => <div key={kind} className="card"><dt><Badge tone={TONES[kind]}>{say(kind)}</Badge></dt><dd>{number(alerts.filter((alert) => alert.kind === kind).length)}</dd></div>)}</dl>
          <DataTable label={say('alerts')} rows={alerts} keyOf={({ id }) => id} columns={[
            { id: 'title', title: say('title'), cell: ({ id, title }) => <a href={`/v1/alerts/${encodeURIComponent(id)}/report/export?format=html`} target="_blank" rel="noreferrer" aria-label={say('openReport', { title })}>{title}</a> },
            { id: 'kind', title: say('kind'), cell: ({ kind }) => <Badge tone={TONES[kind]}>{say(kind)}</Badge> },
            { id: 'hazard', title: say('hazard'), cell: ({ hazard }) => say(wordOf(hazard) as FigureWord) },
            { id: 'unit', title: say('byUnit'), cell: ({ issuer }) => units.name(issuer) },
            { id: 'when', title: say('when'), cell: ({ startsAt, prepared }) => dayTime(startsAt ?? prepared.at) },
            { id: 'clusters', title: say('targeted'), isNumber: true, cell: ({ clusters }) => number(clusters.targeted) },
            { id: 'state', title: say('state'), cell: ({ state }) => say(wordOf(state) as FigureWord) },
          ]} />
        </div>
      )
    }}</Loaded>
  )
}
