import { Building2, Check, Layers, Megaphone, Tag, X } from 'lucide-react'
import { useState } from 'react'
import { Autocomplete, Input, ListBox, ListBoxItem, ListLayout, SearchField, Virtualizer } from 'react-aria-components'
import type { Right } from '../../api/rights.ts'
import { Button } from '../../kit/button.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { keysOf, targetsOf, type TargetKind, type Targets } from './targets.ts'
import './targets.css'
import { useChoices, useNamed } from './use-choices.ts'
import { words } from './words.ts'

const ICONS: Readonly<Record<TargetKind, typeof Tag>> = { units: Building2, groups: Layers, clusters: Megaphone, tags: Tag }

/** What a finger hits. */
const ROW_PX = 44

export interface TargetPickerProps {
  readonly value: Targets
  readonly onChange: (targets: Targets) => void
  /** Only where the reader holds it can anything be chosen. */
  readonly right: Right
  readonly label: string
  readonly autoFocus?: boolean
}

/** Units, groups, clusters and tags, found in one field and chosen in one list; what is chosen stands above it. */
export function TargetPicker({ value, onChange, right, label, autoFocus = false }: TargetPickerProps) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const [question, setQuestion] = useState('')
  const items = useChoices(question, right)
  const chosen = useNamed(value)
  const keys = keysOf(value)
  return (
    <div className="field target-picker" role="group" aria-label={label}>
      <span className="field-label">{label}</span>
      <ul className="target-chosen" aria-label={say('chosen')}>
        {chosen.length === 0 && <li className="quiet small">{say('nothingChosen')}</li>}
        {chosen.map(({ key, kind, name }) => {
          const Icon = ICONS[kind]
          return <li key={key} className="target-chip"><Icon size={16} aria-hidden /><span className="target-name">{name}</span><Button look="plain" icon aria-label={say('take', { name })} onPress={() => { onChange(targetsOf(keys.filter((one) => one !== key))) }}><X size={16} aria-hidden /></Button></li>
        })}
      </ul>
      <Autocomplete inputValue={question} onInputChange={setQuestion}>
        <SearchField aria-label={say('find')} autoFocus={autoFocus}><Input className="input" placeholder={say('find')} /></SearchField>
        <Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: ROW_PX }}>
          <ListBox aria-label={label} className="target-list" style={{ height: `min(${String(Math.max(1, items.length) * ROW_PX + ROW_PX / 2)}px, 18rem, 40vh)` }} items={items} selectionMode="multiple" selectedKeys={keys} renderEmptyState={() => <span className="quiet small">{sayCommon('noMatch')}</span>}
            // What is chosen and not in the list now stays chosen.
            onSelectionChange={(next) => { if (next !== 'all') onChange(targetsOf(withHidden(keys, new Set(items.map(({ key }) => key)), [...next].map(String)))) }}>
            {({ key, kind, name, detail, depth }) => {
              const Icon = ICONS[kind]
              return (
                <ListBoxItem id={key} textValue={name} className="option target-option" style={{ paddingInlineStart: `${String(0.75 + Math.min(depth, 6) * 1.25)}rem` }}>
                  {({ isSelected }) => <>{isSelected ? <Check size={18} aria-hidden /> : <Icon size={18} aria-hidden />}<span className="grow target-name">{name} <span className="small quiet">{kind === 'units' ? detail : [say(kind), detail].filter((part) => part !== '').join(' · ')}</span></span></>}
                </ListBoxItem>
              )
            }}
          </ListBox>
        </Virtualizer>
      </Autocomplete>
      <span className="field-hint">{say('hint')}</span>
    </div>
  )
}

const withHidden = (before: readonly string[], shown: ReadonlySet<string>, next: readonly string[]): string[] => [...before.filter((key) => !shown.has(key) || next.includes(key)), ...next.filter((key) => !before.includes(key))]
