import type { NewUnit, Page, PageQuery, UnitContact, UnitDependents, UnitFilter, UnitRecord, UnitStore, UnitVersion } from '../../control/ports.ts'
import { foldText } from '../../control/text.ts'
import { cutPage, lieWithin, type Database, type Statement } from './database.ts'

interface UnitRow {
  readonly seq: number
  readonly id: string
  readonly code: string
  readonly name: string
  readonly parent_id: string | null
  readonly level: number
  readonly presentation_delay_ms: number | null
  readonly people: number | null
  readonly contact: string | null
  readonly created_at_ms: number
  readonly ended_at_ms: number | null
  readonly successor_ids: string
}

interface VersionRow {
  readonly seq: number
  readonly unit_id: string
  readonly code: string
  readonly name: string
  readonly parent_id: string | null
  readonly from_ms: number
  readonly until_ms: number | null
}

/** Depth by walking up. UNION, not UNION ALL: even a circle, which the API never writes, would end. */
const LEVEL = `(WITH RECURSIVE above (id) AS (SELECT u.id UNION SELECT p.parent_id FROM units p JOIN above ON p.id = above.id WHERE p.parent_id IS NOT NULL) SELECT count(*) - 1 FROM above) AS level`

const jsonOrNull = (value: object | null): string | null => (value === null ? null : JSON.stringify(value))

const toUnit = (row: UnitRow): UnitRecord => ({
  id: row.id,
  code: row.code,
  name: row.name,
  parentId: row.parent_id,
  level: row.level,
  presentationDelayMs: row.presentation_delay_ms,
  people: row.people,
  contact: row.contact === null ? null : (JSON.parse(row.contact) as UnitContact),
  createdAtMs: row.created_at_ms,
  endedAtMs: row.ended_at_ms,
  successorIds: JSON.parse(row.successor_ids) as string[],
})

const toVersion = (row: VersionRow): UnitVersion => ({ unitId: row.unit_id, code: row.code, name: row.name, parentId: row.parent_id, fromMs: row.from_ms, untilMs: row.until_ms })

export class UnitTable implements UnitStore {
  readonly #db: Database
  readonly #insert: Statement
  readonly #update: Statement
  readonly #end: Statement
  readonly #keepMembers: Statement
  readonly #remove: Statement
  readonly #get: Statement<UnitRow>
  readonly #all: Statement<UnitRow>
  readonly #list: Statement<UnitRow>
  readonly #ancestors: Statement<{ readonly id: string }>
  readonly #firstRoot: Statement<UnitRow>
  readonly #missing: Statement<{ readonly value: string }>
  readonly #ended: Statement<{ readonly value: string }>
  readonly #childrenOf: Statement<{ readonly id: string }>
  readonly #dependents: Statement<UnitDependents>
  readonly #addVersion: Statement
  readonly #closeVersion: Statement
  readonly #correctVersion: Statement
  readonly #versions: Statement<VersionRow>
  readonly #allVersions: Statement<VersionRow>
  readonly #mapAt: Statement<VersionRow>
  readonly #endedMembers: Statement<{ readonly unitId: string; readonly clusterId: string }>
  #revision = 0
  readonly #everHeld: Statement<{ readonly held: number }>

