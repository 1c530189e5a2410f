import { Pencil, Plus } from 'lucide-react'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Empty, Loaded } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import { CommandDialog } from './command-dialog.tsx'
import { GroupDialog } from './group-dialog.tsx'
import { groupWords } from './group-words.ts'
import type { Group } from './group-values.ts'
import { useRegistry } from './registry-data.ts'
import { ListPage } from './list-page.tsx'
import { words } from './words.ts'

/** Selections that are kept, with how many they mean now. */
export default function GroupsPage() {
  const say = useWords(groupWords)
  const rights = useRights()
  const [edited, setEdited] = useState<Group | 'new' | null>(null)
  const query = api.useQuery('get', '/v1/groups', { params: { query: { limit: 1000 } } })
  const mayManage = rights.at('manage', null)
  return (
    <ListPage help={<p>{say('help')}</p>} actions={mayManage && <Button look="primary" onPress={() => { setEdited('new') }}><Plus size={18} aria-hidden />{say('add')}</Button>}>
      <Loaded query={query}>{({ items }) => (items.length === 0 ? <Empty>{say('none')}</Empty> : <ul className="cluster-grid">{items.map((group) => <GroupCard key={group.id} group={group} onEdit={mayManage ? () => { setEdited(group) } : null} />)}</ul>)}</Loaded>
      {edited !== null && <GroupDialog group={edited === 'new' ? null : edited} onClose={() => { setEdited(null) }} />}
    </ListPage>
  )
}

function GroupCard({ group: { id, name, units: unitIds, tags, area, circles }, onEdit }: { readonly group: Group; readonly onEdit: (() => void) | null }) {
  const say = useWords(groupWords)
  const sayList = useWords(words)
  const rights = useRights()
  const { units } = useUnits()
  const [isCommanding, setIsCommanding] = useState(false)
  const { data } = api.useQuery('get', '/v1/groups/{id}/clusters', { params: { path: { id } } })
  const parts = [...unitIds.map((unitId) => units.name(unitId)), ...tags.map((tag) => `#${tag}`), ...(area === null ? [] : [say('hasArea')]), ...(circles.length === 0 ? [] : [say('circles', { count: circles.length })])]
  return (
    <li className="card stack tight">
      <h2>{name}</h2>
      <p className="quiet">{parts.join(' · ')}</p>
      {data !== undefined && <p>{data.targeted === 0 ? say('nobody') : say('preview', { count: data.targeted, online: data.online })}</p>}
      <div className="row tight">
        {onEdit !== null && <Button onPress={onEdit}><Pencil size={16} aria-hidden />{say('edit', { name: '' })}</Button>}
        {rights.at('command', null) && data !== undefined && data.targeted > 0 && <Button onPress={() => { setIsCommanding(true) }}>{sayList('control')}</Button>}
      </div>
      {isCommanding && data !== undefined && <GroupCommand clusterIds={data.clusterIds} onClose={() => { setIsCommanding(false) }} />}
    </li>
  )
}

/** Commands to the clusters of a group, each shown by its name. */
function GroupCommand({ clusterIds, onClose }: { readonly clusterIds: readonly string[]; readonly onClose: () => void }) {
  const { data = [] } = useRegistry()
  const names = new Map(data.map(({ cluster: { id, name } }) => [id, name]))
  return <CommandDialog clusters={clusterIds.map((id) => ({ id, name: names.get(id) ?? id }))} onClose={onClose} />
}
