import { isInReach } from './belonging.ts'
import type { EventType } from './event-hub.ts'
import type { Broadcast, ControlClock, Store, Targets } from './ports.ts'
import type { AlertRecord } from './alerts/alert-port.ts'
import { Rights } from './rights.ts'
import type { AlarmView } from './schemas/alarm.ts'
import { standingUnits } from './standing-units.ts'

interface Look {
  readonly store: Store
  readonly broadcast: Pick<Broadcast, 'clustersOf'>
}

/** Which clusters each sees; rights live as long as one request, and a page of orders asks for each of its orders. */
const seenBy = new WeakMap<Rights, ReadonlySet<string>>()

/** @param roots of what they may view */
function clustersSeen(rights: Rights, roots: readonly string[], store: Store): ReadonlySet<string> {
  const known = seenBy.get(rights) ?? new Set(store.clusters.idsWithin(roots))
  seenBy.set(rights, known)
  return known
}

/**
 * Whether an order or command concerns somebody: it is meant for clusters in his units, or for units above them, or was given in the name of one
 * of his units.
 */
export function concerns({ targets, issuerUnitId }: { readonly targets: Targets; readonly issuerUnitId?: string }, rights: Rights, { store, broadcast }: Look): boolean {
  const roots = rights.roots('view')
  if (roots === null) return true
  if (issuerUnitId !== undefined && standingUnits(issuerUnitId, store).some((id) => rights.holds('view', id))) return true
  const lies = (clusterId: string): boolean => clustersSeen(rights, roots, store).has(clusterId)
  return targets.units.flatMap((id) => standingUnits(id, store)).some((id) => id !== null && rights.touches('view', id))
    || targets.clusters.some(lies)
    || (targets.tags.length + (targets.groups ?? []).length > 0 && broadcast.clustersOf({ ...targets, units: [], clusters: [] }).some(lies))
}

/** The same of an alert: also when the area that was drawn for it is no more, and only what it meant is still known. */
export function alertConcerns(alert: AlertRecord, rights: Rights, look: Look): boolean {
  if (concerns(alert, rights, look)) return true
  if (alert.selection === null) return false
  const seen = clustersSeen(rights, rights.roots('view') ?? [], look.store)
  return look.store.alerts.clustersOf(alert.id).some((id) => seen.has(id))
}

/** A source is played by everybody below its owner. */
const isOfAllBelow = ({ kind }: { readonly kind: string }): boolean => kind === 'unit' || kind === 'source'

/**
 * Where an alarm lies: one about a whole unit or its source concerns everybody in it. Undefined for one about the server itself, which is for whoever may look somewhere.
 */
export function alarmAim(alarm: { readonly subject: { readonly kind: string }; readonly unitId: string | null } | undefined): { readonly targets: Targets; readonly issuerUnitId: string } | undefined {
  if (alarm === undefined || alarm.unitId === null) return undefined
  return { targets: { units: isOfAllBelow(alarm.subject) ? [alarm.unitId] : [], clusters: [], tags: [] }, issuerUnitId: alarm.unitId }
}

/** What somebody who watches sees of what happens. */
export interface Sight {
  /** The same for all who see the same, so that an event is narrowed once for all of them. */
  readonly key: string
  /** @returns what is left of the event's data for him, or null when it is none of his business */
  narrow(type: EventType, data: unknown): object | null
}

/** Clusters move seldom; a second late is soon enough for who only watches. */
const LEARN_AGAIN_MS = 1000
const MOST_KEPT = 500

interface AlarmEvent {
  readonly alarm: AlarmView
}

interface ClusterEvent {
  readonly clusterIds?: readonly string[]
  readonly connections?: readonly { readonly clusterId: string }[]
  readonly clusterId?: string | null
  readonly sourceId?: string | null
}

interface ProofEvent {
  readonly orders: readonly { readonly orderId: string }[]
}

/** Makes sights, and remembers for a moment which clusters lie in which units: an event may name 10 000 of them. */
export class Sights {
  readonly #look: Look
  readonly #clock: ControlClock
  readonly #clusters = new Map<string, { readonly atMs: number; readonly ids: ReadonlySet<string> }>()

  constructor(look: Look, clock: ControlClock) {
    this.#look = look
    this.#clock = clock
  }

  /** @returns null for who sees everything */
  of(rights: Rights): Sight | null {
    const own = rights.roots('view')
    if (own === null) return null
    const units = [...own].sort()
    const key = units.join(' ')
    return { key, narrow: (type, data) => this.#narrow(key, units, type, data) }
  }

  #narrow(key: string, units: readonly string[], type: EventType, data: unknown): object | null {
    const { store } = this.#look
    if (type === 'alarm') {
      const aim = alarmAim((data as AlarmEvent).alarm)
      return aim === undefined || this.#concerns(aim, units) ? (data as object) : null
    }
    if (type === 'order' || type === 'alert' || type === 'command') {
      const { targets, issuer } = data as { readonly targets: Targets; readonly issuer?: string }
      return this.#concerns({ targets, ...(issuer === undefined ? {} : { issuerUnitId: issuer }) }, units) ? (data as object) : null
    }
    // Who has not proved who he is concerns those alone who see everything; how the lines are, everybody.
    if (type === 'phone') {
      const { call } = data as { readonly call: { readonly unitId: string | null } | null }
      return call === null || (call.unitId !== null && this.#rightsAt(units).holds('view', call.unitId)) ? (data as object) : null
    }
    if (type === 'proof') return orNothing((data as ProofEvent).orders.filter(({ orderId }) => this.#concerns(store.orders.get(orderId), units)), (orders) => ({ ...(data as object), orders }))
    const { clusterIds, connections, clusterId, sourceId } = data as ClusterEvent
    const owner = typeof sourceId === 'string' ? store.sources.get(sourceId)?.unitId : null
    if (owner !== undefined && owner !== null && !isInReach(owner, 'view', this.#rightsAt(units), store)) return null
    const seen = this.#clustersIn(key, units)
    if (clusterIds !== undefined) return orNothing(clusterIds.filter((id) => seen.has(id)), (left) => ({ ...(data as object), clusterIds: left }))
    if (connections !== undefined) return orNothing(connections.filter((connection) => seen.has(connection.clusterId)), (left) => ({ connections: left }))
    return typeof clusterId === 'string' && !seen.has(clusterId) ? null : (data as object)
  }

  #concerns(order: Parameters<typeof concerns>[0] | undefined, units: readonly string[]): boolean {
    return order !== undefined && concerns(order, this.#rightsAt(units), this.#look)
  }

  /** Made anew each time: the tree changes under those who watch for days. */
  #rightsAt(units: readonly string[]): Rights {
    return new Rights(units.map((unitId) => ({ role: 'viewer', unitId })), (unitId) => this.#look.store.units.ancestors(unitId))
  }

  #clustersIn(key: string, units: readonly string[]): ReadonlySet<string> {
    const nowMs = this.#clock.wallMs()
    const known = this.#clusters.get(key)
    if (known !== undefined && nowMs >= known.atMs && nowMs < known.atMs + LEARN_AGAIN_MS) return known.ids
    if (this.#clusters.size >= MOST_KEPT) this.#clusters.clear()
    const ids = new Set(this.#look.store.clusters.idsWithin(units))
    this.#clusters.set(key, { atMs: nowMs, ids })
    return ids
  }
}

const orNothing = <T>(left: readonly T[], make: (left: readonly T[]) => object): object | null => (left.length === 0 ? null : make(left))
