import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { buildControl, seed, TOKENS, type Answer, type Harness } from '../support/build-control.ts'
import { fc } from '../support/seed.ts'
import { waitUntil } from '../support/wait-until.ts'

const SOUND = Buffer.from(Array.from({ length: 96_000 }, (_, index) => index % 251))
const PART = { 'content-type': 'application/offset+octet-stream' }

const begin = (h: Harness, more: object = {}): Promise<Answer> => h.call('POST', '/v1/clip-uploads', { name: 'Ba\u0309n tin.wav', sizeBytes: SOUND.length, ...more })
const send = (h: Harness, id: string, from: number, to: number): Promise<Answer> => h.call('PATCH', `/v1/clip-uploads/${id}`, SOUND.subarray(from, to), { headers: { ...PART, 'upload-offset': String(from) } })
const files = (h: Harness): string[] => readdirSync(join(h.dataDir, 'clip-uploads'))

t.test('a clip comes in parts', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { body: { id } } = await begin(h)
  t.match((await h.call('GET', '/v1/clip-uploads')).body.items, [{ id, name: 'Bản tin.wav', offset: 0, sizeBytes: SOUND.length, expiresAt: '2026-06-19T03:00:00.000Z' }])
  t.match(await send(h, id, 0, 50_000), { status: 200, body: { offset: 50_000 } })
  t.match(await send(h, id, 0, 50_000), { status: 409, headers: { 'upload-offset': '50000' }, body: { code: 'LOA_ERR_UPLOAD_OFFSET' } }, 'a part that was sent before')
  t.match(await send(h, id, 60_000, 70_000), { status: 409, headers: { 'upload-offset': '50000' } }, 'a part that leaves a hole')
  t.match(await h.call('POST', `/v1/clip-uploads/${id}/clip`), { status: 409, body: { code: 'LOA_ERR_UPLOAD_OFFSET' } }, 'not whole')
  t.match(await send(h, id, 50_000, SOUND.length), { status: 200, body: { offset: SOUND.length } })
  t.match(await h.call('PATCH', `/v1/clip-uploads/${id}`, Buffer.from('x'), { headers: { ...PART, 'upload-offset': String(SOUND.length) } }), { status: 413, body: { code: 'LOA_ERR_TOO_LARGE' } }, 'more than was announced')
  const key = { headers: { 'idempotency-key': 'k' } }
  const made = await h.call('POST', `/v1/clip-uploads/${id}/clip`, undefined, key)
  t.match(made, { status: 201, headers: { location: `/v1/clips/${made.body.id}` }, body: { name: 'Bản tin.wav', durationMs: 1000 } })
  t.match(await h.call('POST', `/v1/clip-uploads/${id}/clip`, undefined, key), { status: 201, body: { id: made.body.id } }, 'asked again, because the answer was lost')
  await waitUntil('the files are gone', () => files(h).length === 0)
  t.equal((await h.call('GET', `/v1/clip-uploads/${id}`)).status, 404)
  const audited = [...h.store.auditLog.list({ after: null, limit: 100 }, {}).items].filter(({ route }) => route.includes('clip-uploads'))
  t.equal(audited.filter(({ method, status }) => method === 'PATCH' && status === 200).length, 0, 'steps do not fill the audit log')
})

t.test('parts of any size, repeated and out of place, make the same file', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(SOUND.length), fc.nat(40_000)), { maxLength: 12 }), async (parts) => {
    const { body: { id } } = await begin(h)
    let offset = 0
    for (const [from, length] of parts) {
      const to = Math.min(SOUND.length, from + length)
      const answer = await send(h, id, from, to)
      if (from === offset) offset = to
      else t.equal(answer.status, 409)
      t.equal((await h.call('GET', `/v1/clip-uploads/${id}`)).body['offset'], offset)
    }
    await send(h, id, offset, SOUND.length)
    const made = await h.call('POST', `/v1/clip-uploads/${id}/clip`)
    t.ok(h.store.clips.get(made.body.id)?.sizeBytes === SOUND.length && [200, 201].includes(made.status))
  }), { numRuns: 20 })
  t.equal((await h.call('GET', '/v1/clips')).body.items.length, 1, 'one sound, one clip')
})

