import { alertState } from '../alerts/alert-state.ts'
import { orderState, type AlertRecord, type OrderRecord, type PhoneAnswer, type PhoneCallRecord, type PhoneExchange, type PhoneKeyRecord, type PhoneNotice, type PhoneQuestion, type PhoneRecordings, type Store } from '../ports.ts'
import type { AlertDesk } from '../alerts/alert-desk.ts'
import { PhoneAirDesk, refusalOf, type PhoneAirPorts } from './phone-air.ts'
import { callerOf, PhonePeople, type Identified, type PhonePerson } from './phone-people.ts'
import { callerNumber } from './caller-number.ts'
import { PinGuard, type PhoneCaller, type PinLock } from './pin-guard.ts'

export const MOST_WRONG_TRIES = 3
/** How often it looks whether what calls put on the air is still there. */
const LOOK_MS = 500
/** Calls that the telephone process does not name by then are over: it was gone while control was. */
const CONNECT_GRACE_MS = 10_000
/** Calls in which nobody proved who he is: the newest are kept. */
const MOST_UNKNOWN = 1000
/** Locks are told of for so long. */
const LOCK_SHOWN_MS = 10 * 60_000
const MOST_LOCKS = 100
const SWEEP_MS = 10 * 60_000
const DAY_MS = 24 * 3_600_000

export interface PhoneDeskPorts extends Omit<PhoneAirPorts, 'alerts' | 'told'> {
  readonly alerts: Pick<AlertDesk, 'prepare' | 'confirm' | 'finish' | 'cancel' | 'readyCancellation' | 'subscribe'>
  readonly recordings: PhoneRecordings
  /** Whether calls from this address were allowed by it. */
  readonly isPeer: (remoteAddress: string) => boolean
  readonly rules: { readonly phoneRecordingKeepDays: number; readonly phoneRecordingMaxBytes: number }
  readonly onError: (error: unknown) => void
}

export type PhoneChange = { readonly call: PhoneCallRecord } | { readonly order: OrderRecord }

/** What alarms follow from. */
export interface PhoneFacts {
  readonly locks: readonly (PinLock & { readonly atMs: number; readonly callerId: string })[]
  readonly lines: ReturnType<PhoneExchange['lines']>
  readonly configured: boolean
}

/** A call as the process that takes it tells of it. */
export interface NewPhoneCall {
  readonly id: string
  readonly callerId: string
  readonly remoteAddress: string
  readonly startedAtMs: number
}

/**
 * Calls, from who they are to what they put on the air. What a call has come to is kept in the store, so that a restart of control in the middle of one changes nothing for its caller. What is asked of one call
 * is done one after the other; its end comes after all of it.
 */
export class PhoneDesk {
  readonly people: PhonePeople
  readonly #ports: PhoneDeskPorts
  readonly #guard: PinGuard
  readonly #air: PhoneAirDesk
  readonly #listeners = new Set<(change: PhoneChange) => void>()
  /** What is being done for each call. */
  readonly #work = new Map<string, Promise<unknown>>()
  /** Who has proved his PIN and owes a code. */
  readonly #owing = new Map<string, PhonePerson>()
  #locks: PhoneFacts['locks'] = []
  #timers: { cancel(): void }[] = []
  #unsubscribe: (() => void) | null = null
  #isClosed = false

