import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { BackupJob, HealthPort, LogVerification, MaintenancePort, ServerHealth } from '../../control/ports.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import type { VerifyReport } from '../log/verify-log.ts'
import type { MaintenanceTask } from './maintenance-worker.ts'

/** Some hundred million entries; beyond that something is wrong with the disk. */
const VERIFY_MOST_MS = 600_000
const BACKUP_MOST_MS = 3_600_000
const BACKUP_KEPT_MS = 1_800_000
const BACKUPS_FOLDER = 'backups-to-fetch'

/** What runs long, in a thread of its own. */
export interface MaintenanceWork {
  verify(dataDir: string, mostMs: number): Promise<VerifyReport>
  /** @param minFreeBytes must stay free on the disk */
  backUp(dataDir: string, file: string, minFreeBytes: number, mostMs: number): Promise<void>
}

export interface MaintenanceOptions {
  readonly dataDir: string
  /** Must stay free on the disk when a backup lies there: an emergency must still be written. */
  readonly minFreeDiskBytes: number
  readonly health: HealthPort
  readonly clock: Clock
  readonly work?: MaintenanceWork
}

/** Verifies logs and makes backups when somebody asks for it, one of each at a time. */
export class Maintenance implements MaintenancePort {
  readonly #options: MaintenanceOptions
  readonly #work: MaintenanceWork
  readonly #folder: string
  #verification: LogVerification | null = null
  #backup: BackupJob | null = null
  #expiry: TimerHandle | null = null

  /** Removes what a server that died has left to fetch. */
  constructor(options: MaintenanceOptions) {
    this.#options = options
    this.#work = options.work ?? IN_THREADS
    this.#folder = join(options.dataDir, BACKUPS_FOLDER)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  health(): ServerHealth {
    return this.#options.health.health()
  }

  verification(): LogVerification | null {
    return this.#verification
  }

  verifyLogs(): LogVerification {
    const last = this.#verification
    if (last?.endedAtMs === null) return last
    const { clock, dataDir } = this.#options
    const running: LogVerification = { startedAtMs: clock.wallMs(), endedAtMs: null, logs: [], checkpoints: 0, unsigned: 0, problems: [] }
    this.#verification = running
    const end = (report: VerifyReport): void => { this.#verification = { ...report, startedAtMs: running.startedAtMs, endedAtMs: clock.wallMs() } }
    this.#work.verify(dataDir, VERIFY_MOST_MS).then(end, (error: unknown) => { end({ logs: [], checkpoints: 0, unsigned: 0, problems: [messageOf(error)] }) })
    return running
  }

  backup(): BackupJob | null {
    return this.#backup
  }

  backUp(id: string, userId: string): BackupJob | null {
    if (this.#backup?.state === 'running') return null
    const { clock, dataDir, minFreeDiskBytes } = this.#options
    this.#forget()
    const running: BackupJob = { id, userId, startedAtMs: clock.wallMs(), state: 'running', bytes: null, expiresAtMs: null, problem: null }
    this.#backup = running
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const file = this.#fileOf(id)
    this.#work.backUp(dataDir, file, minFreeDiskBytes, BACKUP_MOST_MS).then(() => {
      this.#backup = { ...running, state: 'ready', bytes: statSync(file).size, expiresAtMs: clock.wallMs() + BACKUP_KEPT_MS }
      this.#expiry = clock.setTimer(BACKUP_KEPT_MS, () => { this.#forget() })
    }).catch((error: unknown) => {
      rmSync(file, { force: true })
      this.#backup = { ...running, state: 'failed', problem: messageOf(error) }
    })
    return running
  }

  backupFile(id: string): string | null {
    return this.#backup?.id === id && this.#backup.state === 'ready' ? this.#fileOf(id) : null
  }

  /** Idempotent. */
  close(): void {
    this.#expiry?.cancel()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #forget(): void {
    this.#expiry?.cancel()
    this.#expiry = null
    if (this.#backup !== null) rmSync(this.#fileOf(this.#backup.id), { force: true })
    this.#backup = null
  }

  #fileOf(id: string): string {
    return join(this.#folder, `${id}.tar`)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** @throws Error when it has not ended in time */
async function inThread<T>(workerData: MaintenanceTask, mostMs: number): Promise<T> {
  const worker = new Worker(new URL('./maintenance-worker.ts', import.meta.url), { workerData })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<T>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => { reject(new Error('it has ended without a result')) })
      timer = setTimeout(() => { reject(new Error(`it was not done within ${String(mostMs / 60_000)} min and was given up`)) }, mostMs)
      timer.unref()
    })
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}

const IN_THREADS: MaintenanceWork = {
  verify: (dataDir, mostMs) => inThread<VerifyReport>({ dataDir, backup: null }, mostMs),
  backUp: async (dataDir, file, minFreeBytes, mostMs) => { await inThread<null>({ dataDir, backup: { file, minFreeBytes } }, mostMs) },
}
