import type { Plan, PlanSegment, RoomRef } from '../plan.ts'
import { SAMPLE_RATE_HZ } from '../grid.ts'
import { comparePrecedence, firstDifference, recordOf, sameTargets } from './order.ts'
import type { ArbiterOrder, OrderRecord, OrderTargets } from './order.ts'
import { ClusterRegistry, sameCluster } from './registry.ts'
import type { ArbiterCluster, ArbiterUnit } from './registry.ts'
import { Audience } from './audience.ts'
import type { ClusterEntry } from './audience.ts'
import { planKey, remainderOf, samePlanFrom } from './plan-content.ts'

export interface ArbiterOptions {
  /** How long before its beginning a segment stands in the plan. Default 120 s. */
  readonly horizonSamples?: number
  /**
   * How late an order or a stop may reach the arbiter after its own `acceptedSamples` or `stoppedSamples`. What comes later
   * costs a simulation from the beginning, and does not find what has been settled meanwhile. Default 10 s.
   */
  readonly lateSamples?: number
  /** How often `advance` calls `settle`. Default 60 s; Infinity: only the owner does. */
  readonly settleEverySamples?: number
}

export interface PlanChange {
  readonly clusters: readonly string[]
  readonly plan: Plan
}

/** A room that some plan mentions, from the earliest to the latest mention. */
export interface RoomUse {
  readonly room: RoomRef
  readonly fromSamples: number
  readonly untilSamples: number
}

/** Counters of work done, since the beginning. */
export interface ArbiterStats {
  readonly simulationsTotal: number
  readonly decisionsTotal: number
  readonly audiences: number
  readonly orders: number
}

/**
 * Decides, for each cluster, which order is on air: a function of orders, units, clusters and the time, whatever the order
 * in which these were told and however often `advance` was called. The rules: README.md, «Who is on air».
 *
 * Changes are only noted; `advance` computes what they touch. Clusters to which the same orders apply form an audience and
 * are computed once. Each audience keeps its state shortly before now, so neither the past nor other orders are computed again.
 */
export class Arbiter {
  readonly #horizonSamples: number
  readonly #lateSamples: number
  readonly #settleEverySamples: number
  readonly #registry = new ClusterRegistry<ClusterEntry>()
  readonly #orders = new Map<string, OrderRecord>()
  /** Audiences by the hash of their set of orders; one whose hash is taken by another set is only in `#audiences`. */
  readonly #byHash = new Map<number, Audience>()
  readonly #audiences = new Set<Audience>()
  /** The audiences that an order applies to. Absent: none. */
  readonly #audiencesOf = new Map<string, Set<Audience>>()
  /** Orders applying to all clusters of a unit with certain tags, by `cellKey`; emptied when orders or units change. */
  readonly #cells = new Map<string, readonly OrderRecord[]>()
  /** Orders that name the cluster itself. */
  readonly #naming = new Map<string, Set<string>>()
  /** Clusters that came into an audience which is perhaps not computed again. */
  readonly #moved = new Set<ClusterEntry>()
  #nowSamples = -Infinity
  #settledAtSamples = -Infinity
  #simulationsTotal = 0
  #decisionsTotal = 0

  constructor(options: ArbiterOptions = {}) {
    this.#horizonSamples = options.horizonSamples ?? 120 * SAMPLE_RATE_HZ
    this.#lateSamples = options.lateSamples ?? 10 * SAMPLE_RATE_HZ
    this.#settleEverySamples = options.settleEverySamples ?? 60 * SAMPLE_RATE_HZ
  }

