import { once } from 'node:events'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { hashSecret } from '../../control/ids.ts'
import type { AirRecord, Grant, SpeakerInfo } from '../../control/ports.ts'
import { Rights } from '../../control/rights.ts'
import { Sights } from '../../control/sight.ts'
import { buildControl, multipart, START_MS, type Answer, type Harness } from '../support/build-control.ts'
import { waitUntil } from '../support/wait-until.ts'

interface Communes {
  readonly h: Harness
  readonly units: { readonly province: string; readonly mine: string; readonly hamlet: string; readonly other: string }
  readonly clusters: { readonly mine: string; readonly hamlet: string; readonly other: string }
  readonly sourceId: string
  /** Makes somebody with these roles. @returns his token */
  readonly as: (grants: readonly Grant[]) => string
  readonly get: (url: string, secret: string) => Promise<Answer>
}

/** Two communes in one province, a cluster in each, and somebody with a role in the first. */
async function twoCommunes(t: Test): Promise<Communes> {
  const h = await buildControl()
  t.teardown(() => h.close())
  const unit = async (code: string, parentId: string | null): Promise<string> => (await h.call('POST', '/v1/units', { code, name: code, parentId })).body.id
  const province = await unit('T', null)
  const mine = await unit('M', province)
  const units = { province, mine, hamlet: await unit('H', mine), other: await unit('O', province) }
  const cluster = async (code: string, unitId: string): Promise<string> => (await h.call('POST', '/v1/clusters', { unitId, code, name: code, tags: ['ven-song'], position: { lat: 21, lon: 105 } })).body.id
  const clusters = { mine: await cluster('CM', units.mine), hamlet: await cluster('CH', units.hamlet), other: await cluster('CO', units.other) }
  const source = await h.call('POST', '/v1/sources', { kind: 'tone', name: 'Còi', frequencyHz: 1500 })
  let count = 0
  const as = (grants: readonly Grant[]): string => {
    const secret = `secret-of-somebody-${String(count++)}`
    h.store.tokens.insert({ id: `t-${secret}`, name: secret, grants, hash: hashSecret(secret), createdAtMs: 0 })
    return secret
  }
  const get = (url: string, secret: string): Promise<Answer> => h.call('GET', url, undefined, { as: null, headers: { authorization: `Bearer ${secret}` } })
  return { h, units, clusters, sourceId: source.body.id, as, get }
}

const ids = ({ body }: Answer): string[] => body.items.map(({ id }) => id)

