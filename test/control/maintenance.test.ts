import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { restore } from '../../server/backup.ts'
import { DATABASE_FILE } from '../../server/store/sqlite-store.ts'
import { buildControl, type Harness } from '../support/build-control.ts'
import { waitUntil } from '../support/wait-until.ts'

const PASSWORD = 'bốn con mèo ngủ trưa'

async function admin(h: Harness, login: string): Promise<{ as: null; headers: Record<string, string> }> {
  await h.call('POST', '/v1/users', { login, name: login, password: PASSWORD, roles: [{ role: 'administrator', unitId: null }] })
  const { body } = await h.call('POST', '/v1/sessions', { login, password: PASSWORD, as: 'token' }, { as: null })
  return { as: null, headers: { authorization: `Bearer ${String(body['token'])}` } }
}

t.test('disk, certificates, damage and backups are told', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  t.same((await h.call('GET', '/v1/server-health')).body, { disks: [], certificates: [], integrity: null, backup: null })
  h.alarms.health = { disks: [{ name: '/data', freeBytes: 5, totalBytes: 10 }], certificates: [{ name: 'a.pem', endsAtMs: 0 }], integrity: { atMs: 0, problems: ['x'] }, backup: { lastAtMs: null, lastFile: null, dataSinceMs: 0 } }
  t.match(await h.call('GET', '/v1/server-health', undefined, { as: 'viewer' }), { status: 403, body: { code: 'LOA_ERR_FORBIDDEN' } }, 'it names folders of the server')
  t.match((await h.call('GET', '/v1/server-health')).body, { disks: [{ freeBytes: 5 }], certificates: [{ endsAt: '1970-01-01T00:00:00.000Z' }], integrity: { problems: ['x'] }, backup: { lastAt: null } })
})

t.test('the logs are verified when somebody asks, and what was changed is named', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  t.same((await h.call('GET', '/v1/log-verification')).body, { last: null })
  await h.call('POST', '/v1/units', { code: 'X', name: 'Xã' })
  const begun = await h.call('POST', '/v1/log-verification')
  t.match(begun, { status: 202, body: { state: 'running', endedAt: null } })
  const last = async (): Promise<Record<string, unknown>> => (await h.call('GET', '/v1/log-verification')).body['last'] as Record<string, unknown>
  await waitUntil('the verification ends', async () => (await last())['state'] !== 'running')
  t.match(await last(), { state: 'right', problems: [] })
  t.ok(((await last())['logs'] as { log: string; entries: number }[]).find(({ log }) => log === 'audit')!.entries > 0)
})

t.test('one that fails says so, and another can be asked for', async (t) => {
  const h = await buildControl({ maintenanceWork: { verify: () => Promise.reject(new Error('no disk')), backUp: () => Promise.reject(new Error('no room')) } })
  t.teardown(() => h.close())
  await h.call('POST', '/v1/log-verification')
  t.match((await h.call('GET', '/v1/log-verification')).body, { last: { state: 'wrong', problems: ['no disk'] } })
  t.equal((await h.call('POST', '/v1/log-verification')).status, 202)
  const an = await admin(h, 'hong')
  await h.call('POST', '/v1/backups', { password: PASSWORD }, an)
  t.match((await h.call('GET', '/v1/backups', undefined, an)).body, { current: { state: 'failed', problem: 'no room', bytes: null } })
  t.equal((await h.call('POST', '/v1/backups', { password: PASSWORD }, an)).status, 202)
})

t.test('a backup takes the password again, is for who asked alone, stands in the audit log, and goes away', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const an = await admin(h, 'hong')
  const binh = await admin(h, 'minh')
  t.match(await h.call('POST', '/v1/backups', { password: 'x' }), { status: 403, body: { code: 'LOA_ERR_FORBIDDEN' } })
  t.match(await h.call('POST', '/v1/backups', { password: 'sai' }, an), { status: 401, body: { code: 'LOA_ERR_LOGIN' } })
  t.same((await h.call('GET', '/v1/backups', undefined, an)).body, { current: null })
  const made = await h.call('POST', '/v1/backups', { password: PASSWORD }, an)
  t.match(made, { status: 202, body: { state: 'running' } })
  const id = String(made.body['id'])
  await waitUntil('the backup is made', async () => ((await h.call('GET', '/v1/backups', undefined, an)).body['current'] as { state: string }).state === 'ready')
  t.equal((await h.call('GET', `/v1/backups/${id}/file`, undefined, binh)).status, 404)
  const file = await h.app.inject({ method: 'GET', url: `/v1/backups/${id}/file`, headers: an.headers })
  t.match(file.headers, { 'content-type': 'application/x-tar', 'cache-control': 'no-store', 'content-disposition': 'attachment; filename="loa-2026-06-18.tar"' })
  const restored = t.testdir()
  const tar = join(restored, 'b.tar')
  mkdirSync(join(restored, 'data'))
  writeFileSync(tar, file.rawPayload)
  restore(join(restored, 'data'), tar, 0)
  t.ok(existsSync(join(restored, 'data', DATABASE_FILE)), 'the file is a backup')
  const audit = (await h.call('GET', '/v1/audit-log?limit=1000')).body.items.map(({ method, route, targetIds, status }) => [method, route, targetIds, status])
  t.same(audit.filter(([, route]) => String(route).startsWith('/v1/backups')), [['POST', '/v1/backups', [], 403], ['POST', '/v1/backups', [], 401], ['POST', '/v1/backups', [id], 202], ['GET', '/v1/backups/:id/file', [id], 200]])
  h.clock.advance(1_800_000)
  t.same((await h.call('GET', '/v1/backups', undefined, an)).body, { current: null })
  t.equal((await h.call('GET', `/v1/backups/${id}/file`, undefined, an)).status, 404)
})

t.test('one backup at a time', async (t) => {
  let finish = (): void => undefined
  const h = await buildControl({ maintenanceWork: { verify: () => Promise.reject(new Error('x')), backUp: (_dataDir, file) => new Promise((resolve) => { finish = () => { writeFileSync(file, 'tar'); resolve() } }) } })
  t.teardown(() => h.close())
  const an = await admin(h, 'hong')
  t.equal((await h.call('POST', '/v1/backups', { password: PASSWORD }, an)).status, 202)
  t.match(await h.call('POST', '/v1/backups', { password: PASSWORD }, an), { status: 409, body: { code: 'LOA_ERR_IN_USE' } })
  finish()
})
