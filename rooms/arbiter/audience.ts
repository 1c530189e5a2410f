import type { Plan, PlanSegment } from '../plan.ts'
import type { ArbiterCluster } from './registry.ts'
import type { OrderRecord } from './order.ts'
import { comparePrecedence } from './order.ts'
import { AirSimulation } from './air-simulation.ts'

/** A cluster as the arbiter keeps it. */
export interface ClusterEntry {
  cluster: ArbiterCluster
  /** null while it is disabled. */
  audience: Audience | null
  /** The plan last handed out. */
  plan: Plan
  /** See ClusterRegistry. */
  mark: number
}

/** All clusters to which exactly the same orders apply: they share one simulation and one plan. */
export class Audience {
  readonly clusters = new Set<ClusterEntry>()
  /** In order of precedence. */
  readonly orders: OrderRecord[]
  /** Of the set of orders, whatever their order. */
  hash: number
  /** As of the last `compute`, with true ends. */
  segments: readonly PlanSegment[] = []
  /** When `compute` must be called although nothing has changed; -Infinity: at once. */
  wakeSamples = -Infinity
  /** Scratch of Arbiter: how many of its clusters an order targets. */
  targeted = 0
  #simulation: AirSimulation

  constructor(orders: readonly OrderRecord[], hash: number, simulation = new AirSimulation()) {
    this.orders = orders.slice()
    this.hash = hash
    this.#simulation = simulation
  }

  /** A new audience that has the same past and one order more. */
  splitWith(record: OrderRecord): Audience {
    const copy = new Audience(this.orders, this.hash, this.#simulation.fork())
    copy.insert(record)
    return copy
  }

  insert(record: OrderRecord): void {
    this.orders.splice(this.#place(record), 0, record)
    this.hash ^= record.hash
    this.#changedFrom(record.beginSamples)
  }

  remove(record: OrderRecord): void {
    this.orders.splice(this.orders.indexOf(record), 1)
    this.hash ^= record.hash
    this.#changedFrom(record.beginSamples)
  }

  replace(before: OrderRecord, after: OrderRecord, differenceSamples: number): void {
    this.orders.splice(this.orders.indexOf(before), 1)
    this.orders.splice(this.#place(after), 0, after)
    this.#simulation.replace(before, after)
    if (differenceSamples !== Infinity) this.#changedFrom(differenceSamples)
  }

  /** Whether its orders are those of `other`, and `record` if given, which `other` does not hold. */
  equals(other: readonly OrderRecord[], record?: OrderRecord): boolean {
    if (this.orders.length !== other.length + (record === undefined ? 0 : 1)) return false
    let skipped = 0
    for (let index = 0; index < this.orders.length; index++) {
      const own = this.orders[index]
      if (own === record) skipped = 1
      else if (own !== other[index - skipped]) return false
    }
    return true
  }

  /**
   * Brings the kept state up to `baseSamples` and plans from there to `horizonSamples`.
   * @param reachSamples how long before its beginning a segment has to be known.
   * @returns decisions taken.
   */
  compute(baseSamples: number, horizonSamples: number, reachSamples: number): number {
    const simulation = this.#simulation
    const before = simulation.decisions
    if (baseSamples > simulation.timeSamples) simulation.runUntil(this.orders, baseSamples)
    const ahead = simulation.fork()
    this.segments = ahead.runAhead(this.orders, horizonSamples)
    const nextFrom = ahead.segmentFromSamples
    this.wakeSamples = nextFrom === Infinity ? Infinity : nextFrom - reachSamples
    return simulation.decisions - before + ahead.decisions
  }

  /** As `compute` plans, to any horizon, and nothing of it is kept. */
  lookAhead(horizonSamples: number): readonly PlanSegment[] {
    return this.#simulation.fork().runAhead(this.orders, horizonSamples)
  }

  /**
   * Takes out orders that are over at `baseSamples` and on which nothing that is or will be on air depends any more. What is on air depends
   * on the past only through clips (how far they are) and tones (when they sounded); so an order may go once its end lies
   * before the beginning of every such order not yet over, counting also those that were over but overlapped these.
   */
  prune(baseSamples: number): OrderRecord[] {
    if (!this.orders.some(({ endSamples }) => endSamples <= baseSamples)) return []
    if (baseSamples > this.#simulation.timeSamples) this.#simulation.runUntil(this.orders, baseSamples)
    let neededFrom = baseSamples
    for (let changed = true; changed; ) {
      changed = false
      for (const { hasProgress, beginSamples, endSamples } of this.orders) {
        if (!hasProgress || beginSamples >= neededFrom || endSamples <= neededFrom) continue
        neededFrom = beginSamples
        changed = true
      }
    }
    const pruned = this.orders.filter(({ endSamples }) => endSamples <= neededFrom)
    for (const record of pruned) {
      this.orders.splice(this.orders.indexOf(record), 1)
      this.hash ^= record.hash
      this.#simulation.forget(record.id)
    }
    return pruned
  }

  #place(record: OrderRecord): number {
    let low = 0
    let high = this.orders.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (comparePrecedence(this.orders[middle]!, record) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** What was decided before `samples` still holds; when the kept state is later than that, it starts from nothing. */
  #changedFrom(samples: number): void {
    this.wakeSamples = -Infinity
    if (samples <= this.#simulation.timeSamples) this.#simulation = new AirSimulation()
  }
}