t.test('a connection that is cut loses only what was on the way', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { body: { id } } = await begin(h)
  const address = new URL(await h.app.listen({ port: 0, host: '127.0.0.1' }))
  const head = (length: number, offset: number): string => [`PATCH /v1/clip-uploads/${id} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${TOKENS.admin}`, 'Content-Type: application/offset+octet-stream', `Upload-Offset: ${String(offset)}`, `Content-Length: ${String(length)}`, '', ''].join('\r\n')
  const offset = async (): Promise<unknown> => (await h.call('GET', `/v1/clip-uploads/${id}`)).body['offset']

  const cut = connect(Number(address.port), address.hostname)
  cut.write(head(SOUND.length, 0))
  cut.write(SOUND.subarray(0, 30_000))
  await waitUntil('what was sent is there', async () => (await offset()) === 30_000)
  cut.destroy()

  // One that hangs, as a dead line of 4G does: whoever comes next takes its place.
  const hanging = connect(Number(address.port), address.hostname)
  t.teardown(() => { hanging.destroy() })
  hanging.write(head(SOUND.length - 30_000, 30_000))
  hanging.write(SOUND.subarray(30_000, 45_000))
  await waitUntil('what was sent is there', async () => (await offset()) === 45_000)
  t.match(await send(h, id, 45_000, SOUND.length), { status: 200, body: { offset: SOUND.length } })
  t.equal((await h.call('POST', `/v1/clip-uploads/${id}/clip`)).status, 201)
})

t.test('what is unfinished outlives a restart, but not a day', async (t) => {
  const first = await buildControl()
  const { body: { id } } = await begin(first)
  await send(first, id, 0, 12_345)
  writeFileSync(join(first.dataDir, 'clip-uploads', 'torn.json'), '{"id":')
  writeFileSync(join(first.dataDir, 'clip-uploads', 'torn.part'), 'x')
  writeFileSync(join(first.dataDir, 'clip-uploads', 'alone.part'), 'x')
  await first.app.close()
  const h = await buildControl({ dataDir: first.dataDir, clock: first.clock })
  t.teardown(() => h.close())
  t.same(files(h).sort(), [`${id}.json`, `${id}.part`], 'halves are removed')
  t.match(await h.call('GET', `/v1/clip-uploads/${id}`), { status: 200, body: { offset: 12_345 } })
  t.match(await send(h, id, 12_345, SOUND.length), { status: 200, body: { offset: SOUND.length } })
  h.clock.advance(24 * 3_600_000 + 600_000)
  t.equal((await h.call('GET', `/v1/clip-uploads/${id}`)).status, 404)
  await waitUntil('the files are gone', () => files(h).length === 0)
})

