import schema from 'api-schema:POST /v1/users'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { done, loaClient, LoaProblem } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { Checkbox, FormText, TextField } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { LanguageButton } from '../../shell/language-button.tsx'
import { currentLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { logIn } from './log-in.ts'
import { words } from './words.ts'

/** A token that stands in the settings comes back with the next start, and is somebody's programs'. */
const CONFIGURED_TOKEN = 't-configured'

interface Values { readonly name: string; readonly login: string; readonly password: string; readonly alsoOfficer: boolean }

const toBody = ({ name, login, password, alsoOfficer }: Values) => ({
  name, login: login.trim(), password,
  roles: [{ role: 'administrator' as const, unitId: null }, ...(alsoOfficer ? [{ role: 'emergency-officer' as const, unitId: null }] : [])],
})

/** From the token of the first start to an administrator who logs in with a password; the token is then removed. */
export function FirstAdministrator() {
  const say = useWords(words)
  const [, navigate] = useLocation()
  const [token, setToken] = useState('')
  const [tokenFault, setTokenFault] = useState<string | undefined>(undefined)
  const form = useApiForm<Values>({
    schema,
    toBody,
    defaultValues: { name: '', login: '', password: '', alsoOfficer: true },
    async send(values) {
      const first = loaClient({ url: location.origin, token: token.trim(), language: currentLanguage })
      const me = await first.GET('/v1/me')
      if (me.response.status === 401) return setTokenFault(say('wrongToken'))
      const { id } = done(me)
      const made = await first.POST('/v1/users', { body: toBody(values) })
      if (made.response.status !== 201) throw new LoaProblem(made.response, made.error)
      navigate('/start')
      await logIn({ login: values.login.trim(), password: values.password })
      if (id !== CONFIGURED_TOKEN) await loa.DELETE('/v1/tokens/{id}', { params: { path: { id } } })
    },
  })
  return (
    <form className="card stack" onSubmit={form.onSubmit} noValidate>
      <div className="row"><h1 className="grow"><img src="/icon.svg" alt="" width={40} height={40} />{say('firstTitle')}</h1><LanguageButton /></div>
      <p>{say('firstText')}</p>
      <TextField label={say('token')} hint={say('tokenHint')} type="password" value={token} onChange={(next) => { setToken(next); setTokenFault(undefined) }} error={tokenFault} autoComplete="off" autoFocus />
      <FormText control={form.control} name="name" label={say('name')} autoComplete="name" />
      <FormText control={form.control} name="login" label={say('newLogin')} hint={say('newLoginHint')} autoComplete="username" />
      <FormText control={form.control} name="password" type="password" label={say('newPassword')} hint={say('newPasswordHint')} autoComplete="new-password" />
      <Checkbox isSelected={form.watch('alsoOfficer')} onChange={(next) => { form.setValue('alsoOfficer', next) }}>{say('alsoOfficer')}</Checkbox>
      <Failure text={form.failure} />
      <Button type="submit" look="primary" large isDisabled={form.formState.isSubmitting || token.trim() === ''}>{say('create')}</Button>
    </form>
  )
}
