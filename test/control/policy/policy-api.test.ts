import t from 'tap'
import { hashSecret } from '../../../control/ids.ts'
import { buildControl, seed } from '../../support/build-control.ts'

const MINUTE_MS = 60_000

t.test('what breaks the policy of a unit needs a reason, and is reported; an emergency passes', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, sourceId } = await seed(h)
  const commune = (await h.call('POST', '/v1/units', { code: 'X2', name: 'Xã Hai', parentId: unitId })).body.id
  await h.call('POST', '/v1/clusters', { unitId: commune, code: 'C9', name: 'Cụm 9' })
  const policy = `/v1/units/${unitId}/policy`
  t.match((await h.call('GET', policy)).body, { own: { windows: null, quiet: null, playMs: null, dayMs: null }, effective: { windows: null } })
  t.match(await h.call('PATCH', policy, { windows: [{ from: '05:00', to: '06:30' }], playMs: 30 * MINUTE_MS, dayMs: 45 * MINUTE_MS }), { status: 200, body: { own: { windows: [{ weekdays: null, from: '05:00' }] } } })
  t.match((await h.call('PATCH', `/v1/units/${commune}/policy`, { playMs: 15 * MINUTE_MS })).body, { own: { windows: null }, effective: { windows: [{ to: '06:30' }], playMs: 15 * MINUTE_MS, dayMs: 45 * MINUTE_MS } })

  const order = { class: 'normal', title: 'Tin', sourceId, targets: { units: [commune] }, durationMs: 10 * MINUTE_MS }
  const refused = await h.call('POST', '/v1/orders', order)
  t.match(refused, { status: 409, body: { code: 'LOA_ERR_POLICY', errors: [{ path: 'reason', messageVi: /ngoài khung giờ.*Xã Hai/ }] } }, 'it is ten in the morning')
  t.equal(h.broadcast.orders.length, 0)
  t.equal((await h.call('POST', '/v1/orders', { ...order, class: 'emergency' })).status, 201)
  const given = await h.call('POST', '/v1/orders', { ...order, reason: 'Kỳ họp' }, { as: 'operator' })
  t.equal(given.status, 201)
  t.equal((await h.call('POST', '/v1/orders', { ...order, startsAt: '2026-06-19T05:00:00+07:00' })).status, 201, 'in the window')

  const item = { title: 'Bản tin', class: 'normal', sourceId, durationMs: 20 * MINUTE_MS, targets: { units: [unitId] }, time: '05:10', repeat: { kind: 'daily' }, acceptCollisions: true }
  t.match(await h.call('POST', '/v1/schedule-items', item), { status: 409, body: { code: 'LOA_ERR_POLICY', errors: [{ messageVi: /dài hơn.*Xã Hai/ }] } }, 'too long for the commune, not for the unit above')
  const made = await h.call('POST', '/v1/schedule-items', { ...item, durationMs: 15 * MINUTE_MS })
  t.equal(made.status, 201)
  t.equal((await h.call('PATCH', `/v1/schedule-items/${made.body.id}`, { title: 'Tin' })).status, 200)
  t.match(await h.call('PATCH', `/v1/schedule-items/${made.body.id}`, { time: '06:20' }), { status: 409, body: { code: 'LOA_ERR_POLICY' } })
  t.equal((await h.call('PATCH', `/v1/schedule-items/${made.body.id}`, { time: '06:20', reason: 'Mất điện' })).status, 200)
  t.match(await h.call('POST', '/v1/schedule-items', { ...item, durationMs: 15 * MINUTE_MS, time: '05:00', plays: 3, gapMs: 0 }), { status: 409, body: { errors: [{ messageVi: /tổng thời lượng/ }] } }, '45 and 15 minutes a day')
  t.match((await h.call('POST', '/v1/schedule-items/check', { ...item, acceptCollisions: undefined, durationMs: 15 * MINUTE_MS, time: '05:00', plays: 3, gapMs: 0 })).body.breaches, [{ rule: 'day', length: { usedMs: 60 * MINUTE_MS, allowedMs: 45 * MINUTE_MS } }, { rule: 'day' }])

  t.match((await h.call('GET', '/v1/policy-breaches')).body.items, [
    { subject: 'schedule-item', subjectId: made.body.id, reason: 'Mất điện', by: 't-admin', breaches: [{ rule: 'hours', from: '2026-06-18T23:20:00.000Z', count: 62 }, { unitId: commune, rule: 'hours' }] },
    { subject: 'order', subjectId: given.body.id, reason: 'Kỳ họp', by: 't-operator', breaches: [{ unitId: commune, rule: 'hours', count: 1 }] },
  ])
  t.equal((await h.call('GET', '/v1/policy-breaches?limit=1')).body.items.length, 1)
  await h.call('PATCH', policy, { windows: null, playMs: null, dayMs: null })
  t.equal((await h.call('POST', '/v1/orders', order)).status, 201)

  t.equal((await h.call('PATCH', policy, { playMs: 1 }, { as: 'operator' })).status, 403)
  t.equal((await h.call('PATCH', policy, {})).status, 422)
  t.match(await h.call('PATCH', policy, { windows: [{ from: '5:00', to: '24:00' }] }), { status: 422, body: { errors: [{ path: 'windows[0].from' }, { path: 'windows[0].to' }] } })
  t.equal((await h.call('GET', '/v1/units/nobody/policy')).status, 404)
})

