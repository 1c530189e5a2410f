import type { BroadcastEvent, OnAir, OrderRecord, PreviewSegment, Store } from '../../control/ports.ts'
import type { Arbiter, ArbiterOrder } from '../../rooms/arbiter/index.ts'
import type { PlanSegment } from '../../rooms/plan.ts'
import { historyOf } from './history.ts'
import { arbiterOrder } from './order-input.ts'
import { sourceAt } from './order-sounds.ts'
import type { Pin, PinFile, Pins } from './pins.ts'
import type { PlanTime } from './plan-time.ts'
import { preview } from './preview.ts'

/**
 * What begins later than this concerns the arbiter and bundles alone: the schedule gives thousands of orders two days ahead. Plans reach fan-outs two minutes
 * before they begin, and whenever one does, those who are told of near orders are told anew.
 */
const NEAR_MS = 600_000
/** Orders over for this long are of no use to the arbiter: nothing they did can still be felt. */
const FORGET_AFTER_MS = 10_000

export interface OrderBookPorts {
  readonly store: Pick<Store, 'orders' | 'units' | 'clips' | 'clusters' | 'groups'>
  readonly arbiter: Arbiter
  readonly time: PlanTime
  readonly pinFile: PinFile
  readonly emit: (event: BroadcastEvent) => void
}

export interface OrderBookOptions {
  readonly attentionToneMs: number
  readonly maxOrderMs: number
  /** Where the control before this one had put the orders. */
  readonly pins: Pins['orders']
}

/** The orders that can still be felt, each with its place on the house clock; the arbiter has the same. */
export class OrderBook {
  readonly #ports: OrderBookPorts
  readonly #options: OrderBookOptions
  readonly #orders = new Map<string, OrderRecord>()
  /** The same orders as the arbiter has them. */
  readonly #inputs = new Map<string, ArbiterOrder>()

  constructor(ports: OrderBookPorts, options: OrderBookOptions) {
    this.#ports = ports
    this.#options = options
  }

  get(orderId: string): OrderRecord | undefined {
    return this.#orders.get(orderId)
  }

  all(): Iterable<OrderRecord> {
    return this.#orders.values()
  }

  /** Those that have begun or will soon. */
  near(): readonly OrderRecord[] {
    const untilMs = this.#ports.time.wallMs() + NEAR_MS
    return [...this.#orders.values()].filter(({ startsAtMs }) => startsAtMs < untilMs)
  }

  /** All of them as the arbiter has them. */
  inputs(): Iterable<ArbiterOrder> {
    return this.#inputs.values()
  }

  /** Reads the orders that are over and still decide what sounds now. */
  takeHistory(): void {
    const { store, time } = this.#ports
    const nowMs = time.wallMs()
    const rules = { forgetAfterMs: FORGET_AFTER_MS, maxBackMs: 2 * this.#options.maxOrderMs }
    for (const order of historyOf(store.orders.unfinished(nowMs), (sinceMs) => store.orders.overSince(sinceMs, nowMs), nowMs, rules)) this.take(order)
  }

  /** Reads the orders that are not over. */
  takeUnfinished(): void {
    for (const order of this.#ports.store.orders.unfinished(this.#forgetBeforeMs())) this.take(order)
  }

  /** An order is new, was stopped, or may stand elsewhere on the house clock now. */
  take(order: OrderRecord): void {
    const { store, arbiter, time, emit } = this.#ports
    this.#orders.set(order.id, order)
    const converted = arbiterOrder(order, store, time.samplesAtWall, this.#options.attentionToneMs)
    if (converted === null) {
      emit({ type: 'fault', code: 'LOA_FAULT_CLIP_MISSING', message: `order ${order.id} names a clip that is no more` })
      return
    }
    const known = this.#inputs.get(order.id)
    const pin = known === undefined ? this.#options.pins[order.id] : pinOf(known)
    // What has begun stays where it is on the house clock, whatever the wall clock is found to be later.
    const input = pin === undefined || pin[0] > time.nowSamples() ? converted : pinned(converted, pin)
    this.#inputs.set(order.id, input)
    arbiter.upsertOrder(input)
  }

  /** What a cluster would play of these orders alone in [fromMs, untilMs); these here are none of them. */
  preview(clusterId: string, orders: readonly OrderRecord[], fromMs: number, untilMs: number): readonly PreviewSegment[] {
    const { store } = this.#ports
    const cluster = store.clusters.get(clusterId)
    return cluster === undefined ? [] : preview(store, cluster, orders, { fromMs, untilMs, attentionToneMs: this.#options.attentionToneMs })
  }

  /** Drops orders that are long over. */
  forgetOver(): void {
    const forgetBefore = this.#forgetBeforeMs()
    for (const [id, { endsAtMs, stoppedAtMs }] of this.#orders) {
      if (Math.min(endsAtMs, stoppedAtMs ?? Infinity) > forgetBefore) continue
      this.#orders.delete(id)
      this.#inputs.delete(id)
      this.#ports.arbiter.removeOrder(id)
    }
  }

  /** Keeps the places of near orders for the next control: of what has not begun by then they mean nothing. */
  savePins(): void {
    const orders = Object.fromEntries(this.near().flatMap(({ id }) => this.#inputs.get(id) ?? []).map((input): [string, Pin] => [input.id, pinOf(input)]))
    this.#ports.pinFile.save({ offsetMs: this.#ports.time.offsetMs, orders })
  }

  describe(segment: PlanSegment | null): OnAir | null {
    if (segment === null) return null
    const order = this.#orders.get(segment.orderId)
    const under = segment.under === undefined ? undefined : this.#orders.get(segment.under.orderId)
    const atMs = this.#ports.time.wallMs()
    return {
      orderId: segment.orderId,
      class: segment.class,
      title: segment.title,
      sourceId: order === undefined ? null : sourceAt(order, atMs),
      clipIds: order?.clipIds ?? null,
      sinceMs: this.#ports.time.wallMsAt(segment.fromSamples),
      untilMs: this.#ports.time.wallMsAt(segment.untilSamples),
      ...(order?.alert === undefined ? {} : { alert: order.alert }),
      ...(under === undefined || under.class === 'emergency' ? {} : { under: { orderId: under.id, class: under.class, title: under.title, sourceId: sourceAt(under, atMs) } }),
    }
  }

  #forgetBeforeMs(): number {
    const { time } = this.#ports
    return time.wallMsAt(time.nowSamples()) - FORGET_AFTER_MS
  }
}

function pinOf({ startSamples, endSamples, acceptedSamples, stoppedSamples, content }: ArbiterOrder): Pin {
  const handOvers = content.kind === 'open' ? content.handOvers ?? [] : []
  return handOvers.length === 0 ? [startSamples, endSamples, acceptedSamples, stoppedSamples] : [startSamples, endSamples, acceptedSamples, stoppedSamples, handOvers.map(({ atSamples }) => atSamples)]
}

function pinned(order: ArbiterOrder, [startSamples, endSamples, acceptedSamples, stoppedSamples, handOverSamples = []]: Pin): ArbiterOrder {
  const { content } = order
  const placed = content.kind === 'open' && content.handOvers !== undefined ? { ...content, handOvers: content.handOvers.map((handOver, index) => ({ ...handOver, atSamples: handOverSamples[index] ?? handOver.atSamples })) } : content
  return { ...order, startSamples, endSamples, acceptedSamples, stoppedSamples: stoppedSamples ?? order.stoppedSamples, content: placed }
}
