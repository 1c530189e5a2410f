import t from 'tap'
import type { OrderRecord } from '../../../control/index.ts'
import { buildControl, multipart, seed, START_MS, type Answer, type Harness } from '../../support/build-control.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

async function place(h: Harness) {
  const { unitId, clusterId, sourceId } = await seed(h)
  const prepare = (body: object, options = {}): Promise<Answer> => h.call('POST', '/v1/alerts', { kind: 'real', templateId: 'builtin-flood', slots: { place: 'xã Một', time: 'hôm nay' }, targets: { units: [unitId] }, ...body }, options)
  return { unitId, clusterId, sourceId, prepare }
}
const ordersOf = (h: Harness, alertId: string): readonly OrderRecord[] => h.store.orders.ofAlert(alertId)

t.test('prepared, shown, confirmed: one order on the air, whoever confirms and however often', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId, prepare } = await place(h)
  h.broadcast.connect(clusterId)
  const headers = { 'idempotency-key': 'a1' }
  const prepared = await prepare({ level: 4 }, { headers })
  t.match(prepared, { status: 201, body: { state: 'prepared', kind: 'real', hazard: 'flood', level: 4, colour: { nameVi: 'đỏ' }, title: 'Cảnh báo lũ', languages: ['vi'], clusters: { targeted: 1, online: 1 }, issuer: unitId, persons: 1, repeat: { times: 3, everyHours: 2 }, orderIds: [], prepared: { by: 't-admin', session: 't-admin' } } })
  t.match(h.speech.spoken[0], /Nước sông tại xã Một đang lên nhanh, rủi ro thiên tai cấp 4\. Thời gian: hôm nay\./)
  t.equal((await prepare({ level: 4 }, { headers })).body.id, prepared.body.id)
  const url = `/v1/alerts/${prepared.body.id}`
  t.same((await h.call('GET', `${url}/clusters`)).body, { clusterIds: [clusterId], joined: [], left: [], online: [clusterId], reached: [] })
  t.equal(h.broadcast.orders.length, 0, 'nothing sounds')

  const answers = await Promise.all([h.call('POST', `${url}/confirm`, {}), h.call('POST', `${url}/confirm`, {}, { as: 'operator' }), h.call('POST', `${url}/confirm`, {})])
  for (const answer of answers) t.match(answer, { status: 200, body: { state: 'on-air', confirmed: { by: 't-admin' }, approved: null, onAirFrom: new Date(START_MS).toISOString(), expiresAt: new Date(START_MS + 24 * HOUR_MS).toISOString() } })
  const [order, ...more] = ordersOf(h, prepared.body.id)
  t.same(more, [], 'one order')
  t.same(h.broadcast.orders, [order], 'and it was told before the answer')
  const [clipId] = (prepared.body['parts'] as { clipId: string }[]).map((part) => part.clipId)
  t.match(order, { class: 'emergency', title: 'Cảnh báo lũ', clipIds: [clipId, clipId, clipId], targets: { units: [unitId] }, attentionTone: true, issuerUnitId: unitId, createdBy: 't-admin', alert: { id: prepared.body.id, kind: 'real', level: 4 } })
  t.match((await h.call('GET', `/v1/orders/${order!.id}`)).body, { alert: { id: prepared.body.id, kind: 'real', level: 4 } })
  t.match((await h.call('DELETE', `/v1/clips/${clipId!}`)), { status: 409, body: { code: 'LOA_ERR_IN_USE' } })
})

