import { join } from 'node:path'
import t from 'tap'
import { ApiDocument, type DocumentObject } from '../support/api/document.ts'
import { buildControl, multipart, seed, type Harness } from '../support/build-control.ts'
import { makeKeys } from '../support/cap-samples.ts'
import { putRecording } from '../support/recording.ts'
import { fc } from '../support/seed.ts'

type World = Harness & Awaited<ReturnType<typeof seed>>
type Change = (n: number) => object

const CAP_KEY = makeKeys().pem

/** How the thing is made that such a path names, and a change of it. A path that two operators may edit and that is not here fails the test. */
const THINGS: Readonly<Record<string, { readonly make: (w: World, code: string) => Promise<string>; readonly change?: Change; readonly method?: 'PUT' }>> = {
  '/v1/units/{id}': { make: (w, code) => made(w, '/v1/units', { code, name: code }), change: (n) => ({ name: `Xã ${String(n)}` }) },
  '/v1/units/{id}/policy': { make: (w, code) => made(w, '/v1/units', { code, name: code }), change: (n) => ({ playMs: 60_000 + n }) },
  '/v1/clusters/{id}': { make: (w, code) => made(w, '/v1/clusters', { unitId: w.unitId, code, name: code }), change: (n) => ({ name: `Cụm ${String(n)}` }) },
  '/v1/groups/{id}': { make: (w, code) => made(w, '/v1/groups', { name: code, tags: ['a'] }), change: (n) => ({ name: `Nhóm ${String(n)}` }) },
  '/v1/sources/{id}': { make: (w, code) => made(w, '/v1/sources', { kind: 'tone', name: code, frequencyHz: 440 }), change: (n) => ({ name: `Còi ${String(n)}` }) },
  '/v1/clips/{id}': { make: async (w, code) => { const { payload, headers } = multipart(Buffer.from(code.padEnd(960))); return (await w.call('POST', '/v1/clips', payload, { headers })).body.id }, change: (n) => ({ name: `Tin ${String(n)}` }) },
  '/v1/playlists/{id}': { make: (w, code) => made(w, '/v1/playlists', { name: code }), change: (n) => ({ name: `Danh sách ${String(n)}` }) },
  '/v1/users/{id}': { make: (w, code) => made(w, '/v1/users', { login: `nguoi.${code}`, name: code, password: 'mưa rào trên mái tôn 7', roles: [{ role: 'viewer', unitId: null }] }), change: (n) => ({ name: `Bà ${String(n)}` }) },
  '/v1/schedule-items/{id}': { make: (w, code) => made(w, '/v1/schedule-items', { title: code, class: 'normal', sourceId: w.sourceId, durationMs: 60_000, targets: { units: [w.unitId] }, time: '05:00', acceptCollisions: true }), change: (n) => ({ title: `Tin ${String(n)}` }) },
  '/v1/alert-rules/{id}': { make: async (w, code) => { const id = await made(w, '/v1/units', { code, name: code }); await w.call('PATCH', `/v1/alert-rules/${id}`, { waitMs: 60_000 }); return id }, change: (n) => ({ waitMs: 120_000 + 1000 * n }) },
  '/v1/alert-templates/{id}': { make: (w, code) => made(w, '/v1/alert-templates', { unitId: w.unitId, from: 'builtin-flood', title: code }), change: (n) => ({ title: `Cảnh báo ${String(n)}` }) },
  '/v1/alarm-rules/{rule}': { make: () => Promise.resolve('cluster-lost'), change: (n) => ({ holdMs: 300_000 + 1000 * n }) },
  '/v1/notification-channels/{id}': { make: (w, code) => made(w, '/v1/notification-channels', { name: code, kind: 'file', file: code }), change: (n) => ({ name: `Kênh ${String(n)}` }) },
  '/v1/tickets/{id}': { make: (w, code) => made(w, '/v1/tickets', { title: code, clusterId: w.clusterId }), change: (n) => ({ title: `Phiếu ${String(n)}` }) },
  '/v1/cap-senders/{id}': { make: (w, code) => made(w, '/v1/cap-senders', { name: code, sender: `${code}@example`, keys: [CAP_KEY], unitId: w.unitId }), change: (n) => ({ name: `Đài ${String(n)}` }) },
  '/v1/cap-feeds/{id}': { make: async (w, code) => made(w, '/v1/cap-feeds', { name: code, senderId: await made(w, '/v1/cap-senders', { name: code, sender: `${code}@example`, keys: [CAP_KEY], unitId: w.unitId }), url: `https://cap.example/${code}`, enabled: false }), change: (n) => ({ name: `Nguồn tin ${String(n)}` }) },
  '/v1/phone/keys/{id}': { method: 'PUT', make: (w, code) => phoneKey(w, code), change: (n) => ({ ...phoneKeyBody, name: `Phím ${String(n)}` }) },
  '/v1/users/{id}/phone-pin': { method: 'PUT', make: (w, code) => userWithPin(w, code), change: () => ({ pin: '739264', unitId: phoneKeyBody.unitId, language: 'en' }) },
  '/v1/recordings/{id}': { make: (w, code) => Promise.resolve(putRecording(w.store.recordings, join(w.dataDir, 'recordings'), { id: code, room: `src:${code}` }).id) },
  '/v1/units/{id}/recording-rules': { method: 'PUT', make: (w, code) => made(w, '/v1/units', { code, name: code }), change: (n) => ({ keepDays: 10 + (n % 1000) }) },
  '/v1/rtp-outputs/{id}': { make: (w, code) => made(w, '/v1/rtp-outputs', { name: code, hears: { clusterId: w.clusterId }, mode: 'multicast', address: '239.1.2.3', port: 5000 + 2 * w.store.rtpOutputs.all().length }) },
}

