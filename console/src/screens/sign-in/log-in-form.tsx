import schema from 'api-schema:POST /v1/sessions'
import { useState } from 'react'
import { problemCode } from '../../api/problem-text.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { FormText } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { LanguageButton } from '../../shell/language-button.tsx'
import { useWords } from '../../words/use-words.ts'
import { logIn } from './log-in.ts'
import { words } from './words.ts'

interface Values { readonly login: string; readonly password: string; readonly code: string }

const toBody = ({ login, password, code }: Values) => ({ login: login.trim(), password, ...(code.trim() === '' ? {} : { code: code.replaceAll(' ', '') }) })

/** Login and password; the code is asked for only when the account has one. */
export function LogInForm({ practiceUrl }: { readonly practiceUrl: string | null }) {
  const say = useWords(words)
  const [needsCode, setNeedsCode] = useState(false)
  const form = useApiForm<Values>({
    schema,
    toBody,
    defaultValues: { login: '', password: '', code: '' },
    async send(values) {
      try {
        await logIn(toBody(values))
      } catch (error) {
        if (problemCode(error) === 'LOA_ERR_SECOND_FACTOR' && !needsCode) return setNeedsCode(true)
        throw error
      }
    },
  })
  return (
    <form className="card stack" onSubmit={form.onSubmit} noValidate>
      <div className="row"><h1 className="grow"><img src="/icon.svg" alt="" width={40} height={40} />{say('title')}</h1><LanguageButton /></div>
      <FormText control={form.control} name="login" label={say('login')} autoComplete="username" autoFocus />
      <FormText control={form.control} name="password" type="password" label={say('password')} autoComplete="current-password" />
      {needsCode && <FormText control={form.control} name="code" label={say('code')} hint={say('codeHint')} autoComplete="one-time-code" inputMode="numeric" autoFocus />}
      <Failure text={form.failure} />
      <Button type="submit" look="primary" large isDisabled={form.formState.isSubmitting}>{say('enter')}</Button>
      <p className="small quiet">{say('forgot')}</p>
      {practiceUrl !== null && <p><a href={practiceUrl}>{say('toPractice')}</a></p>}
    </form>
  )
}
