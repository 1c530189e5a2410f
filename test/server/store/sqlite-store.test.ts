import { mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { alarmStoreConformance } from '../../conformance/alarm-store.ts'
import { storeConformance } from '../../conformance/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'loa-store-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
let files = 0
const newFolder = (): string => join(folder, String(files++))

t.test('on disk', (t) => {
  storeConformance(t, () => SqliteStore.open(newFolder()))
  alarmStoreConformance(t, () => SqliteStore.open(newFolder()))
  t.end()
})

t.test('in memory', (t) => {
  storeConformance(t, () => SqliteStore.inMemory())
  alarmStoreConformance(t, () => SqliteStore.inMemory())
  t.end()
})

t.test('every commit waits for the disk, references are checked, only the owner may read', (t) => {
  const dataDir = newFolder()
  const store = SqliteStore.open(dataDir)
  t.teardown(() => { store.close() })
  t.equal(store.pragma('journal_mode'), 'wal')
  t.equal(store.pragma('synchronous'), 2, '2 is FULL')
  t.equal(store.pragma('foreign_keys'), 1)
  t.equal(statSync(dataDir).mode & 0o777, 0o700)
  t.end()
})

t.test('a store opened again holds what it held, and numbers go on', (t) => {
  const dataDir = newFolder()
  const order = { class: 'normal' as const, title: 'x', sourceId: 's', clipIds: null, targets: { units: ['u'], clusters: [], tags: [] }, startsAtMs: 1, endsAtMs: 2, rank: 0, resume: 'skip' as const, issuerUnitId: 'u', field: null, attentionTone: false, createdAtMs: 0, createdBy: 't' }
  const before = SqliteStore.open(dataDir)
  before.orders.insert({ ...order, id: 'o1' })
  before.close()
  const after = SqliteStore.open(dataDir)
  t.teardown(() => { after.close() })
  t.match(after.orders.get('o1'), { ...order, number: 1, stoppedAtMs: null })
  t.equal(after.orders.insert({ ...order, id: 'o2' }).number, 2)
  t.end()
})

t.test('clips move with the data folder', (t) => {
  const [here, there] = [newFolder(), newFolder()]
  const before = SqliteStore.open(here)
  before.clips.insert({ id: 'k', name: 'k', unitId: null, path: join(here, 'clips', 'k.wav'), durationMs: 1, durationSamples: 48, loudnessLufs: null, sizeBytes: 1, createdAtMs: 0 })
  before.close()
  renameSync(here, there)
  const after = SqliteStore.open(there)
  t.teardown(() => { after.close() })
  t.equal(after.clips.get('k')?.path, join(there, 'clips', 'k.wav'))
  t.end()
})

t.test('a database of a newer version is left alone', (t) => {
  const dataDir = newFolder()
  SqliteStore.open(dataDir).close()
  const db = new DatabaseSync(join(dataDir, 'loa.db'))
  db.exec('PRAGMA user_version = 999')
  db.close()
  t.throws(() => SqliteStore.open(dataDir), { code: 'STORE_ERR_SCHEMA', message: /newer version/ })
  t.end()
})

t.test('a file that cannot be opened is a store error', (t) => {
  t.throws(() => SqliteStore.open('/dev/null/no'), { code: 'ENOTDIR' })
  const dataDir = newFolder()
  SqliteStore.open(join(dataDir, 'loa.db')).close() // a folder stands where the file should be
  t.throws(() => SqliteStore.open(dataDir), { code: 'STORE_ERR_IO' })
  t.end()
})

t.test('a long history is looked through in pieces, and nothing is left out', (t) => {
  const store = SqliteStore.inMemory()
  t.teardown(() => { store.close() })
  const order = { class: 'normal' as const, title: 'x', sourceId: 's', clipIds: null, targets: { units: [], clusters: [], tags: [] }, startsAtMs: 1, endsAtMs: 2, rank: 0, resume: 'skip' as const, issuerUnitId: 'u', field: null, attentionTone: false, createdAtMs: 0, createdBy: 't' }
  store.transaction(() => {
    for (let n = 1; n <= 45_000; n++) store.orders.insert({ ...order, id: `o${String(n)}`, ...(n === 1 || n === 20_000 || n === 44_999 ? { sourceId: 'rare' } : {}), ...(n === 2 ? { endsAtMs: 100 } : {}) })
  })
  const found: string[] = []
  let pages = 0
  let after: number | null = null
  do {
    const page: ReturnType<typeof store.orders.list> = store.orders.list({ after, limit: 10 }, { sourceId: 'rare' }, 50)
    found.push(...page.items.map(({ id }) => id))
    after = page.next
    pages++
  } while (after !== null && pages < 10)
  t.same(found, ['o44999', 'o20000', 'o1'])
  t.equal(pages, 3)
  t.same(store.orders.list({ after: null, limit: 10 }, { state: 'on-air' }, 50).items.map(({ id }) => id), ['o2'], 'what is on air is found at once, however old')
  t.end()
})
