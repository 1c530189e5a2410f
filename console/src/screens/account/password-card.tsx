import schema from 'api-schema:POST /v1/me/password'
import { done } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { FormText } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

const EMPTY = { password: '', newPassword: '' }

export function PasswordCard() {
  const say = useWords(words)
  const form = useApiForm({
    schema,
    defaultValues: EMPTY,
    async send(body) {
      done(await loa.POST('/v1/me/password', { body }))
      form.reset(EMPTY)
      toast(say('passwordChanged'))
    },
  })
  return (
    <form className="card stack" onSubmit={form.onSubmit} noValidate>
      <h2>{say('passwordTitle')}</h2>
      <FormText control={form.control} name="password" type="password" label={say('oldPassword')} autoComplete="current-password" />
      <FormText control={form.control} name="newPassword" type="password" label={say('newPassword')} hint={say('newPasswordHint')} autoComplete="new-password" />
      <Failure text={form.failure} />
      <div><Button type="submit" isDisabled={form.formState.isSubmitting}>{say('changePassword')}</Button></div>
    </form>
  )
}
