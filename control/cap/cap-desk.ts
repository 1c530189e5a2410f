import type { AlertCaller, AlertDraft, AlertRequest, PartRequest } from '../alerts/alert-request.ts'
import type { AlertDesk } from '../alerts/alert-desk.ts'
import { MOST_LIFE_MS } from '../alerts/alert-draft.ts'
import type { AlertRecord } from '../alerts/alert-port.ts'
import { alertState } from '../alerts/alert-state.ts'
import { newId } from '../ids.ts'
import type { Broadcast, Store } from '../ports.ts'
import { ApiError } from '../problem.ts'
import { Rights } from '../rights.ts'
import { contentOf, MOST_SPOKEN } from './cap-alert.ts'
import { isWithin, reachOf } from './cap-area.ts'
import { audioClip, type CapAudioPorts } from './cap-audio.ts'
import { canonicalXml } from './c14n.ts'
import { readCapKey } from './cap-keys.ts'
import { referenceKey, type CapMessage, type CapReference } from './cap-message.ts'
import type { CapMessageRecord, CapOutcome, CapSenderRecord, CapSignature } from './cap-port.ts'
import { readCap } from './cap-reader.ts'
import { decide, type CapReason, type Decision, type KnownAlert, type KnownMessage } from './decision.ts'
import { verifyCap } from './signature.ts'
import { elementsOf, readXml, type XmlElement } from './xml.ts'

/** Of a message, with what is embedded in it. */
export const CAP_XML_LIMITS = { bytes: 4 * 1024 * 1024, elements: 20_000, depth: 16 } as const

const HOUR_MS = 3_600_000
/** Messages of a chain that are looked at. */
const MOST_KNOWN = 200
/** Refused messages that are kept. */
const MOST_REFUSED = 1000
/** What goes on the air by itself does not wait longer for a recording: it is spoken then. */
const AUDIO_AIR_MS = 1000
const AUDIO_ASK_MS = 10_000

export interface CapDeskPorts extends CapAudioPorts {
  readonly store: Store
  readonly broadcast: Pick<Broadcast, 'clustersOf' | 'select'>
  readonly alerts: Pick<AlertDesk, 'draft' | 'carryOut' | 'confirm' | 'cancel' | 'refuse' | 'readyCancellation'>
  readonly onError: (error: unknown) => void
}

/** A document that was read and is not dealt with yet. */
export interface CapDocument {
  readonly root: XmlElement
  readonly message: CapMessage
}

export interface CapReceipt {
  readonly record: CapMessageRecord
  /** False: it had come before. */
  readonly isNew: boolean
}

type Say = Extract<Decision, { readonly infos: unknown }>
type Cancel = Extract<Decision, { readonly stops: unknown }>

/** @throws CapError */
export function readCapDocument(bytes: Uint8Array): CapDocument {
  const root = readXml(bytes, CAP_XML_LIMITS)
  return { root, message: readCap(root) }
}

/**
 * Takes messages of CAP, wherever they come from: says what is to be thought of their signatures, decides, keeps, and lets the alert desk do what is to be done.
 * A message is on the disk before anything comes of it; what a restart has interrupted is done after it.
 */
export class CapDesk {
  readonly #ports: CapDeskPorts
  readonly #running = new Map<string, Promise<CapMessageRecord>>()
  /** Made once something is on the air. */
  readonly #afterwards = new Set<Promise<void>>()

  constructor(ports: CapDeskPorts) {
    this.#ports = ports
  }

