import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { useSearchParams } from 'wouter'
import { useRights, useUnits } from '../../api/me.ts'
import { SearchField } from '../../kit/fields.tsx'
import { Page, Loaded, Waiting } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { mediaHook } from '../../kit/use-media.ts'
import { words as shellWords } from '../../shell/words.ts'
import { common } from '../../words/common.ts'
import { HOUSE_ZONE } from '../../words/formats.ts'
import { LOCALES, useLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { AskingPanel } from './asking-panel.tsx'
import { CalendarSteps, ScheduleActions } from './calendar-bar.tsx'
import { ClusterDayDialog } from './cluster-day-dialog.tsx'
import { ClusterPicker, type Chosen } from './cluster-picker.tsx'
import { CopyWeekDialog } from './copy-week-dialog.tsx'
import { DayList } from './day-list.tsx'
import { clockText, todayHere, MINUTE_MS } from './days.ts'
import { instantOf, mondayOf, wallOf, type Day } from '../../words/house-day.ts'
import { entriesOf, type Entry } from './entries.ts'
import { formOf, newItemForm, withClips, type ItemForm } from './item-form.ts'
import { ItemDialog, type ItemDialogProps } from './item-dialog.tsx'
import { PlayDialog } from './play-dialog.tsx'
import { PolicyPanel } from './policy-panel.tsx'
import { dayOfPlay } from './move.ts'
import './schedule.css'
import { ShiftDialog, type PendingShift } from './shift-dialog.tsx'
import { useScheduled } from './use-schedule.ts'
import { words } from './words.ts'

/** Below this a week has no room for its words. */
const useIsNarrow = mediaHook('(max-width: 52rem)')

const WeekGrid = lazy(() => import('./week-grid.tsx'))
const NEW_LENGTH_MS = 30 * MINUTE_MS

type Open = { readonly kind: 'play'; readonly entry: Entry } | { readonly kind: 'item'; readonly props: Omit<ItemDialogProps, 'onClose'> } | { readonly kind: 'copy' } | { readonly kind: 'cluster'; readonly cluster: Chosen } | null

/** What plays when: the calendar of a unit or of a cluster. */
export default function Schedule() {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const title = useWords(shellWords)('schedule')
  const language = useLanguage()
  const rights = useRights()
  const { units } = useUnits()
  const isNarrow = useIsNarrow()
  const [chosenView, setView] = useState<'day' | 'week'>('week')
  const [day, setDay] = useState(() => todayHere())
  const [unitId, setUnitId] = useState<string | null>(null)
  const [cluster, setCluster] = useState<Chosen | null>(null)
  const [question, setQuestion] = useState('')
  const [pending, setPending] = useState<PendingShift | null>(null)
  const view = isNarrow ? 'day' : chosenView
  const days = view === 'week' ? 7 : 1
  const from = view === 'week' ? mondayOf(day) : day
  const filter = { unitId, clusterId: cluster?.id ?? null }
  const scheduled = useScheduled(from, days, filter)
  const entries = useMemo(() => entriesOf(scheduled.data ?? [], question.trim()), [scheduled.data, question])
  const mayPlan = rights.somewhere('plan')
  const header = useMemo(() => new Intl.DateTimeFormat(LOCALES[language], { timeZone: HOUSE_ZONE, weekday: 'short', day: 'numeric', month: 'numeric' }), [language])
  const headerOf = useCallback((one: Day) => header.format(instantOf(`${one}T12:00`)), [header])
  /** Where most of what this person plans goes: the chosen cluster or unit, else the only unit that he has. */
  const here = (): { clusters: string[] } | { units: string[] } | object => {
    if (cluster !== null) return { clusters: [cluster.id] }
    const only = unitId ?? units.roots.find(({ id }) => rights.at('plan', id))?.id
    return only === undefined || !rights.at('plan', only) ? {} : { units: [only] }
  }
  const newAt = (onDay: Day, time: string, lengthMs: number): ItemForm => newItemForm(onDay, time, lengthMs, here())
  const newSoon = (): ItemForm => {
    const today = todayHere()
    const nextHourMs = Math.ceil((Date.parse(`${wallOf(Date.now())}Z`) % 86_400_000) / 3_600_000) * 3_600_000
    return newAt(from <= today && today <= day ? today : from > today ? from : today, clockText(nextHourMs), NEW_LENGTH_MS)
  }
  const newItem = (start: ItemForm): Open => ({ kind: 'item', props: { start, edited: null } })
  // The library leads here with clips in the address.
  const [address, setAddress] = useSearchParams()
  const [open, setOpen] = useState<Open>(() => {
    const clipIds = (address.get('clips') ?? '').split(',').filter((id) => id !== '')
    return clipIds.length > 0 && mayPlan ? newItem(withClips(newSoon(), clipIds)) : null
  })
  const close = (): void => {
    setOpen(null)
    if (address.has('clips')) setAddress({}, { replace: true })
  }
  const policyUnit = cluster?.unitId ?? unitId
  return (
    <Page title={title} full help={<><p>{say('help1')}</p><p>{say('help2')}</p><p>{say('help3')}</p><p>{say('help4')}</p></>}
      actions={<ScheduleActions mayPlan={mayPlan} filter={filter} onNew={() => { setOpen(newItem(newSoon())) }} onCopy={() => { setOpen({ kind: 'copy' }) }} onCluster={cluster === null ? null : () => { setOpen({ kind: 'cluster', cluster }) }} />}>
      <CalendarSteps from={from} days={days} view={view} onView={setView} onDay={setDay} isNarrow={isNarrow} filtersSet={[unitId !== null, cluster !== null, question.trim() !== ''].filter(Boolean).length}>
        <UnitPicker label={sayCommon('unit')} value={unitId} nullLabel={say('allUnits')} onChange={(next) => { setUnitId(next); setCluster(null) }} />
        <ClusterPicker unitId={unitId} value={cluster} onChange={setCluster} />
        <SearchField label={say('search')} value={question} onChange={setQuestion} />
      </CalendarSteps>
      {mayPlan && <AskingPanel />}
      <Loaded query={scheduled}>
        {(read) => (
          <>
            {isNarrow
              ? <DayList from={from} days={days} entries={entries} onOpen={(entry) => { setOpen({ kind: 'play', entry }) }} headerOf={headerOf} />
              : <Suspense fallback={<Waiting />}><WeekGrid from={from} days={days} entries={entries} mayPlan={mayPlan} headerOf={headerOf} onOpen={(entry) => { setOpen({ kind: 'play', entry }) }} onShift={(entry, shift, revert) => { setPending({ entry, shift, revert }) }} onEmpty={(onDay, time, lengthMs) => { setOpen(newItem(newAt(onDay, time, lengthMs))) }} /></Suspense>}
            {policyUnit !== null && <PolicyPanel unitId={policyUnit} scheduled={read} from={from} days={days} headerOf={headerOf} />}
          </>
        )}
      </Loaded>
      {open?.kind === 'play' && <PlayDialog entry={open.entry} onClose={close}
        onEdit={() => { setOpen({ kind: 'item', props: { start: formOf(open.entry.shown.item), edited: { item: open.entry.shown.item, occurrence: open.entry.play.occurrence } } }) }}
        onDuplicate={() => { setOpen({ kind: 'item', props: { start: { ...formOf(open.entry.shown.item), firstDay: dayOfPlay(open.entry.play.occurrence), ask: '' }, edited: null } }) }} />}
      {open?.kind === 'item' && <ItemDialog {...open.props} onClose={close} />}
      {open?.kind === 'copy' && <CopyWeekDialog monday={mondayOf(day)} filter={filter} onClose={close} />}
      {open?.kind === 'cluster' && <ClusterDayDialog clusterId={open.cluster.id} name={open.cluster.name} start={day} onClose={close} />}
      {pending !== null && <ShiftDialog pending={pending} onDone={() => { setPending(null) }} />}
    </Page>
  )
}
