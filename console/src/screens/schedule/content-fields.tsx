import { ArrowDown, ArrowUp, X } from 'lucide-react'
import type { Schemas } from '../../../../control/client/index.ts'
import { api } from '../../api/client.ts'
import { Button } from '../../kit/button.tsx'
import { RadioGroup, Select } from '../../kit/fields.tsx'
import { ClipPicker } from '../../parts/sound/clip-picker.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { formWords } from './form-words.ts'
import type { ItemForm } from './item-form.ts'

/** Clips by id, as far as they are known here; `longMs`: of those that are chosen, 0 while it is not known. */
export function useClips(clipIds: readonly string[]): { readonly nameOf: (id: string) => string; readonly msOf: (id: string) => number; readonly longMs: number } {
  const { data } = api.useQuery('get', '/v1/clips', { params: { query: { limit: 1000 } } }, { enabled: clipIds.length > 0 })
  const known = new Map((data?.items ?? []).map((clip) => [clip.id, clip]))
  const msOf = (id: string): number => known.get(id)?.durationMs ?? 0
  return { nameOf: (id) => known.get(id)?.name ?? id, msOf, longMs: clipIds.reduce((sum, id) => sum + msOf(id), 0) }
}

/** What is played: a live source, or clips one after the other. */
export function ContentFields({ form, set, errors }: { readonly form: ItemForm; readonly set: (change: Partial<ItemForm>) => void; readonly errors: Readonly<Record<string, string>> }) {
  const say = useWords(formWords)
  const sources = api.useQuery('get', '/v1/sources', { params: { query: { limit: 1000 } } })
  return (
    <div className="stack tight">
      <RadioGroup label={say('what')} value={form.content} onChange={(content) => { set({ content, ...(content === 'clips' ? { until: '' } : {}) }) }} choices={[{ id: 'source', label: say('live') }, { id: 'clips', label: say('clips') }]} />
      {form.content === 'source'
        ? <Select label={say('source')} value={form.sourceId === '' ? null : form.sourceId} onChange={(sourceId) => { set({ sourceId }) }} choices={(sources.data?.items ?? []).map((source: Schemas['Source']) => ({ id: source.id, label: source.name }))} error={errors['sourceId']} />
        : <ChosenClips clipIds={form.clipIds} onChange={(clipIds) => { set({ clipIds }) }} error={errors['clipIds']} />}
    </div>
  )
}

function ChosenClips({ clipIds, onChange, error }: { readonly clipIds: readonly string[]; readonly onChange: (clipIds: readonly string[]) => void; readonly error: string | undefined }) {
  const say = useWords(formWords)
  const { duration } = useFormats()
  const { nameOf, msOf } = useClips(clipIds)
  const swap = (index: number, by: number): void => { onChange(clipIds.map((id, at) => (at === index ? clipIds[index + by]! : at === index + by ? clipIds[index]! : id))) }
  return (
    <div className="field">
      <ol className="chosen-clips" aria-label={say('clips')}>
        {clipIds.length === 0 && <li className="quiet small">{say('noClips')}</li>}
        {clipIds.map((id, index) => (
          <li key={`${id} ${String(index)}`}>
            <span className="grow">{nameOf(id)} <span className="small quiet number">{duration(msOf(id))}</span></span>
            <Button look="plain" icon aria-label={`${say('up')}: ${nameOf(id)}`} isDisabled={index === 0} onPress={() => { swap(index, -1) }}><ArrowUp size={16} aria-hidden /></Button>
            <Button look="plain" icon aria-label={`${say('down')}: ${nameOf(id)}`} isDisabled={index === clipIds.length - 1} onPress={() => { swap(index, 1) }}><ArrowDown size={16} aria-hidden /></Button>
            <Button look="plain" icon aria-label={say('takeOut', { name: nameOf(id) })} onPress={() => { onChange(clipIds.filter((_, at) => at !== index)) }}><X size={16} aria-hidden /></Button>
          </li>
        ))}
      </ol>
      <ClipPicker label={say('chooseClips')} onAdd={({ id }) => { onChange([...clipIds, id]) }} />
      {error !== undefined && <span className="field-error">{error}</span>}
    </div>
  )
}
