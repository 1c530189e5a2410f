import { demand } from '../access.ts'
import type { AlertDesk } from '../alerts/alert-desk.ts'
import type { AlertRecord } from '../alerts/alert-port.ts'
import { alertState } from '../alerts/alert-state.ts'
import { isInReach } from '../belonging.ts'
import { placesOfTargets } from '../finders.ts'
import { newId } from '../ids.ts'
import { sourceNow } from '../mixing-rules.ts'
import { canStop, makeOrder, rightFor, type NewOrder } from '../order-rules.ts'
import { orderSubject, passPolicies } from '../policy/policy-check.ts'
import type { Broadcast, ControlClock, ControlConfig, OrderRecord, PhoneCallRecord, PhoneExchange, PhoneKeyRecord, PhoneOnAir, PhoneRefusal, Store } from '../ports.ts'
import { ApiError } from '../problem.ts'
import { Rights } from '../rights.ts'
import { callerOf, type PhonePerson } from './phone-people.ts'

export interface PhoneAirPorts {
  readonly store: Store
  readonly broadcast: Pick<Broadcast, 'clustersOf' | 'countTargets' | 'orderChanged'>
  readonly clock: ControlClock
  readonly config: Pick<ControlConfig, 'maxOrderMs' | 'clipResumeSlackMs' | 'attentionToneMs'>
  readonly alerts: Pick<AlertDesk, 'prepare' | 'confirm' | 'finish' | 'cancel' | 'readyCancellation'>
  readonly exchange: PhoneExchange
  /** An order was given or stopped. */
  readonly told: (order: OrderRecord) => void
}

const MOST_NAMES = 3
/** A hand-over begins this much after it was asked for, at most. */
const HAND_OVER_LEAD_MS = 500

type OnAirOf = Pick<PhoneCallRecord, 'id' | 'orderId' | 'alertId'>

/** Puts on the air what is behind a key, by the rules of the API: the same rights, policies and second persons. */
export class PhoneAirDesk {
  readonly #ports: PhoneAirPorts

  constructor(ports: PhoneAirPorts) {
    this.#ports = ports
  }

  /**
   * Makes sure that it may be, and prepares what takes time.
   * @returns the id of the alert that waits to be confirmed; null: it is none
   * @throws ApiError
   */
  async prepare(key: PhoneKeyRecord, person: PhonePerson, callId: string): Promise<string | null> {
    this.#check(key, person)
    const { content, alert } = key
    if (alert === null) {
      this.#order(key, person)
      return null
    }
    const lifeMs = key.mostMs === null ? {} : { lifeMs: key.mostMs }
    const what = content.kind === 'live' ? { sourceId: content.sourceId, hazard: alert.hazard, level: alert.level } : { templateId: content.templateId, slots: content.slots }
    const prepared = await this.#ports.alerts.prepare({ kind: alert.kind, title: key.name, targets: key.targets, issuer: key.unitId, isUrgent: true, ...what, ...lifeMs }, callerOf(person, callId))
    return prepared.id
  }

