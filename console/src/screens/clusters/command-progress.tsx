import { useCallback, useState } from 'react'
import type { Schemas } from '../../../../control/client/index.ts'
import { api } from '../../api/client.ts'
import { useEvents, type LoaEvent } from '../../api/events.ts'
import { Badge, Empty, Loaded, Progress, type Tone } from '../../kit/surfaces.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { isOver, stagesOf, type Command, type CommandCounts } from './command-follow.ts'
import { commandWords } from './command-words.ts'

type ResultState = Schemas['CommandResult']['state']
const TONES: Readonly<Record<ResultState, Tone>> = { waiting: 'off', delivered: 'air', done: 'good', refused: 'warn', failed: 'warn', expired: 'warn' }
const MOST_SHOWN = 50

/** A command on its way, live: sent, received, done, and who is behind. */
export function CommandFollow({ command, names }: { readonly command: Pick<Command, 'id' | 'expiresAt' | 'clusters'>; readonly names: ReadonlyMap<string, string> }) {
  const say = useWords(commandWords)
  const { time } = useFormats()
  const { id, expiresAt } = command
  const { data } = api.useQuery('get', '/v1/commands/{id}', { params: { path: { id } } })
  const [told, setTold] = useState<CommandCounts | null>(null)
  useEvents(useCallback((event: LoaEvent) => {
    if (event.type === 'command' && event.data['id'] === id) setTold(event.data['clusters'] as CommandCounts)
  }, [id]))
  const counts = told ?? data?.clusters ?? command.clusters
  const answered = counts.done + counts.refused + counts.failed + counts.expired
  return (
    <div className="stack" aria-live="polite">
      <ol className="follow">
        {stagesOf(counts).map(({ word, count, look }) => <li key={word} data-stage={word} data-done={look === 'bad' ? 'bad' : look === 'done'}>{say(word)}<br /><span className="number">{counts.targeted === 1 ? (look === 'open' ? '…' : count === 1 ? '✓' : '✗') : say('ofAll', { count, all: counts.targeted })}</span></li>)}
      </ol>
      {counts.targeted > 1 && <Progress label={say('done')} share={counts.targeted === 0 ? 1 : answered / counts.targeted} />}
      {!isOver(counts) && <p className="small quiet">{say('waitNote', { time: time(expiresAt) })} {say('plainNote')}</p>}
      <Behind id={id} names={names} isOne={counts.targeted === 1} />
    </div>
  )
}

function Behind({ id, names, isOne }: { readonly id: string; readonly names: ReadonlyMap<string, string>; readonly isOne: boolean }) {
  const say = useWords(commandWords)
  const query = api.useQuery('get', '/v1/commands/{id}/clusters', { params: { path: { id }, query: { limit: 1000 } } })
  return (
    <Loaded query={query}>{({ items }) => {
      const behind = isOne ? items : items.filter(({ state }) => state !== 'done')
      if (behind.length === 0) return <p className="quiet">{say('noneShown')}</p>
      return (
        <div className="table-wrap report-list"><table className="table">
          {!isOne && <caption className="visually-hidden">{say('problems')}</caption>}
          <tbody>{behind.slice(0, MOST_SHOWN).map(({ clusterId, state, reason }) => <tr key={clusterId}><td>{names.get(clusterId) ?? clusterId}</td><td><ResultBadge state={state} /></td><td className="quiet">{reason}</td></tr>)}</tbody>
        </table></div>
      )
    }}</Loaded>
  )
}

const ResultBadge = ({ state }: { readonly state: ResultState }) => <Badge tone={TONES[state]}>{useWords(commandWords)(state)}</Badge>

/** What one cluster was told, newest first. */
export function CommandHistory({ clusterId }: { readonly clusterId: string }) {
  const say = useWords(commandWords)
  const { dayTime, seconds } = useFormats()
  const query = api.useQuery('get', '/v1/clusters/{id}/commands', { params: { path: { id: clusterId }, query: { limit: 30 } } })
  return (
    <section className="card stack">
      <h2>{say('history')}</h2>
      <Loaded query={query}>{({ items }) => (items.length === 0 ? <Empty>{say('none')}</Empty> : (
        <div className="table-wrap"><table className="table">
          <tbody>{items.map(({ id, type, arguments: given, createdAt, state, reason, answeredAt }) => (
            <tr key={id}><td className="number">{dayTime(createdAt)}</td><td>{say(type)}{type === 'volume' ? ` ${say('percent', { percent: Number(given['percent']) })}` : ''}</td><td><ResultBadge state={state} /> <span className="small quiet">{answeredAt === null ? '' : seconds(answeredAt)} {reason}</span></td></tr>
          ))}</tbody>
        </table></div>
      ))}</Loaded>
    </section>
  )
}
