import { Check, ChevronDown, Minus } from 'lucide-react'
import type { ReactNode } from 'react'
import { Checkbox as AriaCheckbox, FieldError, Input, Label, ListBox, ListBoxItem, NumberField as AriaNumberField, Popover, Radio, RadioGroup as AriaRadioGroup, SearchField as AriaSearchField, Select as AriaSelect, SelectValue, Switch as AriaSwitch, Text, TextArea as AriaTextArea, TextField as AriaTextField, Button } from 'react-aria-components'
import { Controller, type Control, type FieldValues, type Path } from 'react-hook-form'
import { common } from '../words/common.ts'
import { useWords } from '../words/use-words.ts'

interface Common {
  readonly label: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
  readonly isDisabled?: boolean
}

const Below = ({ hint, error }: Pick<Common, 'hint' | 'error'>) => (
  <>
    {hint !== undefined && <Text slot="description" className="field-hint">{hint}</Text>}
    <FieldError className="field-error">{error}</FieldError>
  </>
)

export interface TextFieldProps extends Common {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onBlur?: () => void
  readonly type?: 'text' | 'password' | 'email' | 'tel' | 'url'
  readonly lines?: number
  readonly autoComplete?: string
  readonly autoFocus?: boolean
  readonly inputMode?: 'numeric' | 'decimal' | 'text'
  readonly name?: string
  readonly placeholder?: string
  readonly maxLength?: number
}

/** One line, or several with `lines`. Days and times are in date-fields.tsx. */
export function TextField({ label, hint, error, value, onChange, lines, placeholder, onBlur, autoComplete, autoFocus, inputMode, name, maxLength, type = 'text', isDisabled = false }: TextFieldProps) {
  const given = { ...(onBlur === undefined ? {} : { onBlur }), ...(autoComplete === undefined ? {} : { autoComplete }), ...(autoFocus === undefined ? {} : { autoFocus }), ...(inputMode === undefined ? {} : { inputMode }), ...(name === undefined ? {} : { name }), ...(maxLength === undefined ? {} : { maxLength }) }
  return (
    <AriaTextField className="field" value={value} onChange={onChange} isInvalid={error !== undefined} isDisabled={isDisabled} type={type} {...given}>
      <Label>{label}</Label>
      {lines === undefined ? <Input className="input" placeholder={placeholder ?? ''} /> : <AriaTextArea className="input" rows={lines} placeholder={placeholder ?? ''} />}
      <Below hint={hint} error={error} />
    </AriaTextField>
  )
}

export function NumberField({ label, hint, error, value, onChange, minValue, maxValue, step, isDisabled = false, formatOptions }: Common & { readonly value: number | null; readonly onChange: (value: number | null) => void; readonly minValue?: number; readonly maxValue?: number; readonly step?: number; readonly formatOptions?: Intl.NumberFormatOptions }) {
  const given = { ...(minValue === undefined ? {} : { minValue }), ...(maxValue === undefined ? {} : { maxValue }), ...(step === undefined ? {} : { step }), ...(formatOptions === undefined ? {} : { formatOptions }) }
  return (
    <AriaNumberField className="field" value={value ?? Number.NaN} onChange={(next) => { onChange(Number.isNaN(next) ? null : next) }} isInvalid={error !== undefined} isDisabled={isDisabled} {...given}>
      <Label>{label}</Label>
      <Input className="input number" />
      <Below hint={hint} error={error} />
    </AriaNumberField>
  )
}

/** Finds in what is already there; see words/fold.ts. */
export function SearchField({ label, value, onChange, placeholder, autoFocus = false }: { readonly label: string; readonly value: string; readonly onChange: (value: string) => void; readonly placeholder?: string; readonly autoFocus?: boolean }) {
  return (
    <AriaSearchField className="field" aria-label={label} value={value} onChange={onChange} autoFocus={autoFocus}>
      <Input className="input" placeholder={placeholder ?? label} />
    </AriaSearchField>
  )
}

export interface Choice<Id extends string = string> {
  readonly id: Id
  readonly label: string
  readonly detail?: string
  readonly icon?: ReactNode
}

