import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { Button } from '../../kit/button.tsx'
import { Badge, Failure, Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

const SESSIONS: ReadonlySet<string> = new Set(['/v1/sessions'])

/** Where the reader is logged in, and the way to end what is not his. */
export function SessionsCard({ myId }: { readonly myId: string }) {
  const say = useWords(words)
  const { dayTime } = useFormats()
  const sessions = api.useQuery('get', '/v1/sessions')
  const ending = useDeed({ reads: SESSIONS })
  const end = (id: string): void => { void ending.run(async () => { done(await loa.DELETE('/v1/sessions/{id}', { params: { path: { id } } })) }, () => { toast(say('ended')) }) }
  return (
    <section className="card stack tight">
      <h2>{say('sessionsTitle')}</h2>
      <Loaded query={sessions}>{({ items }) => (
        <ul className="stack tight">
          {items.filter(({ userId }) => userId === myId).map(({ id, current, remoteAddress, userAgent, createdAt }) => (
            <li key={id} className="row">
              <span className="grow"><strong className="number">{remoteAddress}</strong> {current && <Badge tone="good">{say('here')}</Badge>}<br /><span className="small quiet">{userAgent} · {say('since', { time: dayTime(createdAt) })}</span></span>
              {!current && <Button isDisabled={ending.isBusy} onPress={() => { end(id) }}>{say('end')}</Button>}
            </li>
          ))}
        </ul>
      )}</Loaded>
      <Failure text={ending.failure} />
    </section>
  )
}
