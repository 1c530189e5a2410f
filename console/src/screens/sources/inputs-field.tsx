import { ArrowUp, X } from 'lucide-react'
import { Button } from '../../kit/button.tsx'
import { Select } from '../../kit/fields.tsx'
import { useWords } from '../../words/use-words.ts'
import type { Source } from './sources.ts'
import { formWords } from './words-form.ts'

/** The inputs of a standby source by rank; moved by buttons, which every hand and keyboard can. */
export function InputsField({ value, onChange, choices, error }: { readonly value: readonly string[]; readonly onChange: (ids: readonly string[]) => void; readonly choices: readonly Source[]; readonly error: string | undefined }) {
  const say = useWords(formWords)
  const names = new Map(choices.map(({ id, name }) => [id, name]))
  const up = (at: number): void => {
    const next = [...value]
    next.splice(at - 1, 0, ...next.splice(at, 1))
    onChange(next)
  }
  return (
    <fieldset className="field inputs-field">
      <legend className="field-label">{say('inputs')}</legend>
      <ol className="stack tight">{value.map((id, at) => {
        const name = names.get(id) ?? id
        return <li key={id} className="row tight"><span className="number">{at + 1}.</span><span className="grow">{name}</span><Button icon aria-label={say('up', { name })} isDisabled={at === 0} onPress={() => { up(at) }}><ArrowUp size={18} aria-hidden /></Button><Button icon aria-label={say('out', { name })} onPress={() => { onChange(value.filter((one) => one !== id)) }}><X size={18} aria-hidden /></Button></li>
      })}</ol>
      <Select key={value.length} label={say('addInput')} hint={say('inputsHint')} error={error} value={null} onChange={(id: string) => { onChange([...value, id]) }} isDisabled={value.length >= 8} choices={choices.filter(({ id }) => !value.includes(id)).map(({ id, name }) => ({ id, label: name }))} />
    </fieldset>
  )
}
