import { Plus, Radio } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { api } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { ButtonLink } from '../../kit/button.tsx'
import { SearchField, Select, Switch } from '../../kit/fields.tsx'
import { Badge, Empty, Loaded } from '../../kit/surfaces.tsx'
import { LevelMeter } from '../../parts/listen/level-meter.tsx'
import { ListenButton } from '../../parts/listen/listen-button.tsx'
import { common } from '../../words/common.ts'
import { matches } from '../../words/fold.ts'
import { useWords } from '../../words/use-words.ts'
import { GROUPS, KINDS, needsLook, type Source, type SourceKind } from './sources.ts'
import { StateBadge } from './state-badge.tsx'
import { useSources } from './use-sources.ts'
import { words } from './words.ts'

/** Every source by kind: how it is, how loud, what plays it. */
export function SourceList() {
  const say = useWords(words)
  const common_ = useWords(common)
  const rights = useRights()
  const sources = useSources()
  const { units } = useUnits()
  const [text, setText] = useState('')
  const [kind, setKind] = useState<SourceKind | 'all'>('all')
  const [onlyBad, setOnlyBad] = useState(false)
  const onAir = api.useQuery('get', '/v1/orders', { params: { query: { state: 'on-air', limit: 200 } } })
  const titles = new Map((onAir.data?.items ?? []).flatMap(({ sourceId, title }) => (sourceId === null ? [] : [[sourceId, title] as const])))
  const unitName = (unitId: string | null): string => (unitId === null ? say('wholeTree') : units.name(unitId))
  const isShown = (source: Source): boolean => (kind === 'all' || source.kind === kind) && (!onlyBad || needsLook(source)) && matches(`${source.name} ${unitName(source.unitId)}`, text)
  return (
    <div className="stack">
      <div className="row sources-filter">
        <div className="grow"><SearchField label={say('find')} value={text} onChange={setText} /></div>
        <Select hideLabel label={say('kind')} value={kind} onChange={setKind} choices={[{ id: 'all', label: say('allKinds') }, ...KINDS.map((id) => ({ id, label: say(id) }))]} />
        <Switch isSelected={onlyBad} onChange={setOnlyBad}>{say('onlyBad')}</Switch>
        {rights.somewhere('manage') && <ButtonLink href="/sources/new" look="primary"><Plus size={18} aria-hidden />{say('newSource')}</ButtonLink>}
      </div>
      <Loaded query={sources}>{(all) => {
        const shown = all.filter(isShown)
        if (shown.length === 0) return <Empty icon={<Radio size={32} aria-hidden />}>{all.length === 0 ? say('noSources') : common_('noMatch')}</Empty>
        return GROUPS.map(({ word, kinds }) => {
          const members = shown.filter((source) => (kinds as readonly SourceKind[]).includes(source.kind))
          return members.length === 0 ? null : (
            <section key={word} className="stack tight">
              <h2>{say(word)}</h2>
              <ul className="source-rows">{members.map((source) => <SourceRow key={source.id} source={source} unit={unitName(source.unitId)} onAir={titles.get(source.id)} />)}</ul>
            </section>
          )
        })
      }}</Loaded>
    </div>
  )
}

function SourceRow({ source, unit, onAir }: { readonly source: Source; readonly unit: string; readonly onAir: string | undefined }) {
  const say = useWords(words)
  const { id, name, kind, status } = source
  return (
    <li className="source-row" data-source={id}>
      <span className="source-name"><Link href={`/sources/${id}`}>{name}</Link><span className="small quiet">{say(kind)} · {unit}</span></span>
      <span className="stack source-states"><StateBadge status={status} />{onAir !== undefined && <Badge tone="air">{say('onAirIn', { title: onAir })}</Badge>}</span>
      <span className="source-level"><LevelMeter dbfs={status === null || status.state === 'idle' ? null : (status.rmsDbfs ?? -60)} label={say('level', { name })} /></span>
      <span className="source-listen"><ListenButton hears={{ source: id }} label={name} /></span>
    </li>
  )
}
