import { X509Certificate } from 'node:crypto'
import { readFile, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { HealthPort, ServerHealth } from '../../control/ports.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { lastBackup } from '../backup.ts'
import { DATABASE_FILE } from '../store/sqlite-store.ts'

const PROBE_MS = 30_000
/** The first look at the whole database comes when a start is over. */
const FIRST_INTEGRITY_MS = 600_000
const HOUR_MS = 3_600_000

export interface HealthProbeOptions {
  readonly dataDir: string
  /** PEM files. */
  readonly certificateFiles: readonly string[]
  /** 0: never. */
  readonly integrityCheckHours: number
  readonly clock: Clock
  /** What is wrong with database and logs; reads all of it. */
  readonly checkIntegrity: (dataDir: string) => Promise<readonly string[]>
  readonly onError: (error: unknown) => void
}

/** Measures disk, certificates and backups every half minute, and looks at the whole database from time to time. */
export class HealthProbe implements HealthPort {
  readonly #options: HealthProbeOptions
  readonly #timers = new Set<TimerHandle>()
  #health: ServerHealth = { disks: [], certificates: [], integrity: null, backup: null }
  #isClosed = false

  constructor(options: HealthProbeOptions) {
    this.#options = options
  }

  health(): ServerHealth {
    return this.#health
  }

  start(): void {
    void this.#repeat(PROBE_MS, () => this.probe())
    const { integrityCheckHours } = this.#options
    if (integrityCheckHours > 0) this.#later(FIRST_INTEGRITY_MS, () => this.#repeat(integrityCheckHours * HOUR_MS, () => this.checkIntegrity()))
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers) timer.cancel()
  }

  /** Once. */
  async probe(): Promise<void> {
    const { dataDir, certificateFiles } = this.#options
    const { blocks, bavail, bsize } = await statfs(dataDir)
    const certificates = await Promise.all(certificateFiles.map(async (name) => ({ name, endsAtMs: await this.#endOfCertificate(name) })))
    const { birthtimeMs } = await stat(join(dataDir, DATABASE_FILE))
    const last = lastBackup(dataDir)
    this.#health = {
      ...this.#health,
      disks: [{ name: dataDir, freeBytes: bavail * bsize, totalBytes: blocks * bsize }],
      certificates,
      backup: { lastAtMs: last?.atMs ?? null, lastFile: last?.file ?? null, dataSinceMs: Math.floor(birthtimeMs) },
    }
  }

  async checkIntegrity(): Promise<void> {
    const { dataDir, clock, checkIntegrity } = this.#options
    const problems = await checkIntegrity(dataDir)
    this.#health = { ...this.#health, integrity: { atMs: clock.wallMs(), problems } }
  }

  /** One that cannot be read protects nobody: it counts as ended. */
  async #endOfCertificate(name: string): Promise<number> {
    try {
      return new X509Certificate(await readFile(name)).validToDate.getTime()
    } catch (error) {
      this.#options.onError(error)
      return 0
    }
  }

  async #repeat(everyMs: number, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#options.onError(error)
    }
    this.#later(everyMs, () => this.#repeat(everyMs, work))
  }

  #later(afterMs: number, work: () => Promise<void>): void {
    if (this.#isClosed) return
    const timer = this.#options.clock.setTimer(afterMs, () => {
      this.#timers.delete(timer)
      void work()
    })
    this.#timers.add(timer)
  }
}
