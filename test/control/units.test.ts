import t from 'tap'
import { buildControl, seed } from '../support/build-control.ts'

t.test('units', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())

  const root = await h.call('POST', '/v1/units', { code: 'T1', name: 'Ti\u0309nh Một ', parentId: null })
  t.match(root, { status: 201, headers: { location: `/v1/units/${root.body.id}` }, body: { code: 'T1', name: 'T\u1ec9nh M\u1ed9t', parentId: null, level: 0, createdAt: '2026-06-18T03:00:00.000Z' } }, 'the name is in NFC and trimmed')
  t.same(h.broadcast.calls, ['registry'])
  const district = await h.call('POST', '/v1/units', { code: 'H1', name: 'Huyện', parentId: root.body.id })
  const commune = await h.call('POST', '/v1/units', { code: 'X1', name: 'Xã', parentId: district.body.id })
  t.equal(commune.body['level'], 2)

  t.test('are shown and listed', async (t) => {
    t.same((await h.call('GET', `/v1/units/${commune.body.id}`)).body, commune.body)
    t.match(await h.call('GET', '/v1/units/nobody'), { status: 404, body: { code: 'LOA_ERR_NOT_FOUND', detail: "there is no unit 'nobody'", detailVi: "không có đơn vị 'nobody'" } })
    t.same((await h.call('GET', '/v1/units')).body.items.map(({ id }) => id), [root.body.id, district.body.id, commune.body.id])
    t.same((await h.call('GET', '/v1/units?parentId=root')).body.items.map(({ id }) => id), [root.body.id])
    t.same((await h.call('GET', `/v1/units?parentId=${district.body.id}`)).body.items.map(({ id }) => id), [commune.body.id])
    t.same((await h.call('GET', '/v1/units?search=HUYỆN')).body.items.map(({ id }) => id), [district.body.id])
    const first = await h.call('GET', '/v1/units?limit=2')
    const second = await h.call('GET', `/v1/units?limit=2&cursor=${String(first.body['nextCursor'])}`)
    t.match(second.body, { items: [{ id: commune.body.id }], nextCursor: null })
  })

  t.test('refuse what is wrong', async (t) => {
    t.match(await h.call('POST', '/v1/units', { code: 'X1', name: 'Khác' }), { status: 409, body: { code: 'LOA_ERR_CODE_TAKEN' } })
    t.match(await h.call('POST', '/v1/units', { code: 'X9', name: 'Khác', parentId: 'nobody' }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'parentId' }] } })
    t.match(await h.call('POST', '/v1/units', { code: 'X9', name: '   ' }), { status: 422, body: { errors: [{ path: 'name', message: 'must not be blank' }] } })
    t.match(await h.call('POST', '/v1/units', { code: 'X9', name: 'a\u0000b' }), { status: 422, body: { errors: [{ path: 'name' }] } })
    t.match(await h.call('POST', '/v1/units', { code: 'X 9', name: 'a', extra: 1 }), { status: 422, body: { errors: [{ path: 'extra' }, { path: 'code' }] } })
    t.match(await h.call('GET', '/v1/units?limit=0'), { status: 400, body: { code: 'LOA_ERR_BAD_REQUEST', errors: [{ path: 'limit' }] } })
    t.match(await h.call('GET', '/v1/units?cursor=AAAA'), { status: 400, body: { errors: [{ path: 'cursor' }] } })
    t.match(await h.call('GET', '/v1/units?colour=red'), { status: 400, body: { errors: [{ path: 'colour' }] } })
  })

  t.test('change and move', async (t) => {
    const url = `/v1/units/${commune.body.id}`
    t.match(await h.call('PATCH', url, { name: 'Xã Hai', parentId: root.body.id }), { status: 200, body: { name: 'Xã Hai', level: 1, code: 'X1' } })
    t.match(await h.call('PATCH', `/v1/units/${root.body.id}`, { parentId: commune.body.id }), { status: 422, body: { code: 'LOA_ERR_CYCLE' } })
    t.match(await h.call('PATCH', url, { parentId: commune.body.id }), { status: 422, body: { code: 'LOA_ERR_CYCLE' } })
    t.match(await h.call('PATCH', url, { parentId: 'nobody' }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID' } })
    t.match(await h.call('PATCH', url, { code: 'H1' }), { status: 409, body: { code: 'LOA_ERR_CODE_TAKEN' } })
    t.match(await h.call('PATCH', url, {}), { status: 422, body: { code: 'LOA_ERR_INVALID' } })
    t.match(await h.call('PATCH', '/v1/units/nobody', { name: 'x' }), { status: 404 })
    t.match(await h.call('PATCH', url, { presentationDelayMs: 120 }), { status: 200, body: { presentationDelayMs: 120 } })
    t.equal((await h.call('PATCH', url, { presentationDelayMs: 59 })).status, 422)
    t.match(await h.call('PATCH', url, { presentationDelayMs: null }), { status: 200, body: { presentationDelayMs: null } })
    t.match(await h.call('PATCH', url, { parentId: null }), { status: 200, body: { parentId: null, level: 0 } })
  })

  t.test('go only when nothing hangs on them', async (t) => {
    t.match(await h.call('DELETE', `/v1/units/${root.body.id}`), { status: 409, body: { code: 'LOA_ERR_IN_USE', detail: /1 units and 0 clusters/ } })
    t.equal((await h.call('DELETE', `/v1/units/${district.body.id}`)).status, 204)
    t.equal((await h.call('DELETE', `/v1/units/${district.body.id}`)).status, 404)
  })
})

t.test('a unit that gives or gets an order that is not over stays', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { sourceId, clusterId } = await seed(h)
  const other = await h.call('POST', '/v1/units', { code: 'X2', name: 'Xã Hai' })
  const order = await h.call('POST', '/v1/orders', { class: 'normal', title: 'a', sourceId, targets: { clusters: [clusterId] }, issuer: other.body.id, durationMs: 1000 })
  t.match(await h.call('DELETE', `/v1/units/${other.body.id}`), { status: 409, body: { code: 'LOA_ERR_IN_USE', detail: new RegExp(order.body.id) } })
  h.clock.advance(1000)
  t.equal((await h.call('DELETE', `/v1/units/${other.body.id}`)).status, 204)
})
