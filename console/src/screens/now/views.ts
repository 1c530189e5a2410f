import type { Schemas } from '../../../../control/client/index.ts'
import type { UnitTree } from '../../api/unit-tree.ts'
import { POINT_LOOKS, type PointLook } from '../../parts/map/types.ts'
import { fold } from '../../words/fold.ts'
import type { BoardRow, BoardSnapshot, OnAirOrder } from './board.ts'

type Class = Schemas['Order']['class']

export type LookCounts = Readonly<Record<PointLook, number>>

export function countLooks(rows: readonly BoardRow[]): Record<PointLook, number> {
  const counts = Object.fromEntries(POINT_LOOKS.map((look) => [look, 0])) as Record<PointLook, number>
  for (const { look } of rows) counts[look]++
  return counts
}

/** What is on the air, with how it is heard. */
export interface AirCard {
  readonly order: OnAirOrder
  /** Clusters that it is on the air for. */
  readonly meant: number
  /** Of these, which sound it. */
  readonly sounding: number
  readonly offline: number
}

const WEIGHTS: Readonly<Record<Class, number>> = { emergency: 0, priority: 1, normal: 2 }

/** The weightiest first, then what reaches most. */
export function airCards({ rows, orders }: Pick<BoardSnapshot, 'rows' | 'orders'>): readonly AirCard[] {
  const cards = new Map<string, { order: OnAirOrder; meant: number; sounding: number; offline: number }>()
  for (const { orderId, state, online } of rows) {
    const order = orderId === null ? undefined : orders.get(orderId)
    if (order === undefined) continue
    let card = cards.get(order.orderId)
    if (card === undefined) cards.set(order.orderId, card = { order, meant: 0, sounding: 0, offline: 0 })
    card.meant++
    if (state === 'playing' || state === 'out-of-step') card.sounding++
    if (!online) card.offline++
  }
  return [...cards.values()].sort((a, b) => WEIGHTS[a.order.class] - WEIGHTS[b.order.class] || b.meant - a.meant || a.order.title.localeCompare(b.order.title, 'vi'))
}

export interface BoardFilter {
  readonly look: PointLook | null
  readonly unitId: string | null
  readonly orderId: string | null
  /** Words that stand in code, name or unit, without accents. */
  readonly search: string
}

/** Folded texts of rows: names change seldom, and to fold 10 000 takes longer than to search them. */
const folded = new WeakMap<UnitTree, Map<string, string>>()
function textOf({ id, code, name, unitId }: BoardRow, units: UnitTree): string {
  let texts = folded.get(units)
  if (texts === undefined) folded.set(units, texts = new Map<string, string>())
  const key = `${id} ${code} ${name} ${unitId}`
  let text = texts.get(key)
  if (text === undefined) texts.set(key, text = fold(`${code} ${name} ${units.path(unitId).map((unit) => unit.name).join(' ')}`))
  return text
}

export function fitting(rows: readonly BoardRow[], { look, unitId, orderId, search }: BoardFilter, units: UnitTree): readonly BoardRow[] {
  const within = unitId === null ? null : units.below(unitId)
  const words = fold(search).split(/\s+/).filter((word) => word !== '')
  return rows.filter((row) => (look === null || row.look === look) && (orderId === null || row.orderId === orderId) && (within === null || within.has(row.unitId)) && (words.length === 0 || words.every((word) => textOf(row, units).includes(word))))
}

export type TreeLine =
  | { readonly kind: 'unit'; readonly id: string; readonly name: string; readonly depth: number; readonly isOpen: boolean; readonly counts: LookCounts; readonly total: number }
  | { readonly kind: 'cluster'; readonly row: BoardRow; readonly depth: number }

/** With no more clusters than this, all units are open. */
export const OPEN_UP_TO = 100

/**
 * Clusters under their units, as the lines of a list; units without any are left out.
 * @param toggled units that somebody has opened or closed, against what they would be
 */
export function treeLines(rows: readonly BoardRow[], units: UnitTree, toggled: ReadonlySet<string>): readonly TreeLine[] {
  const own = Map.groupBy(rows, ({ unitId }) => unitId)
  const sums = new Map<string, { readonly counts: Record<PointLook, number>; total: number }>()
  for (const [unitId, there] of own) {
    const counts = countLooks(there)
    for (const { id } of units.path(unitId)) {
      let sum = sums.get(id)
      if (sum === undefined) sums.set(id, sum = { counts: countLooks([]), total: 0 })
      sum.total += there.length
      for (const look of POINT_LOOKS) sum.counts[look] += counts[look]
    }
  }
  const lines: TreeLine[] = []
  const add = (unit: { readonly id: string; readonly name: string }, depth: number): void => {
    const sum = sums.get(unit.id)
    if (sum === undefined) return
    const isOpen = (rows.length <= OPEN_UP_TO || depth === 0) !== toggled.has(unit.id)
    lines.push({ kind: 'unit', id: unit.id, name: unit.name, depth, isOpen, ...sum })
    if (!isOpen) return
    for (const child of units.children(unit.id)) add(child, depth + 1)
    for (const row of own.get(unit.id) ?? []) lines.push({ kind: 'cluster', row, depth: depth + 1 })
  }
  for (const root of units.roots) add(root, 0)
  return lines
}
