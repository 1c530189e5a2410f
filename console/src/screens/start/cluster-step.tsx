import schema from 'api-schema:POST /v1/clusters'
import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { FormText } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

interface Values { readonly name: string; readonly code: string }

export function ClusterStep({ onMade }: { readonly onMade: (cluster: Schemas['ClusterWithKey']) => void }) {
  const say = useWords(words)
  const { units } = useUnits()
  const [unitId, setUnitId] = useState(units.roots[0]?.id ?? '')
  const form = useApiForm<Values>({
    schema,
    defaultValues: { name: '', code: '' },
    toBody: (values) => ({ ...values, unitId }),
    async send(values) {
      onMade(done(await loa.POST('/v1/clusters', { body: { ...values, unitId } })))
    },
  })
  return (
    <form className="card stack" onSubmit={form.onSubmit} noValidate>
      <h1>{say('clusterTitle')}</h1>
      <p>{say('clusterText')}</p>
      <FormText control={form.control} name="name" label={say('clusterName')} autoFocus />
      <FormText control={form.control} name="code" label={say('clusterCode')} />
      {units.all.length > 1 && <UnitPicker label={say('unit')} value={unitId} onChange={(id) => { setUnitId(id ?? '') }} />}
      <Failure text={form.failure} />
      <Button type="submit" look="primary" large isDisabled={form.formState.isSubmitting}>{say('makeCluster')}</Button>
    </form>
  )
}