  /**
   * Replaces the whole tree. Units not in it have no subtree; a cluster may belong to one.
   * @param clusters that change together with it, so that an order that means them before and after does not leave them for a moment
   */
  setUnits(units: readonly ArbiterUnit[], clusters: readonly ArbiterCluster[] = []): void {
    this.#registry.setUnits(units)
    this.#cells.clear()
    for (const cluster of clusters) this.#place(cluster)
    for (const entry of this.#registry.all()) this.#seat(entry)
  }

  upsertCluster(cluster: ArbiterCluster): void {
    const entry = this.#place(cluster)
    if (entry !== null) this.#seat(entry)
  }

  upsertClusters(clusters: readonly ArbiterCluster[]): void {
    for (const cluster of clusters) this.upsertCluster(cluster)
  }

  /** `advance` says nothing of it any more. */
  removeCluster(id: string): void {
    const entry = this.#registry.get(id)
    if (entry === undefined) return
    this.#registry.delete(entry)
    this.#moveTo(entry, null)
    this.#moved.delete(entry)
  }

  /** Adds an order or replaces the one of the same id: stopped, moved, reordered. Times must be finite integers. */
  upsertOrder(order: ArbiterOrder): void {
    const before = this.#orders.get(order.id)
    const after = recordOf(order)
    if (before !== undefined) {
      const differenceSamples = firstDifference(before, after)
      const same = sameTargets(before.order.targets, order.targets)
      if (same && differenceSamples === Infinity) return
      // One that is over may have been taken out of some audiences already, so when it changes it is placed anew.
      if (same && before.endSamples > this.#nowSamples - this.#lateSamples) {
        this.#orders.set(order.id, after)
        this.#cells.clear()
        for (const audience of this.#audiencesOf.get(order.id) ?? []) audience.replace(before, after, differenceSamples)
        return
      }
      this.#erase(before)
    }
    this.#orders.set(order.id, after)
    this.#cells.clear()
    for (const clusterId of order.targets.clusters) {
      const naming = this.#naming.get(clusterId)
      if (naming === undefined) this.#naming.set(clusterId, new Set([order.id]))
      else naming.add(order.id)
    }
    this.#apply(after)
  }

  /**
   * Removes an order: one that has not begun, as if it had never been; one that is over, as soon as nothing depends on it any
   * more, for a clip that it has held up or cut is still where it is because of it. What is on air is taken off by a
   * stop (`stoppedSamples`), not by this, which would rewrite the past.
   */
  removeOrder(id: string): void {
    const record = this.#orders.get(id)
    if (record === undefined) return
    if (record.endSamples <= this.#nowSamples && this.#audiencesOf.has(id)) return
    this.#erase(record)
  }

  /**
   * Computes what was touched since the last call and what has become due. Time never goes back: an earlier `nowSamples`
   * counts as the latest one.
   * @returns the clusters whose plan has changed in what is still to come, by equal plan; each plan replaces the whole old one.
   */
  advance(nowSamples: number): readonly PlanChange[] {
    const now = (this.#nowSamples = Math.max(this.#nowSamples, nowSamples))
    if (now >= this.#settledAtSamples + this.#settleEverySamples) this.settle()
    const baseSamples = Math.floor(now) - this.#lateSamples
    const computed: Audience[] = []
    for (const audience of this.#audiences) {
      if (audience.wakeSamples > now) continue
      this.#decisionsTotal += audience.compute(baseSamples, now + this.#horizonSamples, this.#horizonSamples)
      this.#simulationsTotal++
      computed.push(audience)
    }

    const changes = new Map<string, { clusters: string[]; plan: Plan }>()
    for (const audience of computed) this.#handOut(audience.clusters, audience, changes)
    for (const entry of this.#moved) this.#handOut([entry], entry.audience, changes)
    this.#moved.clear()
    return [...changes.values()]
  }

  /** When `advance` must be called although nothing is touched; Infinity: never. */
  nextWakeSamples(): number {
    if (this.#moved.size > 0) return -Infinity
    let next = Infinity
    for (const { wakeSamples } of this.#audiences) next = Math.min(next, wakeSamples)
    return next
  }

  /**
   * What these clusters play from the last `advance` on, as far as any horizon and as if no other order were to come; by equal plan. For
   * those who keep it for a time without us: plans that fan-outs carry out are handed out by `advance` alone.
   */
  planAhead(clusterIds: Iterable<string>, horizonSamples: number): readonly PlanChange[] {
    const byAudience = new Map<Audience | null, string[]>()
    for (const id of clusterIds) {
      const audience = this.#registry.get(id)?.audience ?? null
      const ids = byAudience.get(audience)
      if (ids === undefined) byAudience.set(audience, [id])
      else ids.push(id)
    }
    return [...byAudience].map(([audience, clusters]) => ({ clusters, plan: audience === null ? [] : remainderOf(audience.lookAhead(horizonSamples), this.#nowSamples) }))
  }

  /** As of the last `advance`. Empty for a cluster that is disabled or unknown. */
  planOf(clusterId: string): Plan {
    const entry = this.#registry.get(clusterId)
    return entry === undefined ? [] : remainderOf(entry.plan, this.#nowSamples)
  }

  /** What is on air there, as of the last `advance`; null: silence. Known from then to the horizon. */
  onAir(clusterId: string, atSamples: number): PlanSegment | null {
    const plan = this.#registry.get(clusterId)?.plan ?? []
    return plan.find(({ fromSamples, untilSamples }) => fromSamples <= atSamples && atSamples < untilSamples) ?? null
  }

  /** Ids of the enabled clusters that `targets` means now. */
  clustersOf(targets: OrderTargets): readonly string[] {
    return Array.from(this.#registry.resolve(targets), ({ cluster }) => cluster.id)
  }

  /** Every room that some plan mentions, as of the last `advance`. */
  rooms(): readonly RoomUse[] {
    const uses = new Map<RoomRef, { room: RoomRef; fromSamples: number; untilSamples: number }>()
    const horizonSamples = this.#nowSamples + this.#horizonSamples
    for (const { segments } of this.#audiences) {
      for (const { room, fromSamples, untilSamples } of segments) {
        if (untilSamples <= this.#nowSamples || fromSamples >= horizonSamples) continue
        const use = uses.get(room)
        if (use === undefined) {
          uses.set(room, { room, fromSamples, untilSamples })
        } else {
          use.fromSamples = Math.min(use.fromSamples, fromSamples)
          use.untilSamples = Math.max(use.untilSamples, untilSamples)
        }
      }
    }
    return [...uses.values()]
  }

  /**
   * Forgets orders that are over and on which nothing depends any more, so that the past costs nothing. `advance` does so
   * by itself every `settleEverySamples`.
   * @returns their ids: what is on air is the same without them, also after a restart.
   */
  settle(): readonly string[] {
    const baseSamples = Math.floor(this.#nowSamples) - this.#lateSamples
    this.#settledAtSamples = this.#nowSamples
    for (const audience of [...this.#audiences]) {
      this.#unlist(audience)
      for (const { id } of audience.prune(baseSamples)) this.#forgetAudience(id, audience)
      this.#list(audience)
    }
    const settled = Array.from(this.#orders.values()).filter(({ id, endSamples }) => endSamples <= baseSamples && !this.#audiencesOf.has(id))
    for (const record of settled) this.#erase(record)
    return settled.map(({ id }) => id)
  }

  stats(): ArbiterStats {
    return { simulationsTotal: this.#simulationsTotal, decisionsTotal: this.#decisionsTotal, audiences: this.#audiences.size, orders: this.#orders.size }
  }
  /** Hands the audience's plan to those of its clusters that have another one. */
  #handOut(entries: Iterable<ClusterEntry>, audience: Audience | null, changes: Map<string, { clusters: string[]; plan: Plan }>): void {
    const now = this.#nowSamples
    const plan = audience === null ? [] : remainderOf(audience.segments, now)
    let group: { clusters: string[]; plan: Plan } | undefined
    // Clusters of one audience mostly had the same plan before, so the comparison is made once for each old plan.
    let comparedPlan: Plan = plan
    let same = true
    for (const entry of entries) {
      if (entry.plan !== comparedPlan) {
        comparedPlan = entry.plan
        same = samePlanFrom(comparedPlan, plan, now)
      }
      entry.plan = plan
      if (same) continue
      if (group === undefined) {
        const key = planKey(plan)
        group = changes.get(key)
        if (group === undefined) changes.set(key, (group = { clusters: [], plan }))
      }
      group.clusters.push(entry.cluster.id)
    }
  }

  /** @returns the entry; null: it is there already, as it is. */
  #place(cluster: ArbiterCluster): ClusterEntry | null {
    let entry = this.#registry.get(cluster.id)
    if (entry !== undefined && sameCluster(entry.cluster, cluster)) return null
    if (entry === undefined) entry = { cluster, audience: null, plan: [], mark: 0 }
    else this.#registry.delete(entry)
    entry.cluster = cluster
    this.#registry.add(entry)
    return entry
  }

  #erase(record: OrderRecord): void {
    const { id } = record
    this.#orders.delete(id)
    this.#cells.clear()
    for (const clusterId of record.order.targets.clusters) {
      const naming = this.#naming.get(clusterId)
      naming?.delete(id)
      if (naming?.size === 0) this.#naming.delete(clusterId)
    }
    for (const audience of [...(this.#audiencesOf.get(id) ?? [])]) {
      this.#unlist(audience)
      audience.remove(record)
      this.#list(audience)
    }
    this.#audiencesOf.delete(id)
  }

  /** Puts an order upon all clusters it targets. Audiences that it targets as a whole stay together. */
  #apply(record: OrderRecord): void {
    const entries = this.#registry.resolve(record.order.targets)
    const audiences: Audience[] = []
    for (const { audience } of entries) if (audience!.targeted++ === 0) audiences.push(audience!)

    /** Where the targeted clusters of audiences that cannot simply take the order go. */
    const leaving = new Map<Audience, Audience>()
    for (const audience of audiences) {
      const whole = audience.targeted === audience.clusters.size
      audience.targeted = 0
      const existing = this.#byHash.get(audience.hash ^ record.hash)
      if (existing?.equals(audience.orders, record) === true) {
        leaving.set(audience, existing)
      } else if (whole) {
        this.#unlist(audience)
        audience.insert(record)
        this.#noteAudience(record.id, audience)
        this.#list(audience)
      } else {
        const split = audience.splitWith(record)
        this.#open(split)
        leaving.set(audience, split)
      }
    }
    if (leaving.size === 0) return
    for (const entry of entries) this.#moveTo(entry, leaving.get(entry.audience!) ?? entry.audience)
  }

  /** Puts a cluster into the audience where it belongs. */
  #seat(entry: ClusterEntry): void {
    if (!entry.cluster.enabled) {
      this.#moveTo(entry, null)
      return
    }
    const orders = this.#ordersOf(entry.cluster)
    let hash = 0
    for (const record of orders) hash ^= record.hash
    let audience = this.#byHash.get(hash)
    if (audience?.equals(orders) !== true) {
      audience = new Audience(orders, hash)
      this.#open(audience)
    }
    this.#moveTo(entry, audience)
  }

  #ordersOf({ id, unitId, tags }: ArbiterCluster): readonly OrderRecord[] {
    const cellKey = JSON.stringify([unitId, ...tags])
    let orders = this.#cells.get(cellKey)
    if (orders === undefined) {
      const lineage = this.#registry.lineage(unitId)
      orders = Array.from(this.#orders.values())
        .filter(({ order: { targets } }) => targets.units.some((unit) => lineage.has(unit)) || targets.tags.some((tag) => tags.includes(tag)))
        .sort(comparePrecedence)
      this.#cells.set(cellKey, orders)
    }
    const naming = this.#naming.get(id)
    if (naming === undefined) return orders
    const named = Array.from(naming, (orderId) => this.#orders.get(orderId)!)
    return [...new Set([...orders, ...named])].sort(comparePrecedence)
  }

  #moveTo(entry: ClusterEntry, audience: Audience | null): void {
    const before = entry.audience
    if (before === audience) return
    entry.audience = audience
    this.#moved.add(entry)
    audience?.clusters.add(entry)
    if (before === null) return
    before.clusters.delete(entry)
    if (before.clusters.size === 0) this.#close(before)
  }

  #open(audience: Audience): void {
    this.#audiences.add(audience)
    for (const { id } of audience.orders) this.#noteAudience(id, audience)
    if (!this.#byHash.has(audience.hash)) this.#byHash.set(audience.hash, audience)
  }

  #close(audience: Audience): void {
    this.#unlist(audience)
    this.#audiences.delete(audience)
    for (const { id } of audience.orders) this.#forgetAudience(id, audience)
  }

  /** Before its set of orders changes. */
  #unlist(audience: Audience): void {
    if (this.#byHash.get(audience.hash) === audience) this.#byHash.delete(audience.hash)
  }

  /** After its set of orders has changed: joins the audience that has the same set already, if there is one. */
  #list(audience: Audience): void {
    const existing = this.#byHash.get(audience.hash)
    if (existing === undefined) this.#byHash.set(audience.hash, audience)
    else if (existing.equals(audience.orders)) for (const entry of [...audience.clusters]) this.#moveTo(entry, existing)
  }

  #noteAudience(orderId: string, audience: Audience): void {
    const audiences = this.#audiencesOf.get(orderId)
    if (audiences === undefined) this.#audiencesOf.set(orderId, new Set([audience]))
    else audiences.add(audience)
  }

  #forgetAudience(orderId: string, audience: Audience): void {
    const audiences = this.#audiencesOf.get(orderId)
    audiences?.delete(audience)
    if (audiences?.size === 0) this.#audiencesOf.delete(orderId)
  }
}
