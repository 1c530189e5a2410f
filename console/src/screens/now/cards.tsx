import { useState } from 'react'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { Badge, Progress } from '../../kit/surfaces.tsx'
import { useNowMs } from '../../kit/use-now.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { isRealEmergency, type OnAirOrder } from './board.ts'
import { StopOrder } from './stop-order.tsx'
import { useSourceNames } from './use-sources.ts'
import type { AirCard } from './views.ts'
import { words } from './words.ts'

const SECOND_MS = 1000
/** A longer rest is told by the clock: nobody reads «7:12:33». */
const COUNTED_DOWN_MS = 3600_000
const FIRST_CARDS = 12

/** A class as a word in its colour; what is no real emergency is never red. */
export function ClassBadge({ order }: { readonly order: Pick<OnAirOrder, 'class' | 'alert'> }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  if (order.alert?.kind === 'exercise' || order.alert?.kind === 'test') return <Badge tone={order.alert.kind}>{say(order.alert.kind)}</Badge>
  return <Badge tone={order.class === 'emergency' ? 'emergency' : order.class === 'priority' ? 'accent' : 'air'}>{sayCommon(order.class)}</Badge>
}

/** What comes out: a source by its name, clips by their number. */
export function useWhat(): (order: Pick<OnAirOrder, 'sourceId' | 'clipIds'>) => string {
  const say = useWords(words)
  const names = useSourceNames()
  return ({ sourceId, clipIds }) => (sourceId === null ? say('recordings', { count: clipIds?.length ?? 0 }) : (names.get(sourceId) ?? ''))
}

export interface CardsProps {
  readonly cards: readonly AirCard[]
  /** The order whose clusters alone are shown. */
  readonly orderId: string | null
  readonly onOrder: (orderId: string | null) => void
}

/** What is on the air, as cards that can be read from afar. */
export function Cards({ cards, orderId, onOrder }: CardsProps) {
  const say = useWords(words)
  const nowMs = useNowMs(SECOND_MS)
  const what = useWhat()
  const [isAll, setIsAll] = useState(false)
  const shown = isAll ? cards : cards.slice(0, FIRST_CARDS)
  return (
    <section className="stack tight" aria-label={say('onAirTitle', { count: cards.length })}>
      <h2>{say('onAirTitle', { count: cards.length })}</h2>
      {cards.length === 0 && <p className="quiet">{say('nothingOnAir')}</p>}
      <ul className="now-cards">
        {shown.map((card) => (
          <li key={card.order.orderId} className={`card now-card ${isRealEmergency(card.order) ? 'emergency' : ''}`}>
            <div className="row tight"><ClassBadge order={card.order} /><TimeLeft until={card.order.until} nowMs={nowMs} /></div>
            <h3 className="now-title">{card.order.title}</h3>
            <p className="quiet now-what">{what(card.order)}</p>
            <Progress label={say('sounding', { sounding: card.sounding, meant: card.meant })} share={card.meant === 0 ? 0 : card.sounding / card.meant} />
            <p className="now-sounding number">{say('sounding', { sounding: card.sounding, meant: card.meant })}{card.offline > 0 && <span className="quiet"> · {say('offlineOf', { count: card.offline })}</span>}</p>
            <div className="row tight now-actions no-print">
              <Button look="plain" onPress={() => { onOrder(orderId === card.order.orderId ? null : card.order.orderId) }}>{say(orderId === card.order.orderId ? 'showAll' : 'showClusters')}</Button>
              {card.order.class === 'emergency' ? <ButtonLink href="/emergency">{say('toEmergency')}</ButtonLink> : <StopOrder order={card.order} clusters={card.meant} />}
            </div>
          </li>
        ))}
      </ul>
      {shown.length < cards.length && <div><Button onPress={() => { setIsAll(true) }}>{say('more', { count: cards.length - shown.length })}</Button></div>}
    </section>
  )
}

function TimeLeft({ until, nowMs }: { readonly until: string; readonly nowMs: number }) {
  const say = useWords(words)
  const { duration, time } = useFormats()
  const leftMs = Date.parse(until) - nowMs
  return <span className="now-left number">{leftMs <= 0 ? say('over') : leftMs > COUNTED_DOWN_MS ? say('until', { time: time(until) }) : say('left', { time: duration(leftMs) })}</span>
}
