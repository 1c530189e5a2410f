import { ChevronLeft, ChevronRight, Printer } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useMe, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { DateField } from '../../kit/date-fields.tsx'
import { Select } from '../../kit/fields.tsx'
import { Page, Tabs } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { words as shellWords } from '../../shell/words.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { houseDay } from '../../words/house-day.ts'
import { useWords } from '../../words/use-words.ts'
import { AlertFigures } from './alerts.tsx'
import { AvailabilityFigures } from './availability.tsx'
import './figures.css'
import { MinuteFigures } from './minutes.tsx'
import { momentsOf, PERIODS, REPORT_DATES, shifted, spanOf, type DaySpan, type Period } from './periods.ts'
import { RepairFigures } from './repairs.tsx'
import { useSelection, type Change, type Selection } from './selection.ts'
import { words } from './words.ts'

/** What was planned, sent and heard, how well the clusters were connected, what was alarmed and repaired; each figure opens to what it is made of. */
export default function Figures() {
  const say = useWords(words)
  const title = useWords(shellWords)('figures')
  const [selection, change, linkOf] = useSelection()
  const tabs = [
    { id: 'minutes', label: say('minutes'), content: <MinuteFigures selection={selection} change={change} linkOf={linkOf} /> },
    { id: 'availability', label: say('availability'), content: <AvailabilityFigures selection={selection} change={change} linkOf={linkOf} /> },
    { id: 'alerts', label: say('alerts'), content: <AlertFigures selection={selection} /> },
    { id: 'repairs', label: say('repairs'), content: <RepairFigures selection={selection} /> },
  ]
  return (
    <Page title={title} actions={<Button onPress={() => { print() }}><Printer size={18} aria-hidden />{say('printReport')}</Button>} help={<><p>{say('help')}</p><p>{say('helpMinutes')}</p><p>{say('helpPrint')}</p></>}>
      <ReportHead selection={selection} section={tabs.find(({ id }) => id === selection.tab)?.label ?? ''} />
      <Filters selection={selection} change={change} />
      <Tabs label={say('tabs')} items={tabs} selected={selection.tab} onSelect={(tab) => { change({ tab, openBy: null, key: null }) }} />
    </Page>
  )
}

/** Stands on paper alone. */
function ReportHead({ selection: { unitId, span }, section }: { readonly selection: Selection; readonly section: string }) {
  const say = useWords(words)
  const { units } = useUnits()
  const { data: me } = useMe()
  const { day, time } = useFormats()
  const [madeAtMs, setMadeAtMs] = useState(() => Date.now())
  useEffect(() => {
    const note = (): void => { setMadeAtMs(Date.now()) }
    addEventListener('beforeprint', note)
    return () => { removeEventListener('beforeprint', note) }
  }, [])
  const text = (one: string): string => day(momentsOf({ from: one, to: one }).from)
  return (
    <div className="figures-report-head">
      <p className="figures-report-unit">{unitId === null ? say('allUnits') : units.path(unitId).map(({ name }) => name).join(' – ')}</p>
      <h2>{say('reportTitle')}: {section}</h2>
      <p>{say('spanText', { from: text(span.from), to: text(span.to) })}</p>
      <p>{say('madeBy', { name: me?.name ?? '' })} · {say('madeAt', { time: `${day(madeAtMs)} ${time(madeAtMs)}` })}</p>
    </div>
  )
}

function Filters({ selection: { period, span, unitId }, change }: { readonly selection: Selection; readonly change: (change: Change) => void }) {
  const say = useWords(words)
  const toSpan = (next: DaySpan, kind: Period = period): void => { change({ period: kind, ...next, openBy: null, key: null }) }
  const choose = (kind: Period): void => {
    const today = houseDay(Date.now())
    if (kind === 'own') toSpan(span, kind)
    else toSpan(spanOf(kind, kind === 'report' ? `${today.slice(0, 4)}-${REPORT_DATES[0]}` : today), kind)
  }
  return (
    <div className="figures-filters no-print">
      <Select label={say('period')} value={period} onChange={choose} choices={PERIODS.map((id) => ({ id, label: say(id) }))} />
      {period === 'report' && <Select label={say('reportDate')} value={span.to.slice(5)} onChange={(date) => { toSpan(spanOf('report', `${span.to.slice(0, 4)}-${date}`)) }} choices={REPORT_DATES.map((id) => ({ id, label: `${id.slice(3)}/${id.slice(0, 2)}` }))} />}
      {period === 'own'
        ? <><OwnDay which="from" span={span} toSpan={toSpan} /><OwnDay which="to" span={span} toSpan={toSpan} /></>
        : <div className="row tight figures-steps"><Button icon aria-label={say('before')} onPress={() => { toSpan(shifted(period, span, -1)) }}><ChevronLeft size={18} aria-hidden /></Button><SpanText span={span} /><Button icon aria-label={say('after')} onPress={() => { toSpan(shifted(period, span, 1)) }}><ChevronRight size={18} aria-hidden /></Button></div>}
      <UnitPicker label={say('byUnit')} value={unitId} nullLabel={say('allUnits')} onChange={(unit) => { change({ unit, openBy: null, key: null }) }} />
    </div>
  )
}

function SpanText({ span: { from, to } }: { readonly span: DaySpan }) {
  const { day } = useFormats()
  const text = (one: string): string => day(momentsOf({ from: one, to: one }).from)
  return <span className="number" role="status">{from === to ? text(from) : `${text(from)} – ${text(to)}`}</span>
}

function OwnDay({ which, span, toSpan }: { readonly which: 'from' | 'to'; readonly span: DaySpan; readonly toSpan: (span: DaySpan) => void }) {
  const say = useWords(common)
  return <DateField isTold="when left" label={say(which)} value={span[which]} onChange={(value) => { if (value !== '') toSpan(which === 'from' ? { from: value, to: value > span.to ? value : span.to } : { from: value < span.from ? value : span.from, to: value }) }} />
}
