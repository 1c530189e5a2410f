import { mkdtempSync, readFileSync, rmSync, writeFileSync, copyFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { CHAIN_COLUMNS, chainHash, columnsNow, genesisHash, type ChainValue } from '../../../control/log-chain.ts'
import { LOG_NAMES, type AirRecord, type AuditRecord, type NewReport } from '../../../control/ports.ts'
import { LogKeeper } from '../../../server/log/log-keeper.ts'
import { logSigner } from '../../../server/log/log-signer.ts'
import { verifyLog } from '../../../server/log/verify-log.ts'
import { packed } from '../../../server/director/pack-report.ts'
import { SIGNING_KEYS_FILE, SigningKeys } from '../../../server/signing/signing-keys.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fc } from '../../support/seed.ts'

t.setTimeout(90_000)

const folder = mkdtempSync(join(tmpdir(), 'loa-verify-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
let folders = 0
const newFolder = (): string => {
  const path = join(folder, String(folders++))
  mkdirSync(path)
  return path
}

const START_MS = Date.UTC(2026, 5, 18)
const DAY_MS = 24 * 3_600_000

const audit = (n: number): AuditRecord => ({ atMs: START_MS + n, requestId: `req-${String(n)}`, tokenId: 't-1', tokenName: 'Trực ban', remoteAddress: '192.0.2.1', method: 'PATCH', route: '/v1/units/:id', targetIds: [`u-${String(n)}`], fields: ['name'], status: 200, code: null, count: 1 })
const air = (n: number): AirRecord => ({ atMs: START_MS + n, orderId: `o-${String(n)}`, class: 'normal', title: 'Bản tin sáng', unitId: 'u-1', issuerUnitId: 'u-1', sourceId: n % 2 === 0 ? 's-1' : null, clipIds: n % 2 === 0 ? null : ['k-1'], clusterIds: ['c-1', 'c-2'], plannedFromMs: START_MS, plannedUntilMs: START_MS + 60_000, fromMs: START_MS, untilMs: START_MS + 59_000, plannedMs: 120_000, airMs: 118_000, sentMs: 100_000, end: 'over', field: null, soundedMs: 0 })

/** Reports and appendices in turn. */
const report = (n: number): NewReport => packed({ atMs: START_MS + n, kind: n % 2 === 0 ? 'appendix' : 'report', orderId: `o-${String(n)}` }, JSON.stringify({ clusters: Array.from({ length: 20 }, (_, at) => `c-${String(n * 1000 + at)}`) }))

interface Made { readonly dataDir: string; readonly clock: FakeClock }

/** Three logs, a checkpoint after each third, and some entries after the last one. */
function make(entries = 9, airLogKeepDays = 0): Made & { readonly trimmed: number } {
  const dataDir = newFolder()
  const clock = new FakeClock({ wallMs: START_MS })
  const store = SqliteStore.open(dataDir)
  const keys = SigningKeys.open(dataDir, START_MS)
  const keeper = new LogKeeper({ store, signer: logSigner(keys), clock, wallMs: () => clock.wallMs(), rules: { auditLogKeepDays: airLogKeepDays, airLogKeepDays }, onError: (error) => { throw error } })
  for (let n = 1; n <= entries; n++) {
    store.auditLog.append(audit(n))
    store.airLog.write({ ended: [air(n)], open: [], closed: [] })
    store.proofs.append([report(n)])
    if (n % 3 === 0 && n < entries) keeper.checkpoint()
    if (n === 6) keys.rotate(START_MS, 0)
    clock.advance(DAY_MS)
  }
  const trimmed = Object.values(keeper.trim()).reduce((sum, count) => sum + count, 0)
  if (airLogKeepDays > 0) keeper.checkpoint()
  store.close()
  return { dataDir, clock, trimmed }
}

/** The logs as they are read, in one string. */
function dump(dataDir: string): string {
  const db = new DatabaseSync(join(dataDir, 'loa.db'), { readOnly: true })
  try {
    return JSON.stringify(['audit_log', 'air_log', 'report_log', 'report_contents', 'log_checkpoints', 'log_heads'].map((table) => db.prepare(`SELECT * FROM ${table} NOT INDEXED ORDER BY 1`).all()))
  } finally {
    db.close()
  }
}

function change(dataDir: string, work: (db: DatabaseSync) => void): readonly string[] {
  const copy = newFolder()
  for (const file of ['loa.db', SIGNING_KEYS_FILE]) copyFileSync(join(dataDir, file), join(copy, file))
  const db = new DatabaseSync(join(copy, 'loa.db'))
  work(db)
  db.close()
  const { problems } = verifyLog(copy)
  rmSync(copy, { recursive: true })
  return problems
}

t.test('an untouched log is good, over a change of the key too, and nothing is written', (t) => {
  const { dataDir } = make()
  const before = readFileSync(join(dataDir, 'loa.db'))
  const report = verifyLog(dataDir)
  t.same(report.problems, [])
  t.same(report.logs.map(({ log, entries, firstAtMs, lastAtMs }) => [log, entries, firstAtMs, lastAtMs]), LOG_NAMES.map((log) => [log, 9, START_MS + 1, START_MS + 9]))
  t.equal(report.checkpoints, 2)
  t.equal(report.unsigned, 9)
  t.ok(before.equals(readFileSync(join(dataDir, 'loa.db'))))
  t.end()
})

t.test('one changed byte of any column of any entry is found, and the entry is named', (t) => {
  const { dataDir } = make()
  const places = LOG_NAMES.flatMap((log) => [...columnsNow(log), 'hash'].map((column) => ({ log, column })))
  for (const { log, column } of places) {
    fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(1000), fc.integer({ min: 1, max: 255 }), (seq, place, flip) => {
      const problems = change(dataDir, (db) => {
        const { value, kind } = db.prepare(`SELECT CAST(${column} AS BLOB) AS value, typeof(${column}) AS kind FROM ${log}_log WHERE seq = ?`).get(seq) as { value: Uint8Array | null; kind: string }
        if (kind === 'null') db.prepare(`UPDATE ${log}_log SET ${column} = '' WHERE seq = ?`).run(seq)
        else if (kind === 'integer') db.prepare(`UPDATE ${log}_log SET ${column} = ${column} + ? WHERE seq = ?`).run(flip, seq)
        else {
          const bytes = Buffer.from(value!)
          bytes[place % bytes.length]! ^= flip
          db.prepare(`UPDATE ${log}_log SET ${column} = ${kind === 'text' ? 'CAST(? AS TEXT)' : '?'} WHERE seq = ?`).run(bytes, seq)
        }
      })
      return problems.some((text) => text.startsWith(`${log} log, entry ${String(seq)}:`))
    }), { numRuns: 8 })
  }
  t.end()
})

t.test('one changed byte of a report is found', (t) => {
  const { dataDir } = make()
  fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(1000), fc.integer({ min: 1, max: 255 }), (seq, place, flip) => {
    const problems = change(dataDir, (db) => {
      const bytes = Buffer.from((db.prepare('SELECT packed FROM report_contents WHERE seq = ?').get(seq) as { packed: Uint8Array }).packed)
      bytes[place % bytes.length]! ^= flip
      db.prepare('UPDATE report_contents SET packed = ? WHERE seq = ?').run(bytes, seq)
    })
    return problems.includes(`report log, entry ${String(seq)}: its content was changed`)
  }), { numRuns: 12 })
  t.same(change(dataDir, (db) => { db.exec('DELETE FROM report_contents WHERE seq = 2') }), ['report log, entry 2: its content is missing'])
  t.end()
})

