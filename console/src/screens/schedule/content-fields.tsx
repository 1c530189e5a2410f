import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react'
import { useState } from 'react'
import { Autocomplete, Dialog, DialogTrigger, Input, ListBox, ListBoxItem, Popover, SearchField } from 'react-aria-components'
import type { Schemas } from '../../../../control/client/index.ts'
import { api } from '../../api/client.ts'
import { Button } from '../../kit/button.tsx'
import { RadioGroup, Select } from '../../kit/fields.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { formWords } from './form-words.ts'
import type { ItemForm } from './item-form.ts'

/** So many clips are shown of those that answer a question. */
const MOST_CLIPS = 50

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
      <AddClip onAdd={(id) => { onChange([...clipIds, id]) }} />
      {error !== undefined && <span className="field-error">{error}</span>}
    </div>
  )
}

function AddClip({ onAdd }: { readonly onAdd: (clipId: string) => void }) {
  const say = useWords(formWords)
  const sayCommon = useWords(common)
  const { duration } = useFormats()
  const [question, setQuestion] = useState('')
  const [isOpen, setIsOpen] = useState(false)
  const clips = api.useQuery('get', '/v1/clips', { params: { query: { limit: MOST_CLIPS, ...(question.trim() === '' ? {} : { search: question.trim() }) } } }, { enabled: isOpen, placeholderData: (before) => before })
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setIsOpen}>
      <Button><Plus size={18} aria-hidden />{say('chooseClips')}</Button>
      <Popover className="popover">
        <Dialog aria-label={say('chooseClips')} className="stack tight">
          <Autocomplete inputValue={question} onInputChange={setQuestion}>
            <SearchField aria-label={sayCommon('search')} autoFocus><Input className="input" placeholder={sayCommon('search')} /></SearchField>
            <ListBox aria-label={say('chooseClips')} items={clips.data?.items ?? []} selectionMode="none" style={{ maxHeight: 'min(16rem, 45vh)', width: 'min(26rem, 80vw)', overflow: 'auto' }} renderEmptyState={() => sayCommon('noMatch')} onAction={(key) => { onAdd(String(key)); setIsOpen(false) }}>
              {(clip) => <ListBoxItem id={clip.id} textValue={clip.name} className="option"><span className="grow">{clip.name} <span className="small quiet number">{duration(clip.durationMs)}</span></span></ListBoxItem>}
            </ListBox>
          </Autocomplete>
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}
