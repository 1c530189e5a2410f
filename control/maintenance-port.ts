import type { HealthPort } from './alarms/health-port.ts'
import type { LogName } from './log-port.ts'

/** What came of recomputing the chains of the logs and checking every checkpoint. */
export interface LogVerification {
  readonly startedAtMs: number
  /** null: it is under way. */
  readonly endedAtMs: number | null
  readonly logs: readonly { readonly log: LogName; readonly entries: number; readonly firstAtMs: number | null; readonly lastAtMs: number | null }[]
  readonly checkpoints: number
  /** Entries after the last checkpoint: chained, but not yet signed. */
  readonly unsigned: number
  /** Empty: all is well, once it has ended. */
  readonly problems: readonly string[]
}

/** A backup that somebody has asked for, until he has fetched it or its time is over. */
export interface BackupJob {
  readonly id: string
  /** Id of the user who asked for it; nobody else may fetch it. */
  readonly userId: string
  readonly startedAtMs: number
  readonly state: 'running' | 'ready' | 'failed'
  /** Of the file; null: it is not there. */
  readonly bytes: number | null
  /** When the file is removed; null: it is not there. */
  readonly expiresAtMs: number | null
  readonly problem: string | null
}

/** Work on the server's own files that takes long and runs beside everything else. */
export interface MaintenancePort extends HealthPort {
  /** null: nobody has asked since the start. */
  verification(): LogVerification | null
  /** Begins one unless one is under way. */
  verifyLogs(): LogVerification
  /** null: none is there. */
  backup(): BackupJob | null
  /** Begins one, in the place of the one that was there. @returns null while another is under way */
  backUp(id: string, userId: string): BackupJob | null
  /** Where the file of a backup that is ready lies. */
  backupFile(id: string): string | null
}
