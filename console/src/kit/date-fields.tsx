import { parseDate, parseDateTime, parseTime, type CalendarDate, type CalendarDateTime, type Time } from '@internationalized/date'
import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react'
import { useState, type FocusEvent } from 'react'
import { Button as AriaButton, Calendar, CalendarCell, CalendarGrid, CalendarGridBody, CalendarGridHeader, CalendarHeaderCell, DateInput, DatePicker, DateSegment, Dialog, FieldError, Group, Heading, Label, Popover, Text, TimeField as AriaTimeField } from 'react-aria-components'
import { Controller, type Control, type FieldValues, type Path } from 'react-hook-form'
import { common } from '../words/common.ts'
import { useWords } from '../words/use-words.ts'
import { Button } from './button.tsx'
import { textOf, valueIn, type Moment } from './date-values.ts'

export interface DateFieldProps {
  readonly label: string
  /** `2026-11-22`, `05:30` or `2026-11-22T05:30`, whatever the language; empty: none. */
  readonly value: string
  /** Empty as long as a part is missing. */
  readonly onChange: (value: string) => void
  /** Tells what is typed when the field is left, or by Enter: for what changes the whole page. */
  readonly isTold?: 'at once' | 'when left'
  readonly hint?: string | undefined
  readonly error?: string | undefined
  readonly isDisabled?: boolean
}

type Part<Value> = Pick<DateFieldProps, 'value' | 'onChange' | 'isTold'> & { readonly parse: (text: string) => Value }

/** Between what the form holds, a text, and what is being typed, which may not be complete yet. */
function useTyped<Value extends Moment>({ value, onChange, isTold = 'at once', parse }: Part<Value>) {
  const [typed, setTyped] = useState({ shown: valueIn(value, parse), told: value, from: value })
  if (value !== typed.from) setTyped({ shown: value === typed.told ? typed.shown : valueIn(value, parse), told: value, from: value })
  const tell = (next: string): void => {
    if (next === value) return
    setTyped((before) => ({ ...before, told: next }))
    onChange(next)
  }
  return {
    value: typed.shown,
    onChange: (next: Value | null): void => {
      setTyped((before) => ({ ...before, shown: next }))
      if (isTold === 'at once') tell(textOf(next))
    },
    /** Chosen in one press, or done with. */
    tellNow: (next: Moment | null = typed.shown): void => { tell(textOf(next)) },
    onBlur: ({ currentTarget, relatedTarget }: FocusEvent): void => {
      if (currentTarget.contains(relatedTarget)) return
      // Part of it was taken out: what is not complete is no value.
      if (currentTarget.querySelector('[data-type][data-placeholder]') === null) tell(textOf(typed.shown))
      else {
        setTyped((before) => ({ ...before, shown: null }))
        tell('')
      }
    },
  }
}

const Below = ({ hint, error }: Pick<DateFieldProps, 'hint' | 'error'>) => (
  <>
    {hint !== undefined && <Text slot="description" className="field-hint">{hint}</Text>}
    <FieldError className="field-error">{error}</FieldError>
  </>
)

const Parts = () => <DateInput className="date-parts">{(segment) => <DateSegment segment={segment} className="date-part" />}</DateInput>

/** A day as the language of the console writes it, typed or chosen from a month; the browser's own field would follow the language of the browser. */
export function DateField(props: DateFieldProps) {
  return <Picker {...props} parse={parseDate} granularity="day" />
}

/** A day and a time. */
export function DateTimeField(props: DateFieldProps) {
  return <Picker {...props} parse={parseDateTime} granularity="minute" />
}

function Picker<Value extends CalendarDate | CalendarDateTime>({ label, hint, error, isDisabled = false, granularity, ...rest }: DateFieldProps & Part<Value> & { readonly granularity: 'day' | 'minute' }) {
  const say = useWords(common)
  const { tellNow, onBlur, ...typed } = useTyped(rest)
  return (
    <DatePicker<CalendarDate | CalendarDateTime> value={typed.value} onChange={(next) => { typed.onChange(next as Value | null) }} className="field" isInvalid={error !== undefined} isDisabled={isDisabled} granularity={granularity} firstDayOfWeek="mon" shouldForceLeadingZeros hourCycle={24}>
      <Label>{label}</Label>
      <Group className="input date-input" onBlur={onBlur} onKeyDown={({ key }) => { if (key === 'Enter') tellNow() }}>
        <Parts />
        <AriaButton className="date-open" aria-label={`${say('openCalendar')}: ${label}`}><CalendarDays size={18} aria-hidden /></AriaButton>
      </Group>
      <Below hint={hint} error={error} />
      <Popover className="popover calendar-popover">
        <Dialog aria-label={label}><Month onDay={(day) => { if (rest.isTold === 'when left') tellNow(day) }} /></Dialog>
      </Popover>
    </DatePicker>
  )
}

function Month({ onDay }: { readonly onDay: (day: CalendarDate) => void }) {
  const say = useWords(common)
  return (
    <Calendar onChange={(day) => { onDay(day as CalendarDate) }}>
      <header className="row tight"><Button slot="previous" look="plain" icon aria-label={say('earlierMonth')}><ChevronLeft size={18} aria-hidden /></Button><Heading className="grow calendar-month" /><Button slot="next" look="plain" icon aria-label={say('laterMonth')}><ChevronRight size={18} aria-hidden /></Button></header>
      <CalendarGrid className="calendar-grid"><CalendarGridHeader>{(day) => <CalendarHeaderCell>{day}</CalendarHeaderCell>}</CalendarGridHeader><CalendarGridBody>{(date) => <CalendarCell date={date} className="calendar-day" />}</CalendarGridBody></CalendarGrid>
    </Calendar>
  )
}

/** A time of the day, 24 hours; seconds only where there are some. */
export function TimeField({ label, hint, error, isDisabled = false, ...rest }: DateFieldProps) {
  const { tellNow: _, onBlur, ...typed } = useTyped<Time>({ ...rest, parse: parseTime })
  return (
    <AriaTimeField {...typed} className="field" isInvalid={error !== undefined} isDisabled={isDisabled} shouldForceLeadingZeros hourCycle={24} granularity={rest.value.length > 5 ? 'second' : 'minute'}>
      <Label>{label}</Label>
      <div className="input date-input" onBlur={onBlur}><Parts /></div>
      <Below hint={hint} error={error} />
    </AriaTimeField>
  )
}

/** A day, or with `withTime` a day and a time, of an ApiForm. */
export function FormDate<Values extends FieldValues>({ control, name, withTime = false, ...rest }: Pick<DateFieldProps, 'label' | 'hint'> & { readonly control: Control<Values>; readonly name: Path<Values>; readonly withTime?: boolean }) {
  const Field = withTime ? DateTimeField : DateField
  return <Controller control={control} name={name} render={({ field, fieldState }) => <Field {...rest} value={field.value ?? ''} onChange={field.onChange} error={fieldState.error?.message} />} />
}
