import schema from 'api-schema:POST /v1/alert-templates'
import { X } from 'lucide-react'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { readAgain } from '../../api/query-client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { FormSelect, FormText, NumberField, Select } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { ClipPicker } from '../../parts/sound/clip-picker.tsx'
import { clipAudioUrl, PlayButton } from '../../parts/sound/player.tsx'
import { ifAsShown } from '../../parts/conflict/as-shown.ts'
import { common } from '../../words/common.ts'
import { hazardWords } from '../../words/hazards.ts'
import { LANGUAGES, useLanguageNames } from '../../words/languages.ts'
import { useWords } from '../../words/use-words.ts'
import { bodyOf, readSeconds, sampleOf, valuesOf, type Template, type TemplateValues } from './template-form.ts'
import { templateWords } from './template-words.ts'
import { words } from './words.ts'

const READ: ReadonlySet<string> = new Set(['/v1/alert-templates'])
const HAZARDS = ['flood', 'storm', 'dam-release', 'fire', 'epidemic', 'missing-person', 'all-clear', 'other'] as const
const SLOTS = { place: 'slotPlace', time: 'slotTime', level: 'slotLevel', phone: 'slotPhone' } as const
const HOURS = [1, 2, 3, 4, 6, 8, 12, 24] as const

/** What is done to templates: `from` is copied or changed; null: a new one. */
export interface TemplateTask {
  readonly kind: 'new' | 'copy' | 'edit'
  readonly from: Template | null
}