t.test('repetitions come on the hour until it ends, and a newer one takes its place', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { prepare } = await place(h)
  const { id } = (await prepare({ durationMs: 5 * HOUR_MS })).body
  await h.call('POST', `/v1/alerts/${id}/confirm`, {})
  h.clock.advance(0)
  // 10:00 in Viet Nam; the play goes on for a few minutes.
  t.same(ordersOf(h, id).map(({ startsAtMs }) => (startsAtMs - START_MS) / HOUR_MS), [0, 2, 4])
  h.clock.advance(HOUR_MS)
  t.equal(ordersOf(h, id).length, 3)
  const update = (await prepare({ replaces: id, level: 5, durationMs: 4 * HOUR_MS })).body
  t.match(update, { purpose: 'update', replaces: id })
  t.match((await h.call('GET', `/v1/alerts/${id}`)).body, { state: 'on-air' }, 'until it is confirmed')
  await h.call('POST', `/v1/alerts/${update.id}/confirm`, {})
  t.match((await h.call('GET', `/v1/alerts/${id}`)).body, { state: 'ended', replacedBy: update.id })
  t.ok(ordersOf(h, id).filter(({ endsAtMs }) => endsAtMs > h.clock.wallMs()).every(({ stoppedAtMs }) => stoppedAtMs === START_MS + HOUR_MS))
  h.clock.advance(0)
  t.same(ordersOf(h, update.id).map(({ startsAtMs }) => (startsAtMs - START_MS) / HOUR_MS), [1, 2, 4])
  h.clock.advance(4 * HOUR_MS)
  t.match((await h.call('GET', `/v1/alerts/${update.id}`)).body, { state: 'ended', closed: null })
  t.equal((await h.call('POST', `/v1/alerts/${update.id}/confirm`, {})).body['code'], 'LOA_ERR_ALERT_STATE')
})

t.test('the second person is another one, in another session, in time', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, sourceId, prepare } = await place(h)
  const rule = await h.call('PATCH', `/v1/alert-rules/${unitId}`, { twoPersons: [{ kinds: ['real'], level: 3, clusters: 1 }], waitMs: 5 * MINUTE_MS })
  t.match(rule, { status: 200, body: { own: { unitId, breakGlass: true }, effective: { waitMs: 300_000 } } })
  const first = (await prepare({})).body
  t.equal(first['persons'], 2)
  const url = `/v1/alerts/${first.id}`
  t.match(await h.call('POST', `${url}/approve`), { status: 409, body: { code: 'LOA_ERR_ALERT_STATE' } })
  const an = await h.loggedIn('an.nguyen', ['emergency-officer'])
  const binh = await h.loggedIn('binh.tran', ['emergency-officer'])
  t.match(await h.call('POST', `${url}/confirm`, {}), { status: 409, body: { code: 'LOA_ERR_SECOND_PERSON' } }, 'a token is nobody: its holder may be logged in too')
  t.match(await h.call('POST', `${url}/confirm`, {}, an), { status: 200, body: { state: 'awaiting-second', approveBy: new Date(START_MS + 5 * MINUTE_MS).toISOString() } })
  t.match(await h.call('POST', `${url}/confirm`, {}, an), { status: 200, body: { state: 'awaiting-second' } })
  t.match(await h.call('POST', `${url}/approve`, undefined, an), { status: 409, body: { code: 'LOA_ERR_SECOND_PERSON' } })
  t.match(await h.call('POST', `${url}/approve`), { status: 409, body: { code: 'LOA_ERR_SECOND_PERSON' } })
  t.match(await h.call('POST', `${url}/confirm`, {}), { status: 200, body: { state: 'awaiting-second' } })
  t.equal(ordersOf(h, first.id).length, 0)
  t.match(await h.call('POST', `${url}/approve`, undefined, binh), { status: 200, body: { state: 'on-air', confirmed: { kind: 'person', name: 'an.nguyen' }, approved: { kind: 'person', name: 'binh.tran' } } })
  t.match(await h.call('POST', `${url}/approve`, undefined, binh), { status: 200, body: { state: 'on-air' } })
  t.equal(ordersOf(h, first.id).length, 1)

  t.match(await h.call('POST', '/v1/orders', { class: 'emergency', title: 'Lũ', sourceId, targets: { units: [unitId] }, durationMs: 1000 }), { status: 409, body: { code: 'LOA_ERR_SECOND_PERSON' } }, 'nor is there another way')
  t.equal((await h.call('POST', '/v1/orders', { class: 'normal', title: 'Tin', sourceId, targets: { units: [unitId] }, durationMs: 1000 })).status, 201)

  const late = (await prepare({})).body.id
  await h.call('POST', `/v1/alerts/${late}/confirm`, {}, an)
  h.clock.advance(5 * MINUTE_MS)
  t.match((await h.call('GET', `/v1/alerts/${late}`)).body, { state: 'expired' })
  t.match(await h.call('POST', `/v1/alerts/${late}/approve`, undefined, binh), { status: 409 })
  t.equal(ordersOf(h, late).length, 0)

  const refused = (await prepare({})).body.id
  await h.call('POST', `/v1/alerts/${refused}/confirm`, {}, an)
  t.match(await h.call('POST', `/v1/alerts/${refused}/refuse`, { reason: 'Sai địa bàn' }, { as: 'operator' }), { status: 200, body: { state: 'refused', closed: { reason: 'Sai địa bàn', by: { by: 't-operator' } } } })
  t.match(await h.call('POST', `/v1/alerts/${refused}/approve`, undefined, binh), { status: 409 })

  const small = (await prepare({ level: 2 })).body.id
  t.match((await h.call('POST', `/v1/alerts/${small}/confirm`, {})).body, { state: 'on-air', persons: 1 }, 'below the level one is enough')
})

