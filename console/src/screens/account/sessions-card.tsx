import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { problemText } from '../../api/problem-text.ts'
import { readAgain } from '../../api/query-client.ts'
import { Button } from '../../kit/button.tsx'
import { Badge, Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

/** Where the reader is logged in, and the way to end what is not his. */
export function SessionsCard({ myId }: { readonly myId: string }) {
  const say = useWords(words)
  const { dayTime } = useFormats()
  const sessions = api.useQuery('get', '/v1/sessions')
  const end = async (id: string): Promise<void> => {
    try {
      done(await loa.DELETE('/v1/sessions/{id}', { params: { path: { id } } }))
      toast(say('ended'))
    } catch (error) {
      toast(problemText(error))
    }
    readAgain(new Set(['/v1/sessions']))
  }
  return (
    <section className="card stack tight">
      <h2>{say('sessionsTitle')}</h2>
      <Loaded query={sessions}>{({ items }) => (
        <ul className="stack tight">
          {items.filter(({ userId }) => userId === myId).map(({ id, current, remoteAddress, userAgent, createdAt }) => (
            <li key={id} className="row">
              <span className="grow"><strong className="number">{remoteAddress}</strong> {current && <Badge tone="good">{say('here')}</Badge>}<br /><span className="small quiet">{userAgent} · {say('since', { time: dayTime(createdAt) })}</span></span>
              {!current && <Button onPress={() => { void end(id) }}>{say('end')}</Button>}
            </li>
          ))}
        </ul>
      )}</Loaded>
    </section>
  )
}
