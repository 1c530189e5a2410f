import t from 'tap'
import { buildControl, seed, type Harness } from '../support/build-control.ts'

const square = (lon: number, lat: number, side: number) => ({ type: 'Polygon', coordinates: [[[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]] })

/** Four clusters on a line from west to east, the second with a tag, the third of another unit, the last nowhere known. */
async function place(h: Harness) {
  const root = (await h.call('POST', '/v1/units', { code: 'H', name: 'Huyện' })).body.id
  const [x, y] = [(await h.call('POST', '/v1/units', { code: 'X', name: 'X', parentId: root })).body.id, (await h.call('POST', '/v1/units', { code: 'Y', name: 'Y', parentId: root })).body.id]
  const make = async (code: string, unitId: string, lon: number | null, tags: string[] = []) => (await h.call('POST', '/v1/clusters', { unitId, code, name: code, tags, position: lon === null ? null : { lat: 21.5, lon } })).body.id
  return { root, x, y, clusters: [await make('C0', x, 106.1), await make('C1', x, 106.2, ['ven-sông']), await make('C2', y, 106.3), await make('C3', y, null)] as const }
}

t.test('a selection means clusters by unit, tag and place', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { root, x, clusters: [c0, c1, c2, c3] } = await place(h)
  h.broadcast.connect(c1)
  const preview = async (body: object): Promise<unknown> => (await h.call('POST', '/v1/groups/preview', body, { as: 'viewer' })).body['clusterIds']
  t.match((await h.call('POST', '/v1/groups/preview', { units: [root] })).body, { clusterIds: [c0, c1, c2, c3], targeted: 4, online: 1 })
  t.same(await preview({ units: [x] }), [c0, c1])
  t.same(await preview({ tags: ['ven-so\u0302ng'] }), [c1])
  t.same(await preview({ area: square(106.15, 21.4, 0.2) }), [c1, c2])
  t.same(await preview({ area: { type: 'MultiPolygon', coordinates: [square(106.05, 21.45, 0.1).coordinates, square(106.25, 21.45, 0.1).coordinates] } }), [c0, c2])
  t.same(await preview({ area: { type: 'Polygon', coordinates: [...square(106, 21.4, 0.4).coordinates, ...square(106.15, 21.45, 0.1).coordinates] } }), [c0, c2], 'a hole is not inside')
  t.same(await preview({ circles: [{ lat: 21.5, lon: 106.2, radiusM: 10_000 }] }), [c1])
  t.same(await preview({ circles: [{ lat: 21.5, lon: 106.2, radiusM: 10_500 }] }), [c0, c1, c2])
  t.same(await preview({ tags: ['ven-sông'], area: square(106.25, 21.45, 0.1) }), [c1, c2])
  t.same(await preview({ units: [x], area: square(106.15, 21.4, 0.2), match: 'all' }), [c1])
  await h.call('PATCH', `/v1/clusters/${c1}`, { state: 'repair' })
  t.same(await preview({ units: [x] }), [c0])
})

t.test('wrong selections are refused, each with its place', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const refused = async (body: object, error: object): Promise<void> => { t.match(await h.call('POST', '/v1/groups', { name: 'a', ...body }), { status: 422, body: error }, JSON.stringify(body)) }
  await refused({}, { errors: [{ path: 'body', message: /must name/ }] })
  await refused({ units: ['nobody'] }, { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'units[0]' }] })
  await refused({ area: { type: 'Polygon', coordinates: [[[0, 0], [1, 0], [0, 1]]] } }, { errors: [{ path: 'area', message: /ring 1 must have four/ }] })
  await refused({ area: { type: 'Polygon', coordinates: [[[0, 0], [1, 0], [0, 1], [1, 1]]] } }, { errors: [{ path: 'area' }] })
  await refused({ area: { type: 'Polygon', coordinates: [[[21, 106], [22, 106], [22, 107], [21, 106]]] } }, { errors: [{ messageVi: /kinh độ trước/ }] })
  await refused({ area: { type: 'Polygon', coordinates: [Array.from({ length: 10_001 }, () => [0, 0])] } }, { errors: [{ message: /10001 places/ }] })
  await refused({ area: { type: 'Point', coordinates: [0, 0] } }, { code: 'LOA_ERR_INVALID' })
  await refused({ circles: [{ lat: 0, lon: 0, radiusM: 0 }] }, { code: 'LOA_ERR_INVALID' })
  t.equal((await h.call('POST', '/v1/groups', { name: 'a', tags: ['b'] }, { as: 'operator' })).status, 403)
})

