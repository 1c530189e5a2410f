import { useQuery } from '@tanstack/react-query'
import { Map as MapIcon } from 'lucide-react'
import { useMemo, useState } from 'react'
import { everyItem, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { Button } from '../../kit/button.tsx'
import { Checkbox } from '../../kit/fields.tsx'
import { Notice } from '../../kit/surfaces.tsx'
import { ClusterMap } from '../../parts/map/map.tsx'
import { TargetPicker } from '../../parts/targets/target-picker.tsx'
import { useWords } from '../../words/use-words.ts'
import type { Draft } from './draft.ts'
import { words } from './words.ts'

interface WhereProps {
  readonly draft: Draft
  readonly change: (change: Partial<Draft>) => void
  /** Units in which the reader gives emergencies; null: everywhere. */
  readonly mine: readonly string[] | null
}

export function Where({ draft, change, mine }: WhereProps) {
  const say = useWords(words)
  const [isDrawing, setIsDrawing] = useState(draft.polygon !== null)
  if (draft.kind === 'test') return <TestClusters draft={draft} change={change} />
  return (
    <div className="stack">
      <TargetPicker label={say('places')} right="emergency" value={draft.targets} onChange={(targets) => { change({ targets }) }} />
      <div><Button onPress={() => { setIsDrawing(!isDrawing); change({ polygon: null }) }}><MapIcon size={20} aria-hidden />{say(isDrawing ? 'hideArea' : 'drawArea')}</Button></div>
      {isDrawing && <AreaMap polygon={draft.polygon} onPolygon={(polygon) => { change({ polygon }) }} />}
      {isDrawing && mine !== null && <p className="small quiet">{say('areaWithin')}</p>}
    </div>
  )
}

async function readPlaces(): Promise<readonly Schemas['ClusterBoard']['items'][number][]> {
  const rows: Schemas['ClusterBoard']['items'][number][] = []
  for await (const row of everyItem((cursor) => loa.GET('/v1/cluster-board', { params: { query: { limit: 1000, ...cursor } } }))) rows.push(row)
  return rows
}

function AreaMap({ polygon, onPolygon }: { readonly polygon: Draft['polygon']; readonly onPolygon: (polygon: Draft['polygon']) => void }) {
  const { data } = useQuery({ queryKey: ['get', '/v1/cluster-board', 'places'], queryFn: readPlaces })
  const points = useMemo(() => (data ?? []).flatMap(({ id, name, lat, lon, online }) => (lat === null || lon === null ? [] : [{ id, label: name, lat, lon, look: online ? 'normal' as const : 'offline' as const }])), [data])
  return <ClusterMap points={points} polygon={polygon} onPolygon={onPolygon} height="min(24rem, 60vh)" />
}

/** A test names clusters that nobody listens to. */
function TestClusters({ draft, change }: Pick<WhereProps, 'draft' | 'change'>) {
  const say = useWords(words)
  const planned = api.useQuery('get', '/v1/clusters', { params: { query: { state: 'planned', limit: 200 } } })
  const inRepair = api.useQuery('get', '/v1/clusters', { params: { query: { state: 'repair', limit: 200 } } })
  const clusters = [...(inRepair.data?.items ?? []), ...(planned.data?.items ?? [])]
  const chosen = draft.targets.clusters ?? []
  if (clusters.length === 0 && planned.isSuccess && inRepair.isSuccess) return <Notice>{say('noTestClusters')}</Notice>
  return (
    <fieldset className="field test-clusters">
      <legend className="field-label">{say('testClusters')}</legend>
      {clusters.map(({ id, name, code }) => <Checkbox key={id} isSelected={chosen.includes(id)} onChange={(isIn) => { change({ targets: { ...draft.targets, clusters: isIn ? [...chosen, id] : chosen.filter((one) => one !== id) } }) }}>{name} <span className="small quiet">{code}</span></Checkbox>)}
    </fieldset>
  )
}
