import { Link } from 'wouter'
import { api } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { DataTable } from '../../kit/data-table.tsx'
import { ExportLinks } from '../../kit/export-links.tsx'
import { RadioGroup } from '../../kit/fields.tsx'
import { Loaded } from '../../kit/surfaces.tsx'
import { Chart } from '../../parts/chart/chart.tsx'
import { pointText } from '../../parts/chart/point-text.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { keyName } from './labels.ts'
import { beginOf, keysOf, stepOf } from './periods.ts'
import { FigureRows } from './rows.tsx'
import type { Change, Selection } from './selection.ts'
import { words } from './words.ts'

const BREAKDOWNS = ['unit', 'class', 'field', 'source', 'time'] as const
type Breakdown = (typeof BREAKDOWNS)[number]
const BY_WORDS = { unit: 'byUnit', class: 'byClass', field: 'byField', source: 'bySource', time: 'byTime' } as const
const KINDS = ['planned', 'air', 'sent', 'sounded'] as const

export interface FigureParts {
  readonly selection: Selection
  readonly change: (change: Change) => void
  readonly linkOf: (change: Change) => string
}

/** Minutes by time as bars, and by what one asks for as rows. */
export function MinuteFigures({ selection, change, linkOf }: FigureParts) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const formats = useFormats()
  const { units } = useUnits()
  const { span, moments, unitId, open } = selection
  const step = stepOf(span)
  const breakdown: Breakdown = BREAKDOWNS.find((one) => one === selection.by) ?? 'unit'
  const by = breakdown === 'time' ? step : breakdown
  const where = { ...moments, ...(unitId === null ? {} : { unitId }) }
  const overTime = api.useQuery('get', '/v1/figures', { params: { query: { ...where, by: step } } })
  const rows = api.useQuery('get', '/v1/figures', { params: { query: { ...where, by, map: 'now' } } })
  const keys = keysOf(span, step)
  const xs = keys.map(beginOf)
  const textOf = pointText(xs, formats)
  const nameOf = (ofBy: string, item: { readonly key: string; readonly name: string | null }): string => keyName(ofBy, item, say, sayCommon, units, (key) => textOf(beginOf(key)))
  const openItem = open === null ? null : (open.by === by ? rows.data?.items.find(({ key }) => key === open.key) : undefined) ?? { key: open.key, name: null }
  return (
    <div className="stack">
      <Loaded query={overTime}>{({ items }) => {
        const found = new Map(items.map((item) => [item.key, item]))
        return <Chart label={say('chartMinutes')} unit={say('minuteUnit')} xs={xs} onPick={(index) => { change({ openBy: step, key: keys[index] ?? null }) }}
          series={(['planned', 'sent', 'sounded'] as const).map((kind) => ({ name: say(kind), look: 'bars' as const, values: keys.map((key) => found.get(key)?.[`${kind}Minutes`] ?? 0) }))} />
      }}</Loaded>
      <div className="row no-print">
        <div className="grow"><RadioGroup label={say('by')} value={breakdown} onChange={(next) => { change({ by: next, openBy: null, key: null }) }} choices={BREAKDOWNS.map((id) => ({ id, label: say(BY_WORDS[id]) }))} /></div>
        <ExportLinks path="/v1/figures/export" query={{ ...where, by, map: 'now' }} />
      </div>
      <p className="figures-on-paper small">{say('minutesAre')}</p>
      <Loaded query={rows}>{({ items }) => {
        const named = items.map((item) => ({ ...item, label: nameOf(by, item), isTotal: false }))
        const sum = (of: (item: (typeof items)[number]) => number): number => items.reduce((total, item) => total + of(item), 0)
        const total = { key: '', name: null, label: say('total'), isTotal: true, runs: sum(({ runs }) => runs), plannedMinutes: sum(({ plannedMinutes }) => plannedMinutes), airMinutes: sum(({ airMinutes }) => airMinutes), sentMinutes: sum(({ sentMinutes }) => sentMinutes), soundedMinutes: sum(({ soundedMinutes }) => soundedMinutes) }
        return <DataTable label={say('minutes')} rows={named.length === 0 ? [] : [...named, total]} keyOf={({ key }) => key} empty={say('empty')} openKey={open?.by === by ? open.key : null} columns={[
          { id: 'name', title: say(BY_WORDS[breakdown]), cell: ({ label, isTotal }) => (isTotal ? <strong>{label}</strong> : label) },
          { id: 'runs', title: say('runs'), isNumber: true, cell: ({ key, label, runs, isTotal }) => (isTotal ? formats.number(runs) : <Link href={linkOf({ openBy: by, key })} aria-label={say('openRows', { runs, name: label })}>{formats.number(runs)}</Link>) },
          ...KINDS.map((kind) => ({ id: kind, title: say(kind), isNumber: true, cell: ({ [`${kind}Minutes` as const]: value, isTotal }: (typeof named)[number]) => (isTotal ? <strong>{formats.number(value, 1)}</strong> : formats.number(value, 1)) })),
        ]} />
      }}</Loaded>
      {open !== null && openItem !== null && <FigureRows title={nameOf(open.by, openItem)} query={{ ...where, by: open.by, key: open.key, ...(open.by === 'unit' ? { map: 'now' } : {}) }} onClose={() => { change({ openBy: null, key: null }) }} />}
    </div>
  )
}
