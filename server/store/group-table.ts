import type { GroupRecord, GroupStore, Page, PageQuery } from '../../control/ports.ts'
import { foldText } from '../../control/text.ts'
import { cutPage, type Database, type Statement } from './database.ts'

interface GroupRow {
  readonly seq: number
  readonly id: string
  readonly name: string
  readonly selection: string
  readonly alert_id: string | null
  readonly created_at_ms: number
}

const toGroup = (row: GroupRow): GroupRecord => ({ id: row.id, name: row.name, selection: JSON.parse(row.selection) as GroupRecord['selection'], ...(row.alert_id === null ? {} : { alertId: row.alert_id }), createdAtMs: row.created_at_ms })

export class GroupTable implements GroupStore {
  readonly #insert: Statement
  readonly #replace: Statement
  readonly #remove: Statement
  readonly #get: Statement<GroupRow>
  readonly #all: Statement<GroupRow>
  readonly #list: Statement<GroupRow>
  readonly #missing: Statement<{ readonly value: string }>

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT INTO groups (id, name, search, selection, alert_id, created_at_ms) VALUES ($id, $name, $search, $selection, $alertId, $createdAtMs)')
    this.#replace = db.prepare('UPDATE groups SET name = $name, search = $search, selection = $selection WHERE id = $id')
    this.#remove = db.prepare('DELETE FROM groups WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM groups WHERE id = $id')
    this.#all = db.prepare('SELECT * FROM groups ORDER BY seq')
    this.#list = db.prepare("SELECT * FROM groups WHERE seq > $after AND alert_id IS NULL AND ($search = '' OR instr(search, $search)) ORDER BY seq LIMIT $rows")
    this.#missing = db.prepare('SELECT value FROM json_each($ids) WHERE value NOT IN (SELECT id FROM groups)')
  }

  insert({ id, name, selection, alertId, createdAtMs }: GroupRecord): GroupRecord {
    this.#insert.run({ id, name, search: foldText(name), selection: JSON.stringify(selection), alertId: alertId ?? null, createdAtMs })
    return this.get(id)!
  }

  replace({ id, name, selection }: GroupRecord): GroupRecord | undefined {
    return this.#replace.run({ id, name, search: foldText(name), selection: JSON.stringify(selection) }) === 0 ? undefined : this.get(id)
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): GroupRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toGroup(row)
  }

  all(): readonly GroupRecord[] {
    return this.#all.all().map(toGroup)
  }

  list(page: PageQuery, { search = '' }: { readonly search?: string }): Page<GroupRecord> {
    return cutPage(this.#list.all({ after: page.after ?? 0, rows: page.limit + 1, search: foldText(search) }), page, toGroup)
  }

  missing(ids: readonly string[]): readonly string[] {
    return ids.length === 0 ? [] : this.#missing.all({ ids: JSON.stringify(ids) }).map(({ value }) => value)
  }
}