/** One of a few. For many use ComboBox or UnitPicker. */
export function Select<Id extends string>({ label, hint, error, value, onChange, choices, isDisabled = false, hideLabel = false }: Common & { readonly value: Id | null; readonly onChange: (value: Id) => void; readonly choices: readonly Choice<Id>[]; readonly hideLabel?: boolean }) {
  const say = useWords(common)
  return (
    <AriaSelect className="field" aria-label={label} value={value} onChange={(key) => { onChange(key as Id) }} isInvalid={error !== undefined} isDisabled={isDisabled} placeholder={say('none')}>
      {!hideLabel && <Label>{label}</Label>}
      <Button className="input select-button"><SelectValue /><ChevronDown size={18} aria-hidden /></Button>
      <Below hint={hint} error={error} />
      <Popover className="popover"><ListBox aria-label={label} items={choices}>{(choice) => <ListBoxItem id={choice.id} textValue={choice.label} className="option">{choice.icon}<span className="grow">{choice.label}{choice.detail !== undefined && <span className="small quiet"> {choice.detail}</span>}</span></ListBoxItem>}</ListBox></Popover>
    </AriaSelect>
  )
}

/** One of two to five, all in sight. */
export function RadioGroup<Id extends string>({ label, error, hint, value, onChange, choices, isDisabled = false }: Common & { readonly value: Id | null; readonly onChange: (value: Id) => void; readonly choices: readonly Choice<Id>[] }) {
  return (
    <AriaRadioGroup className="field" value={value} onChange={(next) => { onChange(next as Id) }} isInvalid={error !== undefined} isDisabled={isDisabled}>
      <Label>{label}</Label>
      <div className="row radios">{choices.map((choice) => <Radio key={choice.id} value={choice.id} className="check"><span className="dot" aria-hidden />{choice.icon}{choice.label}</Radio>)}</div>
      <Below hint={hint} error={error} />
    </AriaRadioGroup>
  )
}

export function Checkbox({ children, isSelected, onChange, isIndeterminate = false, isDisabled = false, ...rest }: { readonly children?: ReactNode; readonly isSelected: boolean; readonly onChange: (selected: boolean) => void; readonly isIndeterminate?: boolean; readonly isDisabled?: boolean; readonly 'aria-label'?: string }) {
  return (
    <AriaCheckbox className="check" isSelected={isSelected} onChange={onChange} isIndeterminate={isIndeterminate} isDisabled={isDisabled} {...rest}>
      <span className="box" aria-hidden>{isIndeterminate ? <Minus size={16} /> : isSelected ? <Check size={16} /> : null}</span>
      {children}
    </AriaCheckbox>
  )
}

export function Switch({ children, isSelected, onChange, isDisabled = false }: { readonly children: ReactNode; readonly isSelected: boolean; readonly onChange: (selected: boolean) => void; readonly isDisabled?: boolean }) {
  return <AriaSwitch className="check" isSelected={isSelected} onChange={onChange} isDisabled={isDisabled}><span className="track" aria-hidden />{children}</AriaSwitch>
}

/** A text field of an ApiForm. */
export function FormText<Values extends FieldValues>({ control, name, ...rest }: Omit<TextFieldProps, 'value' | 'onChange' | 'error' | 'name'> & { readonly control: Control<Values>; readonly name: Path<Values> }) {
  return <Controller control={control} name={name} render={({ field, fieldState }) => <TextField {...rest} name={field.name} value={field.value ?? ''} onChange={field.onChange} onBlur={field.onBlur} error={fieldState.error?.message} />} />
}

/** A choice of an ApiForm. */
export function FormSelect<Values extends FieldValues, Id extends string>({ control, name, ...rest }: Common & { readonly control: Control<Values>; readonly name: Path<Values>; readonly choices: readonly Choice<Id>[] }) {
  return <Controller control={control} name={name} render={({ field, fieldState }) => <Select {...rest} value={field.value} onChange={field.onChange} error={fieldState.error?.message} />} />
}
