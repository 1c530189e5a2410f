import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Store } from '../../control/ports.ts'
import { AirLogTable } from './air-log-table.ts'
import { AlarmTable } from './alarm-table.ts'
import { AlertRuleTable, AlertTemplateTable } from './alert-book-table.ts'
import { AlertTable } from './alert-table.ts'
import { AuditLogTable } from './audit-log-table.ts'
import { CapFeedTable, CapSenderTable } from './cap-book-table.ts'
import { CapMessageTable } from './cap-message-table.ts'
import { CheckpointTable } from './checkpoint-table.ts'
import { ClipTable } from './clip-table.ts'
import { ClusterTable } from './cluster-table.ts'
import { CommandTable } from './command-table.ts'
import { Database } from './database.ts'
import { DeviceTable } from './device-table.ts'
import { GrantTable } from './grant-table.ts'
import { GroupTable } from './group-table.ts'
import { IdempotencyTable } from './idempotency-table.ts'
import { MeasurementTable } from './measurement-table.ts'
import { MonitoringTable } from './monitoring-table.ts'
import { NotificationTable } from './notification-table.ts'
import { NumberTable } from './number-table.ts'
import { OrderTable } from './order-table.ts'
import { PhoneCallTable, PhoneKeyTable, PhonePinTable, PhoneTryTable } from './phone-table.ts'
import { PlayLogTable } from './play-log-table.ts'
import { PlaylistTable } from './playlist-table.ts'
import { PhotoTable } from './photo-table.ts'
import { PolicyTable } from './policy-table.ts'
import { ProofTable } from './proof-table.ts'
import { RecordingTable } from './recording-table.ts'
import { RtpOutputTable } from './rtp-output-table.ts'
import { ScheduleTable } from './schedule-table.ts'
import { SessionTable } from './session-table.ts'
import { MicrophoneTable, SourceAttemptTable, SourceKeyTable, SourceSwitchTable } from './ingest-tables.ts'
import { SourceTable } from './source-table.ts'
import { TicketTable } from './ticket-table.ts'
import { TokenTable } from './token-table.ts'
import { UnitChangeTable } from './unit-change-table.ts'
import { UnitTable } from './unit-table.ts'
import { UserTable } from './user-table.ts'

export const DATABASE_FILE = 'loa.db'

/**
 * The store in one SQLite file. Every call is synchronous, and a change is on the disk when it returns: a commit waits for the disk once, so
 * what belongs together should stand in one transaction. One process only: control.
 */
export class SqliteStore implements Store {
  readonly units: UnitTable
  readonly unitChanges: UnitChangeTable
  readonly clusters: ClusterTable
  readonly groups: GroupTable
  readonly sources: SourceTable
  readonly clips: ClipTable
  readonly playlists: PlaylistTable
  readonly orders: OrderTable
  readonly tokens: TokenTable
  readonly users: UserTable
  readonly sessions: SessionTable
  readonly idempotency: IdempotencyTable
  readonly devices: DeviceTable
  readonly commands: CommandTable
  readonly numbers: NumberTable
  readonly rtpOutputs: RtpOutputTable
  readonly playLog: PlayLogTable
  readonly auditLog: AuditLogTable
  readonly airLog: AirLogTable
  readonly checkpoints: CheckpointTable
  readonly schedule: ScheduleTable
  readonly policies: PolicyTable
  readonly alerts: AlertTable
  readonly alertTemplates: AlertTemplateTable
  readonly alertRules: AlertRuleTable
  readonly monitoring: MonitoringTable
  readonly measurements: MeasurementTable
  readonly proofs: ProofTable
  readonly photos: PhotoTable
  readonly alarms: AlarmTable
  readonly notifications: NotificationTable
  readonly tickets: TicketTable
  readonly capSenders: CapSenderTable
  readonly capFeeds: CapFeedTable
  readonly capMessages: CapMessageTable
  readonly recordings: RecordingTable
  readonly sourceKeys: SourceKeyTable
  readonly microphones: MicrophoneTable
  readonly sourceSwitches: SourceSwitchTable
  readonly sourceAttempts: SourceAttemptTable
  readonly phonePins: PhonePinTable
  readonly phoneKeys: PhoneKeyTable
  readonly phoneCalls: PhoneCallTable
  readonly phoneTries: PhoneTryTable
  readonly #db: Database

  /** Opens `<dataDir>/loa.db`, and makes folder and file when they are missing. */
  static open(dataDir: string): SqliteStore {
    const folder = resolve(dataDir)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return new SqliteStore(new Database(join(folder, DATABASE_FILE)), folder)
  }

  /** A store that is gone when it is closed. */
  static inMemory(): SqliteStore {
    return new SqliteStore(new Database(':memory:'), resolve('/'))
  }

  private constructor(db: Database, folder: string) {
    this.#db = db
    this.units = new UnitTable(db)
    this.unitChanges = new UnitChangeTable(db)
    this.clusters = new ClusterTable(db)
    this.groups = new GroupTable(db)
    this.sources = new SourceTable(db)
    this.clips = new ClipTable(db, folder)
    this.playlists = new PlaylistTable(db)
    this.orders = new OrderTable(db)
    const grants = new GrantTable(db)
    this.tokens = new TokenTable(db, grants)
    this.users = new UserTable(db, grants)
    this.sessions = new SessionTable(db)
    this.idempotency = new IdempotencyTable(db)
    this.devices = new DeviceTable(db)
    this.commands = new CommandTable(db)
    this.numbers = new NumberTable(db)
    this.rtpOutputs = new RtpOutputTable(db)
    this.playLog = new PlayLogTable(db)
    this.auditLog = new AuditLogTable(db)
    this.airLog = new AirLogTable(db)
    this.proofs = new ProofTable(db)
    this.checkpoints = new CheckpointTable(db, { audit: this.auditLog.chain, air: this.airLog.chain, report: this.proofs.chain })
    this.schedule = new ScheduleTable(db)
    this.policies = new PolicyTable(db)
    this.capSenders = new CapSenderTable(db)
    this.capFeeds = new CapFeedTable(db)
    this.capMessages = new CapMessageTable(db)
    this.alerts = new AlertTable(db)
    this.alertTemplates = new AlertTemplateTable(db)
    this.alertRules = new AlertRuleTable(db)
    this.monitoring = new MonitoringTable(db)
    this.measurements = new MeasurementTable(db)
    this.photos = new PhotoTable(db)
    this.alarms = new AlarmTable(db)
    this.notifications = new NotificationTable(db)
    this.tickets = new TicketTable(db)
    this.recordings = new RecordingTable(db)
    this.sourceKeys = new SourceKeyTable(db)
    this.microphones = new MicrophoneTable(db)
    this.sourceSwitches = new SourceSwitchTable(db)
    this.sourceAttempts = new SourceAttemptTable(db)
    this.phonePins = new PhonePinTable(db)
    this.phoneKeys = new PhoneKeyTable(db)
    this.phoneCalls = new PhoneCallTable(db)
    this.phoneTries = new PhoneTryTable(db)
  }

  transaction<T>(work: () => T): T {
    return this.#db.transaction(work)
  }

  beforeCommit(hook: (() => void) | null): void {
    this.#db.beforeCommit = hook
  }

  /** The value of a pragma, such as `synchronous`. */
  pragma(name: string): unknown {
    return this.#db.pragma(name)
  }

  close(): void {
    this.#db.close()
  }
}
