import { newId } from '../ids.ts'
import type { ControlClock } from '../ports.ts'
import type { Store } from '../store-port.ts'
import { acknowledge, advance, FLAP_WINDOW_MS, restore, type Condition, type EngineChange, type EngineInput, type EngineState } from './alarm-engine.ts'
import type { Acknowledgement, AlarmRecord, OwnRuleSettings, RuleId, RuleSettings } from './alarm-port.ts'
import { alarmKey, effectiveSettings } from './alarm-rules.ts'
import { conditionsOf, type Facts } from './conditions.ts'
import type { NotificationKind } from './notification-port.ts'
import type { Outbox } from './outbox.ts'
import { openTicketFor } from './ticket-rules.ts'

/** How often conditions are looked at. */
export const LOOK_MS = 2000
/** The same while more is to be done than one look does. */
const LOOK_BEHIND_MS = 250
/** Cleared alarms can be read for this long. */
const KEEP_CLEARED_MS = 400 * 24 * 3_600_000

/** Tells what is measured now. */
export interface Observer {
  observe(): Facts
  /** Clusters of the unit and below that are in use: of which it can be said that all of them are lost. */
  clustersWithin(unitId: string): number
}

export interface AlarmChange {
  readonly kind: Exclude<NotificationKind, 'test'> | 'updated'
  readonly alarm: AlarmRecord
}

export interface AlarmDeskPorts {
  readonly store: Store
  readonly observer: Observer
  readonly outbox: Outbox
  readonly clock: ControlClock
  readonly onError: (error: unknown) => void
}

/**
 * Looks at the conditions from time to time and keeps what follows: alarms, their notifications and tickets are written in one transaction, and only then does
 * the engine go on. What could not be written happens again at the next look.
 */
export class AlarmDesk {
  readonly #ports: AlarmDeskPorts
  readonly #listeners = new Set<(change: AlarmChange) => void>()
  readonly #open = new Map<string, AlarmRecord>()
  #state: EngineState
  #timer: { cancel(): void } | null = null
  #isBehind = false