/** They are made and taken away, and nothing about them can be edited, or by nobody but one. */
const NEVER_EDITED = new Set(['/v1/tokens/{id}', '/v1/sessions/{id}', '/v1/clusters/{id}/photo', '/v1/clip-uploads/{id}', '/v1/sources/{id}/keys/{keyId}', '/v1/me/phone-pin', '/v1/recordings/{id}/hold'])

/** Of a unit of its own each time. */
const phoneKeyBody = { unitId: '', key: '9', name: 'x', targets: { units: [''] }, class: 'normal', content: { kind: 'live', sourceId: '' } }
let phoneNumbers = 4000
async function phoneKey(w: World, code: string): Promise<string> {
  const sourceId = await made(w, '/v1/sources', { kind: 'phone', name: code })
  const unitId = await made(w, '/v1/units', { code, name: code })
  Object.assign(phoneKeyBody, { unitId, targets: { units: [unitId] }, content: { kind: 'live', sourceId } })
  return made(w, '/v1/phone/keys', { ...phoneKeyBody, name: code })
}

function userWithPin(w: World, code: string): Promise<string> {
  phoneKeyBody.unitId = w.unitId
  const { id: userId } = w.store.users.insert({ id: code, login: code, name: code, grants: [{ role: 'operator', unitId: null }], passwordHash: '', totpSecret: null, totpPending: null, totpUsedStep: 0, recoveryHashes: [], enabled: true, createdAtMs: 0 })
  w.store.phonePins.put({ userId, number: String(phoneNumbers++), pinHash: '', unitId: w.unitId, language: 'vi', needsCode: false, callerIds: [], changedAtMs: 0 })
  return Promise.resolve(userId)
}

async function made(w: World, url: string, body: object): Promise<string> {
  const answer = await w.call('POST', url, body)
  if (answer.status !== 201) throw new Error(`${url}: ${answer.text}`)
  return answer.body.id
}

async function buildWorld(t: { teardown(fn: () => Promise<void>): void }): Promise<World> {
  const harness = await buildControl()
  t.teardown(() => harness.close())
  return { ...harness, ...(await seed(harness)) }
}

