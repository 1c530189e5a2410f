import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { explainError } from '../../../control/error-handler.ts'
import { StoreError } from '../../../control/ports.ts'
import { DATABASE_FILE, SqliteStore } from '../../../server/store/sqlite-store.ts'

/** A data folder with more than SQLite keeps in memory. */
function bigFolder(t: Test): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'loa-corrupt-'))
  t.teardown(() => { rmSync(dataDir, { recursive: true, force: true }) })
  const store = SqliteStore.open(dataDir)
  store.transaction(() => {
    for (let n = 0; n < 4000; n++) store.units.insert({ id: `u${String(n)}`, code: `c${String(n)}`, name: 'x'.repeat(1000), parentId: null, presentationDelayMs: null, createdAtMs: 0 })
  })
  store.close()
  return dataDir
}

const damage = (dataDir: string): void => {
  const path = join(dataDir, DATABASE_FILE)
  writeFileSync(path, Buffer.alloc(statSync(path).size, 0xa5), { flag: 'r+' })
}

function errorOf(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return null
}

t.test('a file that is no database says at the start what to do', (t) => {
  const dataDir = bigFolder(t)
  damage(dataDir)
  t.match(errorOf(() => SqliteStore.open(dataDir)), { code: 'STORE_ERR_CORRUPT', message: /loa restore/ })
  t.end()
})

t.test('pages that are damaged while it is open are a problem of their own, not a crash', (t) => {
  const dataDir = bigFolder(t)
  const store = SqliteStore.open(dataDir)
  t.teardown(() => { store.close() })
  damage(dataDir)
  const error = errorOf(() => store.units.all())
  t.ok(error instanceof StoreError)
  t.match(error, { code: 'STORE_ERR_CORRUPT', message: /loa restore/ })
  t.match(explainError(error), { code: 'LOA_ERR_STORE_DAMAGED' })
  t.end()
})
