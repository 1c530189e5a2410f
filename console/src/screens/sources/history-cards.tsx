import { Link } from 'wouter'
import { api } from '../../api/client.ts'
import { Badge, Loaded } from '../../kit/surfaces.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { usersOf, type Source } from './sources.ts'
import { words } from './words.ts'

/** Who was let in or refused, and why. */
export function AttemptsCard({ sourceId }: { readonly sourceId: string }) {
  const say = useWords(words)
  const { dayTime } = useFormats()
  const attempts = api.useQuery('get', '/v1/sources/{id}/attempts', { params: { path: { id: sourceId }, query: { limit: 30 } } })
  return (
    <section className="card stack tight">
      <h2>{say('attemptsTitle')}</h2>
      <Loaded query={attempts}>{({ items }) => items.length === 0 ? <p className="small quiet">{say('noAttempts')}</p> : (
        <ul className="stack tight">{items.map(({ id, lastAt, accepted, reason, remoteAddress, userAgent, count }) => (
          <li key={id}>
            <span className="number small quiet">{dayTime(lastAt)}</span> <Badge tone={accepted ? 'good' : 'warn'}>{say(accepted ? 'accepted' : 'refused')}</Badge> {say(`reason_${reason}`)}
            <br /><span className="small quiet">{remoteAddress === '' ? say('unknownAddress') : remoteAddress}{count > 1 && ` · ${say('times', { count })}`}{userAgent !== '' && ` · ${userAgent.slice(0, 80)}`}</span>
          </li>
        ))}</ul>
      )}</Loaded>
    </section>
  )
}

/** What plays the source now or later, and which sources lean on it. */
export function UsesCard({ source, all }: { readonly source: Source; readonly all: readonly Source[] }) {
  const say = useWords(words)
  const { dayTime, time } = useFormats()
  const query = (state: 'on-air' | 'scheduled') => ({ params: { query: { sourceId: source.id, state, limit: 20 } } })
  const now = api.useQuery('get', '/v1/orders', query('on-air'))
  const later = api.useQuery('get', '/v1/orders', query('scheduled'))
  const orders = [...(now.data?.items ?? []), ...(later.data?.items ?? [])]
  const leaning = usersOf(source.id, all)
  return (
    <section className="card stack tight">
      <h2>{say('usesTitle')}</h2>
      {orders.length + leaning.length === 0 && <p className="small quiet">{say('noUses')}</p>}
      <ul className="stack tight">
        {orders.map(({ id, title, state, startsAt, endsAt }) => <li key={id}>{state === 'on-air' ? <Badge tone="air">{say('onAirIn', { title })}</Badge> : <strong>{title}</strong>} <span className="small quiet number">{say('orderAt', { from: dayTime(startsAt), to: time(endsAt) })}</span></li>)}
        {leaning.map((other) => <li key={other.id}><Link href={`/sources/${other.id}`}>{say(other.fallbackSourceId === source.id ? 'usedAsFallback' : 'usedAsInput', { name: other.name })}</Link></li>)}
      </ul>
    </section>
  )
}
