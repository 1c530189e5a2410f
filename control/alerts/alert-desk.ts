import type { Broadcast, ClipPreparer, ControlClock, ControlConfig, OrderRecord, Store } from '../ports.ts'
import { ApiError, notFound } from '../problem.ts'
import { cleanText } from '../text.ts'
import { invalid } from '../validation.ts'
import { cancelClip, makeDraft, makeFollowUp, markOf, type DraftPorts } from './alert-draft.ts'
import { AlertKeeper, type AlertChange } from './alert-keeper.ts'
import { closingFrame, firstOrders, type PlayPorts } from './alert-plays.ts'
import type { AlertMark, AlertRecord, AlertState } from './alert-port.ts'
import type { AlertCaller, AlertDraft, AlertRequest, WordingRequest } from './alert-request.ts'
import { demandOf } from './alert-rule.ts'
import { AlertSound } from './alert-sound.ts'
import { alertState } from './alert-state.ts'
import { checkTestZone, groupOf } from './alert-targets.ts'
import type { SpeechMaker } from './speech-port.ts'

/** Characters of a reason for doing without the second person. */
export const LEAST_REASON = 10

export interface AlertDeskPorts {
  readonly store: Store
  readonly broadcast: Pick<Broadcast, 'clustersOf' | 'select' | 'connections' | 'onAir' | 'orderChanged' | 'ordersChanged' | 'registryChanged' | 'subscribe'>
  readonly clock: ControlClock
  readonly config: Pick<ControlConfig, 'attentionToneMs' | 'maxOrderMs' | 'clipResumeSlackMs'>
  readonly clips: ClipPreparer
  readonly speech: SpeechMaker
  readonly onError: (error: unknown) => void
}

/** What was written, and how to tell of it once it is durable. */
export interface Written {
  readonly alert: AlertRecord
  readonly after: () => void
}

interface Change {
  readonly alert: AlertRecord
  readonly alerts?: readonly AlertRecord[]
  readonly given?: readonly OrderRecord[]
  readonly stopped?: readonly OrderRecord[]
  readonly isRegistryChanged?: boolean
}

const CLOSED_VI: Readonly<Record<AlertState, string>> = {
  prepared: 'đang chờ xác nhận', 'awaiting-second': 'đang chờ người thứ hai', scheduled: 'đã hẹn giờ', 'on-air': 'đang phát', ended: 'đã kết thúc', cancelled: 'đã hủy', expired: 'đã quá hạn xác nhận', refused: 'đã bị từ chối',
}

/**
 * Alerts from preparation to end. What takes time (speaking, counting) happens while one is prepared; confirming it writes its first order and tells who plays
 * it, and nothing more. Whoever calls has checked that the caller may do it there: right `emergency`.
 */
export class AlertDesk {
  readonly #ports: AlertDeskPorts
  readonly #draftPorts: DraftPorts
  /** For what is on the air as soon as it is spoken. */
  readonly #urgentPorts: DraftPorts
  readonly #keeper: AlertKeeper
  /** Alerts whose cancellation is being spoken. */
  readonly #speaking = new Map<string, Promise<void>>()
  readonly #ending = new Set<string>()
  #isClosed = false
  readonly #listeners = new Set<(change: AlertChange) => void>()

  constructor(ports: AlertDeskPorts) {
    this.#ports = ports
    const sound = new AlertSound(ports)
    this.#draftPorts = { ...ports, sound }
    this.#urgentPorts = { ...ports, sound: sound.urgent }
    this.#keeper = new AlertKeeper({ ...ports, plays: this.#plays, isEnding: (id) => this.#ending.has(id), tell: (change) => { this.#emit(change) } })
  }

  /** Takes up what was in force when the server was last on. Call it before anything is on the air. */
  start(): void {
    this.#keeper.start()
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#keeper.close()
  }

