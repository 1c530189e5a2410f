import { PhoneOff } from 'lucide-react'
import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog } from '../../kit/dialogs.tsx'
import { Badge, Loaded, Notice } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { phoneWords } from './words-phone.ts'

const CALLS: ReadonlySet<string> = new Set(['/v1/phone/calls'])

type Call = Schemas['PhoneCall']

export function LinesCard() {
  const say = useWords(phoneWords)
  const lines = api.useQuery('get', '/v1/phone/lines')
  return (
    <section className="card stack tight">
      <h2>{say('linesTitle')}</h2>
      <Loaded query={lines}>{({ configured, running, accounts, calls, refusedTotal }) => {
        if (!configured) return <Notice>{say('notConfigured')}</Notice>
        if (!running) return <Notice tone="warn">{say('notRunning')}</Notice>
        return (
          <>
            {accounts.length === 0 && <p className="small quiet">{say('noAccounts')}</p>}
            <ul className="stack tight">{accounts.map(({ uri, state, reason }) => <li key={uri} className="row tight"><span className="grow">{uri}</span><Badge tone={state === 'registered' ? 'good' : state === 'registering' ? 'accent' : 'warn'}>{say(`account_${state}`)}</Badge>{reason !== '' && <span className="small quiet">{reason}</span>}</li>)}</ul>
            <p className="small quiet">{say('calls', { count: calls })} · {say('refusedCalls', { count: refusedTotal })}</p>
          </>
        )
      }}</Loaded>
    </section>
  )
}

export function CallsCard({ live }: { readonly live: boolean }) {
  const say = useWords(phoneWords)
  const rights = useRights()
  const calls = api.useQuery('get', '/v1/phone/calls', { params: { query: { live, limit: live ? 100 : 20 } } })
  const [ending, setEnding] = useState<Call | null>(null)
  const mayEnd = rights.somewhere('air') || rights.somewhere('emergency')
  return (
    <section className="card stack tight">
      <h2>{say(live ? 'liveTitle' : 'pastTitle')}</h2>
      <Loaded query={calls}>{({ items }) => items.length === 0 ? <p className="small quiet">{say(live ? 'noLive' : 'noPast')}</p> : (
        <ul className="stack tight">{items.map((call) => (
          <li key={call.id} className="row">
            <CallText call={call} />
            {live && mayEnd && <Button look="danger" onPress={() => { setEnding(call) }}><PhoneOff size={18} aria-hidden />{say('hangUp')}</Button>}
            {!live && call.recording !== null && call.unitId !== null && rights.at('audit', call.unitId) && <audio controls preload="none" src={`/v1/phone/calls/${encodeURIComponent(call.id)}/recording`} aria-label={say('recording', { who: whoOf(call) ?? say('stranger') })} />}
          </li>
        ))}</ul>
      )}</Loaded>
      {ending !== null && <HangUpDialog call={ending} onClose={() => { setEnding(null) }} />}
    </section>
  )
}

const whoOf = ({ userName }: Call): string | null => userName

function CallText({ call }: { readonly call: Call }) {
  const say = useWords(phoneWords)
  const { dayTime } = useFormats()
  const { callerId, startedAt, state, keyName, wrongTries, result } = call
  return (
    <span className="grow">
      <strong>{whoOf(call) ?? say('stranger')}</strong> <Badge tone={state === 'on-air' ? 'air' : state === 'ended' ? 'off' : 'accent'}>{say(`call_${state}`)}</Badge> {keyName}
      <br /><span className="small quiet"><span className="number">{dayTime(startedAt)}</span> · {say('caller', { number: callerId })}{wrongTries > 0 && ` · ${say('wrong', { count: wrongTries })}`}{result !== '' && ` · ${result}`}</span>
    </span>
  )
}

function HangUpDialog({ call, onClose }: { readonly call: Call; readonly onClose: () => void }) {
  const say = useWords(phoneWords)
  const hanging = useDeed({ reads: CALLS, onDone: onClose })
  const hangUp = (): void => { void hanging.run(async () => done(await loa.POST('/v1/phone/calls/{id}/hang-up', { params: { path: { id: call.id } } })), () => { toast(say('hungUp')) }) }
  return <ConfirmDialog title={say('hangUpTitle', { who: whoOf(call) ?? call.callerId })} action={say('hangUp')} isOpen onClose={onClose} isBusy={hanging.isBusy} error={hanging.failure} onConfirm={hangUp}><p>{say('hangUpText')}</p></ConfirmDialog>
}
