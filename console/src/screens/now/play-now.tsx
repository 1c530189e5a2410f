import { Play } from 'lucide-react'
import schema from 'api-schema:POST /v1/orders'
import { useState } from 'react'
import { Controller } from 'react-hook-form'
import { done, LoaProblem, type PostBody } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { problemCode } from '../../api/problem-text.ts'
import { FormText, NumberField, RadioGroup, Select } from '../../kit/fields.tsx'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useApiForm } from '../../forms/use-api-form.ts'
import { NO_TARGETS, type Targets } from '../../parts/targets/targets.ts'
import { TargetPicker } from '../../parts/targets/target-picker.tsx'
import { useTargetSummary } from '../../parts/targets/targets-summary.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

const MOST = 1000
const MINUTE_MS = 60_000
const DEFAULT_MINUTES = 15
const MOST_MINUTES = 24 * 60

type Body = PostBody<'/v1/orders'>
interface Values extends Record<string, unknown> {
  readonly class: 'normal' | 'priority'
  readonly title: string
  /** `source:…` or `clip:…`. */
  readonly what: string | null
  readonly minutes: number | null
  readonly targets: Targets
  readonly reason: string
}

/** What is sent; without what the choice leaves out. */
function bodyOf({ class: weight, title, what, minutes, targets, reason }: Values): Partial<Body> {
  const [kind, id = ''] = (what ?? '').split(':')
  return {
    class: weight, title: title.trim(), targets,
    ...(kind === 'clip' ? { clipIds: [id] } : kind === 'source' ? { sourceId: id, durationMs: (minutes ?? 0) * MINUTE_MS } : {}),
    ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
  }
}

/** Gives an ordinary order that begins at once. */
export default function PlayNow({ onClose }: { readonly onClose: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { data: sources } = api.useQuery('get', '/v1/sources', { params: { query: { limit: MOST } } })
  const { data: clips } = api.useQuery('get', '/v1/clips', { params: { query: { limit: MOST } } })
  const [isAgainstRules, setIsAgainstRules] = useState(false)
  const form = useApiForm<Values>({
    schema,
    defaultValues: { class: 'normal', title: '', what: null, minutes: DEFAULT_MINUTES, targets: NO_TARGETS, reason: '' },
    toBody: bodyOf,
    send: async (values) => {
      try {
        done(await loa.POST('/v1/orders', { body: bodyOf(values) as Body }))
      } catch (refused) {
        if (refused instanceof LoaProblem && (problemCode(refused) === 'LOA_ERR_POLICY' || problemCode(refused) === 'LOA_ERR_FRAME')) setIsAgainstRules(true)
        throw refused
      }
      toast(say('given', { title: values.title.trim() }))
      onClose()
    },
  })
  const { control, watch, setError } = form
  const targets = watch('targets')
  const isClip = watch('what')?.startsWith('clip:') ?? false
  const reach = useTargetSummary(targets)
  const choices = [
    ...(sources?.items ?? []).map(({ id, name }) => ({ id: `source:${id}`, label: name, detail: say('kindSource') })),
    ...(clips?.items ?? []).map(({ id, name }) => ({ id: `clip:${id}`, label: name, detail: say('kindClip') })),
  ]
  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault()
    const values = form.getValues()
    if (values.what === null) setError('what', { message: say('chooseWhat') })
    else if (Object.values(values.targets).every((ids) => ids === undefined || ids.length === 0)) setError('targets', { message: say('chooseWhere') })
    else form.onSubmit(event)
  }
  return (
    <Dialog title={say('playNow')} isOpen onClose={onClose} isDismissable={false}
      foot={<><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button look="primary" type="submit" form="play-now" isDisabled={form.formState.isSubmitting}><Play size={18} aria-hidden />{say('playNow')}</Button></>}>
      <form id="play-now" className="stack" onSubmit={submit} noValidate>
        <FormText control={control} name="title" label={say('title')} autoFocus />
        <Controller control={control} name="what" render={({ field, fieldState }) => <Select label={say('what')} value={field.value} onChange={(next) => { form.clearErrors('what'); field.onChange(next) }} choices={choices} error={fieldState.error?.message} {...(isClip ? { hint: say('clipLength') } : {})} />} />
        {!isClip && <Controller control={control} name="minutes" render={({ field }) => <NumberField label={say('minutes')} value={field.value} onChange={field.onChange} minValue={1} maxValue={MOST_MINUTES} />} />}
        <Controller control={control} name="class" render={({ field }) => <RadioGroup label={sayCommon('class')} value={field.value} onChange={field.onChange} hint={say('priorityHint')} choices={[{ id: 'normal', label: sayCommon('normal') }, { id: 'priority', label: sayCommon('priority') }]} />} />
        <Controller control={control} name="targets" render={({ field, fieldState }) => (
          <div className="field">
            <TargetPicker label={say('where')} right="air" value={field.value} onChange={(next) => { form.clearErrors('targets'); field.onChange(next) }} />
            {fieldState.error !== undefined && <span className="field-error" role="alert">{fieldState.error.message}</span>}
          </div>
        )} />
        <p role="status" className="number">{reach !== null && say('reach', { clusters: reach.clusters, online: reach.online })}</p>
        {isAgainstRules && <FormText control={control} name="reason" label={say('reason')} hint={say('reasonHint')} />}
        <Failure text={form.failure} />
      </form>
    </Dialog>
  )
}