t.test('glass is broken with a reason, which stays', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, prepare } = await place(h)
  await h.call('PATCH', `/v1/alert-rules/${unitId}`, { twoPersons: [{ kinds: ['real'], level: 1, clusters: 0 }] })
  const { id } = (await prepare({})).body
  t.equal((await h.call('POST', `/v1/alerts/${id}/confirm`, { breakGlass: { reason: '         .' } })).status, 422)
  t.equal(ordersOf(h, id).length, 0)
  t.match(await h.call('POST', `/v1/alerts/${id}/confirm`, { breakGlass: { reason: 'Đập đã vỡ, không gọi được ai' } }), { status: 200, body: { state: 'on-air', persons: 2, breakGlass: 'Đập đã vỡ, không gọi được ai' } })
  t.match(h.store.auditLog.list({ after: null, limit: 100 }, {}).items.map(({ method, targetIds, tokenId }) => ({ method, targetIds, tokenId })).filter(({ method }) => method === 'BREAK-GLASS'), [{ targetIds: [id], tokenId: 't-admin' }])
  await h.call('PATCH', `/v1/alert-rules/${unitId}`, { breakGlass: false })
  const other = (await prepare({})).body.id
  t.match(await h.call('POST', `/v1/alerts/${other}/confirm`, { breakGlass: { reason: 'Đập đã vỡ, không gọi được ai' } }), { status: 409, body: { code: 'LOA_ERR_SECOND_PERSON' } })
  t.equal((await h.call('DELETE', `/v1/alert-rules/${unitId}`)).status, 204)
  t.same((await h.call('GET', `/v1/alert-rules/${unitId}`)).body, { own: null, effective: null })
})

t.test('cancelled in one action: stopped, and told on the same targets with the same weight', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, prepare } = await place(h)
  const { id } = (await prepare({ level: 5 })).body
  await h.call('POST', `/v1/alerts/${id}/confirm`, {})
  h.clock.advance(MINUTE_MS)
  const told = h.broadcast.orders.length
  const cancelled = await h.call('POST', `/v1/alerts/${id}/cancel`, { reason: 'Báo nhầm' }, { as: 'operator' })
  t.match(cancelled, { status: 200, body: { state: 'cancelled', closed: { reason: 'Báo nhầm', by: { by: 't-operator' } } } })
  const follow = cancelled.body['replacedBy'] as string
  t.match((await h.call('GET', `/v1/alerts/${follow}`)).body, { purpose: 'cancellation', state: 'on-air', level: 5, replaces: id, confirmed: { by: 't-operator' }, title: 'Hủy: Cảnh báo lũ' })
  t.match(ordersOf(h, follow), [{ targets: { units: [unitId] }, issuerUnitId: unitId, alert: { level: 5, kind: 'real' }, clipIds: Array.from({ length: 3 }, () => String) }])
  t.equal(h.broadcast.orders[told]?.alert?.id, follow, 'what sounds is told first')
  t.ok(ordersOf(h, id).every(({ stoppedAtMs, endsAtMs }) => stoppedAtMs !== null || endsAtMs <= h.clock.wallMs()))
  t.match(h.speech.spoken.find((text) => text.startsWith('Thông báo hủy')), /Cảnh báo lũ/)
  t.match(await h.call('POST', `/v1/alerts/${id}/cancel`, {}), { status: 200, body: { replacedBy: follow } })

  const waiting = (await prepare({})).body.id
  t.match(await h.call('POST', `/v1/alerts/${waiting}/cancel`, {}), { status: 200, body: { state: 'cancelled', replacedBy: null } })
  t.equal(ordersOf(h, waiting).length, 0)
})

