import changeSchema from 'api-schema:PATCH /v1/sources/{id}'
import createSchema from 'api-schema:POST /v1/sources'
import { useMemo, useState } from 'react'
import { Controller } from 'react-hook-form'
import { useLocation } from 'wouter'
import { done, type PostBody } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { readAgain } from '../../api/query-client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { FormSelect, FormText, Select } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { toast } from '../../kit/toasts.tsx'
import { ifAsShown } from '../../parts/conflict/as-shown.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { FormLines, FormNumber } from './form-fields.tsx'
import { InputsField } from './inputs-field.tsx'
import { RtpFields } from './rtp-fields.tsx'
import type { Secret } from './secret-dialog.tsx'
import { bodyOf, schemaFor, valuesFor, valuesOf, type Values } from './source-form.ts'
import type { Source, SourceKind } from './sources.ts'
import { useSources } from './use-sources.ts'
import { formWords } from './words-form.ts'
import { words } from './words.ts'

/** Makes a source of a kind, or changes one. */
export function SourceForm({ kind, source, onSecret }: { readonly kind: SourceKind; readonly source: Source | null; readonly onSecret: (secret: Secret) => void }) {
  const say = useWords(formWords)
  const common_ = useWords(common)
  const kindWords = useWords(words)
  const rights = useRights()
  const { units } = useUnits()
  const [, navigate] = useLocation()
  const { data: all = [] } = useSources()
  const isNew = source === null
  const seesAll = rights.at('manage', null)
  const first = seesAll ? null : (units.all.find(({ id }) => rights.at('manage', id))?.id ?? null)
  const [defaults] = useState(() => (source === null ? valuesFor(kind, first) : valuesOf(source)))
  const schema = useMemo(() => (isNew ? schemaFor(createSchema, kind) : changeSchema), [isNew, kind])
  const toBody = useMemo(() => (values: Values) => bodyOf(kind, isNew, values), [kind, isNew])
  const form = useApiForm<Values>({
    schema,
    defaultValues: defaults,
    toBody,
    async send(values) {
      if (source === null) {
        const made = done(await loa.POST('/v1/sources', { body: toBody(values) as PostBody<'/v1/sources'> }))
        readAgain(new Set(['/v1/sources']))
        navigate(`/sources/${made.id}`)
        if ('key' in made) {
          const { key, ...rest } = made
          onSecret({ source: rest, key })
        }
      } else {
        const path = { params: { path: { id: source.id } } }
        done(await loa.PATCH('/v1/sources/{id}', { params: { ...path.params, header: ifAsShown(await loa.GET('/v1/sources/{id}', path), valuesOf, defaults) }, body: toBody(values) as never }))
        readAgain(new Set(['/v1/sources', '/v1/sources/{id}']))
        toast(common_('saved'))
        navigate(`/sources/${source.id}`)
      }
    },
  })
  const { control, formState } = form
  const others = all.filter(({ id }) => id !== source?.id)
  const isIngest = kind === 'icecast' || kind === 'whip' || kind === 'rtmp'
  return (
    <form className="card stack source-form" onSubmit={form.onSubmit} noValidate>
      <h2>{kindWords(kind)}</h2>
      <FormText control={control} name="name" label={say('name')} autoFocus />
      <Controller control={control} name="unitId" render={({ field, fieldState }) => <UnitPicker label={say('unit')} value={field.value} onChange={field.onChange} filter={(id) => rights.at('manage', id)} {...(seesAll ? { nullLabel: kindWords('wholeTree') } : {})} error={fieldState.error?.message} />} />
      {kind === 'icecast' && <FormText control={control} name="mount" label={say('mount')} hint={say('mountHint')} />}
      {kind === 'relay' && <FormLines control={control} name="urls" label={say('urls')} hint={say('urlsHint')} />}
      {kind === 'tone' && <div className="columns"><FormNumber control={control} name="frequencyHz" label={say('frequency')} /><FormNumber control={control} name="levelDbfs" label={say('toneLevel')} /></div>}
      {kind === 'srt' && <div className="columns"><FormNumber control={control} name="port" label={say('srtPort')} /><FormNumber control={control} name="latencyMs" label={say('latency')} /></div>}
      {kind === 'rtp' && <RtpFields form={form} isNew={isNew} />}
      {kind === 'standby' && (
        <>
          <Controller control={control} name="inputSourceIds" render={({ field, fieldState }) => <InputsField value={field.value} onChange={field.onChange} choices={others} error={fieldState.error?.message} />} />
          <div className="columns"><FormSelect control={control} name="return" label={say('returns')} choices={(['automatic', 'manual'] as const).map((id) => ({ id, label: say(`return_${id}`) }))} /><FormNumber control={control} name="returnAfterMs" scale={1000} label={say('returnAfter')} /></div>
        </>
      )}
      <details open={!isNew}>
        <summary>{say('more')}</summary>
        <div className="columns">
          <Controller control={control} name="fallbackSourceId" render={({ field, fieldState }) => <Select label={say('fallback')} value={field.value ?? 'none'} onChange={(id: string) => { field.onChange(id === 'none' ? null : id) }} error={fieldState.error?.message} choices={[{ id: 'none', label: say('noFallback') }, ...others.map(({ id, name }) => ({ id, label: name }))]} />} />
          {isIngest && <FormSelect control={control} name="takeover" label={say('takeover')} choices={(['refuse', 'replace'] as const).map((id) => ({ id, label: say(`takeover_${id}`) }))} />}
          {isIngest && <FormSelect control={control} name="acceptsFrom" label={say('acceptsFrom')} choices={(['always', 'window'] as const).map((id) => ({ id, label: say(`accepts_${id}`) }))} />}
          {isIngest && form.watch('acceptsFrom') === 'window' && <><FormNumber control={control} name="leadTimeMs" scale={60_000} label={say('lead')} /><FormNumber control={control} name="tailMs" scale={1000} label={say('tail')} /></>}
          {kind !== 'tone' && <FormSelect control={control} name="levelling" label={say('levelling')} choices={(['programme', 'speech', 'off'] as const).map((id) => ({ id, label: say(`levelling_${id}`) }))} />}
          <FormSelect control={control} name="watch" label={say('watch')} choices={(['all', 'silence', 'off'] as const).map((id) => ({ id, label: say(`watch_${id}`) }))} />
          <FormNumber control={control} name="silenceTimeoutMs" scale={1000} label={say('silence')} hint={say('silenceHint')} />
        </div>
      </details>
      <Failure text={form.failure} />
      <div className="dialog-foot"><ButtonLink href={source === null ? '/sources' : `/sources/${source.id}`}>{common_('cancel')}</ButtonLink><Button type="submit" look="primary" isDisabled={formState.isSubmitting}>{isNew ? say('create') : common_('save')}</Button></div>
    </form>
  )
}
