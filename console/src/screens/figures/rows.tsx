import { FileText, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { usePages } from '../../api/pages.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { Loaded } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { wordOf } from './labels.ts'
import { words, type FigureWord } from './words.ts'

type Query = { readonly from: string; readonly to: string; readonly by: string; readonly key: string; readonly unitId?: string; readonly map?: string }
type By = Schemas['Figures']['by']

/** The entries of the air log of which a figure is the sum. */
export function FigureRows({ title, query, onClose }: { readonly title: string; readonly query: Query; readonly onClose: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { units } = useUnits()
  const { dayTime, number } = useFormats()
  const heading = useRef<HTMLHeadingElement>(null)
  const { by, map, ...rest } = query
  const pages = usePages<Schemas['AirLogEntry']>(['get', '/v1/figures/entries', query], async (page) => done(await loa.GET('/v1/figures/entries', { params: { query: { ...rest, by: by as By, ...(map === undefined ? {} : { map: 'now' as const }), limit: 100, ...page } } })))
  useEffect(() => { heading.current?.focus() }, [title])
  const minutes = (ms: number): string => number(ms / 60_000, 1)
  return (
    <section className="card stack figures-rows" aria-label={say('rowsOf', { name: title })}>
      <div className="row"><h2 className="grow" tabIndex={-1} ref={heading}>{say('rowsOf', { name: title })}</h2><span className="no-print"><Button look="plain" icon aria-label={say('closeRows')} onPress={onClose}><X size={20} aria-hidden /></Button></span></div>
      <Loaded query={pages}>{(entries) => (
        <>
          <DataTable label={say('rowsOf', { name: title })} rows={entries} keyOf={({ seq }) => String(seq)} columns={[
            { id: 'title', title: say('order'), cell: (entry) => entry.title },
            { id: 'class', title: sayCommon('class'), cell: (entry) => sayCommon(entry.class) },
            { id: 'unit', title: say('byUnit'), cell: ({ unitId }) => units.name(unitId) },
            { id: 'when', title: say('when'), cell: ({ from }) => dayTime(from) },
            { id: 'clusters', title: say('clusters'), isNumber: true, cell: ({ clusterIds }) => number(clusterIds.length) },
            { id: 'planned', title: say('planned'), isNumber: true, cell: ({ plannedMs }) => minutes(plannedMs) },
            { id: 'air', title: say('air'), isNumber: true, cell: ({ airMs }) => minutes(airMs) },
            { id: 'sent', title: say('sent'), isNumber: true, cell: ({ sentMs }) => minutes(sentMs) },
            { id: 'sounded', title: say('sounded'), isNumber: true, cell: ({ soundedMs }) => minutes(soundedMs) },
            { id: 'end', title: say('end'), cell: ({ end }) => say(wordOf(end) as FigureWord) },
            { id: 'proof', title: say('proof'), cell: ({ orderId, title: order }) => <a className="button plain icon no-print" href={`/v1/orders/${encodeURIComponent(orderId)}/report/export?format=html`} target="_blank" rel="noreferrer" aria-label={say('openReport', { title: order })}><FileText size={18} aria-hidden /></a> },
          ]} />
          <div className="row"><span className="quiet small">{say('runsShown', { count: entries.length })}</span>{pages.more !== null && <span className="no-print"><Button onPress={pages.more} isDisabled={pages.isReading}>{sayCommon('more')}</Button></span>}</div>
        </>
      )}</Loaded>
    </section>
  )
}
