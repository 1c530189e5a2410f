import createSchema from 'api-schema:POST /v1/units'
import { Download, GitMerge, Plus } from 'lucide-react'
import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { usePages } from '../../api/pages.ts'
import { readAgain } from '../../api/query-client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { FormText, SearchField } from '../../kit/fields.tsx'
import { Badge, Failure, Loaded, Notice } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { matches } from '../../words/fold.ts'
import { useFormats } from '../../words/formats.ts'
import { useLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { UnitChangeDialog } from './unit-change-dialog.tsx'
import { UnitContactDialog } from './unit-contact-dialog.tsx'
import { EMPTY_DRAFT, type UnitChangeDraft } from './unit-steps.ts'
import { words } from './words.ts'

type Unit = Schemas['Unit']
export const UNITS_READ: ReadonlySet<string> = new Set(['/v1/units', '/v1/unit-changes', '/v1/clusters'])
const MOST_SHOWN = 300

/** The tree of units, and how it changes. */
export function Units() {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const rights = useRights()
  const language = useLanguage()
  const { units, isReady, query } = useUnits()
  const { number } = useFormats()
  const [search, setSearch] = useState('')
  const [isNew, setIsNew] = useState(false)
  const [draft, setDraft] = useState<UnitChangeDraft | null>(null)
  const [edited, setEdited] = useState<Unit | null>(null)
  const mayChange = rights.at('manage', null)
  const walk = (unit: Unit): Unit[] => [unit, ...units.children(unit.id).flatMap(walk)]
  const found = units.roots.flatMap(walk).filter(({ name, code }) => matches(`${name} ${code}`, search))
  return (
    <>
      <div className="row">
        <div className="grow"><SearchField label={sayCommon('search')} value={search} onChange={setSearch} /></div>
        <a className="button normal" download href={`/v1/units/export?format=xlsx&lang=${language}`}><Download size={18} aria-hidden />{say('exportUnits')}</a>
        {mayChange && <Button onPress={() => { setDraft(EMPTY_DRAFT) }}><GitMerge size={18} aria-hidden />{say('changeUnits')}</Button>}
        <Button look="primary" onPress={() => { setIsNew(true) }}><Plus size={18} aria-hidden />{say('newUnit')}</Button>
      </div>
      <Loaded query={{ ...query, data: isReady ? found : undefined }}>{(rows) => (
        <DataTable label={say('units')} rows={rows.slice(0, MOST_SHOWN)} keyOf={({ id }) => id} empty={sayCommon('noMatch')} columns={[
          { id: 'name', title: sayCommon('name'), cell: ({ id, name }) => <span className="system-indent" style={{ '--depth': units.path(id).length - 1 } as React.CSSProperties}>{name}</span> },
          { id: 'code', title: sayCommon('code'), cell: ({ code }) => code },
          { id: 'people', title: say('people'), isNumber: true, cell: ({ people }) => (people === null ? '–' : number(people)) },
          { id: 'contact', title: say('contactName'), cell: ({ contact }) => (contact === null ? <span className="quiet">{say('contactNone')}</span> : <>{contact.name} <a className="number" href={`tel:${contact.phone}`}>{contact.phone}</a></>) },
          { id: 'edit', title: '', cell: (unit) => (rights.at('manage', unit.id) ? <Button look="plain" aria-label={`${say('editUnit')}: ${unit.name}`} onPress={() => { setEdited(unit) }}>{say('editUnit')}</Button> : null) },
          ...(mayChange ? [{ id: 'do', title: '', cell: ({ id, name }: Unit) => <span className="row tight">{(['rename', 'move', 'end'] as const).map((kind) => <Button key={kind} look="plain" aria-label={`${say(kind)}: ${name}`} onPress={() => { setDraft({ ...EMPTY_DRAFT, kind, unitIds: [id], name: kind === 'rename' ? name : '', parentId: units.byId.get(id)?.parentId ?? null }) }}>{say(kind)}</Button>)}</span> }] : []),
        ]} />
      )}</Loaded>
      {rights.at('view', null) && <Changes mayChange={mayChange} />}
      {isNew && <NewUnit onClose={() => { setIsNew(false) }} />}
      {edited !== null && <UnitContactDialog unit={edited} onClose={() => { setEdited(null) }} />}
      {draft !== null && <UnitChangeDialog first={draft} onClose={() => { setDraft(null) }} />}
    </>
  )
}

interface Values { code: string; name: string; parentId: string | null }

function NewUnit({ onClose }: { readonly onClose: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const mayRoot = rights.at('manage', null)
  const form = useApiForm<Values>({
    schema: createSchema,
    defaultValues: { code: '', name: '', parentId: units.roots.find(({ id }) => rights.at('manage', id))?.id ?? null },
    async send(body) {
      done(await loa.POST('/v1/units', { body }))
      readAgain(UNITS_READ)
      toast(sayCommon('saved'))
      onClose()
    },
  })
  return (
    <Dialog title={say('newUnit')} isOpen onClose={onClose}>
      <form className="stack" onSubmit={form.onSubmit} noValidate>
        <FormText control={form.control} name="name" label={sayCommon('name')} autoFocus />
        <FormText control={form.control} name="code" label={sayCommon('code')} />
        <UnitPicker label={say('above')} value={form.watch('parentId')} onChange={(id) => { form.setValue('parentId', id) }} filter={(id) => rights.at('manage', id)} {...(mayRoot ? { nullLabel: say('topUnit') } : {})} />
        <Failure text={form.failure} />
        <div className="dialog-foot"><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button type="submit" look="primary" isDisabled={form.formState.isSubmitting}>{say('createUnit')}</Button></div>
      </form>
    </Dialog>
  )
}

const STATE_TONES = { planned: 'accent', done: 'good', failed: 'warn', cancelled: 'off' } as const

/** What was changed of the map, and what is planned. */
function Changes({ mayChange }: { readonly mayChange: boolean }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { units } = useUnits()
  const { day, time } = useFormats()
  const cancelling = useDeed({ reads: UNITS_READ })
  const pages = usePages<Schemas['UnitChange']>(['get', '/v1/unit-changes'], async (page) => done(await loa.GET('/v1/unit-changes', { params: { query: { limit: 100, ...page } } })))
  const cancel = (id: string): void => { void cancelling.run(async () => done(await loa.POST('/v1/unit-changes/{id}/cancel', { params: { path: { id } } }))) }
  return (
    <section className="stack tight">
      <h2>{say('changes')}</h2>
      <Failure text={cancelling.failure} />
      <Loaded query={pages}>{(changes) => (
        <DataTable label={say('changes')} rows={changes} keyOf={({ id }) => id} columns={[
          { id: 'what', title: say('kind'), cell: ({ steps, note, problem }) => <>{steps.map((step, index) => <div key={index}>{say(step.kind)}: {('unitIds' in step ? step.unitIds : [step.unitId]).map((id) => units.name(id)).join(', ')}</div>)}{note !== null && <span className="small quiet">{note}</span>}{problem !== null && <Notice tone="bad">{problem.detail}</Notice>}</> },
          { id: 'at', title: say('from'), cell: ({ at }) => `${day(at)} ${time(at)}` },
          { id: 'state', title: sayCommon('state'), cell: ({ state }) => <Badge tone={STATE_TONES[state]}>{say(state)}</Badge> },
          { id: 'do', title: '', cell: ({ id, state }) => (mayChange && state === 'planned' ? <Button isDisabled={cancelling.isBusy} onPress={() => { cancel(id) }}>{say('cancelChange')}</Button> : null) },
        ]} />
      )}</Loaded>
      {pages.more !== null && <Button onPress={pages.more}>{sayCommon('more')}</Button>}
    </section>
  )
}