  constructor(db: Database) {
    this.#db = db
    this.#insert = db.prepare("INSERT INTO units (id, code, name, search, parent_id, presentation_delay_ms, people, contact, created_at_ms, successor_ids) VALUES ($id, $code, $name, $search, $parentId, $presentationDelayMs, $people, $contact, $createdAtMs, '[]')")
    this.#update = db.prepare('UPDATE units SET code = $code, name = $name, search = $search, parent_id = $parentId, presentation_delay_ms = $presentationDelayMs, people = $people, contact = $contact WHERE id = $id')
    this.#end = db.prepare('UPDATE units SET ended_at_ms = $atMs, successor_ids = $successorIds WHERE id = $id')
    this.#keepMembers = db.prepare(`
      INSERT OR IGNORE INTO ended_unit_clusters (unit_id, cluster_id)
      SELECT $id, id FROM clusters WHERE unit_id IN (
        WITH RECURSIVE below (id) AS (SELECT $id UNION SELECT u.id FROM units u JOIN below ON u.parent_id = below.id) SELECT id FROM below)`)
    this.#remove = db.prepare('DELETE FROM units WHERE id = $id')
    this.#get = db.prepare(`SELECT u.*, ${LEVEL} FROM units u WHERE u.id = $id`)
    this.#all = db.prepare(`
      WITH RECURSIVE tree (id, level) AS (SELECT id, 0 FROM units WHERE parent_id IS NULL UNION ALL SELECT c.id, tree.level + 1 FROM units c JOIN tree ON c.parent_id = tree.id)
      SELECT u.*, tree.level FROM tree JOIN units u ON u.id = tree.id ORDER BY tree.level, u.seq`)
    this.#list = db.prepare(`
      SELECT u.*, ${LEVEL} FROM units u
      WHERE u.seq > $after AND ($anyParent OR u.parent_id IS $parentId) AND ($search = '' OR instr(u.search, $search)) AND ($ended IS NULL OR (u.ended_at_ms IS NOT NULL) = $ended) AND ${lieWithin('u.id')}
      ORDER BY u.seq LIMIT $rows`)
    this.#ancestors = db.prepare(`
      WITH RECURSIVE above (id, distance) AS (SELECT id, 0 FROM units WHERE id = $id UNION ALL SELECT u.parent_id, distance + 1 FROM units u JOIN above ON u.id = above.id WHERE u.parent_id IS NOT NULL)
      SELECT id FROM above ORDER BY distance`)
    this.#firstRoot = db.prepare('SELECT u.*, 0 AS level FROM units u WHERE u.parent_id IS NULL AND u.ended_at_ms IS NULL ORDER BY u.seq LIMIT 1')
    this.#missing = db.prepare('SELECT value FROM json_each($ids) WHERE value NOT IN (SELECT id FROM units)')
    this.#ended = db.prepare('SELECT value FROM json_each($ids) WHERE value IN (SELECT id FROM units WHERE ended_at_ms IS NOT NULL)')
    this.#childrenOf = db.prepare('SELECT id FROM units WHERE parent_id = $id AND ended_at_ms IS NULL ORDER BY seq')
    this.#dependents = db.prepare('SELECT (SELECT count(*) FROM units WHERE parent_id = $id) AS units, (SELECT count(*) FROM clusters WHERE unit_id = $id) AS clusters')
    this.#addVersion = db.prepare('INSERT INTO unit_versions (unit_id, code, name, parent_id, from_ms) VALUES ($id, $code, $name, $parentId, $atMs)')
    this.#closeVersion = db.prepare('UPDATE unit_versions SET until_ms = $atMs WHERE unit_id = $id AND until_ms IS NULL AND from_ms < $atMs')
    // What was so for no time at all is no part of the history.
    this.#correctVersion = db.prepare('UPDATE unit_versions SET code = $code, name = $name, parent_id = $parentId WHERE unit_id = $id AND until_ms IS NULL')
    this.#versions = db.prepare('SELECT * FROM unit_versions WHERE unit_id = $id ORDER BY seq')
    this.#allVersions = db.prepare('SELECT * FROM unit_versions ORDER BY seq')
    this.#mapAt = db.prepare('SELECT * FROM unit_versions WHERE seq > $after AND from_ms <= $atMs AND (until_ms IS NULL OR until_ms > $atMs) ORDER BY seq LIMIT $rows')
    this.#endedMembers = db.prepare('SELECT unit_id AS unitId, cluster_id AS clusterId FROM ended_unit_clusters')
    this.#everHeld = db.prepare('SELECT EXISTS (SELECT 1 FROM cluster_units WHERE unit_id = $id) AS held')
  }

  insert(unit: NewUnit): UnitRecord {
    this.#revision++
    const { id, code, name, parentId, presentationDelayMs, people = null, contact = null, createdAtMs, validFromMs = createdAtMs } = unit
    this.#db.transaction(() => {
      this.#insert.run({ id, code, name, search: searchOf(code, name), parentId, presentationDelayMs, people, contact: jsonOrNull(contact), createdAtMs })
      this.#addVersion.run({ id, code, name, parentId, atMs: validFromMs })
    })
    return this.get(id)!
  }

  update(id: string, change: Partial<Pick<UnitRecord, 'code' | 'name' | 'parentId' | 'presentationDelayMs' | 'people' | 'contact'>>, atMs: number): UnitRecord | undefined {
    const before = this.get(id)
    if (before === undefined) return undefined
    this.#revision++
    const { code, name, parentId, presentationDelayMs, people, contact } = { ...before, ...change }
    this.#db.transaction(() => {
      this.#update.run({ id, code, name, search: searchOf(code, name), parentId, presentationDelayMs, people, contact: jsonOrNull(contact) })
      if (code === before.code && name === before.name && parentId === before.parentId) return
      if (this.#closeVersion.run({ id, atMs }) > 0) this.#addVersion.run({ id, code, name, parentId, atMs })
      else this.#correctVersion.run({ id, code, name, parentId })
    })
    return this.get(id)
  }

  end(id: string, atMs: number, successorIds: readonly string[]): void {
    this.#revision++
    this.#db.transaction(() => {
      this.#keepMembers.run({ id })
      this.#end.run({ id, atMs, successorIds: JSON.stringify(successorIds) })
      this.#closeVersion.run({ id, atMs })
    })
  }

  remove(id: string): boolean {
    this.#revision++
    return this.#remove.run({ id }) > 0
  }

  get(id: string): UnitRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toUnit(row)
  }

  all(): readonly UnitRecord[] {
    return this.#all.all().map(toUnit)
  }

  list(page: PageQuery, filter: UnitFilter): Page<UnitRecord> {
    const rows = this.#list.all({
      after: page.after ?? 0,
      rows: page.limit + 1,
      anyParent: filter.parentId === undefined ? 1 : 0,
      parentId: filter.parentId ?? null,
      search: foldText(filter.search ?? ''),
      ended: filter.ended === undefined ? null : filter.ended ? 1 : 0,
      within: filter.within == null ? null : JSON.stringify(filter.within),
    })
    return cutPage(rows, page, toUnit)
  }

  revision(): number {
    return this.#revision
  }

  versions(id: string): readonly UnitVersion[] {
    return this.#versions.all({ id }).map(toVersion)
  }

  allVersions(): readonly UnitVersion[] {
    return this.#allVersions.all().map(toVersion)
  }

  mapAt(atMs: number, page: PageQuery): Page<UnitVersion> {
    return cutPage(this.#mapAt.all({ atMs, after: page.after ?? 0, rows: page.limit + 1 }), page, toVersion)
  }

  endedMembers(): readonly { readonly unitId: string; readonly clusterId: string }[] {
    return this.#endedMembers.all()
  }

  everHeld(id: string): boolean {
    return this.#everHeld.get({ id })!.held === 1
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

  ended(ids: readonly string[]): readonly string[] {
    return ids.length === 0 ? [] : this.#ended.all({ ids: JSON.stringify(ids) }).map(({ value }) => value)
  }

  childrenOf(id: string): readonly string[] {
    return this.#childrenOf.all({ id }).map((row) => row.id)
  }

  dependents(id: string): UnitDependents {
    const { units, clusters } = this.#dependents.get({ id })!
    return { units, clusters }
  }
}

const searchOf = (code: string, name: string): string => foldText(`${code}\n${name}`)
