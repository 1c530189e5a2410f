import type { OrderRecord, SourceStatusInfo, Store } from '../../control/ports.ts'
import type { Arbiter } from '../../rooms/arbiter/index.ts'
import { parseRoom, type PlanSegment } from '../../rooms/plan.ts'
import { MOST_UNITS, type TalkStatus } from '../talk/talk-status.ts'
import type { ClusterBook } from './cluster-book.ts'
import type { OrderBook } from './order-book.ts'
import { heardAt, sourceAt } from './order-sounds.ts'
import type { PlanTime } from './plan-time.ts'
import { arbiterTargets } from './target-map.ts'

/** An answer is kept at least this long, and so long that looking takes no more than a hundredth of control's time. */
const KEEP_MS = 500
const KEEP_TIMES_COST = 100
const MOST_KEPT = 500

export interface TalkDeskPorts {
  readonly store: { readonly sources: Pick<Store['sources'], 'get'>; readonly units: Pick<Store['units'], 'all'> }
  readonly arbiter: Pick<Arbiter, 'clustersOf' | 'onAir'>
  readonly clusters: Pick<ClusterBook, 'ids' | 'get'>
  readonly orders: Pick<OrderBook, 'all'>
  readonly time: Pick<PlanTime, 'wallMs' | 'wallMsAt' | 'nowSamples'>
  readonly isOnline: (clusterId: string) => boolean
  readonly sourceStatus: (sourceId: string) => SourceStatusInfo | undefined
  readonly monotonicMs: () => number
}

/** Says how a source is on air to those who speak into it: from plans and connections, never from what somebody meant to do. */
export class TalkDesk {
  readonly #ports: TalkDeskPorts
  readonly #kept = new Map<string, { readonly status: TalkStatus; readonly untilMs: number }>()

  constructor(ports: TalkDeskPorts) {
    this.#ports = ports
  }

  /** @returns null when there is no such source */
  status(sourceId: string): TalkStatus | null {
    const { monotonicMs } = this.#ports
    const beganMs = monotonicMs()
    const kept = this.#kept.get(sourceId)
    if (kept !== undefined && kept.untilMs > beganMs) return kept.status
    const status = this.#look(sourceId)
    const costMs = monotonicMs() - beganMs
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear()
    if (status === null) this.#kept.delete(sourceId)
    else this.#kept.set(sourceId, { status, untilMs: beganMs + Math.max(KEEP_MS, KEEP_TIMES_COST * costMs) })
    return status
  }

  #look(sourceId: string): TalkStatus | null {
    const { store, arbiter, orders, time, isOnline, sourceStatus } = this.#ports
    const source = store.sources.get(sourceId)
    if (source === undefined) return null
    const nowMs = time.wallMs()
    const nowSamples = time.nowSamples()
    const isMeant = this.#leadsTo(sourceId)
    const own = [...orders.all()].filter((order) => isMeant(order.sourceId) || order.handOvers?.some((handOver) => isMeant(handOver.sourceId)) === true)
    const reached = new Set<string>()
    const targeted = new Set<string>()
    for (const order of own) {
      if (order.startsAtMs > nowMs || nowMs >= endOf(order)) continue
      const isCurrent = isMeant(sourceAt(order, nowMs))
      for (const id of arbiter.clustersOf(arbiterTargets(order.targets))) {
        // Who has handed it over is heard until he has faded away.
        reached.add(id)
        if (isCurrent) targeted.add(id)
      }
    }
    const playing: string[] = []
    let sinceSamples = Infinity
    let untilMs = -Infinity
    let hearing = 0
    for (const id of reached) {
      const segment = arbiter.onAir(id, nowSamples)
      if (segment === null || !this.#isHeard(segment, sourceId, nowSamples)) continue
      const order = own.find((one) => one.id === segment.orderId || one.id === segment.under?.orderId)
      if (order === undefined) continue
      playing.push(id)
      if (isOnline(id)) hearing += 1
      sinceSamples = Math.min(sinceSamples, segment.fromSamples)
      untilMs = Math.max(untilMs, endOf(order))
    }
    const next = own.map(({ startsAtMs, stoppedAtMs }) => (stoppedAtMs === null ? startsAtMs : -Infinity)).filter((startsAtMs) => startsAtMs > nowMs)
    const names = playing.length === 0 ? [] : this.#unitNames(playing)
    const { state, reason } = sourceStatus(sourceId) ?? { state: 'unknown' as const, reason: '' }
    return {
      name: source.name, state, reason,
      sinceMs: playing.length === 0 ? null : time.wallMsAt(sinceSamples), untilMs: playing.length === 0 ? null : untilMs,
      nextMs: next.length === 0 ? null : Math.min(...next),
      targeted: targeted.size, playing: playing.length, hearing,
      units: names.slice(0, MOST_UNITS), moreUnits: Math.max(0, names.length - MOST_UNITS), nowMs,
    }
  }

