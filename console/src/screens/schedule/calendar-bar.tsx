import { CalendarPlus, ChevronLeft, ChevronRight, Copy, Download, Ear, SlidersHorizontal } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { Button } from '../../kit/button.tsx'
import { DateField } from '../../kit/date-fields.tsx'
import { RadioGroup } from '../../kit/fields.tsx'
import { common } from '../../words/common.ts'
import { currentLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { todayHere } from './days.ts'
import { addDays, type Day } from '../../words/house-day.ts'
import type { Filter } from './use-schedule.ts'
import { words } from './words.ts'

/** Which days are shown, and of what; on a phone all but the steps is behind one button, so that the list begins at the top. */
export function CalendarSteps({ from, days, view, onView, onDay, isNarrow, filtersSet, children }: { readonly from: Day; readonly days: number; readonly view: 'day' | 'week'; readonly onView: (view: 'day' | 'week') => void; readonly onDay: (day: Day) => void; readonly isNarrow: boolean; /** How many are set. */ readonly filtersSet: number; /** The filters. */ readonly children: ReactNode }) {
  const say = useWords(words)
  const [isOpen, setIsOpen] = useState(false)
  return (
    <div className="schedule-bar no-print">
      <div className="schedule-steps">
        <Button icon aria-label={say('earlier')} onPress={() => { onDay(addDays(from, -days)) }}><ChevronLeft size={20} aria-hidden /></Button>
        <Button onPress={() => { onDay(todayHere()) }}>{say('today')}</Button>
        <Button icon aria-label={say('later')} onPress={() => { onDay(addDays(from, days)) }}><ChevronRight size={20} aria-hidden /></Button>
        {isNarrow && <Button aria-expanded={isOpen} onPress={() => { setIsOpen(!isOpen) }}><SlidersHorizontal size={18} aria-hidden />{say('filters', { count: filtersSet })}</Button>}
      </div>
      {(!isNarrow || isOpen) && <>
        <DateField isTold="when left" label={say('chosenDay')} value={from} onChange={(day) => { if (day !== '') onDay(day) }} />
        {!isNarrow && <RadioGroup label={say('view')} value={view} onChange={onView} choices={[{ id: 'week', label: say('week') }, { id: 'day', label: say('day') }]} />}
        {children}
      </>}
    </div>
  )
}

/** What can be done with all of it. */
export function ScheduleActions({ mayPlan, filter: { unitId }, onNew, onCopy, onCluster }: { readonly mayPlan: boolean; readonly filter: Filter; readonly onNew: () => void; readonly onCopy: () => void; /** Null: no cluster is chosen. */ readonly onCluster: (() => void) | null }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const fileOf = (format: 'ics' | 'xlsx'): void => { location.assign(`/v1/schedule-items/export?${new URLSearchParams({ format, lang: currentLanguage(), ...(unitId === null ? {} : { unitId }) }).toString()}`) }
  return (
    <>
      {onCluster !== null && <Button onPress={onCluster}><Ear size={18} aria-hidden />{say('clusterDay')}</Button>}
      <MenuTrigger>
        <Button><Download size={18} aria-hidden />{sayCommon('export')}</Button>
        <Popover className="popover"><Menu aria-label={sayCommon('export')}><MenuItem className="option" onAction={() => { fileOf('ics') }}>{say('exportIcs')}</MenuItem><MenuItem className="option" onAction={() => { fileOf('xlsx') }}>{say('exportXlsx')}</MenuItem></Menu></Popover>
      </MenuTrigger>
      {mayPlan && <Button onPress={onCopy}><Copy size={18} aria-hidden />{say('copyWeek')}</Button>}
      {mayPlan && <Button look="primary" onPress={onNew}><CalendarPlus size={18} aria-hidden />{say('newItem')}</Button>}
    </>
  )
}
