import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { queryClient } from '../../api/query-client.ts'
import { Button } from '../../kit/button.tsx'
import { CopyButton } from '../../kit/copy-button.tsx'
import { TextField } from '../../kit/fields.tsx'
import { QrCode } from '../../kit/qr-code.tsx'
import { Failure, Notice } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

type Step =
  | { readonly at: 'rest' }
  | { readonly at: 'password'; readonly toSwitch: 'on' | 'off' }
  | { readonly at: 'code'; readonly secret: string; readonly uri: string }
  | { readonly at: 'recovery'; readonly codes: readonly string[] }

const readMeAgain = () => queryClient.invalidateQueries({ queryKey: ['get', '/v1/me'] })

/** Password again, the square, a first code, the recovery codes: and only then it counts. */
export function SecondFactorCard({ me }: { readonly me: Schemas['Me'] }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const [step, setStep] = useState<Step>({ at: 'rest' })
  const [typed, setTyped] = useState('')
  const proving = useDeed({ form: [typed] })
  const go = (next: Step): void => {
    setStep(next)
    setTyped('')
    proving.forget()
  }
  const work = async (): Promise<void> => {
    if (step.at === 'password' && step.toSwitch === 'on') go({ at: 'code', ...done(await loa.POST('/v1/me/second-factor', { body: { password: typed } })) })
    else if (step.at === 'password') {
      done(await loa.POST('/v1/me/second-factor/remove', { body: { password: typed } }))
      go({ at: 'rest' })
      await readMeAgain()
    } else if (step.at === 'code') {
      go({ at: 'recovery', codes: done(await loa.POST('/v1/me/second-factor/confirm', { body: { code: typed.replaceAll(' ', '') } })).codes })
      await readMeAgain()
    }
  }
  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault()
    void proving.run(work)
  }
  return (
    <form className="card stack" onSubmit={submit} noValidate>
      <h2>{say('factorTitle')}</h2>
      {step.at === 'rest' && (
        <>
          <Notice tone={me.secondFactor ? 'good' : 'warn'}>{me.secondFactor ? say('factorOn', { count: me.recoveryCodesLeft }) : say('factorOff')}</Notice>
          <div><Button look={me.secondFactor ? 'normal' : 'primary'} onPress={() => { go({ at: 'password', toSwitch: me.secondFactor ? 'off' : 'on' }) }}>{say(me.secondFactor ? 'turnOff' : 'turnOn')}</Button></div>
        </>
      )}
      {step.at === 'password' && <TextField label={say('provePassword')} type="password" value={typed} onChange={setTyped} autoComplete="current-password" autoFocus />}
      {step.at === 'code' && (
        <>
          <p>{say('scan')}</p>
          <div><QrCode text={step.uri} label={say('qr')} /></div>
          <p className="small">{say('secret')} <code className="number">{step.secret}</code></p>
          <TextField label={say('code')} value={typed} onChange={setTyped} inputMode="numeric" autoComplete="one-time-code" autoFocus />
        </>
      )}
      {step.at === 'recovery' && (
        <>
          <h3>{say('recoveryTitle')}</h3>
          <p>{say('recoveryText')}</p>
          <ul className="columns number" style={{ fontFamily: 'monospace' }}>{step.codes.map((code) => <li key={code}>{code}</li>)}</ul>
          <div className="row tight"><CopyButton text={step.codes.join('\n')} /><Button onPress={() => { print() }}>{sayCommon('print')}</Button><Button look="primary" onPress={() => { go({ at: 'rest' }) }}>{say('keptThem')}</Button></div>
        </>
      )}
      <Failure text={proving.failure} />
      {(step.at === 'password' || step.at === 'code') && <div className="row tight"><Button onPress={() => { go({ at: 'rest' }) }}>{sayCommon('cancel')}</Button><Button type="submit" look="primary" isDisabled={proving.isBusy}>{say(step.at === 'code' ? 'confirm' : 'go')}</Button></div>}
    </form>
  )
}
