import { Play } from 'lucide-react'
import { lazy, Suspense, useCallback, useDeferredValue, useMemo, useState } from 'react'
import { useRights, useUnits } from '../../api/me.ts'
import { problemText } from '../../api/problem-text.ts'
import { Button } from '../../kit/button.tsx'
import { SearchField, Select } from '../../kit/fields.tsx'
import { Empty, Notice, Page, Waiting } from '../../kit/surfaces.tsx'
import { mediaHook } from '../../kit/use-media.ts'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { ClusterMap, type MapPoint, type PointLook } from '../../parts/map/map.tsx'
import { useSize } from '../../shell/theme.ts'
import { words as shellWords } from '../../shell/words.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { Cards } from './cards.tsx'
import { Counts } from './counts.tsx'
import { TreeList } from './list.tsx'
import { SHOWN_LOOKS } from './looks.tsx'
import './now.css'
import { Panel } from './panel.tsx'
import { useBoard } from './use-board.ts'
import { airCards, countLooks, fitting, treeLines } from './views.ts'
import { words } from './words.ts'

/** List and map do not fit beside each other; as in now.css. */
const useIsNarrow = mediaHook('(max-width: 60rem)')

const PlayNow = lazy(() => import('./play-now.tsx'))

/** What every cluster does now: in numbers, as cards, on a map and in a list. */
export default function Now() {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const title = useWords(shellWords)('now')
  const rights = useRights()
  const { units } = useUnits()
  const isWall = useSize() === 'wall'
  const board = useBoard()
  const { rows, orders } = board
  const [look, setLook] = useState<PointLook | null>(null)
  const [unitId, setUnitId] = useState<string | null>(null)
  const [orderId, setOrderId] = useState<string | null>(null)
  const [search, setSearch] = useState('')
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const [selectedId, setSelectedId] = useState<string | null>(null)
  const [isPlaying, setIsPlaying] = useState(false)
  /** On a phone one of both has the place. */
  const [side, setSide] = useState<'list' | 'map'>('list')

  const isNarrow = useIsNarrow()

  const sought = useDeferredValue(search)
  const inUnit = useMemo(() => fitting(rows, { look: null, unitId, orderId: null, search: '' }, units), [rows, unitId, units])
  const counts = useMemo(() => countLooks(inUnit), [inUnit])
  const cards = useMemo(() => airCards({ rows: inUnit, orders }), [inUnit, orders])
  const shown = useMemo(() => fitting(inUnit, { look, unitId: null, orderId: cards.some(({ order }) => order.orderId === orderId) ? orderId : null, search: sought }, units), [inUnit, look, orderId, cards, sought, units])
  const lines = useMemo(() => treeLines(shown, units, toggled), [shown, units, toggled])
  const points = useMemo(() => shown.flatMap((row): MapPoint[] => (row.lat === null || row.lon === null ? [] : [{ id: row.id, lat: row.lat, lon: row.lon, look: row.look, label: `${row.name} · ${say(row.state)}` }])), [shown, say])
  const selected = selectedId === null ? undefined : rows.find(({ id }) => id === selectedId)
  const selectedOrder = selected?.orderId == null ? undefined : orders.get(selected.orderId)
  const toggle = useCallback((id: string) => { setToggled((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id]))) }, [])

  const content = (
    <>
      <Counts counts={counts} look={look} onLook={setLook} />
      <div className="now-main" data-side={side}>
        <div className="now-air"><Cards cards={cards} orderId={orderId} onOrder={setOrderId} /></div>
        <div className="now-sides no-print" role="group" aria-label={sayCommon('clusters')}>
          {(['list', 'map'] as const).map((one) => <Button key={one} look={side === one ? 'primary' : 'normal'} aria-pressed={side === one} onPress={() => { setSide(one) }}>{say(one)}</Button>)}
        </div>
        {(!isNarrow || side === 'map') && <div className="now-map">
          <ClusterMap points={points} selectedId={selectedId} onSelect={setSelectedId} height="100%" fitKey={`${unitId ?? ''} ${orderId ?? ''} ${look ?? ''}`} />
          {points.length < shown.length && <p className="small quiet">{say('noPosition', { count: shown.length - points.length })}</p>}
        </div>}
        <div className="now-side">
          {selected !== undefined && <Panel key={selected.id} row={selected} order={selectedOrder} meant={cards.find(({ order }) => order.orderId === selected.orderId)?.meant ?? 1} onClose={() => { setSelectedId(null) }} />}
          <div className="now-filter no-print">
            <SearchField label={say('search')} value={search} onChange={setSearch} />
            <UnitPicker label={sayCommon('unit')} value={unitId} onChange={setUnitId} nullLabel={say('allUnits')} />
            <Select<PointLook | 'all'> label={sayCommon('state')} value={look ?? 'all'} onChange={(next) => { setLook(next === 'all' ? null : next) }} choices={[{ id: 'all', label: say('allClusters') }, ...SHOWN_LOOKS.map((one) => ({ id: one, label: say(one) }))]} />
          </div>
          <p className="small quiet number" role="status">{say('shown', { count: shown.length })}</p>
          {lines.length === 0 ? <Empty>{sayCommon('noMatch')}</Empty> : <TreeList lines={lines} orders={orders} selectedId={selectedId} onSelect={setSelectedId} onToggle={toggle} />}
        </div>
      </div>
    </>
  )
  return (
    <Page title={title} full help={<><p>{say('helpWhat')}</p><p>{say('helpFind')}</p><p>{say('helpPlay')}</p></>}
      actions={rights.somewhere('air') && <Button look="primary" onPress={() => { setIsPlaying(true) }}><Play size={18} aria-hidden />{say('playNow')}</Button>}>
      <div className="now stack" data-wall={isWall || undefined}>
        {board.error !== null && <Notice tone="bad" action={<Button onPress={board.readAgain}>{sayCommon('retry')}</Button>}>{problemText(board.error)}</Notice>}
        {!board.isReady ? (board.error === null && <Waiting />) : rows.length === 0 ? <Empty>{say('noClusters')}</Empty> : content}
      </div>
      {isPlaying && <Suspense fallback={null}><PlayNow onClose={() => { setIsPlaying(false) }} /></Suspense>}
    </Page>
  )
}