  /** Takes up what was interrupted. Call it when the alert desk has started. */
  start(): void {
    for (const record of this.#ports.store.capMessages.working()) {
      this.#resume(record).catch((error: unknown) => {
        this.#ports.onError(error)
        this.#settle(record, 'waiting', 'cannot-prepare')
      })
    }
  }

  /** Settles when what is being made of messages now is made. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values())
    await Promise.allSettled(this.#afterwards)
  }

  /** As `settled`, but waits no longer than this: what is not made then is taken up at the next start. */
  async close(mostMs: number): Promise<void> {
    let timer: { cancel(): void } | undefined
    const late = new Promise<void>((resolve) => { timer = this.#ports.clock.setTimer(mostMs, resolve) })
    await Promise.race([this.settled(), late])
    timer?.cancel()
  }

  /**
   * Deals with a message. Answers when it is on the air, waits for a person, or nothing comes of it.
   * @throws ApiError LOA_ERR_TOO_MANY from a sender that sends far more than was agreed
   */
  async take({ root, message }: CapDocument, via: CapMessageRecord['via']): Promise<CapReceipt> {
    const { store, clock } = this.#ports
    const nowMs = clock.wallMs()
    const sender = this.#senderOf(message)
    const signature = signatureOf(root, sender, nowMs)
    const begun = store.transaction(() => {
      const before = store.capMessages.same(message).find((one) => one.signature === signature)
      if (before !== undefined && before.outcome !== 'refused') return { record: store.capMessages.settle(before.id, { repeats: before.repeats + 1 }), decision: null, isNew: false }
      const decision = this.#decide(message, signature, sender, nowMs)
      if (decision.reason === 'flood') throw new ApiError('LOA_ERR_TOO_MANY', 'the sender sends far more than was agreed (mostPerHour)', 'nơi gửi gửi vượt xa mức thỏa thuận (mostPerHour)', { headers: { 'Retry-After': '600' } })
      const came = { receivedAtMs: nowMs, via, senderId: sender?.id ?? null, unitId: sender?.unitId ?? null, ...standing(decision) }
      const { identifier, sent, status, msgType, scope, references } = message
      const record = before === undefined
        ? store.capMessages.insert({ id: newId('w', nowMs), ...came, sender: message.sender, identifier, sent, status, msgType, scope, references, signature, alertId: null, repeats: 0, xml: canonicalXml(root, { exclusive: false }) })
        : store.capMessages.settle(before.id, { ...came, repeats: before.repeats + 1 })
      if (record.outcome === 'refused') store.capMessages.trimRefused(MOST_REFUSED)
      return { record, decision, isNew: before === undefined }
    })
    const { record, decision, isNew } = begun
    if (decision === null) return { record: await (this.#running.get(record.id) ?? record), isNew }
    if (sender === null || decision.action === 'keep' || decision.action === 'refuse') return { record, isNew }
    return { record: await this.#run(record, message, sender, decision), isNew }
  }

  #run(record: CapMessageRecord, message: CapMessage, sender: CapSenderRecord, decision: Say | Cancel): Promise<CapMessageRecord> {
    const work = (decision.action === 'cancel' ? this.#cancel(record, message, sender, decision) : this.#alert(record, message, sender, decision)).catch((error: unknown) => {
      this.#ports.onError(error)
      return this.#settle(record, 'waiting', 'cannot-prepare')
    })
    this.#running.set(record.id, work)
    return work.finally(() => { this.#running.delete(record.id) })
  }

  async #resume(record: CapMessageRecord): Promise<void> {
    const { store, alerts, clock } = this.#ports
    const { message } = readCapDocument(Buffer.from(record.xml))
    const sender = this.#senderOf(message)
    // That of a message which came unsigned too is another.
    const left = record.alertId === null ? undefined : store.alerts.get(record.alertId)
    if (sender !== null && left !== undefined && stateOf(left, clock.wallMs()) === 'waiting') alerts.refuse(left.id, callerFor(sender, store), 'restart')
    if (left !== undefined && left.onAirFromMs !== null) {
      this.#settle(record, left.confirmed?.kind === 'cap-sender' ? 'on-air' : 'waiting', left.confirmed?.kind === 'cap-sender' ? 'aired' : 'not-pre-authorised', left.id)
      return
    }
    const decision = this.#decide(message, record.signature, sender, clock.wallMs(), record.id)
    if (sender === null || decision.action === 'keep' || decision.action === 'refuse') store.capMessages.settle(record.id, standing(decision))
    else await this.#run(record, message, sender, decision)
  }

  /** @param exceptId the record of the message itself, when it is decided again */
  #decide(message: CapMessage, signature: CapSignature, sender: CapSenderRecord | null, nowMs: number, exceptId?: string): Decision {
    const { store } = this.#ports
    const known = this.#knownTo(message, nowMs).filter(({ id }) => id !== exceptId)
    const recent = sender === null ? { all: 0, aired: 0 } : store.capMessages.countSince(sender.id, signature, nowMs - HOUR_MS)
    // The message itself is among them by now.
    const others = exceptId === undefined ? recent : { ...recent, all: recent.all - 1 }
    return decide({ message, signature, sender: sender === null ? null : { mostPerHour: sender.mostPerHour, preAuthorised: sender.preAuthorisedUnitIds.length > 0 }, known, recent: others, nowMs })
  }

  /** What is kept of the same sender about the same matter: before it and after it. */
  #knownTo(message: CapMessage, nowMs: number): KnownMessage[] {
    const { capMessages } = this.#ports.store
    const found = new Map<string, CapMessageRecord>()
    const looked = new Set<string>()
    const queue: CapReference[] = [message, ...message.references]
    for (let reference = queue.shift(); reference !== undefined && found.size < MOST_KNOWN; reference = queue.shift()) {
      const key = referenceKey(reference)
      if (looked.has(key) || reference.sender !== message.sender) continue
      looked.add(key)
      for (const record of [...capMessages.same(reference), ...capMessages.referringTo(reference)]) {
        if (record.sender !== message.sender || found.has(record.id)) continue
        found.set(record.id, record)
        queue.push(record, ...record.references)
      }
    }
    return [...found.values()].map((record) => ({ ...record, alert: this.#alertOf(record, nowMs) }))
  }

  /** What stands now in the place of the alert that was made of it. */
  #alertOf({ alertId }: CapMessageRecord, nowMs: number): KnownAlert | null {
    const { alerts } = this.#ports.store
    let alert = alertId === null ? undefined : alerts.get(alertId)
    const isByHand = ({ closed = null }: Partial<Pick<AlertRecord, 'closed'>> = {}): boolean => closed !== null && closed.by.kind !== 'cap-sender' && closed.state !== 'refused'
    let byHand = isByHand(alert)
    for (let next = alert?.replacedBy ?? null; next !== null; next = alert?.replacedBy ?? null) {
      alert = alerts.get(next)
      byHand ||= isByHand(alert)
    }
    if (alert === undefined) return null
    return { id: alert.id, state: alert.purpose === 'cancellation' ? 'over' : stateOf(alert, nowMs), byHand }
  }

  async #alert(record: CapMessageRecord, message: CapMessage, registered: CapSenderRecord, decision: Say): Promise<CapMessageRecord> {
    const { store, broadcast, clock, alerts } = this.#ports
    const sender = standingSender(registered, store)
    const reach = reachOf(decision.infos, sender, store, broadcast)
    if (reach.clusterIds.length === 0) return this.#settle(record, 'kept', 'nobody-there')
    let reason: CapReason = decision.reason
    if (decision.action === 'air' && !isWithin(reach.clusterIds, sender.preAuthorisedUnitIds, store)) reason = 'not-pre-authorised'
    if (!reach.isPlaced) reason = 'no-area'
    const mayAir = reason === 'aired'

    const nowMs = clock.wallMs()
    const content = contentOf(decision.infos, nowMs, mayAir ? MOST_SPOKEN.air : MOST_SPOKEN.ask)
    const parts = await this.#parts(content, mayAir)
    if (parts.length === 0) return this.#settle(record, 'waiting', 'no-words')
    const [replaces] = decision.replaces
    // What stands in the place of something on the air cannot begin later: until then the old would be said.
    const startsAtMs = replaces === undefined ? content.startsAtMs : null
    const latestMs = (startsAtMs ?? nowMs) + MOST_LIFE_MS
    const request: AlertRequest = {
      kind: message.status === 'Exercise' ? 'exercise' : 'real',
      hazard: content.hazard,
      level: content.level,
      title: content.title,
      targets: reach.targets,
      parts,
      isUrgent: mayAir,
      issuer: sender.unitId,
      origin: { kind: 'cap', sender: message.sender, identifier: message.identifier, sent: message.sent },
      ...(startsAtMs === null ? {} : { startsAtMs }),
      ...(content.expiresAtMs === null ? {} : { expiresAtMs: Math.min(content.expiresAtMs, latestMs) }),
      ...(replaces === undefined ? {} : { replaces }),
    }
    const caller = callerFor(sender, store)
    let draft
    try {
      draft = await this.#draftInTime(request, caller)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const again = this.#decide(message, record.signature, this.#senderOf(message), clock.wallMs(), record.id)
      if ('replaces' in again && isElsewhere(again, decision)) return this.#alert(record, message, registered, again)
      this.#ports.onError(error)
      return this.#settle(record, 'waiting', 'cannot-prepare')
    }
    const kept = store.transaction(() => {
      const again = this.#decide(message, record.signature, this.#senderOf(message), clock.wallMs(), record.id)
      if (again.action !== 'air' && again.action !== 'ask') return { written: null, record: store.capMessages.settle(record.id, standing(again)) }
      if (isElsewhere(again, decision)) return { written: null, record, instead: again }
      const written = alerts.carryOut(draft, caller)
      // Until it is on the air it waits: whatever happens now, a person finds it.
      const settled = store.capMessages.settle(record.id, { outcome: mayAir && again.action === 'air' ? 'working' : 'waiting', reason: mayAir ? again.reason : reason, alertId: written.alert.id })
      return { written, record: settled }
    })
    if (kept.instead !== undefined) return this.#alert(record, message, registered, kept.instead)
    if (kept.written === null) return kept.record
    kept.written.after()
    for (const id of decision.withdraws) this.#attempt(() => alerts.refuse(id, caller, referenceKey(message)))
    try {
      if (kept.record.outcome !== 'working') return kept.record
      alerts.confirm(kept.written.alert.id, caller)
    } catch (error) {
      this.#ports.onError(error)
      return this.#settle(kept.record, 'waiting', 'cannot-prepare')
    } finally {
      if (mayAir) this.#readyCancellation(kept.written.alert.id)
    }
    for (const id of decision.replaces.slice(1)) await this.#triedToStop(id, message, caller)
    return this.#settle(kept.record, 'on-air', 'aired')
  }

  #readyCancellation(alertId: string): void {
    const work = this.#ports.alerts.readyCancellation(alertId).finally(() => { this.#afterwards.delete(work) })
    this.#afterwards.add(work)
  }

  /** What is over too soon to be said three times is said once. */
  async #draftInTime(request: AlertRequest, caller: AlertCaller): Promise<AlertDraft> {
    const { alerts } = this.#ports
    try {
      return await alerts.draft(request, caller)
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'LOA_ERR_ORDER_TIME') throw error
      return alerts.draft({ ...request, repeat: { times: 1, everyHours: null } }, caller)
    }
  }

  /** Recordings where there are any that can be had in time, else words; only Vietnamese can be spoken. */
  async #parts({ parts, title }: ReturnType<typeof contentOf>, mayAir: boolean): Promise<PartRequest[]> {
    const rule = mayAir ? { timeoutMs: AUDIO_AIR_MS, needsDigest: true } : { timeoutMs: AUDIO_ASK_MS, needsDigest: false }
    const made = await Promise.all(parts.map(async ({ language, text, audio }): Promise<PartRequest | null> => {
      const clipId = await audioClip(audio, title, rule, this.#ports)
      if (clipId !== null) return { language, clipId, ...(text === '' ? {} : { text }) }
      return language === 'vi' && text !== '' ? { language, text } : null
    }))
    return made.filter((part) => part !== null)
  }

  async #cancel(record: CapMessageRecord, message: CapMessage, sender: CapSenderRecord, { stops, withdraws, byHand }: Cancel): Promise<CapMessageRecord> {
    const { store, alerts, broadcast } = this.#ports
    const caller = callerFor(sender, store)
    const left = [...byHand]
    for (const id of stops) {
      if (!isWithin(broadcast.clustersOf(store.alerts.get(id)!.targets), sender.preAuthorisedUnitIds, store)) left.push(id)
      else if (!(await this.#triedToStop(id, message, caller))) left.push(id)
    }
    for (const id of withdraws) this.#attempt(() => alerts.refuse(id, caller, reasonOf(message)))
    return left.length > 0 ? this.#settle(record, 'waiting', 'cancel-by-hand', left[0]) : this.#settle(record, 'cancelled', 'cancelled', stops[0] ?? withdraws[0])
  }

  async #stop(alertId: string, message: CapMessage, caller: AlertCaller): Promise<void> {
    try {
      await this.#ports.alerts.cancel(alertId, { reason: reasonOf(message) }, caller)
    } catch (error) {
      if (!isOver(error)) throw error
    }
  }

  /** @returns false: a person must do it. One that cannot be stopped keeps no other on the air. */
  async #triedToStop(alertId: string, message: CapMessage, caller: AlertCaller): Promise<boolean> {
    try {
      await this.#stop(alertId, message, caller)
      return true
    } catch (error) {
      this.#ports.onError(error)
      return false
    }
  }

  /** What is over meanwhile needs nothing more. */
  #attempt(work: () => unknown): void {
    try {
      work()
    } catch (error) {
      if (!isOver(error)) throw error
    }
  }

  #settle(record: CapMessageRecord, outcome: CapOutcome, reason: CapReason, alertId?: string): CapMessageRecord {
    return this.#ports.store.capMessages.settle(record.id, { outcome, reason, ...(alertId === undefined ? {} : { alertId }) })
  }

  #senderOf({ sender }: CapMessage): CapSenderRecord | null {
    const found = this.#ports.store.capSenders.bySender(sender)
    return found?.enabled === true ? found : null
  }
}

