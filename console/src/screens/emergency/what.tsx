import type { RefObject } from 'react'
import { ListBox, ListBoxItem } from 'react-aria-components'
import type { Schemas } from '../../../../control/client/index.ts'
import { Select, TextField } from '../../kit/fields.tsx'
import { useLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { MOST_NUMBERS } from './compose-keys.ts'
import { filledText, HAZARDS, levelOf, LEVELS, type Draft, type Level } from './draft.ts'
import { SpeakPanel } from './speak-panel.tsx'
import { words, type EmergencyWord } from './words.ts'

type Template = Schemas['AlertTemplate']

export interface WhatProps {
  readonly draft: Draft
  readonly change: (change: Partial<Draft>) => void
}

const SLOT_WORDS: Readonly<Record<string, EmergencyWord>> = { place: 'slotPlace', time: 'slotTime', name: 'slotName', description: 'slotDescription', phone: 'slotPhone' }

/** A prepared text: chosen by its number, then its slots. */
export function TemplateChoice({ draft, change, templates, template, slots, box }: WhatProps & { readonly box: RefObject<HTMLDivElement | null>; readonly templates: readonly Template[]; readonly template: Template | null; readonly slots: Readonly<Record<string, string>> }) {
  const say = useWords(words)
  const language = useLanguage()
  return (
    <div className="stack">
      <div ref={box}>
        <ListBox aria-label={say('chooseTemplate')} className="templates" layout="grid" items={templates} selectionMode="single" disallowEmptySelection selectedKeys={template === null ? [] : [template.id]} autoFocus="first"
          onSelectionChange={(keys) => { if (keys !== 'all') for (const key of keys) change({ templateId: String(key) }) }}>
          {(one) => (
            <ListBoxItem id={one.id} textValue={one.title} className="template">
              {templates.indexOf(one) < MOST_NUMBERS && <kbd aria-hidden>{templates.indexOf(one) + 1}</kbd>}<span>{language === 'en' && one.titleEn !== null ? one.titleEn : one.title}</span>
            </ListBoxItem>
          )}
        </ListBox>
        <p className="small quiet">{say('templateHint')}</p>
      </div>
      {template !== null && (
        <>
          <div className="columns">
            {template.slots.map((slot) => {
              const word = SLOT_WORDS[slot]
              return <TextField key={slot} label={word === undefined ? slot : say(word)} value={slots[slot] ?? ''} maxLength={300} onChange={(text) => { change({ slots: { ...draft.slots, [slot]: text } }) }} />
            })}
            <LevelChoice draft={draft} change={change} level={levelOf(draft, template)} />
          </div>
          <figure className="spoken"><figcaption className="small quiet">{say('willSay')}</figcaption><blockquote lang="vi">{filledText(template.text, slots, levelOf(draft, template))}</blockquote></figure>
        </>
      )}
    </div>
  )
}

function LevelChoice({ change, level }: WhatProps & { readonly level: Level }) {
  const say = useWords(words)
  return <Select label={say('level')} value={String(level)} onChange={(next) => { change({ level: Number(next) as Level }) }} choices={LEVELS.map((one) => ({ id: String(one), label: String(one) }))} />
}

/** Of what is typed or spoken, for which no template says it. */
export function AboutFields({ draft, change }: WhatProps) {
  const say = useWords(words)
  return (
    <div className="columns">
      <TextField label={say('title')} value={draft.title} maxLength={200} autoFocus onChange={(title) => { change({ title }) }} />
      <Select label={say('hazard')} value={draft.hazard} onChange={(hazard) => { change({ hazard }) }} choices={HAZARDS.map((id) => ({ id, label: say(id) }))} />
      <LevelChoice draft={draft} change={change} level={levelOf(draft, null)} />
    </div>
  )
}

export function TypeFields(props: WhatProps) {
  const say = useWords(words)
  return <div className="stack"><AboutFields {...props} /><TextField label={say('text')} hint={say('textHint')} lines={4} maxLength={3000} value={props.draft.text} onChange={(text) => { props.change({ text }) }} /></div>
}

export function SpeakFields(props: WhatProps & { readonly unitId: string | null }) {
  return <div className="stack"><AboutFields {...props} /><SpeakPanel unitId={props.unitId} /></div>
}
