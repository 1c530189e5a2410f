import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useRef } from 'react'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import type { OnAirOrder } from './board.ts'
import { LookMark, SHOWN_LOOKS } from './looks.tsx'
import type { TreeLine } from './views.ts'
import { words } from './words.ts'

const LINE_PX = 52

export interface TreeListProps {
  readonly lines: readonly TreeLine[]
  readonly orders: ReadonlyMap<string, OnAirOrder>
  readonly selectedId: string | null
  readonly onSelect: (id: string) => void
  readonly onToggle: (unitId: string) => void
}

/** Units and their clusters; of ten thousand lines only those in sight are there. */
export function TreeList({ lines, orders, selectedId, onSelect, onToggle }: TreeListProps) {
  const say = useWords(words)
  const { number } = useFormats()
  const frame = useRef<HTMLDivElement>(null)
  // eslint-disable-next-line react-hooks/incompatible-library -- it draws again by itself when it scrolls; nothing of it is kept
  const rows = useVirtualizer({ count: lines.length, getScrollElement: () => frame.current, estimateSize: () => LINE_PX, overscan: 8, getItemKey: (index) => { const line = lines[index]!; return line.kind === 'unit' ? line.id : line.row.id } })
  return (
    <div className="now-list" ref={frame} role="region" aria-label={say('list')}>
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const line = lines[index]!
          const style = { transform: `translateY(${String(start)}px)`, height: LINE_PX, paddingInlineStart: `${String(0.25 + Math.min(line.depth, 6) * 0.9)}rem` }
          if (line.kind === 'unit') {
            const Icon = line.isOpen ? ChevronDown : ChevronRight
            return (
              <button key={key} type="button" className="now-line unit" style={style} aria-expanded={line.isOpen} onClick={() => { onToggle(line.id) }}>
                <Icon size={18} aria-hidden /><span className="grow now-name">{line.name}</span>
                <span className="now-sums number">{SHOWN_LOOKS.filter((look) => line.counts[look] > 0).map((look) => <span key={look} title={say(look)}><LookMark look={look} />{number(line.counts[look])}<span className="visually-hidden"> {say(look)}</span></span>)}</span>
              </button>
            )
          }
          const { row } = line
          const order = row.orderId === null ? undefined : orders.get(row.orderId)
          return (
            <button key={key} type="button" className="now-line" style={style} aria-current={row.id === selectedId || undefined} onClick={() => { onSelect(row.id) }}>
              <LookMark look={row.look} /><span className="grow now-name">{row.name} <span className="small quiet">{row.code}</span><span className="now-detail small quiet">{order !== undefined && row.state === 'playing' ? order.title : say(row.state)}{order !== undefined && row.state !== 'playing' ? ` · ${order.title}` : ''}</span></span>
            </button>
          )
        })}
      </div>
    </div>
  )
}
