import { useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import type { Schemas } from '../../../../control/client/index.ts'
import { useMe, useRights } from '../../api/me.ts'
import { problemText } from '../../api/problem-text.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { ConfirmDialog, Dialog } from '../../kit/dialogs.tsx'
import { TextField } from '../../kit/fields.tsx'
import { playSound } from '../../kit/sounds.ts'
import { Notice } from '../../kit/surfaces.tsx'
import { useNowMs } from '../../kit/use-now.ts'
import { pause as stopListening } from '../../parts/sound/player.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { useAct, type Act } from './act.ts'
import { setDraft } from './draft-store.ts'
import { Facts } from './facts.tsx'
import { SpeakPanel } from './speak-panel.tsx'
import { words } from './words.ts'

type Alert = Schemas['Alert']

const GO_WORDS = { real: 'goReal', exercise: 'goExercise', test: 'goTest' } as const
/** The Enter that asked for the review does not confirm it too. */
const SETTLE_MS = 500
const LEAST_REASON = 10

/** Step 2: read it, then one press. */
export function Review({ alert }: { readonly alert: Alert }) {
  const say = useWords(words)
  const { time } = useFormats()
  const [, navigate] = useLocation()
  const act = useAct(alert.id)
  const isMine = useMe().data?.id === alert.prepared.by
  const hasRight = useRights().at('emergency', alert.issuer)
  const [isSettled, setIsSettled] = useState(false)
  const go = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    const timer = setTimeout(() => { setIsSettled(true) }, SETTLE_MS)
    return () => { clearTimeout(timer) }
  }, [])
  useEffect(() => { if (isSettled) go.current?.focus() }, [isSettled])
  const back = (): void => {
    act.mutate({ do: 'refuse' })
    navigate('/emergency')
  }
  const confirm = (): void => {
    stopListening()
    playSound(alert.kind)
    act.mutate({ do: 'confirm' }, { onSuccess: () => { setDraft(null) } })
  }
  return (
    <section className="card stack review" aria-labelledby="review-title">
      <h2 id="review-title">{say('step2')}</h2>
      <Facts alert={alert} />
      {alert.clusters.online === 0 && <Notice tone="warn">{say('noneOnline')}</Notice>}
      {alert.sourceId !== null && isMine && <SpeakPanel unitId={alert.issuer} />}
      <p>{say(alert.persons === 2 ? 'twoPersons' : 'onePerson')} <span className="quiet">{say('confirmBy', { time: time(alert.confirmBy) })}</span></p>
      {act.error !== null && <Notice tone="bad">{problemText(act.error)}</Notice>}
      {hasRight && (
        <div className="row end review-acts">
          {isMine && <Button large onPress={back} isDisabled={act.isPending}>{say('backToEdit')}</Button>}
          <Button ref={go} look="emergency" large onPress={confirm} isDisabled={!isSettled || act.isPending}>{say(alert.persons === 2 ? 'askSecond' : GO_WORDS[alert.kind])}</Button>
        </div>
      )}
    </section>
  )
}

/** One has confirmed: both see who is waited for, and how long. */
export function Awaiting({ alert }: { readonly alert: Alert }) {
  const say = useWords(words)
  const { time, duration } = useFormats()
  const nowMs = useNowMs()
  const me = useMe().data
  const hasRight = useRights().at('emergency', alert.issuer)
  const act = useAct(alert.id)
  const [asks, setAsks] = useState<'refuse' | 'break-glass' | null>(null)
  const isFirst = me?.id === alert.confirmed?.by
  const leftMs = alert.approveBy === null ? 0 : Date.parse(alert.approveBy) - nowMs
  const run = (what: Act): void => { act.mutate(what, { onSuccess: () => { setAsks(null) } }) }
  return (
    <section className="card stack review" aria-labelledby="waiting-title" aria-live="polite">
      <h2 id="waiting-title">{say('waiting')}</h2>
      <p>{say('waitingText', { name: alert.confirmed?.name ?? '', time: time(alert.confirmed?.at ?? alert.prepared.at), left: duration(leftMs) })} {isFirst && say('waitingMine')}</p>
      <Facts alert={alert} />
      {alert.sourceId !== null && isFirst && <SpeakPanel unitId={alert.issuer} />}
      {act.error !== null && <Notice tone="bad">{problemText(act.error)}</Notice>}
      {hasRight && (
        <div className="row end review-acts">
          {isFirst && <Button onPress={() => { setAsks('break-glass') }}>{say('breakGlass')}</Button>}
          <Button large onPress={() => { setAsks('refuse') }}>{say(isFirst ? 'backToEdit' : 'refuse')}</Button>
          {!isFirst && <Button look="emergency" large isDisabled={act.isPending} onPress={() => { stopListening(); playSound(alert.kind); run({ do: 'approve' }) }}>{say('approve')}</Button>}
        </div>
      )}
      {asks === 'refuse' && <ReasonDialog title={say('refuseTitle')} action={say('refuse')} least={0} error={act.error} isBusy={act.isPending} onClose={() => { setAsks(null) }} onGive={(reason) => { run({ do: 'refuse', reason }) }} />}
      {asks === 'break-glass' && <ReasonDialog title={say('breakGlass')} text={say('breakGlassText')} action={say('breakGlassGo')} least={LEAST_REASON} error={act.error} isBusy={act.isPending} onClose={() => { setAsks(null) }} onGive={(reason) => { run({ do: 'confirm', breakGlass: reason }) }} />}
    </section>
  )
}

function ReasonDialog({ title, text, action, least, error, isBusy, onClose, onGive }: { readonly title: string; readonly text?: string; readonly action: string; readonly least: number; readonly error: unknown; readonly isBusy: boolean; readonly onClose: () => void; readonly onGive: (reason: string) => void }) {
  const say = useWords(words)
  const [reason, setReason] = useState('')
  const isShort = [...reason.trim()].length < least
  return (
    <ConfirmDialog title={title} action={action} look="emergency" isOpen onClose={onClose} onConfirm={() => { if (!isShort) onGive(reason.trim()) }} isBusy={isBusy || isShort} error={error === null ? null : problemText(error)}>
      <div className="stack">{text !== undefined && <p>{text}</p>}<TextField label={say('reason')} value={reason} maxLength={500} autoFocus onChange={setReason} {...(least > 0 ? { hint: say('tooShort') } : {})} /></div>
    </ConfirmDialog>
  )
}

/** Something else in its place, said at once. */
export function CorrectDialog({ alert, onClose }: { readonly alert: Alert; readonly onClose: () => void }) {
  const say = useWords(words)
  const [, navigate] = useLocation()
  const [text, setText] = useState('')
  const act = useAct(alert.id)
  const send = (): void => { act.mutate({ do: 'correct', text: text.trim() }, { onSuccess: ({ id }) => { playSound(alert.kind); onClose(); navigate(`/emergency/${id}`) } }) }
  return (
    <Dialog title={say('correctTitle')} isOpen onClose={onClose} isDismissable={text === ''} foot={<Button look="emergency" large onPress={send} isDisabled={text.trim() === '' || act.isPending}>{say('correctGo')}</Button>}>
      <p>{say('correctHint')}</p>
      <TextField label={say('correctText')} lines={4} maxLength={3000} value={text} autoFocus onChange={setText} />
      {act.error !== null && <Notice tone="bad">{problemText(act.error)}</Notice>}
    </Dialog>
  )
}

/** It came to nothing. */
export function Gone() {
  const say = useWords(words)
  return <Notice tone="warn" action={<ButtonLink href="/emergency">{say('compose')}</ButtonLink>}>{say('gone')}</Notice>
}
