import t from 'tap'
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
