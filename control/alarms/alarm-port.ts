import type { Page, PageQuery, Within } from '../store-port.ts'

export const SEVERITIES = ['info', 'warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

export const RULE_IDS = [
  'cluster-lost', 'cluster-silent', 'cluster-out-of-step', 'cluster-power', 'cluster-equipment',
  'source-down', 'source-silent', 'source-clipping', 'emergency-unproved',
  'process-restarts', 'disk', 'integrity', 'certificate', 'clock-step', 'notifications-stuck', 'backup-old', 'recording',
  'source-last-input', 'source-wrong-keys',
  'phone-lockout', 'phone-line', 'source-faulty',
] as const
export type RuleId = (typeof RULE_IDS)[number]

export const SUBJECT_KINDS = ['cluster', 'unit', 'source', 'order', 'channel', 'server'] as const
/** What an alarm is about. `server`: a part of it, named by the id, such as `engine` or a folder. */
export interface Subject {
  readonly kind: (typeof SUBJECT_KINDS)[number]
  readonly id: string
}

/** What holds for a rule at a unit, when all has been inherited. */
export interface RuleSettings {
  readonly enabled: boolean
  readonly severity: Severity
  /** The condition must hold for so long before the alarm is raised. */
  readonly holdMs: number
  /** It must be over for so long before the alarm is cleared. */
  readonly clearMs: number
  /** What is too much, in the unit of the rule; null for rules that know none. */
  readonly threshold: number | null
  /** Unacknowledged for so long after it was raised, an alarm goes to the next level: one level for each, rising. */
  readonly escalateAfterMs: readonly number[]
  /** Whether an alarm about a cluster or a unit opens a ticket for maintenance. */
  readonly opensTicket: boolean
}

/** What a unit says of its own; the rest is inherited. */
export type OwnRuleSettings = Partial<RuleSettings>

/** A condition that held for its time. Open until it is cleared; one at most is open for each rule and subject. */
export interface AlarmRecord {
  readonly id: string
  readonly rule: RuleId
  readonly severity: Severity
  readonly subject: Subject
  /** Null: it is about the whole server. */
  readonly unitId: string | null
  /** When its condition began. */
  readonly sinceMs: number
  readonly raisedAtMs: number
  readonly clearedAtMs: number | null
  /** How often it was escalated. */
  readonly level: number
  /** How many clusters it stands for; null when it is about one thing. */
  readonly members: number | null
  /** Which one and how much. */
  readonly detail: string
  readonly detailVi: string
  readonly acknowledged: Acknowledgement | null
}

export interface Acknowledgement {
  readonly atMs: number
  /** Id of the token or user. */
  readonly by: string
  readonly name: string
  readonly note: string | null
}

export interface AlarmFilter {
  readonly within?: Within
  /** Units above the caller's, whose alarms about a whole unit are his too. */
  readonly above?: readonly string[]
  readonly unitId?: string
  readonly severity?: Severity
  readonly rule?: RuleId
  readonly state?: 'open' | 'unacknowledged' | 'cleared'
  readonly subjectId?: string
}

export interface AlarmCount {
  readonly rule: RuleId
  readonly severity: Severity
  readonly open: number
  readonly unacknowledged: number
}

export interface AlarmStore {
  insert(alarm: AlarmRecord): void
  /** Replaces what may change: level, members, detail, acknowledgement, end. */
  update(alarm: AlarmRecord): void
  get(id: string): AlarmRecord | undefined
  /** Oldest first. */
  open(): readonly AlarmRecord[]
  /** When alarms were raised since then, oldest first: what flaps is known again after a restart. */
  raisedSince(ms: number): readonly Pick<AlarmRecord, 'rule' | 'subject' | 'raisedAtMs'>[]
  /** Newest first. */
  list(page: PageQuery, filter: AlarmFilter): Page<AlarmRecord>
  count(filter: Pick<AlarmFilter, 'within' | 'above' | 'unitId'>): readonly AlarmCount[]
  /** Of cleared ones. @returns how many were removed */
  removeClearedBefore(ms: number): number
  /** All that units say of their own; `unitId` null: over the whole tree. */
  ownSettings(): readonly { readonly rule: RuleId; readonly unitId: string | null; readonly settings: OwnRuleSettings }[]
  /** Empty settings take away what was said. */
  putOwnSettings(rule: RuleId, unitId: string | null, settings: OwnRuleSettings): void
}
