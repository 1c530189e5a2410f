import type { AlertRuleStore, AlertStore, AlertTemplateStore } from './alerts/alert-port.ts'
import type { CapFeedStore, CapMessageStore, CapSenderStore } from './cap/cap-port.ts'
import type { MicrophoneStore, SourceAttemptStore, SourceKeyStore, SourceSwitchStore } from './ingest-port.ts'
import type { AirLogStore, AuditLogStore, CheckpointStore } from './log-port.ts'
import type { SessionStore, UserStore } from './people-port.ts'
import type { PlayLogStore } from './play-log-port.ts'
import type { PlaylistStore } from './playlist-port.ts'
import type { ClipRecord, ClusterRecord, ClusterState, Equipment, GroupRecord, IdempotentResponse, Membership, OrderRecord, OrderState, SourceRecord, TokenRecord, UnitContact, UnitRecord, UnitVersion } from './records.ts'
import type { RtpOutputStore } from './rtp-port.ts'
import type { MeasurementStore } from './monitoring/measurement-port.ts'
import type { MonitoringStore } from './monitoring/monitoring-port.ts'
import type { AlarmStore } from './alarms/alarm-port.ts'
import type { NotificationStore } from './alarms/notification-port.ts'
import type { TicketStore } from './alarms/ticket-port.ts'
import type { PhoneCallStore, PhoneKeyStore, PhonePinStore, PhoneTryStore } from './phone/phone-port.ts'
import type { PhotoStore } from './photo-port.ts'
import type { ProofStore } from './proof/proof-port.ts'
import type { PolicyStore } from './policy/policy-port.ts'
import type { RecordingStore } from './recordings/recording-port.ts'
import type { ScheduleStore } from './schedule/schedule-port.ts'
import type { CommandStore, DeviceStore, NumberStore } from './trust-port.ts'
import type { UnitChangeStore } from './unit-change-port.ts'

/** Where a page starts and how long it is. `after` is the `next` of the page before. */
export interface PageQuery {
  readonly after: number | null
  readonly limit: number
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Null on the last page. */
  readonly next: number | null
}

/** Stable codes of the store; the API maps them, nobody matches on texts. */
export type StoreErrorCode = 'STORE_ERR_CONFLICT' | 'STORE_ERR_REFERENCE' | 'STORE_ERR_FULL' | 'STORE_ERR_IO' | 'STORE_ERR_CORRUPT' | 'STORE_ERR_BUSY' | 'STORE_ERR_SCHEMA' | 'STORE_ERR_INTERNAL'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  /** For a conflict: the column that must be unique, such as `units.code`. */
  readonly field: string | null

  constructor(code: StoreErrorCode, message: string, field: string | null = null, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.field = field
  }
}

/** Only what lies in these units and below them; null: everything. */
export type Within = readonly string[] | null

/** What stands in the way of removing a unit. */
export interface UnitDependents {
  readonly units: number
  readonly clusters: number
}

/** `validFromMs`: when the unit came to be, where that is not now. */
export type NewUnit = Omit<UnitRecord, 'level' | 'people' | 'contact' | 'endedAtMs' | 'successorIds'> & { readonly people?: number | null; readonly contact?: UnitContact | null; readonly validFromMs?: number }

export interface UnitFilter {
  readonly parentId?: string | null
  /** Part of the code or the name, in any case, with or without accents. */
  readonly search?: string
  readonly ended?: boolean
  readonly within?: Within
}

/** Codes are unique among the units that have not ended. */
export interface UnitStore {
  insert(unit: NewUnit): UnitRecord
  /**
   * A new code, name or place is another version from `atMs` on, which must not lie before the present one's beginning.
   * @returns undefined when there is no such unit; the same for all `update` below.
   */
  update(id: string, change: Partial<Pick<UnitRecord, 'code' | 'name' | 'parentId' | 'presentationDelayMs' | 'people' | 'contact'>>, atMs: number): UnitRecord | undefined
  /** Keeps which clusters it meant, itself and below, until then; what it holds must be moved afterwards. */
  end(id: string, atMs: number, successorIds: readonly string[]): void
  /** With its history; only one that never held anything. */
  remove(id: string): boolean
  get(id: string): UnitRecord | undefined
  /** Every unit, also those that have ended, parents before children. */
  all(): readonly UnitRecord[]
  list(page: PageQuery, filter: UnitFilter): Page<UnitRecord>
  /** Oldest first. */
  versions(id: string): readonly UnitVersion[]
  /** Of every unit; of each the oldest first. */
  allVersions(): readonly UnitVersion[]
  /** The units of a moment as they were then. */
  mapAt(atMs: number, page: PageQuery): Page<UnitVersion>
  /** The clusters that ended units meant at their end. */
  endedMembers(): readonly { readonly unitId: string; readonly clusterId: string }[]
  /** Whether any cluster belonged to it, whenever. */
  everHeld(id: string): boolean
  /** The unit and everything above it, itself first. */
  ancestors(id: string): readonly string[]
  /** First root that was created and has not ended. */
  firstRoot(): UnitRecord | undefined
  missing(ids: readonly string[]): readonly string[]
  /** Those of them that have ended. */
  ended(ids: readonly string[]): readonly string[]
  /** Units right below that have not ended. */
  childrenOf(id: string): readonly string[]
  dependents(id: string): UnitDependents
  /** Another after each change of any unit, while the store is open. */
  revision(): number
}