  /** @returns a function that ends the subscription; idempotent */
  subscribe(listener: (change: AlertChange) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /**
   * Makes all of an alert that takes time, and keeps nothing of it but clips.
   * @throws ApiError
   */
  draft(request: AlertRequest, caller: AlertCaller): Promise<AlertDraft> {
    return makeDraft(request, caller, request.isUrgent === true ? this.#urgentPorts : this.#draftPorts)
  }

  /**
   * The same for what is said when an alert on the air was wrong.
   * @throws ApiError LOA_ERR_ALERT_STATE when it is not in force
   */
  draftCorrection(id: string, wording: WordingRequest, caller: AlertCaller): Promise<AlertDraft> {
    const before = this.#get(id)
    this.#demand(before, 'scheduled', 'on-air')
    return makeFollowUp('correction', before, wording, caller, this.#urgentPorts)
  }

  /** Keeps a draft; a correction is on the air with it. To be called in the transaction of whoever needs one; then call `after`. */
  carryOut(draft: AlertDraft, caller: AlertCaller): Written {
    const change = this.#ports.store.transaction(() => (draft.alert.purpose === 'correction' ? this.#follow(draft, caller, null) : this.#keep(draft, caller)))
    return { alert: change.alert, after: () => { this.#tell(change) } }
  }

  /** `draft` and `carryOut` in one. */
  async prepare(request: AlertRequest, caller: AlertCaller): Promise<AlertRecord> {
    return this.#done(this.carryOut(await this.draft(request, caller), caller))
  }

  /** Says something else on the same targets with the same weight, in the place of an alert: one action, one person. */
  async correct(id: string, wording: WordingRequest, caller: AlertCaller): Promise<AlertRecord> {
    return this.#done(this.carryOut(await this.draftCorrection(id, wording, caller), caller))
  }

  /**
   * Puts it on the air, or, where the rule wants two persons, says that one has confirmed; by the other person it is `approve`. May be repeated. A sender of CAP
   * who is trusted beforehand needs nobody.
   * @param breakGlass why it cannot wait for the second person
   * @throws ApiError LOA_ERR_ALERT_STATE, LOA_ERR_SECOND_PERSON, LOA_ERR_TEST_ZONE or LOA_ERR_INVALID
   */
  confirm(id: string, caller: AlertCaller, breakGlass?: string): AlertRecord {
    return this.#change(() => {
      const alert = this.#get(id)
      const nowMs = this.#nowMs()
      const state = alertState(alert, nowMs)
      if (state === 'on-air' || state === 'scheduled') return { alert }
      if (caller.kind === 'cap-sender' && alert.origin.kind !== 'cap') throw new ApiError('LOA_ERR_FORBIDDEN', 'a sender of CAP confirms what came by CAP', 'nguồn CAP chỉ xác nhận được cảnh báo đến qua CAP')
      if (state === 'awaiting-second') {
        if (caller.kind === 'cap-sender') return { alert }
        if (caller.kind === 'person' && !isSamePerson(alert.confirmed!, caller)) return this.#putOnAir({ ...alert, approved: markOf(caller, nowMs) }, caller)
        return breakGlass === undefined ? { alert } : this.#putOnAir(this.#broken(alert, breakGlass), caller)
      }
      this.#demand(alert, 'prepared')
      const demand = demandOf(alert, this.#ports.store, this.#ports.broadcast)
      const persons = caller.kind === 'cap-sender' ? 1 : demand.persons
      const confirmed: AlertRecord = { ...alert, confirmed: markOf(caller, nowMs), persons }
      if (persons === 1) return this.#putOnAir(confirmed, caller)
      if (breakGlass !== undefined) return this.#putOnAir(this.#broken(confirmed, breakGlass), caller)
      demandPerson(caller)
      if (alert.kind === 'test') checkTestZone(alert.targets, alert.selection, this.#ports.store)
      return this.#replaced({ ...confirmed, approveByMs: nowMs + demand.waitMs })
    })
  }

  /**
   * The second person says yes, from another session; both must be users who are logged in. May be repeated.
   * @throws ApiError LOA_ERR_ALERT_STATE, LOA_ERR_SECOND_PERSON or LOA_ERR_TEST_ZONE
   */
  approve(id: string, caller: AlertCaller): AlertRecord {
    return this.#change(() => {
      const alert = this.#get(id)
      const nowMs = this.#nowMs()
      const state = alertState(alert, nowMs)
      if ((state === 'on-air' || state === 'scheduled') && alert.approved?.actorId === caller.actorId) return { alert }
      this.#demand(alert, 'awaiting-second')
      demandPerson(caller)
      if (isSamePerson(alert.confirmed!, caller)) throw secondPerson('whoever has confirmed it cannot be the second person, nor can the same session', 'người đã xác nhận, hoặc cùng phiên đăng nhập, không thể là người thứ hai')
      return this.#putOnAir({ ...alert, approved: markOf(caller, nowMs) }, caller)
    })
  }

  /**
   * Somebody says no before it is on the air.
   * @throws ApiError LOA_ERR_ALERT_STATE
   */
  refuse(id: string, caller: AlertCaller, reason: string | null): AlertRecord {
    return this.#change(() => {
      const alert = this.#get(id)
      if (alert.closed?.state === 'refused') return { alert }
      this.#demand(alert, 'prepared', 'awaiting-second')
      this.#audit(id, 'refuse', caller)
      return this.#replaced({ ...alert, closed: { state: 'refused', by: markOf(caller, this.#nowMs()), reason: reason === null ? null : cleanText('reason', reason) } })
    })
  }

  /**
   * Takes it off the air at once and says so on the same targets, with the same weight, also to who comes back later; before it is on the air it is only
   * withdrawn. May be repeated.
   * @param wording in place of what was made ready, which is said all the same when it cannot be spoken; nothing sounds while it is
   * @returns the cancelled alert; `replacedBy` is what says so
   * @throws ApiError LOA_ERR_ALERT_STATE when it is over
   */
  async cancel(id: string, wording: WordingRequest, caller: AlertCaller): Promise<AlertRecord> {
    const unready = this.#get(id)
    const mustSpeak = alertState(unready, this.#nowMs()) === 'on-air' && wording.parts === undefined && wording.sourceId === undefined && unready.cancelClipId === null && unready.purpose !== 'cancellation'
    if (!mustSpeak) return this.#cancelNow(id, wording, caller)
    if (wording.reason !== undefined) cleanText('reason', wording.reason)
    this.#ending.add(id)
    try {
      // Nobody waits for words before what is wrong is silent.
      this.#change(() => ({ alert: unready, alerts: [], stopped: this.#stopOrders(id) }))
      await this.readyCancellation(id)
      return await this.#cancelNow(id, wording, caller)
    } finally {
      this.#ending.delete(id)
    }
  }

  /**
   * What there was to say has been said: it is over, and nothing is said about that. May be repeated.
   * @throws ApiError LOA_ERR_ALERT_STATE when it is not in force
   */
  finish(id: string, caller: AlertCaller): AlertRecord {
    return this.#change(() => {
      const alert = this.#get(id)
      if (alert.closed?.state === 'ended') return { alert }
      this.#demand(alert, 'on-air')
      this.#audit(id, 'finish', caller)
      const nowMs = this.#nowMs()
      const finished = this.#replaced({ ...alert, closed: { state: 'ended', by: markOf(caller, nowMs), reason: null } })
      const stopped = this.#stopOrders(id)
      return { ...finished, stopped, given: closingFrame(alert, this.#plays, { nowMs, by: caller.actorId }).map((order) => this.#ports.store.orders.insert(order)) }
    })
  }

  /** Makes what is said when it is cancelled, if that is not there. What cannot be spoken is left; nothing is thrown. */
  readyCancellation(id: string): Promise<void> {
    const work = this.#speaking.get(id) ?? this.#speakCancellation(id).catch((error: unknown) => { if (!this.#isClosed) this.#ports.onError(error) }).finally(() => { this.#speaking.delete(id) })
    this.#speaking.set(id, work)
    return work
  }

  async #speakCancellation(id: string): Promise<void> {
    const { store } = this.#ports
    const { cancelClipId: known, title } = this.#get(id)
    const clipId = known ?? await cancelClip(title, 'north', this.#draftPorts)
    if (clipId !== null && known === null) store.transaction(() => { store.alerts.replace({ ...this.#get(id), cancelClipId: clipId }) })
  }

  async #cancelNow(id: string, wording: WordingRequest, caller: AlertCaller): Promise<AlertRecord> {
    const isHeard = (alert: AlertRecord): boolean => alertState(alert, this.#nowMs()) === 'on-air'
    const before = this.#get(id)
    const reason = wording.reason === undefined ? null : cleanText('reason', wording.reason)
    const draft = isHeard(before) ? await this.#draftCancellation(before, wording, caller) : null
    return this.#change(() => {
      const alert = this.#get(id)
      if (alert.closed?.state === 'cancelled') return { alert }
      this.#demand(alert, 'prepared', 'awaiting-second', 'scheduled', 'on-air')
      if (draft !== null && isHeard(alert) && (draft.alert.parts.length > 0 || draft.alert.sourceId !== null)) return this.#follow(draft, caller, reason)
      this.#audit(id, 'cancel', caller)
      const cancelled = this.#replaced({ ...alert, closed: { state: 'cancelled', by: markOf(caller, this.#nowMs()), reason } })
      return { ...cancelled, stopped: this.#stopOrders(id) }
    })
  }

  async #draftCancellation(before: AlertRecord, wording: WordingRequest, caller: AlertCaller): Promise<AlertDraft> {
    let isSilent = false
    const beforeSpeaking = (): void => {
      isSilent = true
      this.#ports.broadcast.ordersChanged(this.#ports.store.transaction(() => this.#stopOrders(before.id)))
    }
    try {
      return await makeFollowUp('cancellation', before, wording, caller, { ...this.#urgentPorts, beforeSpeaking })
    } catch (error) {
      if (!isSilent) throw error
      this.#ports.onError(error)
      const { title, origin } = wording
      return makeFollowUp('cancellation', before, { ...(title === undefined ? {} : { title }), ...(origin === undefined ? {} : { origin }) }, caller, this.#draftPorts)
    }
  }

  #keep({ alert, clusterIds }: AlertDraft, caller: AlertCaller): Change {
    const { store } = this.#ports
    const group = groupOf(alert, alert.prepared.atMs)
    if (group !== null) store.groups.insert(group)
    store.alerts.insert(alert, clusterIds)
    this.#audit(alert.id, 'prepare', caller)
    return { alert, alerts: [alert], isRegistryChanged: group !== null }
  }

  /** @param reason why it was cancelled */
  #follow({ alert: draft, clusterIds }: AlertDraft, caller: AlertCaller, reason: string | null): Change {
    const { store } = this.#ports
    const nowMs = this.#nowMs()
    const before = this.#get(draft.replaces!)
    this.#demand(before, 'scheduled', 'on-air')
    store.alerts.insert(draft, clusterIds)
    const aired = this.#putOnAir({ ...draft, confirmed: markOf(caller, nowMs), persons: 1 }, caller, { state: draft.purpose === 'cancellation' ? 'cancelled' : 'ended', reason })
    return draft.purpose === 'cancellation' ? { ...aired, alert: store.alerts.get(before.id)! } : aired
  }

  /** Everything is confirmed. @param closing how the alert that it replaces ends */
  #putOnAir(alert: AlertRecord, caller: AlertCaller, closing: Omit<NonNullable<AlertRecord['closed']>, 'by'> = { state: 'ended', reason: null }): Change {
    const { store } = this.#ports
    const nowMs = this.#nowMs()
    // That a test is cancelled may always be said: who plays it leaves out whatever came into use meanwhile.
    if (alert.kind === 'test' && alert.purpose !== 'cancellation') checkTestZone(alert.targets, alert.selection, store)
    const onAirFromMs = Math.max(nowMs, alert.startsAtMs ?? nowMs)
    const aired: AlertRecord = { ...alert, onAirFromMs, expiresAtMs: alert.lifeMs === null ? alert.expiresAtMs : onAirFromMs + alert.lifeMs }
    const given = firstOrders(aired, this.#plays, { nowMs, by: caller.actorId }).map((order) => store.orders.insert(order))
    this.#audit(aired.id, 'confirm', caller, aired.breakGlass)
    const change = this.#replaced(aired)
    const before = alert.replaces === null ? undefined : store.alerts.get(alert.replaces)
    if (before === undefined || before.closed !== null) return { ...change, given }
    const closed = store.alerts.replace({ ...before, replacedBy: alert.id, closed: { ...closing, by: markOf(caller, nowMs) } })
    return { ...change, alerts: [aired, closed], given, stopped: this.#stopOrders(before.id) }
  }

  #broken(alert: AlertRecord, breakGlass: string): AlertRecord {
    const reason = cleanText('breakGlass.reason', breakGlass)
    if ([...reason].length < LEAST_REASON) throw invalid([{ path: 'breakGlass.reason', message: `must say why in ${String(LEAST_REASON)} characters or more`, messageVi: `phải nêu lý do, ít nhất ${String(LEAST_REASON)} ký tự` }])
    if (!demandOf(alert, this.#ports.store, this.#ports.broadcast).breakGlass) throw secondPerson('the rule of a unit does not let one person do without the second', 'quy định của đơn vị không cho phép bỏ qua người thứ hai')
    return { ...alert, breakGlass: reason }
  }

  /** What a request leaves in the audit log by itself does not say that the second person was done without; and a sender of CAP makes no request. */
  #audit(alertId: string, action: string, caller: AlertCaller, breakGlass: string | null = null): void {
    if (breakGlass === null && caller.kind !== 'cap-sender') return
    const method = caller.kind === 'cap-sender' ? 'CAP' : 'BREAK-GLASS'
    this.#ports.store.auditLog.append({ atMs: this.#nowMs(), requestId: null, tokenId: caller.actorId, tokenName: caller.name, remoteAddress: null, method, route: `/v1/alerts/:id/${action}`, targetIds: [alertId], fields: breakGlass === null ? [] : ['breakGlass'], status: 200, code: null, count: 1 })
  }

  #replaced(alert: AlertRecord): Change {
    this.#ports.store.alerts.replace(alert)
    return { alert, alerts: [alert] }
  }

  #stopOrders(alertId: string): OrderRecord[] {
    const { store } = this.#ports
    const nowMs = this.#nowMs()
    return store.orders.ofAlert(alertId).filter(({ stoppedAtMs, endsAtMs }) => stoppedAtMs === null && endsAtMs > nowMs).map(({ id }) => store.orders.stop(id, nowMs)!)
  }

  #change(work: () => Change): AlertRecord {
    const change = this.#ports.store.transaction(work)
    this.#tell(change)
    return change.alert
  }

  /** What sounds goes first; who watches is told last. */
  #tell({ alerts = [], given = [], stopped = [], isRegistryChanged = false }: Change): void {
    const { broadcast } = this.#ports
    for (const order of given) broadcast.orderChanged(order)
    if (stopped.length > 0) broadcast.ordersChanged(stopped)
    if (isRegistryChanged) broadcast.registryChanged()
    for (const alert of alerts) this.#keeper.changed(alert)
    if (alerts.length > 0) this.#emit({ alerts, orders: [...given, ...stopped] })
  }

  #emit(change: AlertChange): void {
    for (const listener of this.#listeners) listener(change)
  }

  #done({ alert, after }: Written): AlertRecord {
    after()
    return alert
  }

  /** @throws ApiError LOA_ERR_NOT_FOUND */
  #get(id: string): AlertRecord {
    const alert = this.#ports.store.alerts.get(id)
    if (alert === undefined) throw notFound('alert', id)
    return alert
  }