  /**
   * Puts it on the air, or asks for the second person.
   * @throws ApiError
   */
  start(key: PhoneKeyRecord, alertId: string | null, person: PhonePerson, callId: string): { readonly orderId: string | null; readonly onAir: PhoneOnAir | null } {
    const { store, clock, broadcast, alerts } = this.#ports
    this.#check(key, person)
    if (alertId !== null) {
      const alert = alerts.confirm(alertId, callerOf(person, callId))
      // It has waited until the alert was on its way.
      void alerts.readyCancellation(alertId)
      return { orderId: null, onAir: this.onAir(alert) }
    }
    const order = store.transaction(() => store.orders.insert(this.#order(key, person)))
    broadcast.orderChanged(order)
    this.#ports.told(order)
    return { orderId: order.id, onAir: { kind: 'on-air', speakInMs: 0, air: this.#airOf(order.sourceId), endsInMs: order.endsAtMs - clock.wallMs() } }
  }

  /** How an alert sounds for its caller; null: it does not yet. */
  onAir(alert: AlertRecord): PhoneOnAir | null {
    const { store, clock, config } = this.#ports
    const nowMs = clock.wallMs()
    if (alertState(alert, nowMs) !== 'on-air') return null
    if (alert.sourceId === null) return { kind: 'on-air', speakInMs: 0, air: null, endsInMs: alert.expiresAtMs - nowMs }
    const live = store.orders.ofAlert(alert.id).find(({ sourceId }) => sourceId !== null)
    if (live === undefined) return null
    const fromMs = live.startsAtMs + (live.attentionTone ? config.attentionToneMs : 0)
    return { kind: 'on-air', speakInMs: Math.max(0, fromMs - nowMs), air: this.#airOf(alert.sourceId), endsInMs: live.endsAtMs - nowMs }
  }

  /** What is live is over. It stays as it is when somebody has ended it before, or speaks in it now. */
  finish(call: OnAirOf, person: PhonePerson): void {
    if (this.handedOverAtMs(call) !== null) return
    const { store, clock, broadcast, alerts } = this.#ports
    const nowMs = clock.wallMs()
    const alert = call.alertId === null ? undefined : store.alerts.get(call.alertId)
    if (alert !== undefined && alert.sourceId !== null && alertState(alert, nowMs) === 'on-air') alerts.finish(alert.id, callerOf(person, call.id))
    const order = call.orderId === null ? undefined : store.orders.get(call.orderId)
    if (order === undefined || !canStop(order, nowMs)) return
    const stopped = store.orders.stop(order.id, nowMs)!
    broadcast.orderChanged(stopped)
    this.#ports.told(stopped)
  }

  /** When its voice has faded away because its order was handed to another source, ms since 1970; null: it was not. */
  handedOverAtMs({ orderId, alertId }: OnAirOf): number | null {
    const { orders } = this.#ports.store
    const live = orderId !== null ? orders.get(orderId) : alertId !== null ? orders.ofAlert(alertId).find(({ sourceId }) => sourceId !== null) : undefined
    const last = live?.handOvers?.at(-1)
    return live === undefined || last === undefined || sourceNow(live) === live.sourceId ? null : last.atMs + HAND_OVER_LEAD_MS + last.crossfadeMs
  }

  /** What was prepared is not wanted. @throws ApiError */
  async withdraw(alertId: string | null, person: PhonePerson, callId: string): Promise<void> {
    const alert = alertId === null ? undefined : this.#ports.store.alerts.get(alertId)
    if (alert === undefined) return
    const state = alertState(alert, this.#ports.clock.wallMs())
    if (state === 'prepared' || state === 'awaiting-second') await this.#ports.alerts.cancel(alert.id, {}, callerOf(person, callId))
  }

  /** Who else may confirm it. */
  confirmers(key: PhoneKeyRecord, person: PhonePerson): readonly string[] {
    const { store } = this.#ports
    const units = [key.unitId, ...placesOfTargets(key.targets, this.#ports).map(({ unitId }) => unitId)]
    const may = store.users.all().filter(({ id, enabled, grants }) => {
      if (!enabled || id === person.user.id) return false
      const rights = new Rights(grants, (unitId) => store.units.ancestors(unitId))
      return units.every((unitId) => rights.holds('emergency', unitId))
    })
    return may.slice(0, MOST_NAMES).map(({ name }) => name)
  }

  /**
   * Whether his voice would also be heard where he has no right: a source within his reach may be another unit's or everybody's, and orders of others may play it, or will before he has to end.
   * @param ending calls that end before he speaks, and what they put on the air with them
   */
  isHeardElsewhere({ content, mostMs }: PhoneKeyRecord, { rights }: PhonePerson, ending: readonly Pick<PhoneCallRecord, 'orderId' | 'alertId'>[]): boolean {
    if (content.kind !== 'live') return false
    const { store, clock } = this.#ports
    const nowMs = clock.wallMs()
    const heardIn = standInsOf(content.sourceId, store)
    const over = new Set(ending.flatMap(({ orderId, alertId }) => [orderId, ...(alertId === null ? [] : store.orders.ofAlert(alertId).map(({ id }) => id))]))
    return store.orders.unfinished(nowMs).some((order) => {
      const sourceId = sourceNow(order)
      if (sourceId === null || !heardIn.has(sourceId) || over.has(order.id) || order.startsAtMs >= nowMs + (mostMs ?? 0)) return false
      return [{ unitId: order.issuerUnitId }, ...placesOfTargets(order.targets, this.#ports)].some(({ unitId }) => !rights.holds(rightFor(order.class), unitId))
    })
  }

  /** The rights of the moment, at every place that it reaches. @throws ApiError */
  #check({ class: itsClass, targets, unitId, content }: PhoneKeyRecord, { rights }: PhonePerson): void {
    const { store, broadcast } = this.#ports
    const right = rightFor(itsClass)
    for (const place of [{ unitId }, ...placesOfTargets(targets, this.#ports)]) demand(right, rights, place)
    if (broadcast.clustersOf(targets).length === 0) throw new ApiError('LOA_ERR_INVALID', 'its targets mean no cluster', 'không có cụm loa nào')
    if (content.kind === 'template') return
    const source = store.sources.get(content.sourceId)
    if (source?.kind !== 'phone' || !isInReach(source.unitId, right, rights, store)) throw new ApiError('LOA_ERR_UNKNOWN_ID', 'its source is not there', 'không có nguồn điện thoại')
  }

  #order({ class: itsClass, name, content, targets, unitId, mostMs }: PhoneKeyRecord, { user, rights }: PhonePerson): NewOrder {
    const { store, clock, config } = this.#ports
    const nowMs = clock.wallMs()
    if (content.kind !== 'live' || mostMs === null) throw new ApiError('LOA_ERR_INVALID', 'an order from a telephone is live and has an end', 'lệnh phát từ điện thoại phải là nói trực tiếp và có thời hạn')
    const { units, clusters, tags, groups = [] } = targets
    const order = makeOrder({ class: itsClass, title: name, sourceId: content.sourceId, targets: { units: [...units], clusters: [...clusters], tags: [...tags], groups: [...groups] }, issuer: unitId, durationMs: mostMs }, { id: newId('o', nowMs), nowMs, createdBy: user.id, rights, store, config })
    passPolicies(orderSubject(order, store), { reason: undefined, by: user.id, rights }, store, nowMs)
    return order
  }

  #airOf(sourceId: string | null): PhoneOnAir['air'] {
    return sourceId === null ? null : { sourceId, engine: this.#ports.exchange.engineOfSource(sourceId) }
  }
}

/** The source, and all that it may stand in for: as a fallback or as an input. */
function standInsOf(sourceId: string, { sources }: Pick<Store, 'sources'>): ReadonlySet<string> {
  const found = new Set([sourceId])
  // What is added meanwhile is gone through as well.
  for (const id of found) for (const user of [...sources.fallbackUsers(id), ...sources.inputUsers(id)]) found.add(user)
  return found
}

/** What a caller is told of a problem. */
export function refusalOf(error: unknown): PhoneRefusal {
  if (!(error instanceof ApiError)) return 'failed'
  switch (error.code) {
    case 'LOA_ERR_FORBIDDEN': return 'no-right'
    case 'LOA_ERR_POLICY': return 'policy'
    case 'LOA_ERR_UNKNOWN_ID':
    case 'LOA_ERR_NOT_FOUND':
    case 'LOA_ERR_UNIT_ENDED':
    case 'LOA_ERR_TEST_ZONE':
    case 'LOA_ERR_INVALID': return 'not-available'
    default: return 'failed'
  }
}