  constructor(ports: PhoneDeskPorts, guard = new PinGuard(ports.clock, ports.store.phoneTries)) {
    this.#ports = ports
    this.#guard = guard
    this.people = new PhonePeople(ports.store, ports.clock, this.#guard, (ms) => new Promise((resolve) => { this.#after(ms, resolve) }))
    this.#air = new PhoneAirDesk({ ...ports, told: (order) => { this.#emit({ order }) } })
  }

  start(): void {
    this.#unsubscribe = this.#ports.alerts.subscribe(({ alerts }) => { for (const alert of alerts) this.#alertChanged(alert) })
    this.#every(LOOK_MS, () => { this.#look() })
    this.#every(SWEEP_MS, () => { this.#sweep() })
    if (this.#store.phoneCalls.live().length > 0) this.#timers.push(this.#ports.clock.setTimer(CONNECT_GRACE_MS, () => { if (this.#ports.exchange.lines() === null) this.gone() }))
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#unsubscribe?.()
    for (const timer of this.#timers) timer.cancel()
  }

  /** @returns ends it */
  subscribe(listener: (change: PhoneChange) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  facts(): PhoneFacts {
    const sinceMs = this.#nowMs() - LOCK_SHOWN_MS
    this.#locks = this.#locks.filter(({ atMs }) => atMs > sinceMs)
    return { locks: this.#locks, lines: this.#ports.exchange.lines(), configured: this.#ports.exchange.configured }
  }

  // ── What the telephone process tells ───────────────────────────────────────────────────────────────

  /** The process is there, with these calls; others are over, and those that are over here must end there. */
  connected(callIds: readonly string[]): void {
    const there = new Set(callIds)
    for (const call of this.#store.phoneCalls.live()) if (!there.has(call.id)) this.ended(call.id, 'the telephone process lost the call')
    for (const id of callIds) if (this.#live(id) === undefined) this.#ports.exchange.notice(id, { kind: 'hang-up' })
  }

  /** The process is gone, and all calls with it. */
  gone(): void {
    if (this.#isClosed) return
    for (const call of this.#store.phoneCalls.live()) this.ended(call.id, 'the telephone process is gone')
  }

  began(call: NewPhoneCall): void {
    if (this.#store.phoneCalls.get(call.id) !== undefined) return
    this.#store.phoneCalls.trimUnknown(MOST_UNKNOWN)
    const record = this.#store.phoneCalls.insert({ ...call, endedAtMs: null, state: 'identifying', userId: null, userName: null, unitId: null, keyId: null, keyName: null, orderId: null, alertId: null, wrongTries: 0, result: '', recording: null })
    this.#emit({ call: record })
  }

  /** Answers what the dialogue of a call asks. Never rejects. */
  ask(callId: string, question: PhoneQuestion): Promise<PhoneAnswer> {
    return this.#inTurn(callId, async () => {
      const call = this.#live(callId)
      if (call === undefined) return { kind: 'refused', why: 'failed' }
      try {
        return await this.#answer(call, question)
      } catch (error) {
        const why = refusalOf(error)
        if (why === 'failed') this.#ports.onError(error)
        return { kind: 'refused', why }
      }
    })
  }

  /** What it had on the air ends by its own rule. May be repeated. */
  ended(callId: string, reason: string): void {
    // What stops sound does not wait for words that are being made.
    this.#guarded(() => { this.#endAir(callId) })
    void this.#inTurn(callId, async () => {
      const call = this.#live(callId)
      if (call === undefined) return
      this.#guarded(() => { this.#endAir(callId) })
      const person = call.userId === null ? undefined : this.#personOf(call)
      if (person !== undefined && call.state !== 'on-air' && !this.#speaksAlone(call)) await this.#air.withdraw(call.alertId, person, call.id).catch((error: unknown) => { this.#ports.onError(error) })
      this.#owing.delete(callId)
      const sizeBytes = this.#ports.recordings.size(callId)
      const endedAtMs = this.#nowMs()
      this.#put({ ...this.#live(callId) ?? call, endedAtMs, state: 'ended', result: reason, recording: call.recording ?? (sizeBytes === null ? null : { durationMs: endedAtMs - call.startedAtMs, sizeBytes }) })
      this.#audit(call, 'end', [])
    })
  }

  /** Its recording is complete. */
  recorded(callId: string, recording: PhoneCallRecord['recording']): void {
    void this.#inTurn(callId, () => {
      const call = this.#store.phoneCalls.get(callId)
      if (call !== undefined) this.#put({ ...call, recording })
      return Promise.resolve()
    })
  }

  /** An operator ends a call. */
  hangUp(callId: string): void {
    this.#ports.exchange.notice(callId, { kind: 'hang-up' })
  }

  // ── Questions ──────────────────────────────────────────────────────────────────────────────────────

  async #answer(call: PhoneCallRecord, question: PhoneQuestion): Promise<PhoneAnswer> {
    if (question.kind === 'identify') return this.#identified(call, await this.people.identify(question.number, question.pin, this.#callerOf(call, question.number)))
    if (question.kind === 'code') {
      const owing = this.#owing.get(call.id)
      return owing === undefined ? { kind: 'refused', why: 'failed' } : this.#admitted(call, this.people.proveCode(owing, question.code, this.#callerOf(call, owing.pin.number)))
    }
    const person = call.userId === null ? undefined : this.people.find(call.userId)
    if (person === undefined || person.pin.unitId !== call.unitId) return { kind: 'refused', why: 'no-right' }
    switch (question.kind) {
      case 'choose':
        return this.#choose(call, person, question.key)
      case 'start':
        return this.#start(call, person)
      case 'withdraw':
        await this.#air.withdraw(call.alertId, person, call.id)
        this.#put({ ...call, state: 'choosing', alertId: null, keyId: null, keyName: null })
        return { kind: 'done' }
      case 'finish':
        this.#air.finish(call, person)
        if (call.state === 'waiting') await this.#air.withdraw(call.alertId, person, call.id)
        this.#put({ ...call, state: 'done' })
        return { kind: 'done' }
      case 'cancel':
        if (call.alertId !== null) await this.#ports.alerts.cancel(call.alertId, {}, callerOf(person, call.id))
        this.#put({ ...call, state: 'done' })
        return { kind: 'done' }
    }
  }

  #identified(call: PhoneCallRecord, identified: Identified): PhoneAnswer {
    if (call.wrongTries >= MOST_WRONG_TRIES) return { kind: 'locked' }
    if (identified.kind === 'right' && identified.person.pin.needsCode) {
      this.#owing.set(call.id, identified.person)
      return { kind: 'code-needed' }
    }
    return this.#admitted(call, identified)
  }

  #admitted(call: PhoneCallRecord, identified: Identified): PhoneAnswer {
    if (identified.kind === 'locked') {
      this.#audit(call, 'locked', [])
      return { kind: 'locked' }
    }
    if (identified.kind === 'wrong') {
      const tried = this.#put({ ...call, wrongTries: call.wrongTries + 1 })
      this.#locked(tried, identified.locks)
      this.#audit(tried, 'wrong', [])
      return tried.wrongTries >= MOST_WRONG_TRIES ? { kind: 'locked' } : { kind: 'wrong' }
    }
    const { person } = identified
    this.#owing.delete(call.id)
    const known = this.#put({ ...call, state: 'choosing', userId: person.user.id, userName: person.user.name, unitId: person.pin.unitId })
    this.#audit(known, 'identify', [])
    if (!this.people.maySpeak(person)) return { kind: 'refused', why: 'no-right' }
    const keys = this.people.keys(person)
    if (keys.length === 0) return { kind: 'refused', why: 'no-keys' }
    return { kind: 'known', name: person.user.name, language: person.pin.language, keys: keys.map(({ key, name }) => ({ key, name })) }
  }

  async #choose(call: PhoneCallRecord, person: PhonePerson, pressed: string): Promise<PhoneAnswer> {
    const key = this.people.keys(person).find((one) => one.key === pressed)
    if (key === undefined) return { kind: 'refused', why: 'not-available' }
    if (this.#isTaken(call, key, person)) return { kind: 'refused', why: 'busy' }
    await this.#air.withdraw(call.alertId, person, call.id)
    const alertId = await this.#air.prepare(key, person, call.id)
    this.#put({ ...call, alertId, keyId: key.id, keyName: key.name })
    const { targeted: clusters, online } = this.#ports.broadcast.countTargets(key.targets)
    return { kind: 'chosen', summary: { name: key.name, content: key.content.kind, class: key.class, alertKind: key.alert?.kind ?? null, level: key.alert?.level ?? null, clusters, online } }
  }

  #start(call: PhoneCallRecord, person: PhonePerson): PhoneAnswer {
    const key = this.people.keys(person).find(({ id }) => id === call.keyId)
    if (key === undefined) return { kind: 'refused', why: 'not-available' }
    if (this.#isTaken(call, key, person)) return { kind: 'refused', why: 'busy' }
    for (const other of this.#inTheWay(call, key)) this.#over(other, 'taken-over')
    const { orderId, onAir } = this.#air.start(key, call.alertId, person, call.id)
    const started = this.#put({ ...call, orderId, state: onAir === null ? 'waiting' : 'on-air' })
    this.#audit(started, 'start', [orderId, call.alertId].filter((id) => id !== null))
    if (onAir !== null) return onAir
    const waiting = call.alertId === null ? undefined : this.#store.alerts.get(call.alertId)
    return { kind: 'waits', names: this.#air.confirmers(key, person), waitMs: Math.max(0, (waiting?.approveByMs ?? 0) - this.#nowMs()) }
  }

  // ── What is on the air ─────────────────────────────────────────────────────────────────────────────

  /** Other calls whose voice goes, or is about to go, to the same source. */
  #inTheWay(call: PhoneCallRecord, { content }: PhoneKeyRecord): PhoneCallRecord[] {
    if (content.kind !== 'live') return []
    return this.#store.phoneCalls.live().filter((other) => {
      if (other.id === call.id || (other.state !== 'on-air' && other.state !== 'waiting')) return false
      const theirs = this.#keyOf(other)?.content
      return theirs?.kind === 'live' && theirs.sourceId === content.sourceId
    })
  }

  /** Whether somebody else speaks into its source and goes on, or it is heard where the caller may not be. */
  #isTaken(call: PhoneCallRecord, key: PhoneKeyRecord, person: PhonePerson): boolean {
    const others = this.#inTheWay(call, key)
    return others.some((other) => !this.#mayTakeOver(key, other)) || this.#air.isHeardElsewhere(key, person, others.filter((other) => this.#keyOf(other)?.onHangUp !== 'keep'))
  }

  /** Only what is real and an emergency takes the line of what is less. */
  #mayTakeOver(key: PhoneKeyRecord, other: PhoneCallRecord): boolean {
    return isReal(key) && !isReal(this.#keyOf(other))
  }

  /** What it put on the air goes on without it. */
  #speaksAlone(call: PhoneCallRecord): boolean {
    return this.#keyOf(call)?.content.kind === 'template' && (call.state === 'on-air' || call.state === 'waiting')
  }