t.test('corrected in one action, even where the rule wants two', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, prepare } = await place(h)
  const { id } = (await prepare({})).body
  await h.call('POST', `/v1/alerts/${id}/confirm`, {})
  await h.call('PATCH', `/v1/alert-rules/${unitId}`, { twoPersons: [{ kinds: ['real'], level: 1, clusters: 0 }] })
  const corrected = await h.call('POST', `/v1/alerts/${id}/correct`, { parts: [{ language: 'vi', text: 'Chỉ thôn Đông phải di chuyển.' }] }, { headers: { 'idempotency-key': 'c1' } })
  t.match(corrected, { status: 201, body: { purpose: 'correction', state: 'on-air', replaces: id, title: 'Đính chính: Cảnh báo lũ', repeat: { everyHours: 2 } } })
  t.match((await h.call('GET', `/v1/alerts/${id}`)).body, { state: 'ended', replacedBy: corrected.body.id })
  t.match(await h.call('POST', `/v1/alerts/${id}/correct`, { parts: [{ language: 'vi', text: 'Khác.' }] }), { status: 409 })
})

t.test('exercises say so around each time; tests reach only what is not in use, before and after', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId, sourceId, prepare } = await place(h)
  const exercise = (await prepare({ kind: 'exercise', repeat: { times: 2, everyHours: null } })).body
  await h.call('POST', `/v1/alerts/${exercise.id}/confirm`, {})
  const [{ clipIds }] = ordersOf(h, exercise.id) as [OrderRecord]
  const [frame, message] = clipIds!
  t.same(clipIds, [frame, message, frame, message, frame])
  t.match(h.store.clips.get(frame!), { name: 'Cảnh báo lũ' })
  t.ok(h.speech.spoken.includes('Đây là diễn tập. Đây là diễn tập.'))

  const live = (await h.call('POST', '/v1/alerts', { kind: 'exercise', hazard: 'fire', level: 1, title: 'Diễn tập', sourceId, targets: { units: [unitId] }, durationMs: HOUR_MS })).body
  await h.call('POST', `/v1/alerts/${live.id}/confirm`, {})
  const [before, middle, after] = ordersOf(h, live.id) as [OrderRecord, OrderRecord, OrderRecord]
  t.match([before, middle, after], [{ clipIds: [frame], attentionTone: true }, { sourceId, attentionTone: false, startsAtMs: before.endsAtMs }, { clipIds: [frame], startsAtMs: middle.endsAtMs, endsAtMs: START_MS + HOUR_MS }])

  t.match(await prepare({ kind: 'test' }), { status: 409, body: { code: 'LOA_ERR_TEST_ZONE', errors: [{ path: 'targets' }] } })
  const at = { targets: { clusters: [clusterId] } }
  t.match(await prepare({ kind: 'test', ...at }), { status: 409, body: { errors: [{ path: 'targets.clusters[0]' }] } })
  await h.call('PATCH', `/v1/clusters/${clusterId}`, { state: 'repair' })
  const test = (await prepare({ kind: 'test', ...at })).body
  t.match(test, { state: 'prepared', kind: 'test', clusters: { targeted: 1 } })
  await h.call('PATCH', `/v1/clusters/${clusterId}`, { state: 'active' })
  t.match(await h.call('POST', `/v1/alerts/${test.id}/confirm`, {}), { status: 409, body: { code: 'LOA_ERR_TEST_ZONE' } })
  t.equal(ordersOf(h, test.id).length, 0)
  await h.call('PATCH', `/v1/clusters/${clusterId}`, { state: 'planned' })
  t.match(await h.call('POST', `/v1/alerts/${test.id}/confirm`, {}), { status: 200, body: { state: 'on-air' } })
  t.match(ordersOf(h, test.id), [{ alert: { kind: 'test' } }])
})

