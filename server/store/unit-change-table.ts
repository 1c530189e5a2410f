import type { Page, PageQuery, UnitChangeRecord, UnitChangeStore } from '../../control/ports.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface UnitChangeRow {
  readonly seq: number
  readonly id: string
  readonly at_ms: number
  readonly note: string | null
  readonly steps: string
  readonly state: UnitChangeRecord['state']
  readonly result: string | null
  readonly problem: string | null
  readonly created_at_ms: number
  readonly created_by: string
}

const toChange = (row: UnitChangeRow): UnitChangeRecord => ({
  id: row.id,
  atMs: row.at_ms,
  note: row.note,
  steps: JSON.parse(row.steps) as UnitChangeRecord['steps'],
  state: row.state,
  result: row.result === null ? null : (JSON.parse(row.result) as UnitChangeRecord['result']),
  problem: row.problem === null ? null : (JSON.parse(row.problem) as UnitChangeRecord['problem']),
  createdAtMs: row.created_at_ms,
  createdBy: row.created_by,
})

const jsonOrNull = (value: object | null): string | null => (value === null ? null : JSON.stringify(value))

export class UnitChangeTable implements UnitChangeStore {
  readonly #insert: Statement
  readonly #settle: Statement
  readonly #get: Statement<UnitChangeRow>
  readonly #list: Statement<UnitChangeRow>
  readonly #planned: Statement<UnitChangeRow>

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT INTO unit_changes (id, at_ms, note, steps, state, result, problem, created_at_ms, created_by) VALUES ($id, $atMs, $note, $steps, $state, $result, $problem, $createdAtMs, $createdBy)')
    this.#settle = db.prepare("UPDATE unit_changes SET state = $state, result = $result, problem = $problem WHERE id = $id AND state = 'planned'")
    this.#get = db.prepare('SELECT * FROM unit_changes WHERE id = $id')
    this.#list = db.prepare('SELECT * FROM unit_changes WHERE seq > $after AND ($state IS NULL OR state = $state) ORDER BY seq LIMIT $rows')
    this.#planned = db.prepare("SELECT * FROM unit_changes WHERE state = 'planned' ORDER BY at_ms, seq")
  }

  insert({ id, atMs, note, steps, state, result, problem, createdAtMs, createdBy }: UnitChangeRecord): UnitChangeRecord {
    this.#insert.run({ id, atMs, note, steps: JSON.stringify(steps), state, result: jsonOrNull(result), problem: jsonOrNull(problem), createdAtMs, createdBy })
    return this.get(id)!
  }

  settle(id: string, { state, result, problem }: Pick<UnitChangeRecord, 'state' | 'result' | 'problem'>): UnitChangeRecord | undefined {
    return this.#settle.run({ id, state, result: jsonOrNull(result), problem: jsonOrNull(problem) }) === 0 ? undefined : this.get(id)
  }

  get(id: string): UnitChangeRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toChange(row)
  }

  list(page: PageQuery, { state }: { readonly state?: UnitChangeRecord['state'] }): Page<UnitChangeRecord> {
    return cutPage(this.#list.all({ after: page.after ?? 0, rows: page.limit + 1, state: state ?? null }), page, toChange)
  }

  planned(): readonly UnitChangeRecord[] {
    return this.#planned.all().map(toChange)
  }
}