t.test('sources and clips of a unit are seen and used there, above and below, never beside', async (t) => {
  const { h, units, as, sourceId: everywhere } = await twoCommunes(t)
  const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body: object | undefined, secret: string, headers = {}): Promise<Answer> => h.call(method, url, body, { as: null, headers: { ...headers, authorization: `Bearer ${secret}` } })
  const people = Object.fromEntries((['province', 'mine', 'hamlet', 'other'] as const).map((at) => [at, as([{ role: 'administrator', unitId: units[at] }])])) as Record<keyof typeof units, string>
  const mine = (await send('POST', '/v1/sources', { kind: 'icecast', name: 'Xã', mount: '/xa' }, people.mine)).body
  t.equal(mine['unitId'], units.mine, 'made for the only unit of who makes it')
  const sound = multipart(Buffer.alloc(96_000, 3))
  const clip = (await send('POST', '/v1/clips', sound.payload, people.mine, sound.headers)).body
  const same = (await send('POST', '/v1/clips', sound.payload, people.other, sound.headers)).body
  t.match([clip['unitId'], same['unitId']], [units.mine, units.other])
  t.not(clip.id, same.id, 'the same sound is a clip of each')
  t.match((await send('POST', '/v1/clips', sound.payload, people.mine, sound.headers)), { status: 200, body: { id: clip.id } })

  for (const [at, sees] of [['province', true], ['mine', true], ['hamlet', true], ['other', false]] as const) {
    t.same(ids(await send('GET', '/v1/sources', undefined, people[at])), sees ? [everywhere, mine.id] : [everywhere], at)
    t.equal(ids(await send('GET', '/v1/clips', undefined, people[at])).includes(clip.id), sees, at)
    t.equal((await send('GET', `/v1/clips/${clip.id}`, undefined, people[at])).status, sees ? 200 : 404)
    const order = await send('POST', '/v1/orders', { class: 'normal', title: 'x', clipIds: [clip.id], targets: { units: [units[at]] } }, people[at])
    t.match(order, sees ? { status: 201 } : { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'clipIds[0]' }] } }, at)
    t.equal((await send('PATCH', `/v1/sources/${mine.id}`, { name: 'Y' }, people[at])).status, { province: 200, mine: 200, hamlet: 403, other: 404 }[at])
    const fallback = await send('POST', '/v1/sources', { kind: 'tone', name: 'x', frequencyHz: 1000, fallbackSourceId: mine.id }, people[at])
    t.equal(fallback.status, sees ? 201 : 422)
    if (sees) h.store.sources.remove(fallback.body.id)
  }
  const listening = as([{ role: 'viewer', unitId: units.province }, { role: 'operator', unitId: units.other }])
  t.match(await send('POST', '/v1/orders', { class: 'normal', title: 'x', clipIds: [clip.id], targets: { units: [units.other] } }, listening), { status: 403, body: { errors: [{ path: 'clipIds[0]' }] } }, 'to see it is not to use it')

  const seen = (who: keyof typeof units): boolean => new Sights({ store: h.store, broadcast: h.broadcast }, h.clock).of(new Rights([{ role: 'viewer', unitId: units[who] }], (id) => h.store.units.ancestors(id)))!.narrow('source', { sourceId: mine.id }) !== null
  t.same([seen('province'), seen('hamlet'), seen('other')], [true, true, false], 'of what happens to it too')

  const item = await send('POST', '/v1/schedule-items', { class: 'normal', title: 'x', clipIds: [clip.id], targets: { units: [units.mine] }, time: '05:00', firstDay: '2026-07-01' }, people.mine)
  await send('PATCH', `/v1/clips/${clip.id}`, { unitId: null }, people.mine).then(({ status }) => t.equal(status, 403, 'nobody gives it to all who has not the right over all'))
  t.equal((await h.call('PATCH', `/v1/clips/${clip.id}`, { unitId: units.other })).status, 200)
  t.match(await send('PATCH', `/v1/schedule-items/${item.body.id}`, { title: 'y' }, people.mine), { status: 200 }, 'what was planned with it goes on')

  await h.call('POST', '/v1/unit-changes', { steps: [{ kind: 'merge', unitIds: [units.mine, units.other], into: { code: 'N', name: 'Xã mới' } }] })
  const merged = as([{ role: 'viewer', unitId: h.store.units.get(units.mine)!.successorIds[0]! }])
  t.same(ids(await send('GET', '/v1/sources', undefined, merged)), [everywhere, mine.id], 'the successor has what its units had')
})