t.test('an area drawn for an alert is kept as long as it, and takes in who comes into it', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId, prepare } = await place(h)
  const circle = { lat: 21.0285, lon: 105.8542, radiusM: 1000 }
  const alert = (await prepare({ targets: { selection: { units: [unitId], circles: [circle], match: 'all' } }, durationMs: HOUR_MS })).body
  t.match(alert, { clusters: { targeted: 1 }, selection: { circles: [circle] } })
  const [groupId] = (alert['targets'] as { groups: string[] }).groups
  t.equal((await h.call('GET', '/v1/groups')).body.items.length, 0, 'it is none of those that people have saved')
  t.equal((await h.call('GET', `/v1/groups/${groupId!}`)).status, 404)
  await h.call('POST', `/v1/alerts/${alert.id}/confirm`, {})
  const newcomer = (await h.call('POST', '/v1/clusters', { unitId, code: 'C2', name: 'Cụm 2', position: { lat: 21.029, lon: 105.854 } })).body.id
  t.match((await h.call('GET', `/v1/alerts/${alert.id}/clusters`)).body, { clusterIds: [clusterId], joined: [newcomer], left: [] })
  const cancelled = await h.call('POST', `/v1/alerts/${alert.id}/cancel`, {})
  h.clock.advance(MINUTE_MS)
  t.ok(h.store.groups.get(groupId!), 'what says so goes to the same place')
  h.clock.advance(2 * HOUR_MS)
  t.equal(h.store.groups.get(groupId!), undefined)
  t.match((await h.call('GET', `/v1/alerts/${cancelled.body['replacedBy'] as string}`)).body, { state: 'ended' })
})

t.test('what cannot be said is refused; recordings need no voice', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, prepare } = await place(h)
  t.match(await prepare({ slots: { place: 'xã Một', colour: 'đỏ' } }), { status: 422, body: { errors: [{ path: 'slots.time' }, { path: 'slots.colour' }] } })
  t.match(await prepare({ templateId: 'nobody' }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'templateId' }] } })
  t.match(await prepare({ parts: [{ language: 'vi', text: 'a' }], sourceId: 's' }), { status: 422, body: { code: 'LOA_ERR_ORDER_CONTENT' } })
  t.match(await prepare({ parts: [{ language: 'tyz', text: 'a' }] }), { status: 422, body: { errors: [{ path: 'parts[0].clipId' }] } })
  t.match(await prepare({ targets: {} }), { status: 422, body: { errors: [{ path: 'targets' }] } })
  t.match(await prepare({ targets: { tags: ['không-có'] } }), { status: 422, body: { errors: [{ path: 'targets', message: /no cluster/ }] } })
  t.match(await prepare({ durationMs: 1000 }), { status: 422, body: { code: 'LOA_ERR_ORDER_TIME' } })
  t.match(await prepare({ expiresAt: '2026-07-18T03:00:00Z' }), { status: 422, body: { code: 'LOA_ERR_ORDER_TIME' } })

  const { payload, headers } = multipart(Buffer.alloc(96_000, 7))
  const clip = (await h.app.inject({ method: 'POST', url: '/v1/clips', payload, headers: { ...headers, authorization: 'Bearer admin-token-for-tests-0123456789abcdef' } })).json<{ id: string }>().id
  const minority = (await prepare({ parts: [{ language: 'tyz', clipId: clip, text: 'Nặm noòng' }, { language: 'vi', text: 'Nước lên.' }] })).body
  t.same(minority['languages'], ['vi', 'tyz'], 'Vietnamese first')
  h.speech.failure = 'SPEECH_ERR_MISSING'
  t.match(await prepare({ level: 1 }), { status: 503, body: { code: 'LOA_ERR_NO_SPEECH' } })
  const recorded = await h.call('POST', '/v1/alerts', { kind: 'real', hazard: 'other', level: 1, title: 'Ghi âm', parts: [{ language: 'vi', clipId: clip }], targets: { units: [unitId] } })
  t.equal(recorded.status, 201)
  await h.call('POST', `/v1/alerts/${recorded.body.id}/confirm`, {})
  t.match((await h.call('POST', `/v1/alerts/${recorded.body.id}/cancel`, {})).body, { state: 'cancelled', replacedBy: null }, 'off the air, though nothing can be said')
  t.ok(ordersOf(h, recorded.body.id).every(({ stoppedAtMs }) => stoppedAtMs !== null))
})

