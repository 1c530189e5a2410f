import type { Selection, Targets } from '../records.ts'
import type { Page, PageQuery } from '../store-port.ts'
import type { SpeechVoice } from './speech-port.ts'

/**
 * `real` goes before `exercise`, which is the same with «Đây là diễn tập» around it; a `test` reaches only clusters that are not in use, which it names.
 */
export const ALERT_KINDS = ['real', 'exercise', 'test'] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

export const HAZARDS = ['flood', 'storm', 'dam-release', 'fire', 'epidemic', 'missing-person', 'all-clear', 'other'] as const
export type Hazard = (typeof HAZARDS)[number]

/** Levels of disaster risk, Quyết định 18/2021/QĐ-TTg, article 4; 5 is the gravest. */
export type RiskLevel = 1 | 2 | 3 | 4 | 5

/**
 * prepared: waits to be confirmed. awaiting-second: one person has confirmed, another must. scheduled: confirmed, begins later. on-air: in force: it sounds, or is
 * repeated. ended: its time is over, or a newer one has taken its place. expired: nobody confirmed in time. refused: the other person said no.
 */
export const ALERT_STATES = ['prepared', 'awaiting-second', 'scheduled', 'on-air', 'ended', 'cancelled', 'expired', 'refused'] as const
export type AlertState = (typeof ALERT_STATES)[number]

export const ALERT_PURPOSES = ['alert', 'update', 'correction', 'cancellation'] as const
export type AlertPurpose = (typeof ALERT_PURPOSES)[number]

/** What is said in one language. */
export interface AlertPart {
  /** `vi` first; others as BCP 47 has them: `tyz` Tày, `nut` Nùng, `hmn` Hmông, `mtq` Mường, `jra` Gia Rai... */
  readonly language: string
  /** Null: only a recording. */
  readonly text: string | null
  readonly clipId: string
}

/** How often it is said. */
export interface AlertRepeat {
  /** One after the other, when it begins and at each repetition. */
  readonly times: number
  /** And again at every hour of the day in Viet Nam that this divides, until it ends; null: never. */
  readonly everyHours: number | null
}

/** Who did something, and with which session or token. A token is a program's: it is nobody of two persons. */
export interface AlertActor {
  readonly kind: 'person' | 'token' | 'cap-sender'
  readonly actorId: string
  readonly credentialId: string
  readonly name: string
}

export interface AlertMark extends AlertActor {
  readonly atMs: number
}

export type AlertOrigin =
  | { readonly kind: 'person' }
  /** A message of CAP 1.2, which these three tell from every other. */
  | { readonly kind: 'cap'; readonly sender: string; readonly identifier: string; readonly sent: string }

/** How many people live where an alert reaches. */
export interface AlertPeople {
  /** Null: of none of the units is it known. */
  readonly known: number | null
  /** Units that were counted, and those of them that have no number. */
  readonly units: number
  readonly unknownUnits: number
}

/** Which orders an alert has given follows from them: see `OrderStore.ofAlert`. Its state follows from this and the time: see `alertState`. */
export interface AlertRecord {
  readonly id: string
  readonly purpose: AlertPurpose
  readonly kind: AlertKind
  readonly hazard: Hazard
  readonly level: RiskLevel
  readonly title: string
  /** Empty when it is live. */
  readonly parts: readonly AlertPart[]
  readonly sourceId: string | null
  /** Said before and after each time, of exercises and tests. */
  readonly frameClipId: string | null
  /** Said when it is cancelled; null: nothing could be made, or it is itself a cancellation. */
  readonly cancelClipId: string | null
  /** What its orders mean: clusters that come to be meant later hear it too. */
  readonly targets: Targets
  /** An area or circles that were drawn for it; kept as a group of its own, which `targets` names, while the alert is not over. */
  readonly selection: Selection | null
  /** How many clusters were meant, and how many of them connected, when it was prepared. Which: `AlertStore.clustersOf`. */
  readonly targeted: number
  readonly online: number
  /** Counted then too. */
  readonly people: AlertPeople
  readonly issuerUnitId: string
  readonly prepared: AlertMark
  readonly confirmed: AlertMark | null
  readonly approved: AlertMark | null
  /** How many persons the rule demanded when it was confirmed. */
  readonly persons: 1 | 2 | null
  /** Why one person alone put it on the air though the rule demands two. */
  readonly breakGlass: string | null
  /** Null: when it is confirmed. */
  readonly startsAtMs: number | null
  /** First moment of its sound, once that is settled. */
  readonly onAirFromMs: number | null
  /** How long it is in force from its beginning; null: until a fixed moment. */
  readonly lifeMs: number | null
  /** First ms at which it is over. Before its beginning is settled: as if it began when it was prepared. */
  readonly expiresAtMs: number
  /** First ms at which nobody can confirm it any more. */
  readonly confirmByMs: number
  /** The same of the second person; null while he is not waited for. */
  readonly approveByMs: number | null
  readonly repeat: AlertRepeat
  readonly replaces: string | null
  readonly replacedBy: string | null
  /** What ended it before its time. */
  readonly closed: { readonly state: 'cancelled' | 'refused' | 'ended'; readonly by: AlertMark; readonly reason: string | null } | null
  readonly origin: AlertOrigin
}

