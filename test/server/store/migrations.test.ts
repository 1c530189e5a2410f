import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { MIGRATIONS } from '../../../server/store/migrations.ts'
import { DATABASE_FILE, SqliteStore } from '../../../server/store/sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'loa-migrations-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })

/** A database as the version with so many steps left it. */
function databaseOf(steps: number, fill = ''): string {
  const dataDir = join(folder, `${String(steps)}-${String(fill.length)}`)
  mkdirSync(dataDir)
  const db = new DatabaseSync(join(dataDir, DATABASE_FILE))
  for (const step of MIGRATIONS.slice(0, steps)) db.exec(step)
  db.exec(`${fill}; PRAGMA user_version = ${String(steps)}`)
  db.close()
  return dataDir
}

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
