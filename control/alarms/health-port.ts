/** What is measured of the server itself, by whoever can. Times in ms since 1970; null: not measured yet. */
export interface ServerHealth {
  readonly disks: readonly { readonly name: string; readonly freeBytes: number; readonly totalBytes: number }[]
  readonly certificates: readonly { readonly name: string; readonly endsAtMs: number }[]
  /** What the last look at the database and the chains of the logs found; empty: nothing wrong. */
  readonly integrity: { readonly atMs: number; readonly problems: readonly string[] } | null
  /** The last backup that was made whole; when there is none, since when there is something to back up. `lastFile` null: it was made to be fetched. */
  readonly backup: { readonly lastAtMs: number | null; readonly lastFile: string | null; readonly dataSinceMs: number } | null
}

/** Tells what it measured last, without waiting. */
export interface HealthPort {
  health(): ServerHealth
}