  /** Whether a source is this one, or one with hot standby that has it as an input. */
  #leadsTo(sourceId: string): (id: string | null) => boolean {
    const known = new Map<string | null, boolean>([[null, false], [sourceId, true]])
    return (id) => {
      const before = known.get(id)
      if (before !== undefined) return before
      const source = this.#ports.store.sources.get(id!)
      const leads = source?.kind === 'standby' && source.inputSourceIds.includes(sourceId)
      known.set(id, leads)
      return leads
    }
  }

  /** The attention tone or the jingle before an order is not yet its source; beneath another it is heard, and so is the input that a source has taken. */
  #isHeard({ room }: PlanSegment, sourceId: string, atSamples: number): boolean {
    return Array.from(heardAt(room, atSamples), (part) => parseRoom(part)).some((part) => part?.kind === 'source' && (part.sourceId === sourceId || this.#ports.sourceStatus(part.sourceId)?.standby?.inputSourceId === sourceId))
  }

  #unitNames(playing: readonly string[]): string[] {
    const { store, clusters } = this.#ports
    const unitOf = (id: string): string | undefined => clusters.get(id)?.unitId
    const units = new Map(store.units.all().map(({ id, name, parentId }) => [id, { name, parentId }]))
    const chosen = coveringUnits([...clusters.ids()].flatMap((id) => unitOf(id) ?? []), playing.flatMap((id) => unitOf(id) ?? []), (id) => units.get(id)?.parentId ?? null)
    return chosen.flatMap((id) => units.get(id)?.name ?? [])
  }
}

const endOf = ({ endsAtMs, stoppedAtMs }: OrderRecord): number => Math.min(endsAtMs, stoppedAtMs ?? Infinity)

/**
 * Says shortly where clusters stand.
 * @param all unit of every cluster
 * @param some unit of each that is meant
 * @returns the largest units of which every cluster is meant, none larger than it must be; and units with only some clusters meant by themselves. Most clusters first
 */
export function coveringUnits(all: readonly string[], some: readonly string[], parentOf: (unitId: string) => string | null): string[] {
  const total = countUp(all, parentOf)
  const meant = countUp(some, parentOf)
  const isWhole = (unitId: string): boolean => meant.get(unitId) === total.get(unitId)
  const chosen = new Set<string>()
  for (const own of new Set(some)) {
    let best = own
    for (let above = parentOf(own); above !== null && isWhole(best) && isWhole(above); above = parentOf(above)) {
      // A larger unit that has no other clusters would say more than is so.
      if (total.get(above) !== total.get(best)) best = above
    }
    chosen.add(best)
  }
  return [...chosen].sort((a, b) => meant.get(b)! - meant.get(a)!)
}

function countUp(unitIds: readonly string[], parentOf: (unitId: string) => string | null): Map<string, number> {
  const own = new Map<string, number>()
  for (const id of unitIds) own.set(id, (own.get(id) ?? 0) + 1)
  const counts = new Map<string, number>()
  for (const [id, count] of own) {
    for (let unit: string | null = id; unit !== null; unit = parentOf(unit)) counts.set(unit, (counts.get(unit) ?? 0) + count)
  }
  return counts
}
