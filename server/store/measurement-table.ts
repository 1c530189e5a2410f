import type { MeasurementRow, MeasurementStore } from '../../control/ports.ts'
import type { Database, Statement } from './database.ts'

interface Row {
  readonly from_ms: number
  readonly cells: Uint8Array
}

export class MeasurementTable implements MeasurementStore {
  readonly #get: Statement<Pick<Row, 'cells'>>
  readonly #put: Statement
  readonly #rows: Statement<Row>
  readonly #remove: Statement

  constructor(db: Database) {
    const of = 'step_ms = $stepMs AND block = $block'
    this.#get = db.prepare(`SELECT cells FROM measurements WHERE ${of} AND from_ms = $fromMs`)
    this.#put = db.prepare('INSERT INTO measurements (step_ms, block, from_ms, cells) VALUES ($stepMs, $block, $fromMs, $cells) ON CONFLICT (step_ms, block, from_ms) DO UPDATE SET cells = $cells')
    this.#rows = db.prepare(`SELECT from_ms, cells FROM measurements WHERE ${of} AND from_ms >= $fromMs AND from_ms < $untilMs ORDER BY from_ms LIMIT $limit`)
    this.#remove = db.prepare(`DELETE FROM measurements WHERE ${of} AND from_ms IN (SELECT from_ms FROM measurements WHERE ${of} AND from_ms < $beforeMs ORDER BY from_ms LIMIT $limit)`)
  }

  get(stepMs: number, block: number, fromMs: number): Uint8Array | undefined {
    return this.#get.get({ stepMs, block, fromMs })?.cells
  }

  put(stepMs: number, block: number, { fromMs, cells }: MeasurementRow): void {
    this.#put.run({ stepMs, block, fromMs, cells })
  }

  rows(stepMs: number, block: number, fromMs: number, untilMs: number, limit: number): readonly MeasurementRow[] {
    return this.#rows.all({ stepMs, block, fromMs, untilMs, limit }).map((row) => ({ fromMs: row.from_ms, cells: row.cells }))
  }

  removeBefore(stepMs: number, block: number, beforeMs: number, limit: number): number {
    return this.#remove.run({ stepMs, block, beforeMs, limit })
  }
}