t.test('lists show what lies in the caller\'s units, and no more', async (t) => {
  const { h, units, clusters, as, get } = await twoCommunes(t)
  const viewer = as([{ role: 'viewer', unitId: units.mine }])
  t.same(ids(await get('/v1/units', viewer)), [units.mine, units.hamlet])
  t.same(ids(await get('/v1/units?parentId=root', viewer)), [])
  t.same(ids(await get(`/v1/units?parentId=${units.mine}`, viewer)), [units.hamlet])
  t.same(ids(await get('/v1/clusters', viewer)), [clusters.mine, clusters.hamlet])
  t.same(ids(await get(`/v1/clusters?unitId=${units.province}`, viewer)), [clusters.mine, clusters.hamlet])
  t.same(ids(await get(`/v1/clusters?unitId=${units.other}`, viewer)), [])
  const page = await get('/v1/clusters?limit=1', viewer)
  t.same(ids(page), [clusters.mine])
  t.same(ids(await get(`/v1/clusters?limit=1&cursor=${String(page.body['nextCursor'])}`, viewer)), [clusters.hamlet], 'pages are full')
  t.same(ids(await get('/v1/clusters', as([{ role: 'viewer', unitId: units.hamlet }, { role: 'writer', unitId: units.other }]))), [clusters.hamlet, clusters.other], 'two roles, two places')

  for (const clusterId of [clusters.mine, clusters.other]) await h.call('POST', '/v1/rtp-outputs', { name: 'x', hears: { clusterId }, mode: 'multicast', address: '239.1.1.1', port: clusterId === clusters.mine ? 5004 : 5006 })
  t.match((await get('/v1/rtp-outputs', viewer)).body.items, [{ hears: { clusterId: clusters.mine } }])
  t.equal((await get('/v1/rtp-outputs', viewer)).body.items.length, 1)

  t.match((await get('/v1/acoustics/offsets?lat=21&lon=105', viewer)).body, { offsets: [{ clusterId: clusters.mine }, { clusterId: clusters.hamlet }] })
  for (const clusterId of [clusters.mine, clusters.other]) {
    h.broadcast.connect(clusterId)
    h.broadcast.reports.set(clusterId, { clusterId, atMs: START_MS, syncErrorUs: 2000, clockErrorUs: null, orderId: null } as SpeakerInfo)
  }
  t.match((await get('/v1/sync', viewer)).body, { synchronised: 1, notSynchronised: 0, byUnit: [{ unitId: units.mine }], worst: [{ clusterId: clusters.mine }] })

  const administrator = as([{ role: 'administrator', unitId: units.mine }])
  as([{ role: 'viewer', unitId: units.mine }, { role: 'viewer', unitId: units.other }])
  const tokens = await get('/v1/tokens', administrator)
  t.same(tokens.body.items.map(({ roles }) => roles), [[{ role: 'viewer', unitId: units.mine }], [{ role: 'administrator', unitId: units.mine }]], 'none that reaches beyond his units')
})

t.test('orders and commands are seen by those whom they concern', async (t) => {
  const { h, units, clusters, sourceId, as, get } = await twoCommunes(t)
  const give = async (targets: object, issuer: string): Promise<string> => (await h.call('POST', '/v1/orders', { class: 'normal', title: 'x', sourceId, targets, issuer, durationMs: 60_000 })).body.id
  const orders = {
    here: await give({ units: [units.mine] }, units.mine),
    fromAbove: await give({ units: [units.province] }, units.province),
    byCluster: await give({ clusters: [clusters.other, clusters.hamlet] }, units.province),
    byTag: await give({ tags: ['ven-song'] }, units.province),
    beside: await give({ units: [units.other] }, units.province),
    besideByCluster: await give({ clusters: [clusters.other] }, units.other),
  }
  const viewer = as([{ role: 'viewer', unitId: units.mine }])
  t.same(ids(await get('/v1/orders', viewer)).sort(), [orders.here, orders.fromAbove, orders.byCluster, orders.byTag].sort())
  for (const id of [orders.beside, orders.besideByCluster]) t.equal((await get(`/v1/orders/${id}`, viewer)).status, 404)
  t.equal((await get(`/v1/orders/${orders.fromAbove}`, viewer)).status, 200)
  t.equal((await get(`/v1/orders/${orders.fromAbove}`, as([{ role: 'viewer', unitId: units.hamlet }]))).status, 200, 'also from far above')

  const command = async (targets: object): Promise<string> => (await h.call('POST', '/v1/commands', { type: 'reboot', targets })).body.id
  const toAll = await command({ units: [units.province] })
  h.store.commands.settle([clusters.other, clusters.hamlet].map((clusterId) => ({ commandId: toAll, clusterId, result: 'failed', reason: 'x', atMs: START_MS })))
  t.match((await get(`/v1/commands/${toAll}`, viewer)).body['problems'], [{ clusterId: clusters.hamlet }])
  t.equal(((await get(`/v1/commands/${toAll}`, viewer)).body['problems'] as object[]).length, 1, 'what failed beside him is not his')
  t.equal((await get(`/v1/commands/${await command({ units: [units.other] })}`, viewer)).status, 404)
})

