import { ChevronDown } from 'lucide-react'
import { useState } from 'react'
import { Autocomplete, Button, Dialog, DialogTrigger, Input, Label, ListBox, ListBoxItem, Popover, SearchField } from 'react-aria-components'
import type { Schemas } from '../../../../control/client/index.ts'
import { api } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

/** So many clusters are shown of those that answer a question. */
const MOST_CLUSTERS = 50
const ALL = 'all'

export type Chosen = Pick<Schemas['Cluster'], 'id' | 'name' | 'unitId'>

/** One cluster of a unit, found by part of its name; null: all of them. */
export function ClusterPicker({ unitId, value, onChange }: { readonly unitId: string | null; readonly value: Chosen | null; readonly onChange: (cluster: Chosen | null) => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { units } = useUnits()
  const [question, setQuestion] = useState('')
  const [isOpen, setIsOpen] = useState(false)
  const search = question.trim()
  const { data } = api.useQuery('get', '/v1/clusters', { params: { query: { limit: MOST_CLUSTERS, ...(unitId === null ? {} : { unitId }), ...(search === '' ? {} : { search }) } } }, { enabled: isOpen, placeholderData: (before) => before })
  const clusters = data?.items ?? []
  const items = [{ id: ALL, name: say('allClusters'), detail: '' }, ...clusters.map(({ id, name, unitId: itsUnit }) => ({ id, name, detail: units.name(itsUnit) }))]
  return (
    <div className="field">
      <DialogTrigger isOpen={isOpen} onOpenChange={setIsOpen}>
        <Label>{sayCommon('cluster')}</Label>
        <Button className="input select-button" aria-label={`${sayCommon('cluster')}: ${value?.name ?? say('allClusters')}`}>{value?.name ?? say('allClusters')}<ChevronDown size={18} aria-hidden /></Button>
        <Popover className="popover">
          <Dialog aria-label={sayCommon('cluster')} className="stack tight">
            <Autocomplete inputValue={question} onInputChange={setQuestion}>
              <SearchField aria-label={sayCommon('search')} autoFocus><Input className="input" placeholder={sayCommon('search')} /></SearchField>
              <ListBox aria-label={sayCommon('cluster')} items={items} selectionMode="none" style={{ maxHeight: 'min(18rem, 50vh)', width: 'min(24rem, 80vw)', overflow: 'auto' }} onAction={(key) => { onChange(clusters.find(({ id }) => id === key) ?? null); setIsOpen(false) }}>
                {(item) => <ListBoxItem id={item.id} textValue={item.name} className="option"><span className="grow">{item.name} <span className="small quiet">{item.detail}</span></span></ListBoxItem>}
              </ListBox>
            </Autocomplete>
          </Dialog>
        </Popover>
      </DialogTrigger>
    </div>
  )
}
