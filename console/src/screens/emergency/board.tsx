import { Phone } from 'lucide-react'
import { memo, useState } from 'react'
import type { Schemas } from '../../../../control/client/index.ts'
import { api } from '../../api/client.ts'
import { useMe, useRights, useUnits } from '../../api/me.ts'
import { problemText } from '../../api/problem-text.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { Loaded, Notice } from '../../kit/surfaces.tsx'
import { TwoPressButton } from '../../kit/two-press.tsx'
import { useNowMs } from '../../kit/use-now.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { useAct } from './act.ts'
import { Facts } from './facts.tsx'
import { useLiveAtMs } from './live-at.ts'
import { speaker } from './microphone.ts'
import { CorrectDialog } from './review.tsx'
import { SpeakPanel } from './speak-panel.tsx'
import { dialled, shareOf, stagesOf } from './stages.ts'
import { words } from './words.ts'

type Alert = Schemas['Alert']

const MOST_RED = 300
/** What events do not tell, such as a cluster that is late with its word, is asked for. */
const ASK_EVERY_MS = 2000

/** While it runs: has it sounded, where not, whom to call; and the ways to end it. */
export function Board({ alert }: { readonly alert: Alert }) {
  const say = useWords(words)
  const { seconds } = useFormats()
  const nowMs = useNowMs()
  const liveAtMs = useLiveAtMs(alert)
  const me = useMe().data
  const hasRight = useRights().at('emergency', alert.issuer)
  const act = useAct(alert.id)
  const [isCorrecting, setIsCorrecting] = useState(false)
  const isOn = alert.state === 'on-air'
  const isRunning = isOn || alert.state === 'scheduled'
  const end = (how: 'finish' | 'cancel'): void => { act.mutate({ do: how }, { onSuccess: () => { speaker.close() } }) }
  return (
    <div className="stack">
      <section className="card stack" aria-labelledby="board-title">
        <h2 id="board-title" className="board-title">{alert.title}</h2>
        <p role="status">{isRunning ? say('onAirSince', { time: seconds(alert.onAirFrom ?? alert.prepared.at) }) : say('ended', { time: seconds(alert.closed?.by.at ?? alert.expiresAt) })}</p>
        {alert.replacedBy !== null && <Notice action={<ButtonLink href={`/emergency/${alert.replacedBy}`}>{say('seeReplacing')}</ButtonLink>}>{say('replaced')}</Notice>}
        {alert.sourceId !== null && isOn && me?.id === alert.prepared.by && <SpeakPanel unitId={alert.issuer} canClose={false} onAirInMs={liveAtMs === null ? null : liveAtMs - nowMs} />}
        {act.error !== null && <Notice tone="bad">{problemText(act.error)}</Notice>}
        {hasRight && isRunning && (
          <div className="row board-acts">
            {isOn && <TwoPressButton large look="primary" isDisabled={act.isPending} again={say('pressAgain', { action: say('finishAgain') })} onConfirm={() => { end('finish') }}>{say('finish')}</TwoPressButton>}
            <TwoPressButton large look="emergency" isDisabled={act.isPending} again={say('pressAgain', { action: say('cancelAgain') })} onConfirm={() => { end('cancel') }}>{say('cancel')}</TwoPressButton>
            <Button large onPress={() => { setIsCorrecting(true) }}>{say('correct')}</Button>
          </div>
        )}
        {hasRight && isRunning && <p className="small quiet">{isOn && `${say('finish')}: ${say('finishHint')}. `}{say('cancel')}: {say('cancelHint')}.</p>}
      </section>
      <Proof alertId={alert.id} isRunning={isRunning} />
      {!isRunning && <Report alertId={alert.id} />}
      <details className="card"><summary>{say('sayWhat')}, {say('sayWhere')}</summary><Facts alert={alert} /></details>
      {isCorrecting && <CorrectDialog alert={alert} onClose={() => { setIsCorrecting(false) }} />}
    </div>
  )
}