export interface ClusterFilter {
  /** The unit and everything below it. */
  readonly unitId?: string
  readonly within?: Within
  readonly tag?: string
  readonly enabled?: boolean
  readonly state?: ClusterState
  readonly technology?: NonNullable<Equipment['technology']>
  /** Part of the code, the name, IMEI, SIM, maker or model, in any case, with or without accents. */
  readonly search?: string
}

export interface ClusterStore {
  insert(cluster: ClusterRecord): ClusterRecord
  update(id: string, change: Partial<Omit<ClusterRecord, 'id' | 'unitId' | 'createdAtMs'>>): ClusterRecord | undefined
  /** To another unit, from `atMs` on, which must not lie before they came to the present one. */
  move(ids: readonly string[], unitId: string, atMs: number): void
  /** Oldest first. */
  memberships(id: string): readonly Membership[]
  /** Of every cluster, also those that are no more; of each the oldest first. */
  allMemberships(): readonly Membership[]
  /** The clusters of the unit itself, without those of units below. */
  ofUnit(unitId: string): readonly { readonly id: string; readonly sinceMs: number }[]
  remove(id: string): boolean
  get(id: string): ClusterRecord | undefined
  all(): readonly ClusterRecord[]
  list(page: PageQuery, filter: ClusterFilter): Page<ClusterRecord>
  missing(ids: readonly string[]): readonly string[]
  count(): { readonly total: number; readonly enabled: number }
  /** Another after each change of any cluster, while the store is open. */
  revision(): number
  /** Ids of all clusters in these units and below them. */
  idsWithin(units: readonly string[]): readonly string[]
  /** Where everything stands that is in use; what is planned, in repair or retired only when it is among these. */
  places(alsoIds: readonly string[]): readonly { readonly id: string; readonly unitId: string }[]
  /** The units that hold any of these, each once. */
  unitsOf(ids: readonly string[]): readonly string[]
}

export interface GroupStore {
  insert(group: GroupRecord): GroupRecord
  /** Replaces the whole record. */
  replace(group: GroupRecord): GroupRecord | undefined
  remove(id: string): boolean
  get(id: string): GroupRecord | undefined
  all(): readonly GroupRecord[]
  /** Those that somebody saved. */
  list(page: PageQuery, filter: { readonly search?: string }): Page<GroupRecord>
  missing(ids: readonly string[]): readonly string[]
}

/** What belongs to the whole tree, and to these units themselves; left out: everything. */
export interface OwnedFilter {
  readonly owners?: readonly string[]
}

export interface SourceStore {
  insert(source: SourceRecord): SourceRecord
  /** Replaces the whole record. */
  replace(source: SourceRecord): SourceRecord | undefined
  remove(id: string): boolean
  get(id: string): SourceRecord | undefined
  all(): readonly SourceRecord[]
  list(page: PageQuery, filter: { readonly kind?: SourceRecord['kind'] } & OwnedFilter): Page<SourceRecord>
  /** Units to which sources belong. */
  owners(): readonly string[]
  /** Sources that name this one as their fallback. */
  fallbackUsers(id: string): readonly string[]
  /** Sources with hot standby that have this one as an input. */
  inputUsers(id: string): readonly string[]
}

export interface ClipFilter extends OwnedFilter {
  readonly search?: string
  readonly unitId?: string
  readonly minDurationMs?: number
  readonly maxDurationMs?: number
  readonly minLufs?: number
  readonly maxLufs?: number
  readonly newestFirst?: boolean
}

export interface ClipStore {
  insert(clip: ClipRecord): ClipRecord
  update(id: string, change: Partial<Pick<ClipRecord, 'name' | 'unitId'>>): ClipRecord | undefined
  remove(id: string): boolean
  get(id: string): ClipRecord | undefined
  /** All clips of this mezzanine, oldest first. */
  ofPath(path: string): readonly ClipRecord[]
  /** Oldest first unless asked otherwise. */
  list(page: PageQuery, filter: ClipFilter): Page<ClipRecord>
  /** Units to which clips belong. */
  owners(): readonly string[]
}

