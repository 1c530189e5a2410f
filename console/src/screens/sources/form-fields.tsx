import { Controller, type Control, type FieldError, type Path } from 'react-hook-form'
import { NumberField, TextField } from '../../kit/fields.tsx'
import { linesOf, type Values } from './source-form.ts'

/** The first words that are said of a field or of a part of it. */
function errorText(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('message' in error && typeof (error as FieldError).message === 'string') return (error as FieldError).message
  for (const part of Object.values(error)) {
    const text = errorText(part)
    if (text !== undefined) return text
  }
  return undefined
}

interface Props {
  readonly control: Control<Values>
  readonly name: Path<Values>
  readonly label: string
  readonly hint?: string
}

/** @param props.scale how many of the API's units one of the field's is: 1000 for seconds in place of ms */
export function FormNumber({ control, name, label, hint, scale = 1 }: Props & { readonly scale?: number }) {
  return <Controller control={control} name={name} render={({ field, fieldState }) => (
    <NumberField label={label} {...(hint === undefined ? {} : { hint })} error={errorText(fieldState.error)} formatOptions={{ useGrouping: false }}
      value={typeof field.value === 'number' ? field.value / scale : null} onChange={(value) => { field.onChange(value === null ? null : value * scale) }} />
  )} />
}

/** Several of something, one a line. */
export function FormLines({ control, name, label, hint, lines = 3 }: Props & { readonly lines?: number }) {
  return <Controller control={control} name={name} render={({ field, fieldState }) => (
    // What is written stays as it is written, empty lines too: they are left out when it is sent.
    <TextField label={label} hint={hint} lines={lines} error={errorText(fieldState.error)} value={(field.value as readonly string[]).join('\n')} onChange={(text) => { field.onChange(text.split('\n')) }} onBlur={() => { field.onChange(linesOf((field.value as readonly string[]).join('\n'))); field.onBlur() }} />
  )} />
}