t.test('who gives an order says it in the name of his own unit', async (t) => {
  const { h, units, clusters, sourceId, as } = await twoCommunes(t)
  const give = (secret: string, body: object): Promise<Answer> => h.call('POST', '/v1/orders', { class: 'normal', title: 'x', sourceId, durationMs: 60_000, ...body }, { as: null, headers: { authorization: `Bearer ${secret}` } })
  const operator = as([{ role: 'operator', unitId: units.hamlet }, { role: 'operator', unitId: units.mine }, { role: 'operator', unitId: units.other }])
  t.match(await give(operator, { targets: { units: [units.hamlet] } }), { status: 201, body: { issuer: units.mine } }, 'the highest of his that stands above the target')
  t.match(await give(operator, { targets: { clusters: [clusters.other] } }), { status: 201, body: { issuer: units.other } })
  t.match(await give(operator, { targets: { units: [units.hamlet] }, issuer: units.province }), { status: 403, body: { code: 'LOA_ERR_FORBIDDEN', errors: [{ path: 'issuer', message: `needs the right 'air' at the unit '${units.province}'` }] } }, 'no rank that he does not have')
  t.match(await give(operator, { targets: { units: [units.hamlet, units.province] } }), { status: 403, body: { errors: [{ path: 'targets.units[1]' }] } })
  t.match(await give(operator, { targets: { tags: ['ven-song'] } }), { status: 403, body: { errors: [{ path: 'targets.tags', messageVi: "cần quyền 'air' trên toàn hệ thống" }] } })
  t.match(await give(operator, { class: 'emergency', targets: { units: [units.hamlet] } }), { status: 403, body: { errors: [{ message: `needs the right 'emergency' at the unit '${units.hamlet}'` }] } })
  t.match(await give(operator, { targets: { units: ['u-none', units.mine] } }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID' } })
  t.equal(h.store.orders.list({ after: null, limit: 100 }, {}, START_MS).items.length, 2, 'what was refused is nowhere')
})

t.test('the air log and its figures', async (t) => {
  const { h, units, clusters, as, get } = await twoCommunes(t)
  const run = (unitId: string, clusterId: string, ms: number): AirRecord => ({ atMs: START_MS, orderId: 'o', class: 'normal', title: 'x', unitId, issuerUnitId: units.province, sourceId: 's', clipIds: null, clusterIds: [clusterId], plannedFromMs: START_MS, plannedUntilMs: START_MS + ms, fromMs: START_MS, untilMs: START_MS + ms, plannedMs: ms, airMs: ms, sentMs: ms, end: 'over', field: null, soundedMs: 0 })
  h.store.airLog.write({ ended: [run(units.hamlet, clusters.hamlet, 60_000), run(units.other, clusters.other, 600_000), run(units.mine, clusters.mine, 120_000)], open: [], closed: [] })
  const viewer = as([{ role: 'viewer', unitId: units.mine }])
  t.same((await get('/v1/air-log', viewer)).body.items.map(({ unitId }) => unitId), [units.hamlet, units.mine])
  t.equal((await get('/v1/air-log/export', viewer)).text.trim().split('\n').length, 2)
  const span = 'from=2026-06-18T00:00:00Z&to=2026-06-19T00:00:00Z'
  t.match((await get(`/v1/figures?by=class&${span}`, viewer)).body.items, [{ key: 'normal', runs: 2, airMinutes: 3 }])
  t.equal((await get(`/v1/figures?by=unit&${span}`, viewer)).body.items.length, 2)
  t.match((await h.call('GET', `/v1/figures?by=class&${span}`)).body.items, [{ runs: 3, airMinutes: 13 }])
})

t.test('who watches is told what concerns him', async (t) => {
  const { h, units, clusters, sourceId, as } = await twoCommunes(t)
  const port = Number(new URL(await h.app.listen({ host: '127.0.0.1', port: 0 })).port)
  const watch = async (grants: readonly Grant[]): Promise<{ type: string; data: Record<string, unknown> }[]> => {
    const events: { type: string; data: Record<string, unknown> }[] = []
    const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/v1/events`, { headers: { authorization: `Bearer ${as(grants)}` } })
    t.teardown(() => { socket.terminate() })
    socket.on('message', (message: Buffer) => { events.push(JSON.parse(message.toString()) as (typeof events)[number]) })
    await once(socket, 'open')
    return events
  }
  const mine = await watch([{ role: 'viewer', unitId: units.mine }])
  const everything = await watch([{ role: 'viewer', unitId: null }])

  h.broadcast.emit({ type: 'on-air', clusterIds: [clusters.other, clusters.mine], onAir: null })
  h.broadcast.emit({ type: 'on-air', clusterIds: [clusters.other], onAir: null })
  h.broadcast.emit({ type: 'join', connections: [h.broadcast.connect(clusters.hamlet), h.broadcast.connect(clusters.other)] })
  h.broadcast.emit({ type: 'leave', connections: [{ clusterId: clusters.other, connectionId: 'x', reason: 'closed' }] })
  h.broadcast.emit({ type: 'fault', code: 'LOA_FAULT_OUT_OF_STEP', message: 'x', clusterId: clusters.other })
  h.broadcast.emit({ type: 'fault', code: 'LOA_FAULT_PROCESS', message: 'x', role: 'engine' })
  const give = (unitId: string): Promise<Answer> => h.call('POST', '/v1/orders', { class: 'normal', title: unitId, sourceId, targets: { units: [unitId] }, issuer: units.province, durationMs: 60_000 })
  await give(units.other)
  await give(units.province)
  // A cluster that moves to him is his a second later.
  await h.call('PATCH', `/v1/clusters/${clusters.other}`, { unitId: units.mine })
  h.clock.advance(1000)
  h.broadcast.emit({ type: 'on-air', clusterIds: [clusters.other], onAir: null })

  await waitUntil('all that there is', () => everything.length === 9 && mine.length === 5)
  t.same(mine.map(({ type }) => type), ['on-air', 'join', 'fault', 'order', 'on-air'])
  t.same(mine[0]?.data['clusterIds'], [clusters.mine])
  t.match(mine[1]?.data['connections'], [{ clusterId: clusters.hamlet }])
  t.equal((mine[1]?.data['connections'] as object[]).length, 1)
  t.match(mine[3]?.data, { title: units.province })
  t.same(mine[4]?.data['clusterIds'], [clusters.other])
})

t.test('what was given to a unit that was merged is its successor’s to see and to stop, and no more its own', async (t) => {
  const { h, units, clusters, sourceId, as, get } = await twoCommunes(t)
  const [before, successor] = [as([{ role: 'operator', unitId: units.mine }]), as([{ role: 'operator', unitId: units.other }])]
  const { body: order } = await h.call('POST', '/v1/orders', { class: 'normal', title: 'Tin', sourceId, targets: { units: [units.mine] }, durationMs: 600_000, issuer: units.mine })
  const { body: item } = await h.call('POST', '/v1/schedule-items', { title: 'Tin', class: 'normal', sourceId, durationMs: 60_000, targets: { units: [units.mine] }, time: '05:00', repeat: { kind: 'daily' }, issuer: units.mine })
  t.equal((await get(`/v1/orders/${order.id}`, successor)).status, 404)
  t.equal((await h.call('POST', '/v1/unit-changes', { steps: [{ kind: 'merge', unitIds: [units.mine], into: units.other }] })).status, 201)
  t.equal(h.store.clusters.get(clusters.mine)?.unitId, units.other)
  const call = (method: 'POST' | 'DELETE', url: string, secret: string): Promise<Answer> => h.call(method, url, undefined, { as: null, headers: { authorization: `Bearer ${secret}` } })
  t.ok((await get(`/v1/orders/${order.id}`, successor)).status === 200 && ids(await get('/v1/schedule-items', successor)).includes(item.id))
  t.not((await call('POST', `/v1/orders/${order.id}/stop`, before)).status, 200)
  t.equal((await call('POST', `/v1/orders/${order.id}/stop`, successor)).status, 200)
  t.equal((await call('DELETE', `/v1/schedule-items/${item.id}`, successor)).status, 204)
})
