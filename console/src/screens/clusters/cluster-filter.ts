import type { Schemas } from '../../../../control/client/index.ts'
import { fold } from '../../words/fold.ts'

export type Cluster = Schemas['Cluster']
export type WorkingState = Schemas['ClusterState']['state']
export type Condition = Schemas['ClusterState']['conditions'][number]['code']
export type Technology = NonNullable<Cluster['equipment']['technology']>

/** The gravest first, as the server ranks them. */
export const WORKING_STATES = ['lost', 'silent', 'out-of-step', 'muted', 'unknown', 'never-seen', 'playing', 'idle', 'out-of-use'] as const satisfies readonly WorkingState[]
export const CONDITIONS = ['amplifier-off', 'storage-fault', 'off-mains', 'hot', 'wrong-clock', 'weak-signal', 'unverified', 'out-of-step', 'no-status', 'not-synchronised'] as const satisfies readonly Condition[]
export const TECHNOLOGIES = ['ip', 'fm', 'wired'] as const satisfies readonly Technology[]

/** How a cluster works, as far as lists show it. */
export interface Working {
  readonly state: WorkingState
  readonly online: boolean
  readonly conditions: readonly Condition[]
  /** What is on the air there; null: nothing, or its title is not known yet. */
  readonly title: string | null
  readonly onAirClass: 'emergency' | 'priority' | 'normal' | null
}

export interface Row {
  readonly cluster: Cluster
  /** Null: not read yet. */
  readonly working: Working | null
}

export interface ClusterFilter {
  readonly search: string
  readonly unit: string | null
  readonly state: WorkingState | null
  readonly condition: Condition | null
  readonly technology: Technology | 'none' | null
  readonly tag: string | null
}

export const NO_FILTER: ClusterFilter = { search: '', unit: null, state: null, condition: null, technology: null, tag: null }

const texts = new WeakMap<Cluster, string>()

/** Everything by which people look for a cluster, without accents; made once for each. */
function textOf(cluster: Cluster): string {
  let text = texts.get(cluster)
  if (text === undefined) {
    const { imei, sim, maker, model, keeper, keeperPhone } = cluster.equipment
    texts.set(cluster, text = fold([cluster.code, cluster.name, imei, sim, maker, model, keeper, keeperPhone, ...cluster.tags].filter((part) => part !== null).join('\n')))
  }
  return text
}

/**
 * Rows that fit all of a filter, in the order in which they came.
 * @param within ids of the units of the filter, itself and below; null: all
 * @param without a part that is left out of account: what would be there if it were chosen otherwise
 */
export function filterRows(rows: readonly Row[], filter: ClusterFilter, within: ReadonlySet<string> | null, without: keyof ClusterFilter | null = null): Row[] {
  const words = fold(filter.search).split(/\s+/).filter((word) => word !== '')
  const state = without === 'state' ? null : filter.state
  const { condition, technology, tag } = filter
  return rows.filter(({ cluster, working }) => {
    if (within !== null && !within.has(cluster.unitId)) return false
    if (state !== null && working?.state !== state) return false
    if (condition !== null && working?.conditions.includes(condition) !== true) return false
    if (technology !== null && (cluster.equipment.technology ?? 'none') !== technology) return false
    if (tag !== null && !cluster.tags.includes(tag)) return false
    if (words.length === 0) return true
    const text = textOf(cluster)
    return words.every((word) => text.includes(word))
  })
}

/** How many rows are in each state; those not read yet in none. */
export function countStates(rows: readonly Row[]): ReadonlyMap<WorkingState, number> {
  const counts = new Map<WorkingState, number>()
  for (const { working } of rows) if (working !== null) counts.set(working.state, (counts.get(working.state) ?? 0) + 1)
  return counts
}

/** Tags in use, the most frequent first. */
export function tagsOf(rows: readonly Row[]): string[] {
  const counts = new Map<string, number>()
  for (const { cluster } of rows) for (const tag of cluster.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b, 'vi')).map(([tag]) => tag)
}

const pick = <Value extends string>(value: string | null, from: readonly Value[]): Value | null => from.find((one) => one === value) ?? null

/** What stands in the address of a page, so that a list can be sent to somebody. Never an IMEI or a name of somebody: what was searched stays out. */
export function filterOf(query: URLSearchParams): ClusterFilter {
  return {
    search: '',
    unit: query.get('unit'),
    state: pick(query.get('state'), WORKING_STATES),
    condition: pick(query.get('condition'), CONDITIONS),
    technology: pick(query.get('technology'), [...TECHNOLOGIES, 'none']),
    tag: query.get('tag'),
  }
}

export function queryOf({ search: _, ...filter }: ClusterFilter): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) if (value !== null) query.set(name, value)
  return query.toString()
}

/** The same for the server, which makes the sheet. */
export function exportQuery({ search, unit, state, condition, technology, tag }: ClusterFilter, format: 'xlsx' | 'csv', language: string): string {
  const query = new URLSearchParams({ format, lang: language })
  if (search.trim() !== '') query.set('search', search.trim())
  if (unit !== null) query.set('unitId', unit)
  if (state !== null) query.set('working', state)
  if (condition !== null) query.set('condition', condition)
  if (technology !== null) query.set('technology', technology)
  if (tag !== null) query.set('tag', tag)
  return query.toString()
}
