import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { takeLock } from '../../server/data-lock.ts'
import { runCommand } from '../../server/maintenance.ts'
import { SqliteStore } from '../../server/store/sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'loa-backup-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
let folders = 0

function run(dataDir: string, ...args: readonly string[]): { readonly code: number; readonly text: string } {
  let text = ''
  const add = (line: string): void => { text += `${line}\n` }
  return { code: runCommand([...args, '--data', dataDir], '/nowhere', { say: add, complain: add, nowMs: () => 0 }), text }
}

const unit = (id: string) => ({ id, code: id, name: id, parentId: null, presentationDelayMs: null, createdAtMs: 0 })
const names = (dataDir: string): string[] => {
  const store = SqliteStore.open(dataDir)
  const ids = store.units.all().map(({ id }) => id)
  store.close()
  return ids
}

t.test('a backup is made while the store is written, and restored', (t) => {
  const dataDir = join(folder, String(folders++))
  const file = join(folder, 'one.tar')
  const store = SqliteStore.open(dataDir)
  store.units.insert(unit('u1'))
  store.auditLog.append({ atMs: 1, requestId: null, tokenId: null, tokenName: null, remoteAddress: null, method: 'POST', route: '/', targetIds: [], fields: [], status: 201, code: null, count: 1 })
  // A change that is not committed is not in it, and does not hold it up.
  store.transaction(() => {
    store.units.insert(unit('u2'))
    t.same(run(dataDir, 'backup', file).code, 0)
  })
  t.equal(run(dataDir, 'backup', file).code, 1, 'nothing is overwritten')
  t.match(run(dataDir, 'verify-log'), { code: 0, text: /audit log: ok, 1 entries, from 1970/ }, 'while it is open')
  store.close()

  const lock = takeLock(dataDir)
  const refused = run(dataDir, 'restore', file)
  t.match(refused, { code: 1, text: /already uses the data folder/ })
  lock.close()
  t.same(names(dataDir), ['u1', 'u2'])
  t.equal(run(dataDir, 'restore', file).code, 0)
  t.same(names(dataDir), ['u1'])
  t.ok(readdirSync(dataDir).some((name) => name.startsWith('loa.db.before-')), 'the old one is kept')
  t.equal(run(dataDir, 'verify-log').code, 0)

  const empty = join(folder, String(folders++))
  t.equal(run(empty, 'restore', file).code, 0, 'into a new folder')
  t.same(names(empty), ['u1'])
  t.end()
})

t.test('clips, photos and keys are in it, for its owner alone, and what was there is kept', (t) => {
  const dataDir = join(folder, String(folders++))
  const file = join(folder, 'whole.tar')
  SqliteStore.open(dataDir).close()
  mkdirSync(join(dataDir, 'clips'))
  writeFileSync(join(dataDir, 'clips', 'k1'), 'one')
  writeFileSync(join(dataDir, 'clips', '.half.part'), 'ha')
  writeFileSync(join(dataDir, 'clips', 'k1.opus'), 'made again when somebody listens')
  mkdirSync(join(dataDir, 'photos'))
  writeFileSync(join(dataDir, 'photos', 'a.full.jpg'), 'picture')
  writeFileSync(join(dataDir, 'signing-keys.json'), 'secret', { mode: 0o600 })
  writeFileSync(join(dataDir, 'cap-signing-key.pem'), 'pem', { mode: 0o600 })
  t.equal(run(dataDir, 'backup', file).code, 0)
  t.equal(statSync(file).mode & 0o777, 0o600)
  const content = (path: string): Record<string, string> => Object.fromEntries(readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => /clips.|photos.|keys|key/.test(name)).sort().map((name) => [name.replace(/\.before-.*/, '.before'), readFileSync(join(path, name), 'utf8')]))

  const other = join(folder, String(folders++))
  SqliteStore.open(other).close()
  mkdirSync(join(other, 'clips'))
  writeFileSync(join(other, 'clips', 'k0'), 'zero')
  writeFileSync(join(other, 'signing-keys.json'), 'old', { mode: 0o600 })
  t.equal(run(other, 'restore', file).code, 0)
  t.same(content(other), { 'cap-signing-key.pem': 'pem', 'clips/k0': 'zero', 'clips/k1': 'one', 'photos/a.full.jpg': 'picture', 'signing-keys.json': 'secret', 'signing-keys.json.before': 'old' })
  t.equal(statSync(join(other, 'signing-keys.json')).mode & 0o777, 0o600)
  t.same([dataDir, other].flatMap((path) => readdirSync(path).filter((name) => /^(backup|restore)-/.test(name))), [], 'nothing is left over')
  t.end()
})

t.test('a file with anything else in it is refused', (t) => {
  const dataDir = join(folder, String(folders++))
  const made = join(folder, String(folders++))
  SqliteStore.open(made).close()
  const target = join(folder, 'target')
  mkdirSync(target)
  symlinkSync(target, join(made, 'clips'))
  const file = join(folder, 'link.tar')
  t.equal(spawnSync('tar', ['--create', '--file', file, '--directory', made, 'loa.db', 'clips']).status, 0)
  t.match(run(dataDir, 'restore', file), { code: 1, text: /no backup of Loa: it holds clips/ })
  t.notOk(existsSync(join(dataDir, 'loa.db')))
  t.end()
})

t.test('a file that is damaged, foreign or not there is refused, and nothing is changed', (t) => {
  const dataDir = join(folder, String(folders++))
  const file = join(folder, 'two.tar')
  const store = SqliteStore.open(dataDir)
  for (let n = 0; n < 500; n++) store.units.insert(unit(`u${String(n)}`))
  store.close()
  t.equal(run(dataDir, 'backup', file).code, 0)
  const good = readFileSync(file)
  const bad = Buffer.from(good)
  bad.fill(0x5a, good.length / 2, good.length / 2 + 20_000)
  for (const [name, bytes] of [['damaged', bad], ['short', good.subarray(0, 10_000)], ['text', Buffer.from('no database at all')], ['empty', Buffer.alloc(0)]] as const) {
    const path = join(folder, `${name}.tar`)
    writeFileSync(path, bytes)
    const { code, text } = run(dataDir, 'restore', path)
    t.equal(code, 1, `${name}: ${text}`)
  }
  t.equal(run(dataDir, 'restore', join(folder, 'none.tar')).code, 1)
  t.equal(names(dataDir).length, 500)
  t.notOk(existsSync(join(dataDir, 'loa.db.part')))
  t.equal(run(join(folder, 'nothing'), 'backup', join(folder, 'x.tar')).code, 1)
  t.equal(run(dataDir, 'restore').code, 2)
  t.equal(run(join(folder, 'nothing'), 'verify-log').code, 1)
  t.end()
})