t.test('bounds, and whose it is', async (t) => {
  let free = 1e9
  const h = await buildControl({ config: { minFreeDiskBytes: 200_000 }, freeBytes: () => Promise.resolve(free) })
  t.teardown(() => h.close())
  t.match(await begin(h, { sizeBytes: 1024 * 1024 + 1 }), { status: 413, body: { code: 'LOA_ERR_TOO_LARGE' } })
  t.match(await begin(h, { name: ' ' }), { status: 422 })
  t.match(await begin(h, { unitId: 'nobody' }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID' } })
  const { body: { id } } = await begin(h)
  t.equal((await h.call('GET', `/v1/clip-uploads/${id}`, undefined, { as: 'operator' })).status, 404, 'of somebody else')
  t.equal((await h.call('PATCH', `/v1/clip-uploads/${id}`, SOUND, { as: 'operator', headers: { ...PART, 'upload-offset': '0' } })).status, 404)
  t.equal((await h.call('DELETE', `/v1/clip-uploads/${id}`, undefined, { as: 'operator' })).status, 404)
  t.equal((await h.call('PATCH', `/v1/clip-uploads/${id}`, SOUND, { headers: { 'content-type': 'application/octet-stream', 'upload-offset': '0' } })).status, 415)
  t.equal((await h.call('PATCH', `/v1/clip-uploads/${id}`, SOUND, { headers: PART })).status, 400)
  free = 200_000 + 2 * SOUND.length - 1
  t.match(await begin(h), { status: 507, body: { code: 'LOA_ERR_DISK_FULL' } }, 'what was announced before needs its room too')
  free++
  t.equal((await begin(h)).status, 201)
  free = 1e9
  for (let count = 2; count < 20; count++) t.equal((await begin(h, { sizeBytes: 1 })).status, 201)
  t.match(await begin(h, { sizeBytes: 1 }), { status: 503, body: { code: 'LOA_ERR_BUSY' } })
  t.equal((await h.call('DELETE', `/v1/clip-uploads/${id}`)).status, 204)
  t.notOk(existsSync(join(h.dataDir, 'clip-uploads', `${id}.part`)))
  t.equal((await begin(h, { sizeBytes: 1 })).status, 201)
})

t.test('a clip is heard, looked at, cut, and says who plays it', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { body: { id: uploadId } } = await begin(h)
  await send(h, uploadId, 0, SOUND.length)
  const { body: { id } } = await h.call('POST', `/v1/clip-uploads/${uploadId}/clip`)
  const headers = { authorization: `Bearer ${TOKENS.viewer}` }
  const part = await h.app.inject({ url: `/v1/clips/${id}/audio`, headers: { ...headers, range: 'bytes=100-199' } })
  t.match(part, { statusCode: 206, headers: { 'content-range': `bytes 100-199/${String(SOUND.length)}`, 'content-type': 'audio/wav', 'content-disposition': /filename="Ban tin.wav"/ } })
  t.same(part.rawPayload, SOUND.subarray(100, 200))
  t.match(await h.call('GET', `/v1/clips/${id}/peaks`), { status: 200, body: { durationMs: 1000, peaks: [0.25, 0.5], integratedLufs: -16, truePeakDbtp: -1.5 } })

  t.match(await h.call('POST', `/v1/clips/${id}/trim`, { fromMs: 500, toMs: 400 }), { status: 422, body: { errors: [{ path: 'toMs' }] } })
  t.match(await h.call('POST', `/v1/clips/${id}/trim`, { fromMs: 500, toMs: 1001 }), { status: 422, body: { errors: [{ path: 'toMs' }] } })
  t.equal((await h.call('POST', `/v1/clips/${id}/trim`, { fromMs: 0, toMs: 1 }, { as: 'viewer' })).status, 403)
  const trimmed = await h.call('POST', `/v1/clips/${id}/trim`, { fromMs: 250, toMs: 750, name: 'Nửa' })
  t.match(trimmed, { status: 201, body: { name: 'Nửa', durationMs: 500 } })
  t.equal((await h.call('GET', `/v1/clips/${id}`)).body['durationMs'], 1000, 'the original stays')
  t.same(readdirSync(join(h.dataDir, 'uploads')), [])
  t.same((await h.call('GET', '/v1/clips?newestFirst=true&maxDurationMs=999&search=nua')).body.items.map((clip) => clip.id), [trimmed.body.id])

  t.same((await h.call('GET', `/v1/clips/${id}/usage`)).body, { users: [], otherUsers: 0 })
  const { unitId } = await seed(h)
  const order = await h.call('POST', '/v1/orders', { class: 'normal', title: 'Tin sáng', clipIds: [id], targets: { units: [unitId] } })
  t.same((await h.call('GET', `/v1/clips/${id}/usage`)).body, { users: [{ kind: 'order', id: order.body.id, title: 'Tin sáng' }], otherUsers: 0 })
})
