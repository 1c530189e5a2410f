import { Copy, Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { done } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { usePages } from '../../api/pages.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { ConfirmDialog } from '../../kit/dialogs.tsx'
import { SearchField } from '../../kit/fields.tsx'
import { Badge, Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { matches } from '../../words/fold.ts'
import { useFormats } from '../../words/formats.ts'
import { hazardWords } from '../../words/hazards.ts'
import { useLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { TemplateDialog, type TemplateTask } from './template-dialog.tsx'
import type { Template } from './template-form.ts'
import { templateWords } from './template-words.ts'
import { words } from './words.ts'

const READ: ReadonlySet<string> = new Set(['/v1/alert-templates'])
/** Templates that a number key chooses on the screen Emergency. */
const MOST_NUMBERS = 9

/** Texts made ready for emergencies: those that everybody has, and those of units, which their officers change. */
export function Templates() {
  const say = useWords(words)
  const sayTemplate = useWords(templateWords)
  const sayHazard = useWords(hazardWords)
  const sayCommon = useWords(common)
  const language = useLanguage()
  const rights = useRights()
  const { units } = useUnits()
  const { number } = useFormats()
  const [search, setSearch] = useState('')
  const [task, setTask] = useState<TemplateTask | null>(null)
  const [removing, setRemoving] = useState<Template | null>(null)
  const mayMake = rights.somewhere('emergency')
  const pages = usePages<Template>(['get', '/v1/alert-templates'], async (page) => done(await loa.GET('/v1/alert-templates', { params: { query: { limit: 1000, ...page } } })))
  const titleOf = ({ title, titleEn }: Template): string => (language === 'en' && titleEn !== null ? titleEn : title)
  const acts = (template: Template): React.ReactNode => {
    const own = template.unitId !== null && rights.at('emergency', template.unitId)
    if (!mayMake) return null
    return (
      <span className="row tight">
        {own && <Button look="plain" icon aria-label={`${sayTemplate('editTemplate')}: ${template.title}`} onPress={() => { setTask({ kind: 'edit', from: template }) }}><Pencil size={18} aria-hidden /></Button>}
        <Button look="plain" icon aria-label={`${sayTemplate('copyTemplate')}: ${template.title}`} onPress={() => { setTask({ kind: 'copy', from: template }) }}><Copy size={18} aria-hidden /></Button>
        {own && <Button look="plain" icon aria-label={`${sayTemplate('removeTemplate')}: ${template.title}`} onPress={() => { setRemoving(template) }}><Trash2 size={18} aria-hidden /></Button>}
      </span>
    )
  }
  return (
    <section className="stack tight">
      <div className="row"><h2 className="grow">{say('templates')}</h2><SearchField label={sayCommon('search')} value={search} onChange={setSearch} />{mayMake && <Button look="primary" onPress={() => { setTask({ kind: 'new', from: null }) }}><Plus size={18} aria-hidden />{sayTemplate('newTemplate')}</Button>}</div>
      <p className="quiet">{sayTemplate('help')} {!mayMake && sayTemplate('onlyOfficers')}</p>
      <Loaded query={pages}>{(templates) => (
        <DataTable label={say('templates')} rows={templates.filter((one) => matches(`${titleOf(one)} ${one.text} ${sayHazard(one.hazard)}`, search))} keyOf={({ id }) => id} empty={sayCommon('noMatch')} columns={[
          { id: 'title', title: say('hazardTitle'), cell: (one) => <><strong>{titleOf(one)}</strong><div className="small quiet system-words" lang="vi">{one.text.replaceAll(/\{\w+\}/g, '…')}</div></> },
          { id: 'key', title: sayTemplate('numberKey'), isNumber: true, cell: (one) => (templates.indexOf(one) < MOST_NUMBERS ? <kbd>{templates.indexOf(one) + 1}</kbd> : '–') },
          { id: 'hazard', title: sayTemplate('hazard'), cell: ({ hazard }) => sayHazard(hazard) },
          { id: 'level', title: say('alertLevel'), isNumber: true, cell: ({ level }) => level },
          { id: 'how', title: sayTemplate('everyHours'), cell: ({ repeat: { times, everyHours }, durationMs }) => [sayTemplate('repeatText', { times }), ...(everyHours === null ? [] : [(everyHours === 1 ? sayTemplate('everyHour') : sayTemplate('everyFew', { count: everyHours })).toLocaleLowerCase()]), sayTemplate('lasts', { hours: number(durationMs / 3_600_000, 1) })].join(', ') },
          { id: 'unit', title: sayCommon('unit'), cell: ({ unitId }) => (unitId === null ? <Badge>{say('builtIn')}</Badge> : units.name(unitId)) },
          ...(mayMake ? [{ id: 'do', title: '', cell: acts }] : []),
        ]} />
      )}</Loaded>
      <p className="small quiet">{sayTemplate('keyHint')}</p>
      {pages.more !== null && <Button onPress={pages.more}>{sayCommon('more')}</Button>}
      {task !== null && <TemplateDialog task={task} onClose={() => { setTask(null) }} />}
      {removing !== null && <RemoveTemplate template={removing} onClose={() => { setRemoving(null) }} />}
    </section>
  )
}

function RemoveTemplate({ template: { id, title }, onClose }: { readonly template: Template; readonly onClose: () => void }) {
  const say = useWords(templateWords)
  const sayCommon = useWords(common)
  const removing = useDeed({ reads: READ, onDone: onClose })
  const remove = (): void => { void removing.run(async () => { done(await loa.DELETE('/v1/alert-templates/{id}', { params: { path: { id } } })) }, () => { toast(sayCommon('removed')) }) }
  return <ConfirmDialog title={say('removeTemplate')} action={say('removeTemplate')} isOpen onClose={onClose} onConfirm={remove} isBusy={removing.isBusy} error={removing.failure}>{say('removeTemplateText', { title })}</ConfirmDialog>
}
