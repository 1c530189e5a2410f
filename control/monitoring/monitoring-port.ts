/** What is kept of how clusters worked. Numbers, bytes and buckets are explained in availability.ts and packing.ts; the store only keeps them. */

/** A cluster that has ever been watched, also one that is no more. */
export interface MonitoredCluster {
  /** Short name in the rows below; never used twice. */
  readonly number: number
  readonly clusterId: string
  /** It has been connected. */
  readonly wasSeen: boolean
  /** When it was last online; null: never, or it was when last heard of. */
  readonly leftAtMs: number | null
}

/** From `atMs` on these clusters were in this bucket. */
export interface StateRow {
  readonly atMs: number
  /** Place in BUCKETS; -1: not there any more. */
  readonly bucket: number
  /** Packed numbers. */
  readonly clusters: Uint8Array
}

export interface LoggedRow extends StateRow {
  /** From 1 on, in the order in which they came. */
  readonly seq: number
}

/** A day that is over. */
export interface DayRecord {
  /** `2026-06-18`, of the zone of the server. */
  readonly day: string
  readonly fromMs: number
  readonly untilMs: number
  /** Packed totals: of each cluster the ms in each bucket. */
  readonly totals: Uint8Array
}

export interface MonitoringStore {
  /** In the order of their numbers. */
  clusters(): readonly MonitoredCluster[]
  /** Those of them that had no number get one. @returns the new ones */
  number(clusterIds: readonly string[]): readonly MonitoredCluster[]
  /** They have been online, until `leftAtMs` if that is not null. */
  seen(clusters: readonly { readonly clusterId: string; readonly leftAtMs: number | null }[]): void
  /** Until when rows are known to be complete; null: there has never been one. */
  knownUntilMs(): number | null
  /** In order of time. They and all before them are complete up to `knownUntilMs`. */
  append(rows: readonly StateRow[], knownUntilMs: number): void
  /** In [fromMs, untilMs), in the order in which they came. */
  rows(fromMs: number, untilMs: number): readonly StateRow[]
  /** The same a piece at a time: those after one that was read (of the moment itself with `seq` 0) and before `untilMs`. */
  rowsAfter(last: Pick<LoggedRow, 'atMs' | 'seq'>, untilMs: number, limit: number): readonly LoggedRow[]
  /** Replaces what was kept of that day. */
  closeDay(day: DayRecord): void
  /** In order, both included. */
  days(from: string, to: string): readonly DayRecord[]
  /** Null: none is kept. */
  firstDay(): string | null
  /** The oldest first, so many at most. @returns how many went */
  removeRowsBefore(atMs: number, limit: number): number
  removeDaysBefore(day: string): number
}