export interface OrderFilter {
  readonly state?: OrderState
  readonly class?: OrderRecord['class']
  readonly clusterId?: string
  /** With `clusterId`: the groups it is in. */
  readonly groupIds?: readonly string[]
  readonly sourceId?: string
}

/** Orders are never changed but by being stopped or handed over, and never removed: they are the history. */
export interface OrderStore {
  /** Gives the number. Durable when it returns, or when the surrounding transaction does. */
  insert(order: Omit<OrderRecord, 'number' | 'stoppedAtMs'>): OrderRecord
  /** Does nothing to an order already stopped or over. Durable as `insert`. */
  stop(id: string, nowMs: number): OrderRecord | undefined
  /** Replaces the sources it was handed over to; nothing of an order already stopped or over. Durable as `insert`. */
  handOver(id: string, handOvers: NonNullable<OrderRecord['handOvers']>, nowMs: number): OrderRecord | undefined
  get(id: string): OrderRecord | undefined
  /** Newest first. The history has no end, so a page may be short, or empty, and still have a `next`. */
  list(page: PageQuery, filter: OrderFilter, nowMs: number): Page<OrderRecord>
  /** Neither stopped nor over: what is or will be on air, oldest first. */
  unfinished(nowMs: number): readonly OrderRecord[]
  /** Oldest first. */
  ofAlert(alertId: string): readonly OrderRecord[]
  /** Begun, and ended or stopped after `sinceMs` and by `nowMs`, oldest first. */
  overSince(sinceMs: number, nowMs: number): readonly OrderRecord[]
  /** How many of the unfinished have started, and how many have not. */
  count(nowMs: number): { readonly onAir: number; readonly scheduled: number }
  /** Ids of unfinished orders that use it. */
  usersOf(what: { readonly sourceId: string } | { readonly clipId: string } | { readonly unitId: string } | { readonly groupId: string }, nowMs: number): readonly string[]
}

export interface TokenStore {
  insert(token: TokenRecord): TokenRecord
  /** Keeps when it was used last; nothing happens when it is not there. */
  used(id: string, atMs: number): void
  remove(id: string): boolean
  get(id: string): TokenRecord | undefined
  byHash(hash: string): TokenRecord | undefined
  all(): readonly TokenRecord[]
}

export interface IdempotencyStore {
  get(scope: string): IdempotentResponse | undefined
  put(response: IdempotentResponse): void
  /** @returns how many were removed. */
  removeBefore(createdAtMs: number): number
}

/**
 * Everything that must survive. Calls return when the data is on disk. Left out on purpose: what is on air (follows from orders and the
 * time), who is connected (known only to those who hold the connections), queries across collections.
 */
export interface Store {
  readonly units: UnitStore
  readonly unitChanges: UnitChangeStore
  readonly clusters: ClusterStore
  readonly groups: GroupStore
  readonly sources: SourceStore
  readonly clips: ClipStore
  readonly playlists: PlaylistStore
  readonly orders: OrderStore
  readonly tokens: TokenStore
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly idempotency: IdempotencyStore
  readonly devices: DeviceStore
  readonly commands: CommandStore
  readonly numbers: NumberStore
  readonly rtpOutputs: RtpOutputStore
  readonly playLog: PlayLogStore
  readonly auditLog: AuditLogStore
  readonly airLog: AirLogStore
  readonly checkpoints: CheckpointStore
  readonly schedule: ScheduleStore
  readonly policies: PolicyStore
  readonly alerts: AlertStore
  readonly alertTemplates: AlertTemplateStore
  readonly alertRules: AlertRuleStore
  readonly monitoring: MonitoringStore
  readonly measurements: MeasurementStore
  readonly proofs: ProofStore
  readonly photos: PhotoStore
  readonly alarms: AlarmStore
  readonly notifications: NotificationStore
  readonly tickets: TicketStore
  readonly capSenders: CapSenderStore
  readonly capFeeds: CapFeedStore
  readonly capMessages: CapMessageStore
  readonly recordings: RecordingStore
  readonly sourceKeys: SourceKeyStore
  readonly microphones: MicrophoneStore
  readonly sourceSwitches: SourceSwitchStore
  readonly sourceAttempts: SourceAttemptStore
  readonly phonePins: PhonePinStore
  readonly phoneKeys: PhoneKeyStore
  readonly phoneCalls: PhoneCallStore
  readonly phoneTries: PhoneTryStore
  /** Runs inside each transaction that changes something, just before it is committed; what it throws undoes the change. Null: nothing. */
  beforeCommit(hook: (() => void) | null): void
  /** All of `work` or none of it; may stand inside another. `work` must not be asynchronous. */
  transaction<T>(work: () => T): T
  /** Idempotent. */
  close(): void
}
