import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { NO_EQUIPMENT } from '../../../control/ports.ts'
import { foldText } from '../../../control/text.ts'
import { MIGRATIONS } from '../../../server/store/migrations.ts'
import { DATABASE_FILE, SqliteStore } from '../../../server/store/sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'loa-migrations-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })

/** A database as the version with so many steps left it. */
function databaseOf(steps: number, fill = ''): string {
  const dataDir = join(folder, `${String(steps)}-${String(fill.length)}`)
  mkdirSync(dataDir)
  const db = new DatabaseSync(join(dataDir, DATABASE_FILE))
  db.function('fold', { deterministic: true }, (text) => foldText(String(text)))
  // Else the disk is waited for after every statement.
  db.exec('PRAGMA synchronous = OFF')
  for (const step of MIGRATIONS.slice(0, steps)) db.exec(step)
  db.exec(`${fill}; PRAGMA user_version = ${String(steps)}`)
  db.close()
  return dataDir
}

/** The same before the step that holds these words. */
const databaseBefore = (words: string, fill: string): string => databaseOf(MIGRATIONS.findIndex((sql) => sql.includes(words)), fill)

function schemaOf(dataDir: string): unknown {
  const db = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true })
  const rows = db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all()
  db.close()
  return rows
}

t.test('every earlier schema comes to today\'s', (t) => {
  const today = schemaOf(databaseOf(MIGRATIONS.length))
  for (let steps = 1; steps < MIGRATIONS.length; steps++) {
    const dataDir = databaseOf(steps)
    SqliteStore.open(dataDir).close()
    t.same(schemaOf(dataDir), today, `from ${String(steps)}`)
  }
  t.end()
})

