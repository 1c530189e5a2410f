import { ArrowLeft, SlidersHorizontal } from 'lucide-react'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { api } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { Badge, Loaded, Page, Tabs, type TabItem } from '../../kit/surfaces.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { ClusterAlarms } from './cluster-alarms.tsx'
import type { Cluster } from './cluster-filter.ts'
import { ClusterKeys } from './cluster-keys.tsx'
import { ClusterPlayed } from './cluster-played.tsx'
import { ClusterRecord } from './cluster-record.tsx'
import { ClusterNow } from './cluster-now.tsx'
import { clusterWords } from './cluster-words.ts'
import { CommandDialog } from './command-dialog.tsx'
import { CommandHistory } from './command-progress.tsx'
import { RunningCommands } from './running-commands.tsx'
import { ConditionBadges, StateBadge } from './state-badge.tsx'
import { StateStrip } from './state-strip.tsx'
import { TicketList } from './ticket-list.tsx'
import { words } from './words.ts'

/** One cluster, from how it works now to who may connect in its name. */
export default function ClusterPage({ id }: { readonly id: string }) {
  const query = api.useQuery('get', '/v1/clusters/{id}', { params: { path: { id } } })
  return <Loaded query={query}>{(cluster) => <ClusterDetail cluster={cluster} />}</Loaded>
}

function ClusterDetail({ cluster }: { readonly cluster: Cluster }) {
  const say = useWords(clusterWords)
  const sayList = useWords(words)
  const rights = useRights()
  const { units } = useUnits()
  const [query, setQuery] = useSearchParams()
  const [isCommanding, setIsCommanding] = useState(false)
  const { id, name, code, unitId } = cluster
  const mayCommand = rights.at('command', unitId)
  const tabs: readonly TabItem[] = [
    { id: 'state', label: say('tabState'), content: <div className="cluster-grid"><ClusterNow cluster={cluster} /><StateStrip clusterId={id} /><ClusterPlayed cluster={cluster} /></div> },
    { id: 'commands', label: say('tabCommands'), content: <CommandHistory clusterId={id} /> },
    { id: 'record', label: say('tabRecord'), content: <ClusterRecord cluster={cluster} /> },
    { id: 'keys', label: say('tabKeys'), content: <ClusterKeys cluster={cluster} /> },
    { id: 'repair', label: say('tabRepair'), content: <div className="stack"><ClusterAlarms cluster={cluster} /><TicketList filter={{ clusterId: id }} about={{ clusterId: id, name, unitId }} /></div> },
  ]
  const asked = query.get('tab')
  return (
    <Page title={name} help={<p>{say('help')}</p>} actions={<>
      <ButtonLink href="/clusters" look="plain"><ArrowLeft size={18} aria-hidden />{sayList('toRegister')}</ButtonLink>
      {mayCommand && <Button look="primary" onPress={() => { setIsCommanding(true) }}><SlidersHorizontal size={18} aria-hidden />{sayList('control')}</Button>}
    </>}>
      <p className="row tight"><b>{code}</b><span className="quiet">{units.path(unitId).map((unit) => unit.name).join(' › ')}</span><ClusterBadges cluster={cluster} /></p>
      {mayCommand && <RunningCommands clusterId={id} names={new Map([[id, name]])} />}
      <Tabs label={name} items={tabs} selected={tabs.some((tab) => tab.id === asked) ? (asked ?? 'state') : 'state'} onSelect={(tab) => { setQuery({ tab }, { replace: true }) }} />
      {isCommanding && <CommandDialog clusters={[{ id, name }]} onClose={() => { setIsCommanding(false) }} />}
    </Page>
  )
}

function ClusterBadges({ cluster }: { readonly cluster: Cluster }) {
  const say = useWords(words)
  const sayOne = useWords(clusterWords)
  const { dayTime } = useFormats()
  const { data } = api.useQuery('get', '/v1/clusters/{id}/state', { params: { path: { id: cluster.id } } })
  return (
    <>
      {data !== undefined && <><StateBadge state={data.state} /><ConditionBadges conditions={data.conditions.map(({ code }) => code)} /></>}
      {cluster.state !== 'active' && <Badge>{say(cluster.state)}</Badge>}{!cluster.enabled && <Badge tone="warn">{say('disabled')}</Badge>}
      {data !== undefined && <span className="small quiet">{sayOne('since', { time: dayTime(data.since) })}</span>}
    </>
  )
}
