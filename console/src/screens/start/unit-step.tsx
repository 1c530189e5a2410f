import schema from 'api-schema:POST /v1/units'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { done } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { FormText, RadioGroup } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

interface Values { readonly name: string; readonly code: string }

/** The unit at the top; those below it come later, or with the list of clusters. */
export function UnitStep() {
  const say = useWords(words)
  const queries = useQueryClient()
  const [kind, setKind] = useState<'commune' | 'province'>('commune')
  const form = useApiForm<Values>({
    schema,
    defaultValues: { name: '', code: '' },
    toBody: ({ name, code }) => ({ name, code, parentId: null }),
    async send({ name, code }) {
      done(await loa.POST('/v1/units', { body: { name, code, parentId: null } }))
      await queries.invalidateQueries()
    },
  })
  return (
    <form className="card stack" onSubmit={form.onSubmit} noValidate>
      <h1>{say('unitTitle')}</h1>
      <p>{say('unitText')}</p>
      <RadioGroup label={say('kind')} value={kind} onChange={setKind} choices={[{ id: 'commune', label: say('commune') }, { id: 'province', label: say('province') }]} />
      <FormText control={form.control} name="name" label={say(kind === 'commune' ? 'communeName' : 'provinceName')} autoFocus />
      <FormText control={form.control} name="code" label={say('code')} hint={say('codeHint')} />
      <Failure text={form.failure} />
      <Button type="submit" look="primary" large isDisabled={form.formState.isSubmitting}>{say('makeUnit')}</Button>
    </form>
  )
}