  constructor(ports: AlarmDeskPorts) {
    this.#ports = ports
    const { store, clock } = ports
    const open = store.alarms.open()
    for (const alarm of open) this.#open.set(alarmKey(alarm.rule, alarm.subject), alarm)
    this.#state = restore(
      open.map(({ rule, subject, unitId, detail, detailVi, sinceMs, raisedAtMs, level, acknowledged, members }) => ({ condition: { rule, subject, unitId, detail, detailVi }, sinceMs, raisedAtMs, level, isAcknowledged: acknowledged !== null, members })),
      store.alarms.raisedSince(clock.wallMs() - FLAP_WINDOW_MS).map(({ rule, subject, raisedAtMs }) => ({ key: alarmKey(rule, subject), atMs: raisedAtMs })),
    )
  }

  start(): void {
    this.#later()
  }

  /** Idempotent. */
  close(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  /** @returns ends it */
  subscribe(listener: (change: AlarmChange) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** What holds for a rule at a unit; null: the whole tree. */
  settingsOf(rule: RuleId, unitId: string | null): RuleSettings {
    return this.#memory().settingsOf(rule, unitId)
  }

  /** Looks once. What goes wrong is told, and tried again at the next look. */
  look(): void {
    try {
      this.#look()
    } catch (error) {
      this.#ports.onError(error)
    }
  }

  /**
   * Somebody looks after it: it is escalated no more. The first acknowledgement stays.
   * @returns undefined when it is not open
   */
  acknowledge(id: string, acknowledgement: Acknowledgement): AlarmRecord | undefined {
    const { store, outbox } = this.#ports
    const found = [...this.#open].find(([, alarm]) => alarm.id === id)
    if (found === undefined) return undefined
    const [key, before] = found
    if (before.acknowledged !== null) return before
    const alarm: AlarmRecord = { ...before, acknowledged: acknowledgement }
    store.transaction(() => {
      store.alarms.update(alarm)
      outbox.tell(alarm, 'acknowledged', alarm.level)
    })
    this.#open.set(key, alarm)
    this.#state = acknowledge(this.#state, key)
    this.#publish([{ kind: 'acknowledged', alarm }])
    return alarm
  }

  #look(): void {
    const { store, observer, outbox, clock } = this.#ports
    const facts = observer.observe()
    const nowMs = clock.wallMs()
    const memory = this.#memory()
    const conditions = conditionsOf(facts, {
      threshold: (rule, unitId) => memory.settingsOf(rule, unitId).threshold ?? Infinity,
      isOpen: (rule, kind, id) => this.#open.has(alarmKey(rule, { kind, id })),
    })
    const { state, changes, isBehind } = advance(this.#state, { conditions, ...memory, clustersWithin: (unitId) => observer.clustersWithin(unitId), nowMs })
    const made = changes.length === 0 ? [] : store.transaction(() => {
      if (changes.some(({ kind }) => kind === 'cleared')) store.alarms.removeClearedBefore(nowMs - KEEP_CLEARED_MS)
      return changes.map((change) => this.#keep(change, memory, nowMs))
    })
    this.#state = state
    this.#isBehind = isBehind
    for (const { alarm } of made) {
      const key = alarmKey(alarm.rule, alarm.subject)
      if (alarm.clearedAtMs === null) this.#open.set(key, alarm)
      else this.#open.delete(key)
    }
    if (made.length === 0) return
    this.#publish(made)
    outbox.wake()
  }

  #keep(change: EngineChange, { settingsOf }: Pick<EngineInput, 'settingsOf'>, nowMs: number): AlarmChange {
    const { store, outbox } = this.#ports
    if (change.kind === 'raised') {
      const { condition, sinceMs, members } = change
      const settings = settingsOf(condition.rule, condition.unitId)
      const alarm: AlarmRecord = { id: newId('a', nowMs), rule: condition.rule, severity: settings.severity, subject: condition.subject, unitId: condition.unitId, sinceMs: Math.floor(sinceMs), raisedAtMs: nowMs, clearedAtMs: null, level: 0, members, ...this.#detailOf(condition, members), acknowledged: null }
      store.alarms.insert(alarm)
      outbox.tell(alarm, 'raised', 0)
      if (settings.opensTicket) openTicketFor(alarm, store, nowMs)
      return { kind: 'raised', alarm }
    }
    const before = this.#open.get(change.key)!
    const alarm: AlarmRecord = change.kind === 'cleared' ? { ...before, clearedAtMs: nowMs } : change.kind === 'escalated' ? { ...before, level: change.level } : { ...before, members: change.members }
    store.alarms.update(alarm)
    if (change.kind !== 'updated') outbox.tell(alarm, change.kind, before.level)
    return { kind: change.kind, alarm }
  }

  /** With the name: it is looked for only when something comes of the condition. */
  #detailOf({ subject, unitId, detail, detailVi }: Condition, members: number | null): Pick<AlarmRecord, 'detail' | 'detailVi'> {
    const { clusters, units } = this.#ports.store
    if (subject.kind === 'cluster') {
      const name = clusters.get(subject.id)?.name ?? subject.id
      return { detail: `${name}: ${detail}`, detailVi: `${name}: ${detailVi}` }
    }
    if (members === null || unitId === null) return { detail, detailVi }
    const name = units.get(unitId)?.name ?? unitId
    return { detail: `${name}: ${String(members)} clusters at once`, detailVi: `${name}: ${String(members)} cụm loa cùng lúc` }
  }

  /** Units and settings are read once for a look: there may be thousands of conditions. */
  #memory(): Pick<EngineInput, 'settingsOf' | 'lineageOf'> {
    const { store } = this.#ports
    const own = new Map(store.alarms.ownSettings().map(({ rule, unitId, settings }): [string, OwnRuleSettings] => [`${rule} ${unitId ?? ''}`, settings]))
    const lineages = new Map<string, readonly string[]>()
    const settled = new Map<string, RuleSettings>()
    const lineageOf = (unitId: string): readonly string[] => remembered(lineages, unitId, () => store.units.ancestors(unitId))
    return {
      lineageOf,
      settingsOf: (rule, unitId) => remembered(settled, `${rule} ${unitId ?? ''}`, () => effectiveSettings(rule, unitId === null ? [] : lineageOf(unitId), (id) => own.get(`${rule} ${id ?? ''}`))),
    }
  }

  #publish(changes: readonly AlarmChange[]): void {
    for (const change of changes) for (const listener of this.#listeners) listener(change)
  }

  #later(): void {
    this.#timer = this.#ports.clock.setTimer(this.#isBehind ? LOOK_BEHIND_MS : LOOK_MS, () => {
      this.look()
      this.#later()
    })
  }
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  let value = known.get(key)
  if (value === undefined) known.set(key, value = make())
  return value
}