function Proof({ alertId, isRunning }: { readonly alertId: string; readonly isRunning: boolean }) {
  const say = useWords(words)
  const { number, percent } = useFormats()
  const query = api.useQuery('get', '/v1/alerts/{id}/proof', { params: { path: { id: alertId }, query: { limit: MOST_RED } } }, { staleTime: 0, ...(isRunning ? { refetchInterval: ASK_EVERY_MS } : {}) })
  return (
    <Loaded query={query}>
      {({ counts, red, redLeftOut, state }) => (
        <>
          <section className="card stack" aria-labelledby="proof-title">
            <h2 id="proof-title">{say('proof')}</h2>
            <ul className="stages">
              {stagesOf(counts).map((stage) => (
                <li key={stage.word} className="stage">
                  <div className="row tight"><strong className="grow">{say(stage.word)}</strong><span className="number">{say('ofClusters', { count: number(stage.count), all: number(stage.of) })}</span></div>
                  <div className="stage-bar" role="progressbar" aria-label={say(stage.word)} aria-valuemin={0} aria-valuemax={stage.of} aria-valuenow={stage.count} aria-valuetext={percent(shareOf(stage), 0)}><div style={{ width: `${String(shareOf(stage) * 100)}%` }} /></div>
                </li>
              ))}
            </ul>
            <p className="quiet">{state === 'waiting' ? say('boardWaiting') : say('connectedNow', { count: number(counts.connected), all: number(counts.targeted) })}{counts.notProved > 0 && ` · ${say('notProved', { count: number(counts.notProved) })}`}</p>
          </section>
          {counts.targeted > 0 && <RedList red={red} leftOut={redLeftOut} count={counts.red} />}
        </>
      )}
    </Loaded>
  )
}

function RedList({ red, leftOut, count }: { readonly red: Schemas['ProofBoard']['red']; readonly leftOut: number; readonly count: number }) {
  const say = useWords(words)
  const { number } = useFormats()
  const { units } = useUnits()
  if (count === 0) return <Notice tone="good">{say('redNone')}</Notice>
  return (
    <section className="card stack red-list" aria-labelledby="red-title">
      <h2 id="red-title">{say('redTitle', { count: number(count) })}</h2>
      <ul className="red-rows">
        {red.map((row) => <RedRow key={row.clusterId} row={row} unit={units.name(row.unitId)} />)}
      </ul>
      {leftOut > 0 && <p className="quiet">{say('redMore', { count: number(leftOut) })}</p>}
    </section>
  )
}

/** Only those that have changed are drawn again: with each word of a cluster the board is read anew. */
const RedRow = memo(function RedRow({ row: { name, code, outcome, awaySince, sim, contact }, unit }: { readonly row: Schemas['ProofBoard']['red'][number]; readonly unit: string }) {
  const say = useWords(words)
  const { time } = useFormats()
  return (
    <li className="red-row">
      <div className="grow"><strong>{name}</strong> <span className="small quiet">{code} · {unit}</span><br /><span>{say(outcome)}{awaySince !== null && `, ${say('awaySince', { time: time(awaySince) })}`}{sim !== null && ` · ${say('sim', { number: sim })}`}</span></div>
      {contact === null ? <span className="small quiet">{say('nobody')}</span> : <a className="button red-call" href={`tel:${dialled(contact.phone)}`}><Phone size={18} aria-hidden /><span>{contact.name}<br /><strong className="number">{contact.phone}</strong></span></a>}
    </li>
  )
})

const FORMATS = [['html', 'reportPrint'], ['xlsx', 'Excel'], ['csv', 'CSV']] as const

/** Once it is over. */
function Report({ alertId }: { readonly alertId: string }) {
  const say = useWords(words)
  // Closed within ten seconds of the end; until then it is asked for again.
  const { data } = api.useQuery('get', '/v1/alerts/{id}/proof', { params: { path: { id: alertId }, query: { limit: 0 } } }, { refetchInterval: ({ state }) => (state.data?.state === 'running' ? ASK_EVERY_MS : false), staleTime: 0 })
  return (
    <section className="card stack" aria-labelledby="report-title">
      <h2 id="report-title">{say('report')}</h2>
      <p role="status">{say(data?.state === 'closed' ? 'reportClosed' : 'reportOpen')}</p>
      <div className="row">
        {FORMATS.map(([format, name]) => <a key={format} className="button normal" href={`/v1/alerts/${encodeURIComponent(alertId)}/report/export?format=${format}`} {...(format === 'html' ? { target: '_blank', rel: 'noreferrer' } : { download: true })}>{name === 'reportPrint' ? say(name) : name}</a>)}
      </div>
    </section>
  )
}