t.test('every PATCH, PUT and DELETE of what two operators may edit takes If-Match', async (t) => {
  const w = await buildWorld(t)
  const { operations } = new ApiDocument(w.app.swagger() as unknown as DocumentObject)
  let count = 0
  for (const { name, method, path, parameters, responses } of operations) {
    if ((method !== 'PATCH' && method !== 'PUT' && method !== 'DELETE') || NEVER_EDITED.has(path)) continue
    t.ok(parameters.some((parameter) => parameter.name === 'if-match'), `${name} takes If-Match`)
    t.ok(responses['412'], `${name} says 412`)
    const thing = THINGS[path]
    if (thing === undefined) {
      t.fail(`${name}: nothing here says how the thing is made`)
      continue
    }
    const url = path.replace(/\{\w+\}/, await thing.make(w, `x${String(count++)}`))
    const body = method === 'DELETE' ? undefined : thing.change?.(1)
    const before = await w.call('GET', url)
    t.match(before.headers['etag'], /^"[\w-]{22}"$/, `GET ${path} sends an ETag`)
    for (const stale of ['"x"', `W/${String(before.headers['etag'])}`, 'x, "y"']) {
      const refused = await w.call(method, url, body, { headers: { 'if-match': stale } })
      t.match(refused, { status: 412, headers: { etag: before.headers['etag'] }, body: { code: 'LOA_ERR_CHANGED' } }, `${name} ${stale}`)
    }
    t.same((await w.call('GET', url)).body, before.body, `${name} changed nothing`)
    const done = await w.call(method, url, body, { headers: { 'if-match': `"x", ${String(before.headers['etag'])}` } })
    t.ok(done.status < 300, `${name} with the right tag: ${String(done.status)} ${done.text}`)
    if (method === 'DELETE') continue
    t.not(done.headers['etag'], before.headers['etag'], `${name} sends another tag`)
    t.equal((await w.call('GET', url)).headers['etag'], done.headers['etag'], `${name} sends the tag that is read`)
    t.equal((await w.call(method, url, body, { headers: { 'if-match': '*' } })).status, 200, `${name} takes *`)
    t.equal((await w.call(method, url, body)).status, 200, `${name} goes without`)
  }
  t.ok(count >= Object.keys(THINGS).length)
})

t.test('whoever edits what he has read never undoes what another wrote', async (t) => {
  const w = await buildWorld(t)
  let count = 0
  const editable = Object.entries(THINGS).filter(([, { change }]) => change !== undefined)
  await fc.assert(fc.asyncProperty(fc.constantFrom(...editable), fc.array(fc.record({ who: fc.nat(2), reads: fc.boolean() }), { minLength: 2, maxLength: 12 }), async ([path, { make, change, method = 'PATCH' as const }], steps) => {
    const url = path.replace(/\{\w+\}/, await make(w, `y${String(count++)}`))
    /** By operator: the tag he has read, and how many changes had been made then. */
    const read = new Map<number, { readonly tag: string; readonly changes: number }>()
    let changes = 0
    for (const { who, reads } of steps) {
      const known = read.get(who)
      if (reads || known === undefined) {
        read.set(who, { tag: String((await w.call('GET', url)).headers['etag']), changes })
        continue
      }
      const { status, headers } = await w.call(method, url, change!(count * 100 + changes + 1), { headers: { 'if-match': known.tag } })
      if (status !== (known.changes === changes ? 200 : 412)) throw new Error(`${path}: ${String(status)} after ${String(changes - known.changes)} changes by others`)
      if (status !== 200) continue
      changes++
      read.set(who, { tag: String(headers['etag']), changes })
    }
  }), { numRuns: Number(process.env['LOA_RUNS'] ?? 30) })
})

t.test('of many who write at once what they have read at once, one does', async (t) => {
  const w = await buildWorld(t)
  let count = 0
  for (const [path, { make, change, method = 'PATCH' as const }] of Object.entries(THINGS)) {
    if (change === undefined) continue
    const url = path.replace(/\{\w+\}/, await make(w, `z${String(count++)}`))
    const tag = String((await w.call('GET', url)).headers['etag'])
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => w.call(method, url, change(n), { headers: { 'if-match': tag } })))
    t.same(answers.map(({ status }) => status).sort(), [200, 412, 412, 412, 412, 412, 412, 412], path)
  }
})