t.test('frames of levels: kept free at a unit and below, told when typed, passed by who keeps them', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId: district, sourceId, clusterId } = await seed(h)
  const commune = (await h.call('POST', '/v1/units', { code: 'X2', name: 'Xã Hai', parentId: district })).body.id
  const cluster = (await h.call('POST', '/v1/clusters', { unitId: commune, code: 'C9', name: 'Cụm 9' })).body.id
  const policy = `/v1/units/${district}/policy`
  const frames = [{ name: 'Huyện', level: 0, from: '05:00', to: '05:30' }, { name: 'Xã', level: 1, from: '17:00', to: '17:30' }]
  t.match(await h.call('PATCH', policy, { levelFrames: [...frames, { name: 'x', level: 3, from: '05:29', to: '06:00' }] }), { status: 422, body: { errors: [{ path: 'levelFrames[2]' }] } })
  t.match(await h.call('PATCH', policy, { levelFrames: frames }), { status: 200, body: { own: { levelFrames: [{ name: 'Huyện', weekdays: null }, {}] } } })
  t.match((await h.call('GET', `/v1/units/${commune}/policy`)).body, { own: { levelFrames: null }, effective: { levelFrames: [{ unitId: district, level: 0 }, { level: 1 }] } })

  h.store.tokens.insert({ id: 't-xa', name: 'xa', grants: [{ role: 'editor', unitId: commune }], hash: hashSecret('xa'), createdAtMs: 0 })
  const asCommune = (method: 'GET' | 'POST' | 'PATCH', url: string, body?: object) => h.call(method, url, body, { as: null, headers: { authorization: 'Bearer xa' } })
  const item = { title: 'Tin xã', class: 'normal', sourceId, durationMs: 20 * MINUTE_MS, targets: { units: [commune] }, time: '04:50', repeat: { kind: 'daily' } }
  t.match((await asCommune('POST', '/v1/schedule-items/check', item)).body, {
    collisions: [],
    frames: [{ unitId: district, name: 'Huyện', level: 0, clusters: 1, count: 62, first: { from: '2026-06-18T22:00:00.000Z', until: '2026-06-18T22:10:00.000Z' }, mayChoose: [district], mayPass: false, cures: [{ cure: 'move', itemId: null, change: { time: '04:40:00' } }, { cure: 'trim', change: { durationMs: 10 * MINUTE_MS } }, { cure: 'ask', change: { enabled: false } }] }],
  })
  t.match(await asCommune('POST', '/v1/schedule-items', { ...item, reason: 'Tôi muốn' }), { status: 409, body: { code: 'LOA_ERR_POLICY', errors: [{ path: 'ask', messageVi: /khung giờ 'Huyện' của Xã Một/ }] } }, 'a reason of his own is not enough')
  t.equal((await asCommune('POST', '/v1/schedule-items', { ...item, title: 'Xã', time: '17:00' })).status, 201, 'its own frame')

  const asked = await asCommune('POST', '/v1/schedule-items', { ...item, ask: 'Ngày hội' })
  t.match(asked, { status: 201, body: { enabled: false, ask: 'Ngày hội' } })
  t.same((await h.call('GET', '/v1/schedule-items?asking=true')).body.items.map(({ id }) => id), [asked.body.id], 'who keeps the frame sees it')
  t.match(await asCommune('PATCH', `/v1/schedule-items/${asked.body.id}`, { enabled: true, reason: 'Vẫn muốn' }), { status: 409 })
  t.match(await h.call('PATCH', `/v1/schedule-items/${asked.body.id}`, { enabled: true }), { status: 409, body: { errors: [{ path: 'reason' }] } })
  t.match(await h.call('PATCH', `/v1/schedule-items/${asked.body.id}`, { enabled: true, reason: 'Đồng ý' }), { status: 200, body: { enabled: true, ask: null } })
  t.match((await h.call('GET', '/v1/policy-breaches')).body.items, [{ subjectId: asked.body.id, reason: 'Đồng ý', by: 't-admin', breaches: [{ unitId: commune, rule: 'frame', count: 62 }] }])
  t.match(await asCommune('PATCH', `/v1/schedule-items/${asked.body.id}`, { title: 'Tin của xã' }), { status: 200 }, 'what moves nothing needs nobody')

  t.match(await h.call('POST', '/v1/schedule-items', { ...item, targets: { units: [district] }, time: '17:10', acceptCollisions: true }), { status: 409, body: { errors: [{ path: 'reason' }] } }, 'the district in the frame of its communes')
  t.match(await h.call('POST', '/v1/orders', { class: 'normal', title: 'Tin', sourceId, issuer: commune, targets: { units: [commune] }, startsAt: '2026-06-19T05:10:00+07:00', durationMs: MINUTE_MS }), { status: 409, body: { code: 'LOA_ERR_POLICY', errors: [{ path: 'reason' }] } })
  t.match((await h.call('GET', `/v1/clusters/${cluster}/schedule?day=2026-06-19`)).body, {
    frames: [{ from: '2026-06-18T22:00:00.000Z', until: '2026-06-18T22:30:00.000Z', unitId: district, name: 'Huyện', level: 0 }, { name: 'Xã' }],
    plays: [{ title: 'Tin của xã', heardMs: 20 * MINUTE_MS }, { title: 'Xã' }],
  })
  t.match((await h.call('GET', `/v1/clusters/${clusterId}/schedule?day=2026-06-19`)).body, { frames: [{}, {}], plays: [] })
})