t.test('entries of an earlier form are good, and what their form does not hold cannot be put into them', (t) => {
  const { dataDir } = make()
  const asFirstForm = (db: DatabaseSync): void => {
    let hash = genesisHash('air')
    for (const row of db.prepare('SELECT * FROM air_log ORDER BY seq').all() as Record<string, ChainValue>[]) {
      hash = chainHash(hash, 'air', Number(row['seq']), CHAIN_COLUMNS.air[0]!.map((column) => (column === 'form' ? 1 : row[column]!)))
      db.prepare('UPDATE air_log SET form = 1, field = NULL, sounded_ms = NULL, hash = ? WHERE seq = ?').run(Buffer.from(hash, 'hex'), row['seq']!)
    }
    db.exec("UPDATE log_heads SET hash = (SELECT hash FROM air_log WHERE seq = 9) WHERE log = 'air'; DELETE FROM log_checkpoints")
  }
  t.same(change(dataDir, asFirstForm), [])
  t.same(change(dataDir, (db) => { asFirstForm(db); db.exec('UPDATE air_log SET sounded_ms = 60000 WHERE seq = 3') }), ['air log, entry 3: holds more than its form had; it was changed'])
  t.end()
})

t.test('whatever byte of the file is changed: it is found, or what can be read is the same', (t) => {
  const { dataDir } = make()
  const path = join(dataDir, 'loa.db')
  const good = readFileSync(path)
  const whole = dump(dataDir)
  t.teardown(() => { writeFileSync(path, good) })
  fc.assert(fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
    const bytes = Buffer.from(good)
    bytes[place]! ^= flip
    writeFileSync(path, bytes)
    return verifyLog(dataDir).problems.length > 0 || dump(dataDir) === whole
  }), { numRuns: 600 })
  t.end()
})

