import { api } from '../../api/client.ts'
import { Loaded } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

export const useUsage = (clipId: string) => api.useQuery('get', '/v1/clips/{id}/usage', { params: { path: { id: clipId } } })

/** What plays a clip, or will. */
export function UsageList({ clipId }: { readonly clipId: string }) {
  const say = useWords(words)
  return (
    <section className="stack tight">
      <h3>{say('usedBy')}</h3>
      <Loaded query={useUsage(clipId)}>{({ users, otherUsers }) => (users.length + otherUsers === 0
        ? <p className="quiet">{say('unused')}</p>
        : <ul>{users.map(({ kind, id, title }) => <li key={id}>{say(kind)}: <strong className="library-name">{title}</strong></li>)}{otherUsers > 0 && <li className="quiet">{say('otherUsers', { count: otherUsers })}</li>}</ul>)}</Loaded>
    </section>
  )
}