/** A template as a form, with what loudspeakers would say beside it. */
export function TemplateDialog({ task: { kind, from }, onClose }: { readonly task: TemplateTask; readonly onClose: () => void }) {
  const say = useWords(words)
  const sayTemplate = useWords(templateWords)
  const sayHazard = useWords(hazardWords)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const may = (unitId: string): boolean => rights.at('emergency', unitId)
  const first = valuesOf(from, units.all.find(({ id }) => may(id))?.id ?? '')
  const form = useApiForm<TemplateValues>({
    schema,
    toBody: bodyOf,
    defaultValues: kind === 'copy' ? { ...first, title: sayTemplate('copyOf', { title: first.title }) } : first,
    async send(values) {
      const { unitId, ...changes } = bodyOf(values)
      if (kind === 'edit' && from !== null) {
        const path = { id: from.id }
        const before = await loa.GET('/v1/alert-templates/{id}', { params: { path } })
        done(await loa.PATCH('/v1/alert-templates/{id}', { params: { path, header: ifAsShown(before, (now) => valuesOf(now, ''), valuesOf(from, '')) }, body: changes }))
      } else {
        done(await loa.POST('/v1/alert-templates', { body: { unitId, ...(from === null ? {} : { from: from.id }), ...changes } }))
      }
      readAgain(READ)
      toast(sayTemplate('saved', { title: values.title }))
      onClose()
    },
  })
  const { control } = form
  const { unitId, text, times, hours, level, recordings } = form.watch()
  const samples = { place: sayTemplate('samplePlace'), time: sayTemplate('sampleTime'), phone: sayTemplate('samplePhone'), level }
  const put = <Name extends keyof TemplateValues>(name: Name, value: TemplateValues[Name]): void => { form.setValue(name, value as never, { shouldValidate: true, shouldTouch: true }) }
  const { errors } = form.formState
  return (
    <Dialog title={sayTemplate(kind === 'edit' ? 'editTemplate' : kind === 'copy' ? 'copyTemplate' : 'newTemplate')} isOpen onClose={onClose} isDismissable={false} wide>
      <form className="stack" onSubmit={form.onSubmit} noValidate>
        <div className="columns">
          <FormText control={control} name="title" label={say('hazardTitle')} autoFocus />
          <FormSelect control={control} name="hazard" label={sayTemplate('hazard')} choices={HAZARDS.map((id) => ({ id, label: sayHazard(id) }))} />
          <FormSelect control={control} name="level" label={say('alertLevel')} choices={['1', '2', '3', '4', '5'].map((id) => ({ id, label: id }))} />
          {kind !== 'edit' && <UnitPicker label={sayTemplate('forUnit')} value={unitId} filter={may} onChange={(id) => { put('unitId', id ?? '') }} error={errors.unitId?.message} />}
        </div>
        <FormText control={control} name="text" label={sayTemplate('spoken')} hint={sayTemplate('spokenHint')} lines={5} maxLength={3000} />
        <div className="row tight"><span className="field-label">{sayTemplate('slots')}</span>{Object.entries(SLOTS).map(([slot, word]) => <Button key={slot} onPress={() => { put('text', `${text}${text === '' || text.endsWith(' ') ? '' : ' '}{${slot}}`) }}>{sayTemplate(word)}</Button>)}</div>
        {text.trim() !== '' && <figure className="system-spoken"><figcaption className="small quiet">{sayTemplate('preview')} ({sayTemplate('readMs', { seconds: readSeconds(sampleOf(text, samples)) })})</figcaption><blockquote lang="vi">{sampleOf(text, samples)}</blockquote></figure>}
        <div className="columns">
          <FormSelect control={control} name="voice" label={sayTemplate('voice')} choices={(['north', 'central', 'south'] as const).map((id) => ({ id, label: sayTemplate(id) }))} />
          <NumberField label={sayTemplate('times')} value={times} minValue={1} maxValue={10} onChange={(next) => { put('times', next ?? 1) }} />
          <FormSelect control={control} name="everyHours" label={sayTemplate('everyHours')} choices={[{ id: '0', label: sayTemplate('never') }, ...HOURS.map((count) => ({ id: String(count), label: count === 1 ? sayTemplate('everyHour') : sayTemplate('everyFew', { count }) }))]} />
          <NumberField label={sayTemplate('forHours')} value={hours} minValue={1} maxValue={168} onChange={(next) => { put('hours', next ?? 1) }} />
        </div>
        <fieldset className="stack tight system-plain">
          <legend className="field-label">{sayTemplate('recordings')}</legend>
          <p className="small quiet">{sayTemplate('recordingsHint')}</p>
          {recordings.map((one, index) => <Recording key={one.clipId} recording={one} onChange={(language) => { put('recordings', recordings.map((other, at) => (at === index ? { ...other, language } : other))) }} onRemove={() => { put('recordings', recordings.filter((_, at) => at !== index)) }} />)}
          {recordings.length < 9 && <div><ClipPicker label={sayTemplate('addRecording')} onAdd={({ id: clipId }) => { put('recordings', [...recordings, { language: LANGUAGES.find((id) => !recordings.some(({ language }) => language === id)) ?? 'en', clipId }]) }} /></div>}
        </fieldset>
        <Failure text={form.failure} />
        <div className="dialog-foot"><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button type="submit" look="primary" isDisabled={form.formState.isSubmitting}>{kind === 'edit' ? sayCommon('save') : sayTemplate('createTemplate')}</Button></div>
      </form>
    </Dialog>
  )
}

function Recording({ recording: { language, clipId }, onChange, onRemove }: { readonly recording: Template['recordings'][number]; readonly onChange: (language: string) => void; readonly onRemove: () => void }) {
  const say = useWords(templateWords)
  const { data: clip } = api.useQuery('get', '/v1/clips/{id}', { params: { path: { id: clipId } } })
  const name = clip?.name ?? clipId
  const languageName = useLanguageNames()
  const choices = [...new Set<string>([...LANGUAGES, language])].map((id) => ({ id, label: languageName(id) }))
  return (
    <div className="row tight system-recording">
      <Select label={say('language')} value={language} onChange={onChange} choices={choices} />
      <span className="grow">{name}</span>
      <PlayButton url={clipAudioUrl(clipId)} name={name} />
      <Button look="plain" icon aria-label={say('removeRecording', { name })} onPress={onRemove}><X size={18} aria-hidden /></Button>
    </div>
  )
}