t.test('groups are kept, changed by who has read them, and are targets', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { x, y, clusters: [c0, , c2] } = await place(h)
  const { sourceId } = await seed(h)
  h.broadcast.calls.length = 0
  const group = await h.call('POST', '/v1/groups', { name: 'Phía tây', area: square(106.05, 21.45, 0.1), units: [y] })
  const url = `/v1/groups/${group.body.id}`
  t.match(group, { status: 201, headers: { location: url }, body: { name: 'Phía tây', units: [y], tags: [], circles: [], match: 'any', area: { type: 'Polygon' } } })
  t.same(h.broadcast.calls, ['registry'])
  t.same((await h.call('GET', '/v1/groups?search=phia')).body.items.map(({ id }) => id), [group.body.id])
  const { headers: { etag } } = await h.call('GET', url)
  t.match(await h.call('PATCH', url, { units: [], match: 'all' }, { headers: { 'if-match': String(etag) } }), { status: 200, body: { units: [], match: 'all', area: { type: 'Polygon' } } })
  t.match(await h.call('PATCH', url, { name: 'Khác' }, { headers: { 'if-match': String(etag) } }), { status: 412, body: { code: 'LOA_ERR_CHANGED' } })
  t.match(await h.call('PATCH', url, { area: null }), { status: 422 }, 'nothing would be left')
  t.match((await h.call('GET', `${url}/clusters`)).body, { clusterIds: [c0], targeted: 1, online: 0 })

  const order = await h.call('POST', '/v1/orders', { class: 'normal', title: 'a', sourceId, targets: { groups: [group.body.id] }, durationMs: 60_000 })
  t.match(order, { status: 201, body: { targets: { groups: [group.body.id], units: [] }, clusters: { targeted: 1 } } })
  t.match(await h.call('POST', '/v1/orders', { class: 'normal', title: 'a', sourceId, targets: { groups: ['nobody'] }, durationMs: 60_000 }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'targets.groups[0]' }] } })
  t.same((await h.call('GET', `/v1/orders?clusterId=${c0}`)).body.items.map(({ id }) => id), [order.body.id])
  t.same((await h.call('GET', `/v1/orders?clusterId=${c2}`)).body.items, [])
  t.match(await h.call('POST', '/v1/commands', { type: 'reboot', targets: { groups: [group.body.id] } }), { status: 202, body: { targets: { groups: [group.body.id] }, clusters: { targeted: 1 } } })
  t.match(await h.call('DELETE', url), { status: 409, body: { code: 'LOA_ERR_IN_USE', detail: new RegExp(order.body.id) } })
  await h.call('POST', `/v1/orders/${order.body.id}/stop`)
  t.equal((await h.call('DELETE', url)).status, 204)
  t.equal((await h.call('GET', url)).status, 404)
  t.equal((await h.call('GET', `${url}/clusters`)).status, 404)

  const ofUnit = await h.call('POST', '/v1/groups', { name: 'X', units: [x] })
  await h.call('POST', '/v1/unit-changes', { steps: [{ kind: 'merge', unitIds: [x], into: y }] })
  t.match((await h.call('GET', `/v1/groups/${ofUnit.body.id}/clusters`)).body, { targeted: 2 }, 'a unit that ended goes on meaning what it had')
  t.match(await h.call('POST', '/v1/groups', { name: 'X', units: [x] }), { status: 409, body: { code: 'LOA_ERR_UNIT_ENDED' } })
})

t.test('an area that goes to and fro is refused, and says why', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const ring = Array.from({ length: 9998 }, (_, n) => [105 + n / 20_000, n % 2 === 0 ? 20 : 21])
  const answer = await h.call('POST', '/v1/groups/preview', { area: { type: 'Polygon', coordinates: [[...ring, ring[0]]] } })
  t.match(answer, { status: 422, body: { code: 'LOA_ERR_INVALID', errors: [{ path: 'area', message: /one parallel crosses its border 9998 times/ }] } })
})