t.test('what is removed, cut off or put elsewhere is found', (t) => {
  const { dataDir } = make()
  const has = (problems: readonly string[], text: RegExp): void => { t.ok(problems.some((problem) => text.test(problem)), `${String(text)} in ${JSON.stringify(problems)}`) }
  has(change(dataDir, (db) => { db.exec('DELETE FROM air_log WHERE seq = 4') }), /^air log, entry 4: is missing/)
  has(change(dataDir, (db) => { db.exec('DELETE FROM air_log WHERE seq IN (4, 5)') }), /^air log, entries 4 to 5: are missing/)
  has(change(dataDir, (db) => { db.exec("DELETE FROM air_log WHERE seq > 5; UPDATE log_heads SET seq = 5, hash = (SELECT hash FROM air_log WHERE seq = 5) WHERE log = 'air'") }), /^air log: ends with entry 5, but checkpoint 2 has signed entry 6; the tail was cut off/)
  has(change(dataDir, (db) => { db.exec('DELETE FROM air_log WHERE seq > 8') }), /^air log: ends with entry 8, and its head says entry 9/)
  has(change(dataDir, (db) => { db.exec('DELETE FROM audit_log') }), /^audit log: /)
  has(change(dataDir, (db) => { db.exec("DELETE FROM air_log WHERE seq <= 3; UPDATE log_heads SET first_seq = 4 WHERE log = 'air'") }), /^air log: entries up to 3 were removed, and the audit log does not say by which rule/)
  has(change(dataDir, (db) => { db.exec('UPDATE air_log SET seq = 100 WHERE seq = 2; UPDATE air_log SET seq = 2 WHERE seq = 3; UPDATE air_log SET seq = 3 WHERE seq = 100') }), /^air log, entry 2: was changed/)
  has(change(dataDir, (db) => { db.exec('DELETE FROM log_checkpoints WHERE number = 1') }), /^checkpoint 2: stands where checkpoint 1/)
  has(change(dataDir, (db) => { db.exec('UPDATE log_checkpoints SET at_ms = at_ms + 1 WHERE number = 1') }), /^checkpoint 1: its signature is wrong/)
  t.end()
})

t.test('a chain made anew by somebody without the key does not pass', (t) => {
  const { dataDir } = make()
  const forged = make()
  copyFileSync(join(dataDir, SIGNING_KEYS_FILE), join(forged.dataDir, SIGNING_KEYS_FILE))
  const { problems } = verifyLog(forged.dataDir)
  t.match(problems, [/^checkpoint 2: signed by the key .* not believed/])
  t.end()
})

t.test('old entries go by rule up to a checkpoint, and what is left is good', (t) => {
  const { dataDir, trimmed } = make(9, 5)
  t.equal(trimmed, 9, 'three of each: up to the checkpoint of the third day')
  const { problems, logs } = verifyLog(dataDir)
  t.same(problems, [])
  t.same(logs.map(({ firstAtMs }) => firstAtMs), [START_MS + 4, START_MS + 4, START_MS + 4])
  t.same(change(dataDir, (db) => { db.exec('DELETE FROM air_log WHERE seq < 3; DELETE FROM audit_log WHERE seq < 4') }), [], 'on the way, and when all of it is gone')
  t.match(change(dataDir, (db) => { db.exec('DELETE FROM air_log WHERE seq = 4') }), [/air log/])
  t.match(change(dataDir, (db) => { db.exec("UPDATE log_heads SET first_seq = 5 WHERE log = 'air'") }), [/^air log: begins with entry 5/, /^air log, entry 5: was changed/, /^air log: entries up to 4 were removed/])
  t.end()
})

t.test('what was left out is removed bit by bit, and by the next process where the first has ended', (t) => {
  const { dataDir } = make(9, 5)
  const rows = (store: SqliteStore): number => store.airLog.list({ after: null, limit: 100 }, {}).items.length
  const count = (): unknown => new DatabaseSync(join(dataDir, 'loa.db'), { readOnly: true }).prepare('SELECT count(*) AS rows FROM air_log').get()?.['rows']
  const store = SqliteStore.open(dataDir)
  t.same([rows(store), count()], [6, 9])
  const clock = new FakeClock({ wallMs: START_MS })
  const keeper = new LogKeeper({ store, signer: logSigner(SigningKeys.open(dataDir, START_MS)), clock, wallMs: () => clock.wallMs(), rules: { auditLogKeepDays: 0, airLogKeepDays: 0 }, onError: (error) => { throw error } })
  keeper.start()
  clock.advance(1000)
  t.same([rows(store), count()], [6, 6])
  keeper.close()
  store.close()
  t.same(verifyLog(dataDir).problems, [])
  t.end()
})

t.test('a checkpoint comes every hour and at the end, when there is something to sign', (t) => {
  const store = SqliteStore.inMemory()
  const clock = new FakeClock({ wallMs: START_MS })
  const keeper = new LogKeeper({ store, signer: logSigner(SigningKeys.open(newFolder(), START_MS)), clock, wallMs: () => clock.wallMs(), rules: { auditLogKeepDays: 0, airLogKeepDays: 0 }, onError: (error) => { throw error } })
  keeper.start()
  t.equal(store.checkpoints.last()?.number, 1)
  clock.advance(3_600_000)
  t.equal(store.checkpoints.last()?.number, 1, 'nothing new')
  store.auditLog.append(audit(1))
  clock.advance(3_600_000)
  t.equal(store.checkpoints.last()?.number, 2)
  store.auditLog.append(audit(2))
  keeper.close()
  keeper.close()
  t.equal(store.checkpoints.last()?.heads[0]?.seq, 2)
  store.close()
  t.end()
})
