import { X } from 'lucide-react'
import { useState } from 'react'
import { schemaWords } from '../../forms/schema-errors.ts'
import { Button } from '../../kit/button.tsx'
import { DateField } from '../../kit/date-fields.tsx'
import { Checkbox, NumberField, Select, TextField } from '../../kit/fields.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { dayText, WEEKDAYS } from './days.ts'
import { type Day } from '../../words/house-day.ts'
import { formWords } from './form-words.ts'
import { PATTERNS, readDays, type RepeatForm } from './repeat-form.ts'
import { sentenceWords } from './sentence-words.ts'

/** Chooses on which days, in words that everybody has. */
export function RepeatFields({ value, onChange, today, error }: { readonly value: RepeatForm; readonly onChange: (value: RepeatForm) => void; readonly today: Day; readonly error: string | undefined }) {
  const say = useWords(formWords)
  const sayDays = useWords(sentenceWords)
  const sayFault = useWords(schemaWords)
  const patterns = PATTERNS.filter((pattern) => pattern !== 'rule' || value.pattern === 'rule')
  const set = (change: Partial<RepeatForm>): void => { onChange({ ...value, ...change }) }
  const names = [sayDays('weekdayList', { list: sayDays('mo') }), sayDays('weekdayList', { list: sayDays('tu') }), sayDays('weekdayList', { list: sayDays('we') }), sayDays('weekdayList', { list: sayDays('th') }), sayDays('weekdayList', { list: sayDays('fr') }), sayDays('weekdayList', { list: sayDays('sa') }), sayDays('sunday')]
  return (
    <div className="stack tight">
      <Select label={say('repeat')} value={value.pattern} onChange={(pattern) => { set({ pattern }) }} choices={patterns.map((id) => ({ id, label: say(id) }))} />
      {value.pattern === 'daily' && <NumberField label={say('everyDays')} value={value.every} onChange={(every) => { set({ every }) }} error={value.every === null ? sayFault('required') : undefined} minValue={1} maxValue={366} />}
      {value.pattern === 'weekly' && (
        <>
          <div className="field" role="group" aria-label={say('weekdayChoice')}>
            <span className="field-label">{say('weekdayChoice')}</span>
            <div className="weekday-row">
              {WEEKDAYS.map((weekday, index) => <Checkbox key={weekday} isSelected={value.weekdays.includes(weekday)} onChange={(isOn) => { set({ weekdays: isOn ? [...value.weekdays, weekday] : value.weekdays.filter((one) => one !== weekday) }) }}>{names[index]}</Checkbox>)}
            </div>
          </div>
          <NumberField label={say('everyWeeks')} value={value.every} onChange={(every) => { set({ every }) }} error={value.every === null ? sayFault('required') : undefined} minValue={1} maxValue={52} />
        </>
      )}
      {value.pattern === 'monthly' && (
        <>
          <DaysField label={say('monthDays')} hint={say('monthDaysHint')} most={31} value={value.monthDays.filter((day) => day > 0)} onChange={(days) => { set({ monthDays: [...days, ...value.monthDays.filter((day) => day < 0)] }) }} />
          <Checkbox isSelected={value.monthDays.includes(-1)} onChange={(isOn) => { set({ monthDays: isOn ? [...value.monthDays, -1] : value.monthDays.filter((day) => day !== -1) }) }}>{say('lastOfMonth')}</Checkbox>
        </>
      )}
      {value.pattern === 'lunar' && (
        <div className="columns">
          <DaysField label={say('lunarDays')} hint={say('monthDaysHint')} most={30} value={value.lunarDays} onChange={(lunarDays) => { set({ lunarDays }) }} />
          <DaysField label={say('lunarMonths')} hint={say('lunarMonthsHint')} most={12} value={value.lunarMonths} onChange={(lunarMonths) => { set({ lunarMonths }) }} />
        </div>
      )}
      {value.pattern === 'dates' && <DaySet label={say('dates')} add={say('addDate')} days={value.dates} today={today} onChange={(dates) => { set({ dates }) }} />}
      {value.pattern === 'rule' && <TextField label={say('rrule')} value={value.rrule} onChange={(rrule) => { set({ rrule }) }} />}
      {error !== undefined && <span className="field-error">{error}</span>}
    </div>
  )
}

/** Numbers with commas between, as they are written by hand. */
function DaysField({ label, hint, most, value, onChange }: { readonly label: string; readonly hint: string; readonly most: number; readonly value: readonly number[]; readonly onChange: (days: readonly number[]) => void }) {
  const say = useWords(formWords)
  const [text, setText] = useState(value.join(', '))
  const isBad = readDays(text, most) === null
  return (
    <TextField label={label} hint={hint} error={isBad ? say('badDays') : undefined} value={text} inputMode="text"
      onChange={(next) => {
        setText(next)
        const days = readDays(next, most)
        if (days !== null) onChange(days)
      }} />
  )
}

/** Single days, as chips. */
export function DaySet({ label, add, days, today, onChange }: { readonly label: string; readonly add: string; readonly days: readonly Day[]; readonly today: Day; readonly onChange: (days: readonly Day[]) => void }) {
  const say = useWords(formWords)
  const sayCommon = useWords(common)
  const [next, setNext] = useState('')
  return (
    <div className="field" role="group" aria-label={label}>
      <span className="field-label">{label}</span>
      <div className="row tight">{days.map((day) => <span key={day} className="badge accent">{dayText(day, today)}<Button look="plain" icon aria-label={say('takeOut', { name: dayText(day, today) })} onPress={() => { onChange(days.filter((one) => one !== day)) }}><X size={14} aria-hidden /></Button></span>)}</div>
      <div className="row tight">
        <DateField label={add} value={next} onChange={setNext} />
        <Button isDisabled={next === '' || days.includes(next)} onPress={() => { onChange([...days, next].sort()); setNext('') }}>{sayCommon('add')}</Button>
      </div>
    </div>
  )
}