t.test('units have templates of their own, made from those that everybody has', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, prepare } = await place(h)
  t.equal((await h.call('GET', '/v1/alert-templates')).body.items.length, 7)
  t.match((await h.call('GET', '/v1/alert-templates?hazard=missing-person')).body.items, [{ id: 'builtin-missing-person', slots: ['name', 'place', 'time', 'description', 'phone'], titleEn: 'Missing person', unitId: null }])
  const made = await h.call('POST', '/v1/alert-templates', { unitId, from: 'builtin-flood', title: 'Lũ sông Cầu', text: 'Lũ tại {place}.' })
  const url = `/v1/alert-templates/${made.body.id}`
  t.match(made, { status: 201, headers: { location: url }, body: { unitId, title: 'Lũ sông Cầu', slots: ['place'], level: 3, repeat: { times: 3, everyHours: 2 }, titleEn: null } })
  const { headers: { etag } } = await h.call('GET', url)
  t.match(await h.call('PATCH', url, { level: 4 }, { headers: { 'if-match': String(etag) } }), { status: 200, body: { level: 4, title: 'Lũ sông Cầu' } })
  t.equal((await h.call('PATCH', url, { level: 5 }, { headers: { 'if-match': String(etag) } })).status, 412)
  t.match((await prepare({ templateId: made.body.id, slots: { place: 'xã Một' } })).body, { title: 'Lũ sông Cầu', level: 4 })
  t.equal(h.speech.spoken[0], 'Lũ tại xã Một.')
  t.match(await h.call('PATCH', '/v1/alert-templates/builtin-flood', { level: 4 }), { status: 409 })
  t.equal((await h.call('POST', '/v1/alert-templates', { unitId, title: 'x' })).status, 422)
  t.equal((await h.call('DELETE', url)).status, 204)
  t.equal((await h.call('GET', url)).status, 404)
})

t.test('a template is made of what its maker sees and may use', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const unit = async (code: string, parentId: string | null) => (await h.call('POST', '/v1/units', { code, name: code, parentId })).body.id
  const root = await unit('P', null)
  const [own, sister] = [await unit('X', root), await unit('Y', root)]
  const { body: { token } } = await h.call('POST', '/v1/tokens', { name: 'X', roles: [{ role: 'emergency-officer', unitId: own }] })
  const limited = { as: null, headers: { authorization: `Bearer ${String(token)}` } } as const
  h.store.clips.insert({ id: 'ky', name: 'ky', unitId: sister, path: '/ky', durationMs: 1000, durationSamples: 48_000, loudnessLufs: -20, sizeBytes: 1, createdAtMs: 0 })
  const recordings = [{ language: 'hmn', clipId: 'ky' }]
  t.match(await h.call('POST', '/v1/alert-templates', { unitId: own, from: 'builtin-flood', recordings }, limited), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'recordings[0].clipId' }] } })
  const { body: { id: from } } = await h.call('POST', '/v1/alert-templates', { unitId: sister, from: 'builtin-flood', recordings })
  t.match(await h.call('POST', '/v1/alert-templates', { unitId: own, from }, limited), { status: 404 })
  const { body: { id } } = await h.call('POST', '/v1/alert-templates', { unitId: own, from })
  t.match(await h.call('PATCH', `/v1/alert-templates/${id}`, { level: 4, recordings }, limited), { status: 200 }, 'what is in it may stay')
  t.match(await h.call('PATCH', `/v1/alert-templates/${id}`, { recordings: [] }, limited), { status: 200 })
  t.match(await h.call('PATCH', `/v1/alert-templates/${id}`, { recordings }, limited), { status: 422 })
})
