import { houseMsAt } from '../../rooms/house-clock.ts'
import type { OrderClass, Plan } from '../../rooms/plan.ts'

/** What begins within this time is told to the devices now. */
export const WINDOW_AHEAD_MS = 75_000
/** A window ends no later than this from now; an order that lasts longer gets it again in time. So with the server dead nothing sounds longer. */
export const WINDOW_MOST_MS = 600_000
/** A window that is to go on is made longer when no more than this is left of it. */
const WINDOW_RENEW_MS = 300_000
/** How long a message may be on its way at least: that an order is over must be received after its end. */
const ON_THE_WAY_MS = 60_000

/** In which time the frames of an order may sound at a device; times are house time as ms since 1970. */
export interface OrderWindow {
  readonly orderId: string
  readonly class: OrderClass
  readonly title: string
  readonly startsAtMs: number
  /** First ms that is over. Not after the start: the order is over, or was taken back. */
  readonly endsAtMs: number
  /** Until when the message may be received. */
  readonly expiresAtMs: number
}

interface Wanted extends OrderWindow {
  /** End of the order itself, as far as is planned. */
  readonly untilMs: number
}

/** A window to be sent; `closes`: something gets shorter by it, which is less urgent than what begins. */
interface Due {
  readonly clusterId: string
  readonly window: OrderWindow
  readonly closes: boolean
}

/**
 * Remembers which windows each device has been given, and says what it must be given next. A window is the span of all segments of an order in
 * the plan; a frame is judged by the house sample at which it begins.
 */
export class OrderWindows {
  readonly #issued = new Map<string, Map<string, OrderWindow>>()

  /**
   * @param planOf plans of the clusters; equal plans are one object, and are looked at once
   * @param all give everything again, as to a device that has just connected
   * @returns for each cluster what must be sent, the weightiest first, what is over last
   */
  due(clusterIds: Iterable<string>, planOf: (clusterId: string) => Plan, nowSamples: number, all = false): { clusterId: string; window: OrderWindow }[] {
    const nowMs = houseMsAt(nowSamples)
    const wantedOf = new Map<Plan, readonly Wanted[]>()
    const due: Due[] = []
    for (const clusterId of clusterIds) {
      const plan = planOf(clusterId)
      let wanted = wantedOf.get(plan)
      if (wanted === undefined) {
        wanted = windowsOf(plan, nowMs)
        wantedOf.set(plan, wanted)
      }
      due.push(...this.#dueTo(clusterId, wanted, nowMs, all))
    }
    return due.sort((a, b) => weight(a) - weight(b))
  }

  forget(clusterId: string): void {
    this.#issued.delete(clusterId)
  }

  #dueTo(clusterId: string, wanted: readonly Wanted[], nowMs: number, all: boolean): Due[] {
    let issued = this.#issued.get(clusterId)
    if (issued === undefined) {
      if (wanted.length === 0) return []
      issued = new Map()
      this.#issued.set(clusterId, issued)
    }
    const due: Due[] = []
    for (const { untilMs, ...window } of wanted) {
      const before = issued.get(window.orderId)
      if (!all && before !== undefined && isGood(before, window, untilMs, nowMs)) continue
      issued.set(window.orderId, window)
      due.push({ clusterId, window, closes: before !== undefined && before.endsAtMs > window.endsAtMs })
    }
    for (const [orderId, window] of issued) {
      const receivedByMs = Math.floor(nowMs) + ON_THE_WAY_MS
      if (window.endsAtMs <= nowMs) {
        // A device that was away may have been told of a later end.
        if (window.endsAtMs <= nowMs - WINDOW_MOST_MS) issued.delete(orderId)
        else if (all) due.push({ clusterId, window: { ...window, expiresAtMs: receivedByMs }, closes: true })
      } else if (!wanted.some((other) => other.orderId === orderId)) {
        const endsAtMs = Math.floor(nowMs)
        const closed = { ...window, startsAtMs: Math.min(window.startsAtMs, endsAtMs), endsAtMs, expiresAtMs: receivedByMs }
        issued.set(orderId, closed)
        due.push({ clusterId, window: closed, closes: true })
      }
    }
    if (issued.size === 0) this.#issued.delete(clusterId)
    return due
  }
}

/** Whether a device needs nothing new, given what it has and what it should have. */
function isGood(before: OrderWindow, window: OrderWindow, untilMs: number, nowMs: number): boolean {
  if (before.startsAtMs > window.startsAtMs && before.startsAtMs > nowMs) return false
  if (before.endsAtMs > untilMs) return false
  return before.endsAtMs >= untilMs || before.endsAtMs - nowMs > WINDOW_RENEW_MS
}

function windowsOf(plan: Plan, nowMs: number): Wanted[] {
  const byOrder = new Map<string, { fromMs: number; untilMs: number; class: OrderClass; title: string }>()
  for (const { orderId, fromSamples, untilSamples, class: orderClass, title } of plan) {
    const fromMs = Math.floor(houseMsAt(fromSamples))
    const untilMs = Math.ceil(houseMsAt(untilSamples))
    if (untilMs <= nowMs || fromMs > nowMs + WINDOW_AHEAD_MS) continue
    const known = byOrder.get(orderId)
    byOrder.set(orderId, known === undefined ? { fromMs, untilMs, class: orderClass, title } : { ...known, fromMs: Math.min(known.fromMs, fromMs), untilMs: Math.max(known.untilMs, untilMs) })
  }
  return [...byOrder].map(([orderId, { fromMs, untilMs, ...rest }]) => {
    const endsAtMs = Math.min(untilMs, Math.floor(nowMs) + WINDOW_MOST_MS)
    return { orderId, class: rest.class, title: rest.title, startsAtMs: fromMs, endsAtMs, expiresAtMs: Math.max(endsAtMs, Math.floor(nowMs) + ON_THE_WAY_MS), untilMs }
  })
}

const CLASS_WEIGHT: Readonly<Record<OrderClass, number>> = { emergency: 0, priority: 1, normal: 2 }
const weight = ({ window, closes }: Due): number => (closes ? 10 : 0) + CLASS_WEIGHT[window.class]