/** A row in every table of a schema: each value tells its column, each reference means the row of its table. */
function fillAll(db: DatabaseSync): Map<string, Record<string, unknown>> {
  const filled = new Map<string, Record<string, unknown>>()
  const tables = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid").all() as { name: string; sql: string }[]
  for (let at = 0; at < tables.length; at++) {
    const { name: table, sql } = tables[at]!
    const references = new Map((db.prepare(`PRAGMA foreign_key_list(${table})`).all() as { from: string; to: string; table: string }[]).map((key) => [key.from, key]))
    // What it refers to comes first; a table that was made anew stands behind those that refer to it.
    if ([...references.values()].some((reference) => reference.table !== table && !filled.has(reference.table))) {
      tables.push(tables[at]!)
      continue
    }
    const row: Record<string, string | number | Uint8Array | null> = {}
    for (const { name, type, notnull } of db.prepare(`PRAGMA table_info(${table})`).all() as { name: string; type: string; notnull: number }[]) {
      const reference = references.get(name)
      if (reference !== undefined) row[name] = reference.table === table ? null : (filled.get(reference.table)![reference.to] as string)
      // Half of what may be empty is: NULL must come through as well.
      else if (notnull === 0 && name.length % 2 === 0 && name !== 'seq') row[name] = null
      else if (type === 'TEXT') row[name] = name === 'role' ? 'admin' : JSON.stringify([`${table}.${name}`])
      else if (type === 'BLOB') row[name] = new Uint8Array([1, 2, 3])
      else row[name] = new RegExp(`${name} INTEGER PRIMARY KEY`).test(sql) ? 1 : name.length
    }
    const columns = Object.keys(row)
    db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((column) => `$${column}`).join(', ')})`).run(row)
    filled.set(table, { ...db.prepare(`SELECT * FROM ${table}`).get() })
  }
  return filled
}

/** What a step computes anew instead of keeping it. */
const COMPUTED = new Set(['search'])

t.test('a row in every table of every earlier schema comes through, column by column', (t) => {
  for (let steps = 1; steps < MIGRATIONS.length; steps++) {
    const db = new DatabaseSync(':memory:')
    db.function('fold', { deterministic: true }, (text) => foldText(String(text)))
    for (const step of MIGRATIONS.slice(0, steps)) db.exec(step)
    const rows = fillAll(db)
    // As the store does it when it opens; the test above goes through that.
    db.exec('PRAGMA foreign_keys = OFF')
    for (const step of MIGRATIONS.slice(steps)) db.exec(step)
    t.same(db.prepare('PRAGMA foreign_key_check').all(), [], `references from ${String(steps)}`)
    for (const [table, row] of rows) {
      const kept = db.prepare(`SELECT * FROM ${table}`).all().find((each) => each['seq'] === undefined || each['seq'] === row['seq'])
      const lost = kept === undefined ? Object.keys(row) : Object.keys(row).filter((column) => column in kept && !COMPUTED.has(column) && JSON.stringify(kept[column]) !== JSON.stringify(row[column]))
      t.same(lost, [], `${table} from ${String(steps)}`)
    }
    db.close()
  }
  t.end()
})

t.test('tokens of one role become holders of roles over the whole tree', (t) => {
  const token = (role: string): string => `INSERT INTO tokens (id, name, role, hash, created_at_ms) VALUES ('t-${role}', '${role}', '${role}', 'hash of ${role}', 7)`
  const store = SqliteStore.open(databaseOf(6, ['viewer', 'operator', 'admin'].map(token).join(';')))
  t.teardown(() => { store.close() })
  const everywhere = (...roles: string[]): object[] => roles.map((role) => ({ role, unitId: null }))
  t.same(store.tokens.byHash('hash of admin'), { id: 't-admin', name: 'admin', grants: everywhere('administrator', 'emergency-officer'), hash: 'hash of admin', createdAtMs: 7 })
  t.same(store.tokens.get('t-operator')?.grants, everywhere('operator', 'emergency-officer'), 'who could start emergencies still can')
  t.same(store.tokens.get('t-viewer')?.grants, everywhere('viewer'))
  t.end()
})

t.test('units and clusters get a history that begins with them', (t) => {
  const dataDir = databaseBefore('CREATE TABLE unit_versions', `
    INSERT INTO units (seq, id, code, name, search, parent_id, created_at_ms, presentation_delay_ms) VALUES (3, 'u1', 'H1', 'Huyện Đông', 'h1 huyện đông', NULL, 10, 120), (7, 'u2', 'X1', 'Xã', 'x1 xã', 'u1', 20, NULL);
    INSERT INTO clusters (id, unit_id, code, name, search, tags, enabled, key_hash, key_changed_at_ms, created_at_ms) VALUES ('c1', 'u2', 'C1', 'Cụm Đình', 'x', '["a"]', 1, 'h', 5, 30);
    INSERT INTO clips (id, name, search, path, duration_ms, duration_samples, size_bytes, created_at_ms) VALUES ('k1', 'Bản tin', 'bản tin', 'k1.wav', 1, 48, 1, 1);`)
  const store = SqliteStore.open(dataDir)
  t.teardown(() => { store.close() })
  t.same(store.units.all(), [
    { id: 'u1', code: 'H1', name: 'Huyện Đông', parentId: null, level: 0, presentationDelayMs: 120, people: null, contact: null, createdAtMs: 10, endedAtMs: null, successorIds: [] },
    { id: 'u2', code: 'X1', name: 'Xã', parentId: 'u1', level: 1, presentationDelayMs: null, people: null, contact: null, createdAtMs: 20, endedAtMs: null, successorIds: [] },
  ])
  t.same(store.units.versions('u2'), [{ unitId: 'u2', code: 'X1', name: 'Xã', parentId: 'u1', fromMs: 20, untilMs: null }])
  t.same(store.clusters.memberships('c1'), [{ clusterId: 'c1', unitId: 'u2', fromMs: 30, untilMs: null }])
  const first = { after: null, limit: 10 }
  t.same([store.units.list(first, { search: 'dong' }), store.clusters.list(first, { search: 'dinh' }), store.clips.list(first, { search: 'ban' })].map(({ items }) => items.length), [1, 1, 1], 'found without accents')
  t.same(store.units.list({ after: 3, limit: 10 }, {}).items.map(({ id }) => id), ['u2'], 'cursors still hold')
  t.throws(() => store.units.remove('u1'), { code: 'STORE_ERR_REFERENCE' }, 'references are checked again')
  t.throws(() => store.units.insert({ id: 'u3', code: 'X1', name: 'x', parentId: null, presentationDelayMs: null, createdAtMs: 1 }), { code: 'STORE_ERR_CONFLICT', field: 'units.code' })
  t.end()
})

t.test('clusters of before are in use, and nothing is known of their equipment', (t) => {
  const dataDir = databaseBefore('CREATE UNIQUE INDEX clusters_imei', `
    INSERT INTO units (id, code, name, search, created_at_ms, successor_ids) VALUES ('u1', 'H1', 'Huyện', 'h1', 10, '[]');
    INSERT INTO clusters (id, unit_id, code, name, search, tags, enabled, key_hash, key_changed_at_ms, created_at_ms) VALUES ('c1', 'u1', 'C1', 'Cụm', 'c1', '[]', 0, 'h', 5, 30), ('c2', 'u1', 'C2', 'Cụm', 'c2', '[]', 1, 'h', 5, 30);`)
  const store = SqliteStore.open(dataDir)
  t.teardown(() => { store.close() })
  t.match(store.clusters.all(), [{ id: 'c1', enabled: false, state: 'active', equipment: NO_EQUIPMENT }, { id: 'c2', state: 'active' }])
  t.end()
})

t.test('of alerts of before nobody has counted the people', (t) => {
  const store = SqliteStore.open(databaseBefore('ADD COLUMN people', `INSERT INTO alerts (id, kind, hazard, over_at_ms, record) VALUES ('a1', 'real', 'flood', 9, '{"id":"a1","title":"Lũ"}')`))
  t.teardown(() => { store.close() })
  t.same(store.alerts.get('a1'), { id: 'a1', title: 'Lũ', people: { known: null, units: 0, unknownUnits: 0 } })
  t.end()
})

t.test('a database whose rows refer to nothing is not touched', (t) => {
  const dataDir = databaseBefore('CREATE TABLE unit_versions', "PRAGMA foreign_keys = OFF; INSERT INTO clusters (id, unit_id, code, name, search, tags, enabled, key_hash, key_changed_at_ms, created_at_ms) VALUES ('c1', 'nobody', 'C1', 'C', 'x', '[]', 1, 'h', 5, 30);")
  t.throws(() => SqliteStore.open(dataDir), { code: 'STORE_ERR_SCHEMA' })
  const db = new DatabaseSync(join(dataDir, DATABASE_FILE))
  t.match(db.prepare('PRAGMA user_version').get(), { user_version: MIGRATIONS.findIndex((sql) => sql.includes('CREATE TABLE unit_versions')) })
  db.close()
  t.end()
})
