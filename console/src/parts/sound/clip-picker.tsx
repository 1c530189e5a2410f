import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Autocomplete, Dialog, DialogTrigger, Input, ListBox, ListBoxItem, Popover, SearchField } from 'react-aria-components'
import type { Schemas } from '../../../../control/client/index.ts'
import { api } from '../../api/client.ts'
import { Button } from '../../kit/button.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'

/** So many clips are shown of those that answer a question. */
const MOST_CLIPS = 50

/** A button that opens the clips of the library, searched by the server; one is taken at a time. */
export function ClipPicker({ label, onAdd }: { readonly label: string; readonly onAdd: (clip: Schemas['Clip']) => void }) {
  const sayCommon = useWords(common)
  const { duration } = useFormats()
  const [question, setQuestion] = useState('')
  const [isOpen, setIsOpen] = useState(false)
  const clips = api.useQuery('get', '/v1/clips', { params: { query: { limit: MOST_CLIPS, ...(question.trim() === '' ? {} : { search: question.trim() }) } } }, { enabled: isOpen, placeholderData: (before) => before })
  const take = (id: string): void => {
    const clip = clips.data?.items.find((one) => one.id === id)
    if (clip !== undefined) onAdd(clip)
    setIsOpen(false)
  }
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setIsOpen}>
      <Button><Plus size={18} aria-hidden />{label}</Button>
      <Popover className="popover">
        <Dialog aria-label={label} className="stack tight">
          <Autocomplete inputValue={question} onInputChange={setQuestion}>
            <SearchField aria-label={sayCommon('search')} autoFocus><Input className="input" placeholder={sayCommon('search')} /></SearchField>
            <ListBox aria-label={label} items={clips.data?.items ?? []} selectionMode="none" style={{ maxHeight: 'min(16rem, 45vh)', width: 'min(26rem, 80vw)', overflow: 'auto' }} renderEmptyState={() => sayCommon('noMatch')} onAction={(key) => { take(String(key)) }}>
              {(clip) => <ListBoxItem id={clip.id} textValue={clip.name} className="option"><span className="grow">{clip.name} <span className="small quiet number">{duration(clip.durationMs)}</span></span></ListBoxItem>}
            </ListBox>
          </Autocomplete>
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}