/** The part of an alert that its orders carry. */
export interface OrderAlert {
  readonly id: string
  readonly kind: AlertKind
  readonly level: RiskLevel
}

export interface AlertTemplateRecord {
  readonly id: string
  /** For this unit and those below it. */
  readonly unitId: string
  readonly hazard: Hazard
  readonly title: string
  readonly level: RiskLevel
  /** What is said in Vietnamese, with slots such as `{place}`. */
  readonly text: string
  readonly voice: SpeechVoice
  /** Recordings in other languages. */
  readonly recordings: readonly { readonly language: string; readonly clipId: string }[]
  readonly repeat: AlertRepeat
  readonly lifeMs: number
  readonly createdAtMs: number
  readonly changedAtMs: number
}

/** When a unit wants two persons for what it issues and for what it hears. At a unit the nearest holds of its own and those above it. */
export interface AlertRuleRecord {
  readonly unitId: string
  /** Two are needed when any of these fits. */
  readonly twoPersons: readonly AlertRuleCase[]
  /** How long the second is waited for. */
  readonly waitMs: number
  /** Whether one may do without the second, giving a reason. */
  readonly breakGlass: boolean
}

export interface AlertRuleCase {
  readonly kinds: readonly AlertKind[]
  /** From this level on. */
  readonly level: RiskLevel
  /** From so many clusters on; 0: always. */
  readonly clusters: number
}

export interface AlertFilter {
  readonly kind?: AlertKind
  readonly hazard?: Hazard
  /** Over, or not. */
  readonly over?: boolean
  readonly isConfirmed?: boolean
  /** First moment at which it was prepared. */
  readonly fromMs?: number
  /** First moment after. */
  readonly toMs?: number
}

export type AlertNeeds = { readonly sourceId: string } | { readonly clipId: string } | { readonly unitId: string } | { readonly groupId: string }

/** Alerts are never removed: they are the history. */
export interface AlertStore {
  insert(alert: AlertRecord, clusterIds: readonly string[]): AlertRecord
  replace(alert: AlertRecord): AlertRecord
  get(id: string): AlertRecord | undefined
  /** Newest first. */
  list(page: PageQuery, filter: AlertFilter, nowMs: number): Page<AlertRecord>
  /** All that are not over, oldest first. */
  open(nowMs: number): readonly AlertRecord[]
  /** The exact list when it was prepared. */
  clustersOf(id: string): readonly string[]
  /** Clusters that have heard all of it once. */
  reached(id: string): readonly string[]
  noteReached(id: string, clusterIds: readonly string[]): void
  /** Ids of alerts that are not over and of templates that need it. */
  usersOf(what: AlertNeeds, nowMs: number): readonly string[]
}

export interface AlertTemplateStore {
  insert(template: AlertTemplateRecord): AlertTemplateRecord
  replace(template: AlertTemplateRecord): AlertTemplateRecord | undefined
  remove(id: string): boolean
  get(id: string): AlertTemplateRecord | undefined
  list(page: PageQuery, filter: { readonly unitId?: string; readonly hazard?: Hazard }): Page<AlertTemplateRecord>
}

/** Rules go with their units. */
export interface AlertRuleStore {
  get(unitId: string): AlertRuleRecord | undefined
  all(): readonly AlertRuleRecord[]
  put(rule: AlertRuleRecord): void
  remove(unitId: string): boolean
}
