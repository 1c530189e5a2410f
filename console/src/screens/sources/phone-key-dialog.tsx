import schema from 'api-schema:POST /v1/phone/keys'
import { Controller, type UseFormReturn } from 'react-hook-form'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { readAgain } from '../../api/query-client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { FormSelect, FormText, TextField } from '../../kit/fields.tsx'
import { Failure, Notice } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { TargetPicker } from '../../parts/targets/target-picker.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { ALERT_KINDS, bodyOfKey, HAZARDS, LEVELS, newKey, valuesOfKey, type KeyValues, type PhoneKey } from './phone-key-form.ts'
import { useSources } from './use-sources.ts'
import { phoneWords } from './words-phone.ts'

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9']

/** What a key of the telephone does, for callers of a unit. @param props.changed null: a new one */
export function PhoneKeyDialog({ changed, onClose }: { readonly changed: PhoneKey | null; readonly onClose: () => void }) {
  const say = useWords(phoneWords)
  const common_ = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const { data: sources = [] } = useSources()
  const phones = sources.filter(({ kind }) => kind === 'phone')
  const form = useApiForm<KeyValues>({
    schema,
    defaultValues: changed === null ? newKey(units.all.find(({ id }) => rights.at('manage', id))?.id ?? '', phones[0]?.id ?? '') : valuesOfKey(changed),
    toBody: bodyOfKey,
    async send(values) {
      const body = bodyOfKey(values)
      if (changed === null) done(await loa.POST('/v1/phone/keys', { body }))
      else done(await loa.PUT('/v1/phone/keys/{id}', { params: { path: { id: changed.id } }, body }))
      readAgain(new Set(['/v1/phone/keys']))
      onClose()
    },
  })
  const { control } = form
  const isLive = form.watch('contentKind') === 'live'
  const isEmergency = !isLive || form.watch('class') === 'emergency'
  return (
    <Dialog title={changed === null ? say('addKeyTitle') : say('changeKeyTitle', { key: changed.key })} isOpen onClose={onClose} isDismissable={false}>
      <form className="stack" onSubmit={form.onSubmit} noValidate>
        <FormText control={control} name="name" label={say('keyName')} autoFocus />
        <div className="columns">
          <FormSelect control={control} name="key" label={say('phoneKey')} choices={DIGITS.map((id) => ({ id, label: id }))} />
          <FormSelect control={control} name="contentKind" label={say('content')} choices={(['live', 'template'] as const).map((id) => ({ id, label: say(id) }))} />
        </div>
        <Controller control={control} name="unitId" render={({ field, fieldState }) => <UnitPicker label={say('forUnit')} value={field.value} onChange={(id) => { field.onChange(id ?? '') }} filter={(id) => rights.at('manage', id)} error={fieldState.error?.message} />} />
        <Controller control={control} name="targets" render={({ field }) => <TargetPicker label={say('target')} value={field.value} onChange={field.onChange} right="manage" />} />
        {isLive && phones.length === 0 && <Notice tone="warn">{say('noPhoneSource')}</Notice>}
        {isLive && phones.length > 0 && <FormSelect control={control} name="sourceId" label={say('source')} choices={phones.map(({ id, name }) => ({ id, label: name }))} />}
        {isLive && <FormSelect control={control} name="class" label={say('class')} choices={(['normal', 'priority', 'emergency'] as const).map((id) => ({ id, label: common_(id) }))} />}
        {!isLive && <TemplateFields form={form} />}
        {isEmergency && <FormSelect control={control} name="alertKind" label={say('alertKind')} choices={ALERT_KINDS.map((id) => ({ id, label: say(`kind_${id}`) }))} />}
        {isEmergency && isLive && <div className="columns"><FormSelect control={control} name="hazard" label={say('hazard')} choices={HAZARDS.map((id) => ({ id, label: say(`hazard_${id}`) }))} /><FormSelect control={control} name="level" label={say('level')} choices={LEVELS.map((id) => ({ id, label: id }))} /></div>}
        {isLive && <FormSelect control={control} name="onHangUp" label={say('onHangUp')} choices={(['stop', 'keep'] as const).map((id) => ({ id, label: say(`hang_${id}`) }))} />}
        <Failure text={form.failure} />
        <div className="dialog-foot"><Button onPress={onClose}>{common_('cancel')}</Button><Button type="submit" look="primary" isDisabled={form.formState.isSubmitting}>{say('save')}</Button></div>
      </form>
    </Dialog>
  )
}

/** Which words are spoken, and what stands in their gaps. */
function TemplateFields({ form }: { readonly form: UseFormReturn<KeyValues> }) {
  const say = useWords(phoneWords)
  const { data } = api.useQuery('get', '/v1/alert-templates', { params: { query: { limit: 200 } } })
  const templates = data?.items ?? []
  const templateId = form.watch('templateId')
  const gaps = templates.find(({ id }) => id === templateId)?.slots ?? []
  return (
    <>
      <FormSelect control={form.control} name="templateId" label={say('chooseTemplate')} choices={templates.map(({ id, title }) => ({ id, label: title }))} />
      <Controller control={form.control} name="slots" render={({ field }) => <>{gaps.map((gap) => <TextField key={gap} label={gap} value={field.value[gap] ?? ''} onChange={(text) => { field.onChange({ ...field.value, [gap]: text }) }} />)}</>} />
    </>
  )
}
