import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { backUp, lastBackup } from '../../../server/backup.ts'
import { checkIntegrity } from '../../../server/health/integrity-check.ts'
import { HealthProbe } from '../../../server/health/health-probe.ts'
import { DATABASE_FILE, SqliteStore } from '../../../server/store/sqlite-store.ts'
import { FakeClock } from '../../support/fake-clock.ts'

function newData(t: Test): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'loa-health-'))
  t.teardown(() => { rmSync(dataDir, { recursive: true, force: true }) })
  SqliteStore.open(dataDir).close()
  return dataDir
}

const NO_CHECK = { integrityCheckHours: 0, checkIntegrity: () => Promise.reject(new Error('not asked for')) }

t.test('disk, certificates and backups are measured', async (t) => {
  const dataDir = newData(t)
  const [certificate, broken] = [join(dataDir, 'loa.pem'), join(dataDir, 'none.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=loa', '-days', '10', '-keyout', join(dataDir, 'key.pem'), '-out', certificate], { stdio: 'pipe' })
  const errors: unknown[] = []
  const probe = new HealthProbe({ dataDir, certificateFiles: [certificate, broken], clock: new FakeClock(), ...NO_CHECK, onError: (error) => errors.push(error) })
  t.same(probe.health(), { disks: [], certificates: [], integrity: null, backup: null }, 'nothing is claimed before it is measured')
  const fromMs = Date.now()
  await probe.probe()
  const { disks, certificates, backup } = probe.health()
  t.match(disks, [{ name: dataDir }])
  t.ok(disks[0]!.freeBytes > 0 && disks[0]!.freeBytes <= disks[0]!.totalBytes)
  t.ok(Math.abs(certificates[0]!.endsAtMs - fromMs - 10 * 86_400_000) < 60_000)
  t.same([certificates[1], errors.length], [{ name: broken, endsAtMs: 0 }, 1], 'one that cannot be read is none')
  t.equal(backup?.lastAtMs, null)

  backUp(dataDir, join(dataDir, 'x.tar'))
  await probe.probe()
  t.ok(probe.health().backup!.lastAtMs! >= fromMs - 1000)
  t.same(lastBackup(dataDir), { atMs: probe.health().backup!.lastAtMs, file: null }, 'one in the folder itself is there to be fetched')
  const elsewhere = join(newData(t), 'y.tar')
  backUp(dataDir, elsewhere)
  await probe.probe()
  t.equal(probe.health().backup!.lastFile, elsewhere)
})

t.test('a damaged database is found in a thread of its own', async (t) => {
  const dataDir = newData(t)
  t.same(await checkIntegrity(dataDir), [])
  const db = new DatabaseSync(join(dataDir, DATABASE_FILE))
  db.exec('PRAGMA journal_mode = DELETE')
  const { root } = db.prepare("SELECT rootpage AS root FROM sqlite_schema WHERE name = 'units_by_parent'").get() as { root: number }
  db.close()
  // One page of an index that nothing else looks at.
  const file = openSync(join(dataDir, DATABASE_FILE), 'r+')
  writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, (root - 1) * 4096)
  closeSync(file)
  t.ok((await checkIntegrity(dataDir)).some((text) => text.includes(`page ${String(root)}`) || text.includes(`Page ${String(root)}`) || text.includes('units_by_parent')), 'named by its page')
  writeFileSync(join(dataDir, DATABASE_FILE), 'this is no database')
  const problems = await checkIntegrity(dataDir)
  t.ok(problems.length > 0)
  t.ok(problems.every((text) => typeof text === 'string'))
})

t.test('it measures from time to time, and ends', async (t) => {
  const dataDir = newData(t)
  const clock = new FakeClock()
  let checks = 0
  const probe = new HealthProbe({ dataDir, certificateFiles: [], integrityCheckHours: 24, clock, checkIntegrity: () => Promise.resolve([`check ${String(++checks)}`]), onError: () => undefined })
  probe.start()
  await clock.advanceAsync(600_000)
  t.match(probe.health().integrity, { problems: ['check 1'] })
  await clock.advanceAsync(24 * 3_600_000)
  t.match(probe.health().integrity, { problems: ['check 2'] })
  probe.close()
  await new Promise((resolve) => setImmediate(resolve))
  await probe.probe()
  t.ok(clock.pendingTimers <= 1)
})
