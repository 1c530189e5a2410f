import schema from 'api-schema:POST /v1/phone/keys'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Controller } from 'react-hook-form'
import { done, type PostBody, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { problemText } from '../../api/problem-text.ts'
import { readAgain } from '../../api/query-client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog, Dialog } from '../../kit/dialogs.tsx'
import { FormSelect, FormText } from '../../kit/fields.tsx'
import { Badge, Loaded, Notice } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { useSources } from './use-sources.ts'
import { phoneWords } from './words-phone.ts'

type Key = Schemas['PhoneKey']
type Body = PostBody<'/v1/phone/keys'>
const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9']

/** What callers choose by the keys of their telephone. */
export function PhoneKeysCard() {
  const say = useWords(phoneWords)
  const common_ = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const keys = api.useQuery('get', '/v1/phone/keys', { params: { query: { limit: 200 } } })
  const [open, setOpen] = useState<'add' | Key | null>(null)
  const close = (): void => { setOpen(null) }
  return (
    <section className="card stack tight">
      <div className="row"><h2 className="grow">{say('keysTitle')}</h2>{rights.somewhere('manage') && <Button onPress={() => { setOpen('add') }}><Plus size={18} aria-hidden />{say('addKey')}</Button>}</div>
      <p className="small quiet">{say('keysText')}</p>
      <Loaded query={keys}>{({ items }) => items.length === 0 ? <p className="small quiet">{say('noKeys')}</p> : (
        <ul className="stack tight">{items.map((one) => (
          <li key={one.id} className="row key-row">
            <kbd className="phone-key">{one.key}</kbd>
            <span className="grow"><strong>{one.name}</strong> {one.class !== 'normal' && <Badge tone={one.class === 'emergency' ? 'emergency' : 'accent'}>{common_(one.class)}</Badge>}<br /><span className="small quiet">{units.name(one.unitId)} · {say(one.content.kind)}</span></span>
            {rights.at('manage', one.unitId) && <Button onPress={() => { setOpen(one) }}>{say('removeKey')}</Button>}
          </li>
        ))}</ul>
      )}</Loaded>
      {open === 'add' && <AddKeyDialog onClose={close} />}
      {open !== null && typeof open === 'object' && <RemoveKeyDialog removed={open} onClose={close} />}
    </section>
  )
}

interface Values { unitId: string; key: string; name: string; target: string; sourceId: string; class: 'normal' | 'priority'; onHangUp: 'stop' | 'keep' }
const toBody = ({ unitId, key, name, target, sourceId, class: keyClass, onHangUp }: Values): Body => ({ unitId, key, name, targets: { units: [target] }, class: keyClass, content: { kind: 'live', sourceId }, onHangUp })

function AddKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useWords(phoneWords)
  const common_ = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const { data: sources = [] } = useSources()
  const phones = sources.filter(({ kind }) => kind === 'phone')
  const first = units.all.find(({ id }) => rights.at('manage', id))?.id ?? ''
  const form = useApiForm<Values>({
    schema,
    defaultValues: { unitId: first, key: '1', name: '', target: first, sourceId: phones[0]?.id ?? '', class: 'normal', onHangUp: 'stop' },
    toBody,
    async send(values) {
      done(await loa.POST('/v1/phone/keys', { body: toBody(values) }))
      readAgain(new Set(['/v1/phone/keys']))
      onClose()
    },
  })
  const { control } = form
  if (phones.length === 0) return <Dialog title={say('addKeyTitle')} isOpen onClose={onClose}><Notice tone="warn">{say('noPhoneSource')}</Notice></Dialog>
  return (
    <Dialog title={say('addKeyTitle')} isOpen onClose={onClose}>
      <form className="stack" onSubmit={form.onSubmit} noValidate>
        <FormText control={control} name="name" label={say('keyName')} autoFocus />
        <div className="columns">
          <FormSelect control={control} name="key" label={say('phoneKey')} choices={DIGITS.map((id) => ({ id, label: id }))} />
          <FormSelect control={control} name="class" label={say('class')} choices={(['normal', 'priority'] as const).map((id) => ({ id, label: common_(id) }))} />
        </div>
        <Controller control={control} name="unitId" render={({ field }) => <UnitPicker label={say('forUnit')} value={field.value} onChange={(id) => { field.onChange(id ?? '') }} filter={(id) => rights.at('manage', id)} />} />
        <Controller control={control} name="target" render={({ field }) => <UnitPicker label={say('target')} value={field.value} onChange={(id) => { field.onChange(id ?? '') }} />} />
        <FormSelect control={control} name="sourceId" label={say('source')} choices={phones.map(({ id, name }) => ({ id, label: name }))} />
        <FormSelect control={control} name="onHangUp" label={say('onHangUp')} choices={(['stop', 'keep'] as const).map((id) => ({ id, label: say(`hang_${id}`) }))} />
        {form.failure !== null && <Notice tone="bad">{form.failure}</Notice>}
        <div className="dialog-foot"><Button onPress={onClose}>{common_('cancel')}</Button><Button type="submit" look="primary" isDisabled={form.formState.isSubmitting}>{say('addKey')}</Button></div>
      </form>
    </Dialog>
  )
}

function RemoveKeyDialog({ removed, onClose }: { readonly removed: Key; readonly onClose: () => void }) {
  const say = useWords(phoneWords)
  const [error, setError] = useState<string | null>(null)
  const remove = async (): Promise<void> => {
    try {
      done(await loa.DELETE('/v1/phone/keys/{id}', { params: { path: { id: removed.id } } }))
      readAgain(new Set(['/v1/phone/keys']))
      onClose()
    } catch (failure) {
      setError(problemText(failure))
    }
  }
  return <ConfirmDialog title={say('removeKeyTitle', { key: removed.key, name: removed.name })} action={say('removeKey')} isOpen onClose={onClose} error={error} onConfirm={() => { void remove() }}><p>{say('removeKeyText')}</p></ConfirmDialog>
}
