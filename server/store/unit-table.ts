import type { Page, PageQuery, UnitDependents, UnitRecord, UnitStore, Within } from '../../control/ports.ts'
import { cutPage, foldCase, lieWithin, type Database, type Statement } from './database.ts'

interface UnitRow {
  readonly seq: number
  readonly id: string
  readonly code: string
  readonly name: string
  readonly parent_id: string | null
  readonly level: number
  readonly presentation_delay_ms: number | null
  readonly created_at_ms: number
}

/** Depth by walking up. UNION, not UNION ALL: even a circle, which the API never writes, would end. */
const LEVEL = `(WITH RECURSIVE above (id) AS (SELECT u.id UNION SELECT p.parent_id FROM units p JOIN above ON p.id = above.id WHERE p.parent_id IS NOT NULL) SELECT count(*) - 1 FROM above) AS level`

const toUnit = (row: UnitRow): UnitRecord => ({ id: row.id, code: row.code, name: row.name, parentId: row.parent_id, level: row.level, presentationDelayMs: row.presentation_delay_ms, createdAtMs: row.created_at_ms })

export class UnitTable implements UnitStore {
  readonly #insert: Statement
  readonly #update: Statement
  readonly #remove: Statement
  readonly #get: Statement<UnitRow>
  readonly #all: Statement<UnitRow>
  readonly #list: Statement<UnitRow>
  readonly #ancestors: Statement<{ readonly id: string }>
  readonly #firstRoot: Statement<UnitRow>
  readonly #missing: Statement<{ readonly value: string }>
  readonly #dependents: Statement<UnitDependents>

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT INTO units (id, code, name, search, parent_id, presentation_delay_ms, created_at_ms) VALUES ($id, $code, $name, $search, $parentId, $presentationDelayMs, $createdAtMs)')
    this.#update = db.prepare('UPDATE units SET code = $code, name = $name, search = $search, parent_id = $parentId, presentation_delay_ms = $presentationDelayMs WHERE id = $id')
    this.#remove = db.prepare('DELETE FROM units WHERE id = $id')
    this.#get = db.prepare(`SELECT u.*, ${LEVEL} FROM units u WHERE u.id = $id`)
    this.#all = db.prepare(`
      WITH RECURSIVE tree (id, level) AS (SELECT id, 0 FROM units WHERE parent_id IS NULL UNION ALL SELECT c.id, tree.level + 1 FROM units c JOIN tree ON c.parent_id = tree.id)
      SELECT u.*, tree.level FROM tree JOIN units u ON u.id = tree.id ORDER BY tree.level, u.seq`)
    this.#list = db.prepare(`
      SELECT u.*, ${LEVEL} FROM units u
      WHERE u.seq > $after AND ($anyParent OR u.parent_id IS $parentId) AND ($search = '' OR instr(u.search, $search)) AND ${lieWithin('u.id')}
      ORDER BY u.seq LIMIT $rows`)
    this.#ancestors = db.prepare(`
      WITH RECURSIVE above (id, distance) AS (SELECT id, 0 FROM units WHERE id = $id UNION ALL SELECT u.parent_id, distance + 1 FROM units u JOIN above ON u.id = above.id WHERE u.parent_id IS NOT NULL)
      SELECT id FROM above ORDER BY distance`)
    this.#firstRoot = db.prepare('SELECT u.*, 0 AS level FROM units u WHERE u.parent_id IS NULL ORDER BY u.seq LIMIT 1')
    this.#missing = db.prepare('SELECT value FROM json_each($ids) WHERE value NOT IN (SELECT id FROM units)')
    this.#dependents = db.prepare('SELECT (SELECT count(*) FROM units WHERE parent_id = $id) AS units, (SELECT count(*) FROM clusters WHERE unit_id = $id) AS clusters')
  }

  insert(unit: Omit<UnitRecord, 'level'>): UnitRecord {
    const { id, code, name, parentId, presentationDelayMs, createdAtMs } = unit
    this.#insert.run({ id, code, name, search: foldCase(`${code}\n${name}`), parentId, presentationDelayMs, createdAtMs })
    return this.get(id)!
  }

  update(id: string, change: Partial<Pick<UnitRecord, 'code' | 'name' | 'parentId' | 'presentationDelayMs'>>): UnitRecord | undefined {
    const before = this.get(id)
    if (before === undefined) return undefined
    const { code, name, parentId, presentationDelayMs } = { ...before, ...change }
    this.#update.run({ id, code, name, search: foldCase(`${code}\n${name}`), parentId, presentationDelayMs })
    return this.get(id)
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): UnitRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toUnit(row)
  }

  all(): readonly UnitRecord[] {
    return this.#all.all().map(toUnit)
  }

  list(page: PageQuery, filter: { readonly parentId?: string | null; readonly search?: string; readonly within?: Within }): Page<UnitRecord> {
    const rows = this.#list.all({
      after: page.after ?? 0,
      rows: page.limit + 1,
      anyParent: filter.parentId === undefined ? 1 : 0,
      parentId: filter.parentId ?? null,
      search: foldCase(filter.search ?? ''),
      within: filter.within == null ? null : JSON.stringify(filter.within),
    })
    return cutPage(rows, page, toUnit)
  }

  ancestors(id: string): readonly string[] {
    return this.#ancestors.all({ id }).map((row) => row.id)
  }

  firstRoot(): UnitRecord | undefined {
    const row = this.#firstRoot.get()
    return row === undefined ? undefined : toUnit(row)
  }

  missing(ids: readonly string[]): readonly string[] {
    return ids.length === 0 ? [] : this.#missing.all({ ids: JSON.stringify(ids) }).map(({ value }) => value)
  }

  dependents(id: string): UnitDependents {
    const { units, clusters } = this.#dependents.get({ id })!
    return { units, clusters }
  }
}
