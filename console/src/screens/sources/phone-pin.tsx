import removeSchema from 'api-schema:POST /v1/me/phone-pin/remove'
import schema from 'api-schema:PUT /v1/me/phone-pin'
import { useState } from 'react'
import { Controller } from 'react-hook-form'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { readAgain } from '../../api/query-client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { FormText, Switch } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { phoneWords } from './words-phone.ts'

const PATH = new Set(['/v1/me/phone-pin'])

/** The reader's own number and PIN, for who may speak to loudspeakers at all. */
export function PinCard() {
  const say = useWords(phoneWords)
  const rights = useRights()
  const { dayTime } = useFormats()
  const { data, error } = api.useQuery('get', '/v1/me/phone-pin', {}, { retry: false })
  const [open, setOpen] = useState<'set' | 'remove' | null>(null)
  const close = (): void => { setOpen(null) }
  if (!rights.somewhere('air') && !rights.somewhere('emergency')) return null
  const pin = error === null ? data : undefined
  return (
    <section className="card stack tight">
      <h2>{say('pinTitle')}</h2>
      {pin === undefined ? <p>{say('pinNone')}</p> : <p><strong className="number">{say('pinNumber', { number: pin.number })}</strong><br /><span className="small quiet">{say('pinChanged', { time: dayTime(pin.changedAt) })}</span></p>}
      <div className="row"><Button onPress={() => { setOpen('set') }}>{say('setPin')}</Button>{pin !== undefined && <Button onPress={() => { setOpen('remove') }}>{say('removePin')}</Button>}</div>
      {open === 'set' && <SetDialog onClose={close} />}
      {open === 'remove' && <RemoveDialog onClose={close} />}
    </section>
  )
}

interface Proof { password: string; code: string }
interface Values extends Proof { pin: string; unitId: string; needsCode: boolean }
const proofOf = ({ password, code }: Proof) => ({ password, ...(code === '' ? {} : { code }) })
const toBody = ({ pin, unitId, needsCode, ...proof }: Values) => ({ pin, unitId, needsCode, ...proofOf(proof) })

function SetDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useWords(phoneWords)
  const common_ = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const mayCall = (id: string): boolean => rights.at('air', id) || rights.at('emergency', id)
  const form = useApiForm<Values>({
    schema,
    defaultValues: { pin: '', unitId: units.all.find(({ id }) => mayCall(id))?.id ?? '', needsCode: false, password: '', code: '' },
    toBody,
    async send(values) {
      done(await loa.PUT('/v1/me/phone-pin', { body: toBody(values) }))
      readAgain(PATH)
      toast(say('pinSet'))
      onClose()
    },
  })
  const { control } = form
  return (
    <Dialog title={say('setPin')} isOpen onClose={onClose}>
      <form className="stack" onSubmit={form.onSubmit} noValidate>
        <FormText control={control} name="pin" type="password" inputMode="numeric" autoComplete="off" label={say('pin')} autoFocus />
        <Controller control={control} name="unitId" render={({ field, fieldState }) => <UnitPicker label={say('pinUnit')} value={field.value} onChange={(id) => { field.onChange(id ?? '') }} filter={mayCall} error={fieldState.error?.message} />} />
        <Controller control={control} name="needsCode" render={({ field }) => <Switch isSelected={field.value} onChange={field.onChange}>{say('pinNeedsCode')}</Switch>} />
        <FormText control={control} name="password" type="password" autoComplete="current-password" label={say('password')} />
        <FormText control={control} name="code" autoComplete="one-time-code" inputMode="numeric" label={say('code')} hint={say('codeHint')} />
        <Failure text={form.failure} />
        <div className="dialog-foot"><Button onPress={onClose}>{common_('cancel')}</Button><Button type="submit" look="primary" isDisabled={form.formState.isSubmitting}>{say('setPin')}</Button></div>
      </form>
    </Dialog>
  )
}

function RemoveDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useWords(phoneWords)
  const common_ = useWords(common)
  const form = useApiForm<Proof>({
    schema: removeSchema,
    defaultValues: { password: '', code: '' },
    toBody: proofOf,
    async send(values) {
      done(await loa.POST('/v1/me/phone-pin/remove', { body: proofOf(values) }))
      readAgain(PATH)
      toast(say('pinRemoved'))
      onClose()
    },
  })
  return (
    <Dialog title={say('removePin')} isOpen onClose={onClose}>
      <form className="stack" onSubmit={form.onSubmit} noValidate>
        <FormText control={form.control} name="password" type="password" autoComplete="current-password" label={say('password')} autoFocus />
        <FormText control={form.control} name="code" autoComplete="one-time-code" inputMode="numeric" label={say('code')} hint={say('codeHint')} />
        <Failure text={form.failure} />
        <div className="dialog-foot"><Button onPress={onClose}>{common_('cancel')}</Button><Button type="submit" look="danger" isDisabled={form.formState.isSubmitting}>{say('removePin')}</Button></div>
      </form>
    </Dialog>
  )
}
