import { useEffect, useState } from 'react'
import type { Schemas } from '../../../../control/client/index.ts'
import { api } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { problemText } from '../../api/problem-text.ts'
import { Button } from '../../kit/button.tsx'
import { Notice } from '../../kit/surfaces.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { clockMs, clockText, MINUTE_MS } from './days.ts'
import { formWords } from './form-words.ts'
import type { Change } from './item-types.ts'

export type Meetings = Schemas['CollisionList']
type Collision = Meetings['collisions'][number]
type Cure = Collision['cures'][number]
type Frame = Meetings['frames'][number]

/** Whoever types pauses so long before the server is asked. */
const PAUSE_MS = 300

export interface Checked {
  readonly meetings: Meetings | null
  readonly error: unknown
  readonly isAsking: boolean
}

/** What something would meet, asked anew when it is changed; null asks nothing. */
export function useMeetings(body: object | null): Checked {
  const wanted = JSON.stringify(body)
  const [asked, setAsked] = useState(wanted)
  useEffect(() => {
    const timer = setTimeout(() => { setAsked(wanted) }, PAUSE_MS)
    return () => { clearTimeout(timer) }
  }, [wanted])
  const isOn = body !== null && asked !== 'null'
  const query = api.useQuery('post', '/v1/schedule-items/check', { body: (JSON.parse(asked) ?? {}) as object }, { enabled: isOn, staleTime: 5000, retry: false })
  return isOn ? { meetings: query.data ?? null, error: query.error, isAsking: query.isFetching || asked !== wanted } : { meetings: null, error: null, isAsking: false }
}

/** Collisions, times of other levels and broken rules, each with its ways out as buttons. */
export function CollisionPanel({ checked: { meetings, error, isAsking }, itemId, onMine, onOther, onAsk }: { readonly checked: Checked; /** The item that is changed; null: a new one. */ readonly itemId: string | null; readonly onMine: (change: Change) => void; readonly onOther: (itemId: string, title: string, change: Change) => void; readonly onAsk: () => void }) {
  const say = useWords(formWords)
  if (error !== null && error !== undefined) return <Notice tone="warn">{problemText(error)}</Notice>
  if (meetings === null) return <p className="small quiet" role="status">{say(isAsking ? 'checking' : 'notYet')}</p>
  const { collisions, frames, breaches } = meetings
  return (
    <div className="stack tight" role="status" aria-busy={isAsking}>
      {collisions.length + frames.length + breaches.length === 0 && <Notice tone="good">{say('free')}</Notice>}
      {collisions.map((collision) => <OneCollision key={collision.itemId} collision={collision} itemId={itemId} onMine={onMine} onOther={onOther} />)}
      {frames.map((frame) => <OneFrame key={`${frame.unitId} ${frame.name}`} frame={frame} onMine={onMine} onAsk={onAsk} />)}
      {breaches.map((breach) => <OneBreach key={`${breach.unitId} ${breach.rule}`} breach={breach} />)}
    </div>
  )
}

const minutes = (ms: number): number => Math.round(ms / MINUTE_MS)

function OneCollision({ collision, itemId, onMine, onOther }: { readonly collision: Collision; readonly itemId: string | null; readonly onMine: (change: Change) => void; readonly onOther: (itemId: string, title: string, change: Change) => void }) {
  const say = useWords(formWords)
  const { units } = useUnits()
  const { dayTime } = useFormats()
  const { title, issuer, clusters, count, undecided, first } = collision
  const textOf = ({ cure, itemId: whose, change }: Cure): string => {
    const isMine = whose === null || whose === itemId
    if (change.enabled === false) return say(isMine ? 'turnOff' : 'turnOffOther', { title })
    if (change.except !== undefined) return say(isMine ? 'skipDays' : 'skipDaysOther', { title })
    if (change.time !== undefined) return say(isMine ? 'after' : 'afterOther', { title, time: clockText(clockMs(change.time)) })
    if (change.durationMs !== undefined) return say(isMine ? 'trimMine' : 'trimOther', { title, minutes: minutes(change.durationMs) })
    return say(cure === 'overwrite' && isMine ? 'overwriteMine' : 'overwriteOther')
  }
  return (
    <div className="meets">
      <p><strong>{say('collides', { title, count, clusters, unit: units.name(issuer), when: dayTime(first.other.from) })}</strong></p>
      <p className="small">{undecided ? say('undecided') : say('heard', { title, mine: minutes(first.this.heardMs), other: minutes(first.other.heardMs) })}</p>
      <div className="row tight">
        {collision.cures.map((cure) => {
          const { itemId: whose, change, mayChoose } = cure
          return <Button key={JSON.stringify([whose, change])} onPress={() => { if (whose === null || whose === itemId) onMine(change); else onOther(whose, title, change) }}>{textOf(cure)}{whose !== null && whose !== itemId && mayChoose !== null && ` (${say('mayChoose', { unit: units.name(mayChoose) })})`}</Button>
        })}
      </div>
    </div>
  )
}

function OneFrame({ frame: { name, unitId, count, first, cures }, onMine, onAsk }: { readonly frame: Frame; readonly onMine: (change: Change) => void; readonly onAsk: () => void }) {
  const say = useWords(formWords)
  const { units } = useUnits()
  const { dayTime } = useFormats()
  return (
    <div className="meets">
      <p><strong>{say('frame', { count, name, unit: units.name(unitId), when: dayTime(first.from) })}</strong></p>
      <div className="row tight">
        {cures.map(({ cure, change }) => (cure === 'ask'
          ? <Button key={cure} onPress={onAsk}>{say('ask')}</Button>
          : <Button key={cure} onPress={() => { onMine(change) }}>{cure === 'move' ? say('move', { time: clockText(clockMs(change.time ?? '')) }) : say('trim', { minutes: minutes(change.durationMs ?? 0) })}</Button>))}
      </div>
    </div>
  )
}

const RULES = { hours: 'hours', quiet: 'quiet', play: 'play', day: 'daySum', frame: 'frameBreach' } as const

/** Too much is never told as just enough: tenths of a minute, upwards. */
const tenths = (ms: number): number => Math.ceil(ms / (MINUTE_MS / 10)) / 10

function OneBreach({ breach: { unitId, rule, from, length } }: { readonly breach: Meetings['breaches'][number] }) {
  const say = useWords(formWords)
  const { units } = useUnits()
  const { dayTime } = useFormats()
  return <div className="meets"><p><strong>{say(RULES[rule], { unit: units.name(unitId), when: dayTime(from) })}{length !== undefined && <>: <span className="number">{say('usedOf', { used: tenths(length.usedMs), allowed: tenths(length.allowedMs) })}</span></>}</strong></p></div>
}
