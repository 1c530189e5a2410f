/** Packed cells (measurement-cells.ts) of one block of clusters over one step; the store only keeps them. */
export interface MeasurementRow {
  readonly fromMs: number
  readonly cells: Uint8Array
}

/** What devices measured, one row a step and block of clusters. */
export interface MeasurementStore {
  get(stepMs: number, block: number, fromMs: number): Uint8Array | undefined
  /** Replaces what was kept there. */
  put(stepMs: number, block: number, row: MeasurementRow): void
  /** Those that begin in [fromMs, untilMs), in order, at most `limit`. */
  rows(stepMs: number, block: number, fromMs: number, untilMs: number, limit: number): readonly MeasurementRow[]
  /** The oldest of the block that begin before, at most `limit`. @returns how many */
  removeBefore(stepMs: number, block: number, beforeMs: number, limit: number): number
}