  #demand(alert: AlertRecord, ...states: readonly AlertState[]): void {
    const state = alertState(alert, this.#nowMs())
    if (!states.includes(state)) throw new ApiError('LOA_ERR_ALERT_STATE', `the alert is ${state}`, `cảnh báo ${CLOSED_VI[state]}`)
  }

  #nowMs(): number {
    return this.#ports.clock.wallMs()
  }

  get #plays(): PlayPorts {
    const { store, config } = this.#ports
    return { clipMs: (id) => store.clips.get(id)?.durationMs ?? 0, attentionToneMs: config.attentionToneMs, slackMs: config.clipResumeSlackMs }
  }
}

/** The same person, or the same session: two who share a session are one. */
const isSamePerson = (first: AlertMark, caller: AlertCaller): boolean => first.actorId === caller.actorId || first.credentialId === caller.credentialId

/** Whoever holds a token may have a session too, and would be both of two. */
function demandPerson({ kind }: AlertCaller): void {
  if (kind === 'token') throw secondPerson('where two persons are needed both must be logged in: a token is nobody', 'khi cần hai người xác nhận, cả hai phải đăng nhập: token không phải là người')
}

const secondPerson = (message: string, messageVi: string): ApiError => new ApiError('LOA_ERR_SECOND_PERSON', message, messageVi)
