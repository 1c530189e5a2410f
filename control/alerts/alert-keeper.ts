import type { Broadcast, ControlClock, OrderRecord, Store } from '../ports.ts'
import { playOrder, repetitions, playMs, type PlayPorts } from './alert-plays.ts'
import type { AlertRecord, AlertState } from './alert-port.ts'
import { alertState, nextChangeMs } from './alert-state.ts'
import { LateJoiners } from './late-joiners.ts'

const HOUR_MS = 3_600_000
/** Repetitions are ordered so long before, so that fan-outs and devices that go on alone have them; an order given once is not given again, whatever became of it. */
const HORIZON_MS = 49 * HOUR_MS
/** How often it looks in any case: clusters are moved into areas, and wall clocks are set. */
const LOOK_MS = 30_000
/** Who was connected before the server came back is connected again by then. */
const START_GRACE_MS = 15_000

/** What has become of alerts, for those who watch. */
export interface AlertChange {
  readonly alerts: readonly AlertRecord[]
  readonly orders: readonly OrderRecord[]
}

export interface AlertKeeperPorts {
  readonly store: Store
  readonly broadcast: Pick<Broadcast, 'clustersOf' | 'connections' | 'onAir' | 'orderChanged' | 'ordersChanged' | 'registryChanged' | 'subscribe'>
  readonly clock: ControlClock
  readonly plays: PlayPorts
  /** Taken off the air, and waits for the words that say so: it gives nothing more. */
  readonly isEnding: (alertId: string) => boolean
  readonly tell: (change: AlertChange) => void
  readonly onError: (error: unknown) => void
}

/**
 * Watches over alerts that are not over: orders their repetitions, says when their state changes by itself, lets those hear them who came too late, and clears
 * away what was only for them. All of it follows from what is kept, so a restart loses nothing and repeats nothing.
 */
export class AlertKeeper {
  readonly #ports: AlertKeeperPorts
  readonly #late: LateJoiners
  /** State as it was last told, of alerts that were not over then. */
  readonly #told = new Map<string, AlertState>()
  #timer: { cancel(): void } | null = null
  #unsubscribe: (() => void) | null = null
  #dueMs = Infinity

  constructor(ports: AlertKeeperPorts) {
    this.#ports = ports
    this.#late = new LateJoiners(ports)
  }

  start(): void {
    const { store, clock, broadcast } = this.#ports
    const nowMs = clock.wallMs()
    for (const alert of store.alerts.open(nowMs)) this.#told.set(alert.id, alertState(alert, nowMs))
    this.#late.begin(nowMs + START_GRACE_MS)
    this.#unsubscribe = broadcast.subscribe((event) => {
      if (event.type === 'join' && this.#told.size > 0) this.#lookAt(this.#late.joined(clock.wallMs()))
    })
    this.#look()
  }

  /** Idempotent. */
  close(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#unsubscribe?.()
    this.#unsubscribe = null
    this.#dueMs = -Infinity
  }

  /** Something was done to an alert, and told. Its repetitions are ordered in the next turn, not now: whoever confirms it waits for nothing. */
  changed(alert: AlertRecord): void {
    const nowMs = this.#ports.clock.wallMs()
    this.#told.set(alert.id, alertState(alert, nowMs))
    this.#lookAt(nowMs)
  }

  #lookAt(atMs: number): void {
    const { clock } = this.#ports
    if (atMs >= this.#dueMs) return
    this.#timer?.cancel()
    this.#dueMs = atMs
    this.#timer = clock.setTimer(Math.max(0, atMs - clock.wallMs()), () => { this.#look() })
  }

  #look(): void {
    const { clock, onError } = this.#ports
    this.#dueMs = Infinity
    let nextMs = clock.wallMs() + LOOK_MS
    try {
      nextMs = Math.min(nextMs, this.#work())
    } catch (error) {
      onError(error)
    }
    this.#lookAt(nextMs)
  }

  /** @returns when there is something to do next */
  #work(): number {
    const { store, clock, broadcast, isEnding, tell } = this.#ports
    const nowMs = clock.wallMs()
    const open = store.alerts.open(nowMs)
    this.#tellChanges(open, nowMs)
    const going = open.filter(({ id }) => !isEnding(id))
    // What is written is told before anything else can fail: an order that is kept is never planned again.
    for (const alert of going) {
      const repeats = this.#repeat(alert, nowMs)
      if (repeats.length > 0) broadcast.ordersChanged(repeats)
    }
    const inForce = going.filter((alert) => alertState(alert, nowMs) === 'on-air')
    const lateMs = this.#late.look(inForce, nowMs, (order) => {
      broadcast.orderChanged(order)
      tell({ alerts: [], orders: [order] })
    })
    this.#clearGroups(open)
    return open.reduce((nextMs, alert) => Math.min(nextMs, nextChangeMs(alert, nowMs) ?? Infinity), lateMs)
  }

  /** States that have changed by themselves. */
  #tellChanges(open: readonly AlertRecord[], nowMs: number): void {
    const { store, tell } = this.#ports
    const isOpen = new Set(open.map(({ id }) => id))
    const changed: AlertRecord[] = []
    for (const [id, told] of this.#told) {
      const alert = open.find((one) => one.id === id) ?? store.alerts.get(id)
      const state = alert === undefined ? told : alertState(alert, nowMs)
      if (isOpen.has(id)) this.#told.set(id, state)
      else this.#told.delete(id)
      if (alert !== undefined && state !== told) changed.push(alert)
    }
    if (changed.length > 0) tell({ alerts: changed, orders: [] })
  }

  #repeat(alert: AlertRecord, nowMs: number): OrderRecord[] {
    const { store, plays } = this.#ports
    // A clock that was set back finds alerts that are closed among those that are not over.
    if (alert.onAirFromMs === null || alert.closed !== null) return []
    const by = (alert.approved ?? alert.confirmed)!.actorId
    return store.transaction(() => repetitions(alert, playMs(alert, plays), nowMs, nowMs + HORIZON_MS)
      .map((startsAtMs) => playOrder(alert, startsAtMs, plays, { nowMs, by }))
      .filter(({ id }) => store.orders.get(id) === undefined)
      .map((order) => store.orders.insert(order)))
  }

  /** Areas that were drawn for alerts which are over. */
  #clearGroups(open: readonly AlertRecord[]): void {
    const { store, broadcast } = this.#ports
    const needed = new Set(open.flatMap(({ targets }) => targets.groups ?? []))
    const done = store.groups.all().filter(({ id, alertId }) => alertId !== undefined && !needed.has(id))
    if (done.length === 0) return
    store.transaction(() => { for (const { id } of done) store.groups.remove(id) })
    broadcast.registryChanged()
  }
}
