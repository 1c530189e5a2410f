import { useState } from 'react'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Badge, Empty, Failure, Loaded } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import type { Cluster } from './cluster-filter.ts'
import { clusterWords } from './cluster-words.ts'
import { NewTicketDialog, type NewTicketAbout } from './new-ticket-dialog.tsx'

const ALARMS: ReadonlySet<string> = new Set(['/v1/alarms', '/v1/alarms/counts'])

/** Alarms about this cluster, the open ones with what can be done about them. */
export function ClusterAlarms({ cluster: { id, name, unitId } }: { readonly cluster: Cluster }) {
  const say = useWords(clusterWords)
  const rights = useRights()
  const { dayTime } = useFormats()
  const [about, setAbout] = useState<NewTicketAbout | null>(null)
  const query = api.useQuery('get', '/v1/alarms', { params: { query: { subjectId: id, limit: 50 } } })
  const taking = useDeed({ reads: ALARMS })
  const acknowledge = (alarmId: string): void => { void taking.run(async () => done(await loa.POST('/v1/alarms/{id}/acknowledge', { params: { path: { id: alarmId } }, body: {} }))) }
  return (
    <section className="card stack">
      <h2>{say('alarms')}</h2>
      <Failure text={taking.failure} />
      <Loaded query={query}>{({ items }) => (items.length === 0 ? <Empty>{say('noAlarms')}</Empty> : (
        <ul className="stack tight">{items.map((alarm) => (
          <li key={alarm.id} className="row">
            <Badge tone={alarm.clearedAt === null ? 'warn' : 'off'}>{alarm.title}</Badge>
            <span className="grow">{alarm.detail} <span className="small quiet">{dayTime(alarm.raisedAt)}{alarm.clearedAt === null ? '' : ` · ${say('over', { time: dayTime(alarm.clearedAt) })}`}{alarm.acknowledged === null ? '' : ` · ${say('acknowledgedBy', { name: alarm.acknowledged.name })}`}</span></span>
            {alarm.clearedAt === null && alarm.acknowledged === null && rights.at('command', unitId) && <Button isDisabled={taking.isBusy} onPress={() => { acknowledge(alarm.id) }}>{say('acknowledge')}</Button>}
            {alarm.clearedAt === null && rights.at('maintain', unitId) && <Button onPress={() => { setAbout({ clusterId: id, name, unitId, alarmId: alarm.id, title: alarm.title }) }}>{say('openTicket')}</Button>}
          </li>
        ))}</ul>
      ))}</Loaded>
      {about !== null && <NewTicketDialog about={about} onClose={() => { setAbout(null) }} />}
    </section>
  )
}
