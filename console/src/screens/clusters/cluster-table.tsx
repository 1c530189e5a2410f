import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useRef, type MouseEvent } from 'react'
import { useLocation } from 'wouter'
import { useUnits } from '../../api/me.ts'
import { Checkbox } from '../../kit/fields.tsx'
import { Badge } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useWords, type Say } from '../../words/use-words.ts'
import type { Row } from './cluster-filter.ts'
import { STATE_TONES } from './state-badge.tsx'
import { words } from './words.ts'

const ROW_PX = 64

export interface ClusterTableProps {
  readonly rows: readonly Row[]
  /** Null: nothing may be selected. */
  readonly selected: ReadonlySet<string> | null
  readonly onSelect: (selected: ReadonlySet<string>) => void
}

/** Ten thousand rows, of which only those in sight are in the page. */
export function ClusterTable({ rows, selected, onSelect }: ClusterTableProps) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { units } = useUnits()
  const frame = useRef<HTMLDivElement>(null)
  // eslint-disable-next-line react-hooks/incompatible-library -- it is used here and handed on to nobody
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => frame.current, estimateSize: () => ROW_PX, overscan: 8, useFlushSync: false })
  const toggle = useRef((id: string) => { void id })
  toggle.current = (id) => {
    const next = new Set(selected)
    if (!next.delete(id)) next.add(id)
    onSelect(next)
  }
  const [, navigate] = useLocation()
  /** For all links at once: one that listens to the address by itself in each row is dear while one scrolls. */
  const follow = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (link === null || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(link.pathname)
  }
  const isAll = selected !== null && rows.length > 0 && rows.every(({ cluster: { id } }) => selected.has(id))
  return (
    <div className="table-wrap cluster-list" ref={frame} role="table" aria-label={say('register')} aria-rowcount={rows.length + 1} tabIndex={0} data-selectable={selected !== null}>
      <div className="cluster-row cluster-head" role="row" aria-rowindex={1}>
        {selected !== null && <span role="columnheader"><Checkbox aria-label={say('selectAll')} isSelected={isAll} isIndeterminate={!isAll && selected.size > 0} onChange={(all) => { onSelect(new Set(all ? rows.map(({ cluster: { id } }) => id) : [])) }} /></span>}
        <span role="columnheader">{sayCommon('cluster')}</span><span role="columnheader" className="cluster-wide">{sayCommon('unit')}</span><span role="columnheader">{say('working')}</span><span role="columnheader" className="cluster-wide">{say('plays')}</span><span role="columnheader" className="cluster-wide">{say('technology')}</span>
      </div>
      <div role="rowgroup" onClick={follow} style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => <ClusterRow key={key} say={say} row={rows[index]!} unitName={units.name(rows[index]!.cluster.unitId)} index={index} start={start} isSelected={selected === null ? null : selected.has(rows[index]!.cluster.id)} toggle={toggle} />)}
      </div>
    </div>
  )
}

interface ClusterRowProps {
  readonly say: Say<keyof typeof words['vi']>
  readonly row: Row
  readonly unitName: string
  readonly index: number
  readonly start: number
  readonly isSelected: boolean | null
  readonly toggle: { readonly current: (id: string) => void }
}

/** Made by the thousand while one scrolls: it reads nothing by itself, and its box is the browser's own. */
const ClusterRow = memo(function ClusterRow({ say, row: { cluster, working }, unitName, index, start, isSelected, toggle }: ClusterRowProps) {
  const { technology } = cluster.equipment
  return (
    <div className="cluster-row" role="row" aria-rowindex={index + 2} style={{ height: ROW_PX, transform: `translateY(${String(start)}px)` }} data-selected={isSelected === true}>
      {isSelected !== null && <span role="cell"><input type="checkbox" className="cluster-check" aria-label={say('select', { name: cluster.name })} checked={isSelected} onChange={() => { toggle.current(cluster.id) }} /></span>}
      <span role="cell" className="cluster-name"><a href={`/clusters/${cluster.id}`}>{cluster.name}</a><span className="small quiet">{cluster.code}<span className="cluster-narrow"> · {unitName}</span></span></span>
      <span role="cell" className="cluster-wide cluster-cut">{unitName}</span>
      <span role="cell" className="cluster-states">{working !== null && <Badge tone={STATE_TONES[working.state]}>{say(working.state)}</Badge>}{cluster.state !== 'active' && <Badge>{say(cluster.state)}</Badge>}{!cluster.enabled && <Badge>{say('disabled')}</Badge>}{working?.conditions.slice(0, 2).map((condition) => <Badge key={condition} tone="warn">{say(condition)}</Badge>)}</span>
      <span role="cell" className="cluster-wide cluster-cut quiet">{working?.title}</span>
      <span role="cell" className="cluster-wide quiet">{technology === null ? '' : say(technology)}</span>
    </div>
  )
})
