import schema from 'api-schema:POST /v1/sessions'
import { useState } from 'react'
import { done } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { problemCode } from '../../api/problem-text.ts'
import { queryClient } from '../../api/query-client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { FormText } from '../../kit/fields.tsx'
import { Notice } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

interface Values { readonly login: string; readonly password: string; readonly code: string }

const toBody = ({ login, password, code }: Values) => ({ login: login.trim(), password, ...(code.trim() === '' ? {} : { code: code.trim() }) })

export default function SignIn() {
  const say = useWords(words)
  const [needsCode, setNeedsCode] = useState(false)
  const form = useApiForm<Values>({
    schema,
    toBody,
    defaultValues: { login: '', password: '', code: '' },
    async send(values) {
      try {
        done(await loa.POST('/v1/sessions', { body: toBody(values) }))
      } catch (error) {
        if (problemCode(error) === 'LOA_ERR_SECOND_FACTOR') setNeedsCode(true)
        throw error
      }
      await queryClient.resetQueries()
    },
  })
  return (
    <main className="page" style={{ maxWidth: '26rem', paddingBlockStart: '10vh' }}>
      <form className="card stack" onSubmit={form.onSubmit} noValidate>
        <h1 className="row"><img src="/icon.svg" alt="" width={40} height={40} />{say('title')}</h1>
        <FormText control={form.control} name="login" label={say('login')} autoComplete="username" autoFocus />
        <FormText control={form.control} name="password" type="password" label={say('password')} autoComplete="current-password" />
        {needsCode && <FormText control={form.control} name="code" label={say('code')} hint={say('codeHint')} autoComplete="one-time-code" inputMode="numeric" autoFocus />}
        {form.failure !== null && <Notice tone="bad">{form.failure}</Notice>}
        <Button type="submit" look="primary" large isDisabled={form.formState.isSubmitting}>{say('enter')}</Button>
      </form>
    </main>
  )
}
