import { Plus, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import type { Schemas } from '../../../../control/client/index.ts'
import { Button } from '../../kit/button.tsx'
import { TimeField } from '../../kit/date-fields.tsx'
import { Checkbox } from '../../kit/fields.tsx'
import { useWords } from '../../words/use-words.ts'
import { policyWords } from './policy-words.ts'
import { words } from './words.ts'

export type OwnPolicy = Schemas['UnitPolicy']['own']
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
type Weekday = (typeof WEEKDAYS)[number]

/** Part of some days. */
export interface Hours {
  readonly from: string
  readonly to: string
  readonly weekdays?: readonly Weekday[] | null
}

/** `T2, T3`; nothing for every day. */
export function useWeekdayText(): (weekdays: Hours['weekdays']) => string {
  const say = useWords(policyWords)
  return (weekdays) => (weekdays === null || weekdays === undefined ? '' : WEEKDAYS.filter((day) => weekdays.includes(day)).map((day) => say(day)).join(', '))
}

interface HoursFieldProps<Item extends Hours> {
  readonly label: string
  readonly hint?: string
  /** null: as the unit above. */
  readonly value: readonly Item[] | null
  readonly onChange: (value: Item[] | null) => void
  /** What a new one is. */
  readonly fresh: Item
  /** What there is to say of one besides its hours. */
  readonly more?: (item: Item, put: (change: Partial<Item>) => void) => ReactNode
  readonly error?: (index: number) => string | undefined
  readonly isDisabled: boolean
}

/** Hours of some days, each with what belongs to it, or what the unit above says. */
export function HoursField<Item extends Hours>({ label, hint, value, onChange, fresh, more, error, isDisabled }: HoursFieldProps<Item>) {
  const say = useWords(words)
  const sayPolicy = useWords(policyWords)
  const weekdayText = useWeekdayText()
  const putAt = (index: number) => (change: Partial<Item>): void => { onChange((value ?? []).map((one, at) => (at === index ? { ...one, ...change } : one))) }
  return (
    <fieldset className="stack tight system-plain">
      <legend><h3>{label}</h3></legend>
      {hint !== undefined && <p className="small quiet">{hint}</p>}
      <Checkbox isSelected={value === null} isDisabled={isDisabled} onChange={(isAbove) => { onChange(isAbove ? null : [fresh]) }}>{say('asAbove')}</Checkbox>
      {value?.map((one, index) => {
        const put = putAt(index)
        const { from, to, weekdays = null } = one
        const fault = error?.(index)
        return (
          <div key={index} className="system-hours">
            <div className="row tight">
              <TimeField label={say('windowFrom')} value={from} isDisabled={isDisabled} onChange={(time) => { put({ from: time } as Partial<Item>) }} />
              <TimeField label={say('windowTo')} value={to} isDisabled={isDisabled} onChange={(time) => { put({ to: time } as Partial<Item>) }} />
              {more?.(one, put)}
              <Button look="plain" icon isDisabled={isDisabled} aria-label={say('removeWindow', { from, to })} onPress={() => { onChange(value.filter((_, at) => at !== index)) }}><X size={18} aria-hidden /></Button>
            </div>
            <ToggleButtonGroup aria-label={`${sayPolicy('weekdays')}: ${weekdayText(weekdays) || sayPolicy('everyDay')}`} className="system-weekdays" selectionMode="multiple" isDisabled={isDisabled} selectedKeys={weekdays ?? WEEKDAYS} onSelectionChange={(keys) => {
              const chosen = WEEKDAYS.filter((day) => keys.has(day))
              put({ weekdays: chosen.length === 0 || chosen.length === WEEKDAYS.length ? null : chosen } as Partial<Item>)
            }}>{WEEKDAYS.map((day) => <ToggleButton key={day} id={day} className="system-weekday">{sayPolicy(day)}</ToggleButton>)}</ToggleButtonGroup>
            {to !== '' && to <= from && <p className="small quiet">{sayPolicy('pastMidnight')}</p>}
            {fault !== undefined && <p className="field-error">{fault}</p>}
          </div>
        )
      })}
      {value !== null && !isDisabled && <div><Button onPress={() => { onChange([...value, fresh]) }}><Plus size={18} aria-hidden />{say('addWindow')}</Button></div>}
    </fieldset>
  )
}