const isOver = (error: unknown): boolean => error instanceof ApiError && error.code === 'LOA_ERR_ALERT_STATE'

/** One line, for the alert that it ends. */
const reasonOf = ({ note, msgType, identifier }: CapMessage): string => `CAP ${msgType} ${identifier}${note === null ? '' : `: ${note}`}`.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').slice(0, 500).trim()

function signatureOf(root: XmlElement, sender: CapSenderRecord | null, nowMs: number): CapSignature {
  // Without a key nothing can be said of it.
  if (sender === null) return elementsOf(root).some(({ local }) => local === 'Signature') ? 'unusable' : 'absent'
  return verifyCap(root, sender.keys.map(readCapKey), nowMs).verdict
}

/** A sender whose unit has ended speaks for the unit that took over, or the lowest that has all of these; without a hand where it may still. */
function standingSender(sender: CapSenderRecord, { units }: Pick<Store, 'units'>): CapSenderRecord {
  const heirs = heirsOf(sender.unitId, units)
  const above = heirs.map((id) => units.ancestors(id))
  const unitId = above[0]?.find((id) => above.every((ids) => ids.includes(id)))
  return unitId === undefined ? sender : { ...sender, unitId }
}

function heirsOf(unitId: string, units: Store['units']): string[] {
  const unit = units.get(unitId)
  return unit === undefined ? [] : unit.endedAtMs === null ? [unitId] : unit.successorIds.flatMap((id) => heirsOf(id, units))
}

function standing(decision: Decision): Pick<CapMessageRecord, 'outcome' | 'reason'> {
  if (decision.action === 'keep') return { outcome: 'kept', reason: decision.reason }
  if (decision.action === 'refuse') return { outcome: 'refused', reason: decision.reason }
  return { outcome: 'working', reason: 'working' }
}

function stateOf(alert: AlertRecord, nowMs: number): KnownAlert['state'] {
  const state = alertState(alert, nowMs)
  if (state === 'prepared' || state === 'awaiting-second') return 'waiting'
  return state === 'scheduled' || state === 'on-air' ? 'on-air' : 'over'
}

function callerFor({ id, name, unitId }: CapSenderRecord, store: Pick<Store, 'units'>): AlertCaller {
  return { kind: 'cap-sender', actorId: id, credentialId: id, name, rights: new Rights([{ role: 'emergency-officer', unitId }], (unit) => store.units.ancestors(unit)) }
}

/** While it was spoken another message has taken the place of what it was to replace: both would be said. */
const isElsewhere = (now: Say, then: Say): boolean => now.replaces.join() !== then.replaces.join()
