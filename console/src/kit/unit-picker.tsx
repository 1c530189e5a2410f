import { ChevronDown } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Autocomplete, Button, Dialog, DialogTrigger, Input, Label, ListBox, ListBoxItem, ListLayout, Popover, SearchField, Virtualizer } from 'react-aria-components'
import { useUnits } from '../api/me.ts'
import { common } from '../words/common.ts'
import { matches } from '../words/fold.ts'
import { useWords } from '../words/use-words.ts'

/** One unit out of all that can be seen, found by any part of its name or code, without accents. `null` is `nullLabel`, where it is given. */
export function UnitPicker({ label, value, onChange, nullLabel, filter, hint, error }: { readonly label: string; readonly value: string | null; readonly onChange: (unitId: string | null) => void; readonly nullLabel?: string; /** Units that may be chosen. */ readonly filter?: (unitId: string) => boolean; readonly hint?: string; readonly error?: string | undefined }) {
  const say = useWords(common)
  const { units } = useUnits()
  const [isOpen, setIsOpen] = useState(false)
  const items = useMemo(() => [
    ...(nullLabel === undefined ? [] : [{ id: '', name: nullLabel, detail: '' }]),
    ...units.all.filter(({ id }) => filter?.(id) ?? true).map(({ id, name, code }) => ({ id, name, detail: [code, ...units.path(id).slice(0, -1).map((above) => above.name)].join(' · ') })),
  ], [units, nullLabel, filter])
  return (
    <div className="field">
      <DialogTrigger isOpen={isOpen} onOpenChange={setIsOpen}>
        <Label>{label}</Label>
        <Button className="input select-button" aria-label={`${label}: ${value === null ? (nullLabel ?? say('none')) : units.name(value)}`}>{value === null ? (nullLabel ?? say('none')) : units.name(value)}<ChevronDown size={18} aria-hidden /></Button>
        <Popover className="popover">
          <Dialog aria-label={label} className="stack tight">
            <Autocomplete filter={matches}>
              <SearchField aria-label={say('search')} autoFocus><Input className="input" placeholder={say('search')} /></SearchField>
              <Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: 44 }}>
                <ListBox aria-label={label} items={items} selectionMode="single" selectedKeys={[value ?? '']} style={{ height: 'min(18rem, 50vh)', width: 'min(26rem, 80vw)', overflow: 'auto' }} renderEmptyState={() => say('noMatch')}
                  onSelectionChange={(keys) => {
                    if (keys === 'all') return
                    const [key] = keys
                    onChange(key === undefined || key === '' ? null : String(key))
                    setIsOpen(false)
                  }}>
                  {(item) => <ListBoxItem id={item.id} textValue={`${item.name} ${item.detail}`} className="option"><span className="grow">{item.name} <span className="small quiet">{item.detail}</span></span></ListBoxItem>}
                </ListBox>
              </Virtualizer>
            </Autocomplete>
          </Dialog>
        </Popover>
      </DialogTrigger>
      {hint !== undefined && <span className="field-hint">{hint}</span>}
      {error !== undefined && <span className="field-error">{error}</span>}
    </div>
  )
}