  #endAir(callId: string): void {
    const call = this.#live(callId)
    const key = call === undefined ? undefined : this.#keyOf(call)
    if (call?.state !== 'on-air' || (key?.content.kind === 'live' && key.onHangUp === 'keep')) return
    const person = this.#personOf(call)
    if (person !== undefined) this.#air.finish(call, person)
  }

  #over(call: PhoneCallRecord, why: Extract<PhoneNotice, { kind: 'over' }>['why']): void {
    this.#endAir(call.id)
    this.#put({ ...call, state: 'done' })
    this.#ports.exchange.notice(call.id, { kind: 'over', why })
  }

  #alertChanged(alert: AlertRecord): void {
    const call = this.#store.phoneCalls.live().find(({ alertId, state }) => alertId === alert.id && state === 'waiting')
    if (call === undefined) return
    this.#guarded(() => {
      const onAir = this.#air.onAir(alert)
      if (onAir !== null) {
        this.#put({ ...call, state: 'on-air' })
        this.#ports.exchange.notice(call.id, onAir)
        return
      }
      const state = alertState(alert, this.#nowMs())
      if (state === 'refused' || state === 'cancelled' || state === 'expired') this.#over(call, state === 'expired' ? 'expired' : 'refused')
    })
  }

  /** Orders are stopped or handed over, and alerts are cancelled, by others too. */
  #look(): void {
    const nowMs = this.#nowMs()
    for (const call of this.#store.phoneCalls.live()) {
      if (call.state !== 'on-air' && call.state !== 'waiting') continue
      const alert = call.alertId === null ? undefined : this.#store.alerts.get(call.alertId)
      const order = call.orderId === null ? undefined : this.#store.orders.get(call.orderId)
      if (call.state === 'waiting') {
        if (alert !== undefined) this.#alertChanged(alert)
      } else if ((alert !== undefined && alertState(alert, nowMs) !== 'on-air') || (order !== undefined && orderState(order, nowMs) === 'stopped')) this.#over(call, 'stopped')
      else if ((this.#air.handedOverAtMs(call) ?? Infinity) <= nowMs) this.#over(call, 'handed-over')
    }
  }

  // ── Small things ───────────────────────────────────────────────────────────────────────────────────

  /** Who gave it may have lost his rights; what he has begun can always be ended in his name. */
  #personOf(call: PhoneCallRecord): PhonePerson | undefined {
    return call.userId === null ? undefined : this.people.asCaller(call.userId, call.userName ?? '', call.unitId ?? '')
  }

  #keyOf(call: PhoneCallRecord): PhoneKeyRecord | undefined {
    return call.keyId === null ? undefined : this.#store.phoneKeys.get(call.keyId)
  }

  #live(callId: string): PhoneCallRecord | undefined {
    const call = this.#store.phoneCalls.get(callId)
    return call?.endedAtMs === null ? call : undefined
  }

  #put(call: PhoneCallRecord): PhoneCallRecord {
    this.#store.phoneCalls.replace(call)
    this.#emit({ call })
    return call
  }

  #locked({ callerId }: PhoneCallRecord, locks: readonly PinLock[]): void {
    this.#locks = [...this.#locks, ...locks.map((lock) => ({ ...lock, atMs: this.#nowMs(), callerId }))].slice(-MOST_LOCKS)
  }

  #audit(call: PhoneCallRecord, action: string, targetIds: readonly string[]): void {
    this.#store.auditLog.append({ atMs: this.#nowMs(), requestId: null, tokenId: call.userId, tokenName: call.userName, remoteAddress: call.remoteAddress, method: 'PHONE', route: `/v1/phone/calls/:id/${action}`, targetIds: [call.id, ...targetIds], fields: [], status: action === 'wrong' ? 401 : action === 'locked' ? 429 : 200, code: null, count: 1 })
  }

  #callerOf({ callerId, remoteAddress }: PhoneCallRecord, number: string): PhoneCaller {
    const from = callerNumber(callerId)
    const isRegistered = from !== '' && this.#store.phonePins.byNumber(number)?.callerIds.includes(from) === true
    return { line: `${remoteAddress} ${from}`, isWithheld: from === '', trust: isRegistered ? 'registered' : this.#ports.isPeer(remoteAddress) ? 'peer' : 'none' }
  }

  #inTurn<T>(callId: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#work.get(callId) ?? Promise.resolve()).then(work)
    const settled = mine.catch((error: unknown) => { this.#ports.onError(error) }).finally(() => { if (this.#work.get(callId) === settled) this.#work.delete(callId) })
    this.#work.set(callId, settled)
    return mine
  }

  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#ports.onError(error)
    }
  }

  #every(everyMs: number, work: () => void): void {
    this.#after(everyMs, () => {
      this.#guarded(work)
      if (!this.#isClosed) this.#every(everyMs, work)
    })
  }

  #after(ms: number, work: () => void): void {
    const timer = this.#ports.clock.setTimer(ms, () => {
      this.#timers = this.#timers.filter((one) => one !== timer)
      work()
    })
    this.#timers.push(timer)
  }

  /** Old recordings go, and the oldest of too many. */
  #sweep(): void {
    this.#guard.sweep()
    const { phoneRecordingKeepDays: keepDays, phoneRecordingMaxBytes: mostBytes } = this.#ports.rules
    const nowMs = this.#nowMs()
    const recorded = this.#store.phoneCalls.recorded()
    let bytes = recorded.reduce((sum, { recording }) => sum + recording!.sizeBytes, 0)
    for (const call of recorded) {
      const isOld = keepDays > 0 && call.startedAtMs < nowMs - keepDays * DAY_MS
      if (!isOld && bytes <= mostBytes) continue
      bytes -= call.recording!.sizeBytes
      void this.#ports.recordings.remove(call.id).catch((error: unknown) => { this.#ports.onError(error) })
      this.#put({ ...call, recording: null })
    }
  }

  #emit(change: PhoneChange): void {
    for (const listener of this.#listeners) listener(change)
  }

  #nowMs(): number {
    return this.#ports.clock.wallMs()
  }

  get #store(): Store {
    return this.#ports.store
  }
}

const isReal = (key: PhoneKeyRecord | undefined): boolean => key?.alert?.kind === 'real'
