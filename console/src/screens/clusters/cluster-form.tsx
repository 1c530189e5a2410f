import { Controller } from 'react-hook-form'
import { useRights } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { FormDate } from '../../kit/date-fields.tsx'
import { FormSelect, FormText, Switch } from '../../kit/fields.tsx'
import { Notice } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import type { ApiForm } from '../../forms/use-api-form.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { TECHNOLOGIES } from './cluster-filter.ts'
import type { ClusterValues } from './cluster-values.ts'
import { clusterWords } from './cluster-words.ts'
import { words } from './words.ts'

const STATES = ['planned', 'active', 'repair', 'retired'] as const

/** The fields of a cluster, new or known. */
export function ClusterFields({ form, action, onCancel }: { readonly form: ApiForm<ClusterValues>; readonly action: string; readonly onCancel: () => void }) {
  const say = useWords(clusterWords)
  const sayList = useWords(words)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { control, failure, onSubmit, formState: { isSubmitting } } = form
  return (
    <form className="stack" onSubmit={onSubmit} noValidate>
      <div className="columns">
        <FormText control={control} name="name" label={say('name')} autoFocus />
        <FormText control={control} name="code" label={say('code')} hint={say('codeHint')} />
        <Controller control={control} name="unitId" render={({ field, fieldState }) => <UnitPicker label={sayCommon('unit')} value={field.value === '' ? null : field.value} onChange={(id) => { field.onChange(id ?? '') }} filter={(id) => rights.at('manage', id)} {...(fieldState.error?.message === undefined ? {} : { error: fieldState.error.message })} />} />
        <FormSelect control={control} name="state" label={sayList('registerState')} choices={STATES.map((id) => ({ id, label: sayList(id) }))} />
        <FormText control={control} name="tags" label={say('tags')} hint={say('tagsHint')} />
        <Controller control={control} name="enabled" render={({ field }) => <Switch isSelected={field.value} onChange={field.onChange}>{say('mayConnect')}</Switch>} />
        <FormText control={control} name="position.lat" label={say('latitude')} inputMode="decimal" />
        <FormText control={control} name="position.lon" label={say('longitude')} inputMode="decimal" />
        <FormText control={control} name="equipment.keeper" label={say('keeper')} />
        <FormText control={control} name="equipment.keeperPhone" label={say('keeperPhone')} type="tel" />
        <FormSelect control={control} name="equipment.technology" label={sayList('technology')} choices={[{ id: '', label: sayList('unknownTechnology') }, ...TECHNOLOGIES.map((id) => ({ id, label: sayList(id) }))]} />
        <FormText control={control} name="equipment.imei" label={say('imei')} inputMode="numeric" />
        <FormText control={control} name="equipment.sim" label={say('sim')} inputMode="numeric" />
        <FormText control={control} name="equipment.maker" label={say('maker')} />
        <FormText control={control} name="equipment.model" label={say('model')} />
        <FormText control={control} name="equipment.amplifier" label={say('amplifierModel')} />
        <FormText control={control} name="equipment.loudspeakers" label={say('loudspeakers')} inputMode="numeric" />
        <FormText control={control} name="equipment.buildYear" label={say('buildYear')} inputMode="numeric" />
        <FormDate control={control} name="equipment.depreciatedOn" label={say('depreciatedOn')} />
      </div>
      {failure !== null && <Notice tone="bad">{failure}</Notice>}
      <div className="row end"><Button onPress={onCancel}>{sayCommon('cancel')}</Button><Button type="submit" look="primary" isDisabled={isSubmitting}>{action}</Button></div>
    </form>
  )
}
