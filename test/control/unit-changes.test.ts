import t from 'tap'
import { buildControl, seed, START_MS, type Harness } from '../support/build-control.ts'

const NOW = '2026-06-18T03:00:00.000Z'
const HOUR_MS = 3600_000

async function unit(h: Harness, code: string, parentId: string | null = null): Promise<string> {
  return (await h.call('POST', '/v1/units', { code, name: `Xã ${code}`, parentId })).body.id
}
async function cluster(h: Harness, code: string, unitId: string): Promise<string> {
  return (await h.call('POST', '/v1/clusters', { unitId, code, name: code })).body.id
}
const result = (answer: { readonly body: object }) => (answer.body as { result: { createdIds: string[]; endedIds: string[]; clustersMoved: number } }).result
const unitOf = (h: Harness, id: string): string => h.store.clusters.get(id)!.unitId

t.test('two communes become one: clusters go over, and the old map can still be read', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const district = await unit(h, 'H')
  const [a, b] = [await unit(h, 'A', district), await unit(h, 'B', district)]
  const hamlet = await unit(h, 'A-1', a)
  const [c1, c2, c3] = [await cluster(h, 'C1', a), await cluster(h, 'C2', b), await cluster(h, 'C3', hamlet)]
  h.clock.advance(HOUR_MS)
  h.broadcast.calls.length = 0

  const merged = await h.call('POST', '/v1/unit-changes', { note: 'NQ 1', steps: [{ kind: 'merge', unitIds: [a, b], into: { code: 'A', name: 'Xã A mới' } }] })
  t.match(merged, { status: 201, body: { state: 'done', note: 'NQ 1', at: '2026-06-18T04:00:00.000Z', createdBy: 't-admin', result: { endedIds: [a, b], clustersMoved: 2 } } })
  const [ab] = result(merged).createdIds as [string]
  t.same(h.broadcast.calls, ['registry'])
  t.match(h.store.units.get(ab), { code: 'A', parentId: district }, 'the new unit has the code of an old one, and its place')
  t.same([c1, c2, c3].map((id) => unitOf(h, id)), [ab, ab, hamlet])
  t.equal(h.store.units.get(hamlet)?.parentId, ab)
  t.match((await h.call('GET', `/v1/units/${a}`)).body, { code: 'A', name: 'Xã A', parentId: district, endedAt: '2026-06-18T04:00:00.000Z', successorIds: [ab] })
  t.same((await h.call('GET', '/v1/units?state=ended')).body.items.map(({ id }) => id), [a, b])
  t.same((await h.call('GET', '/v1/units')).body.items.map(({ id }) => id), [district, hamlet, ab])
  t.match((await h.call('GET', `/v1/units/${ab}/history`)).body, { predecessorIds: [a, b], successorIds: [], versions: [{ from: '2026-06-18T04:00:00.000Z', until: null }] })
  t.match((await h.call('GET', `/v1/clusters/${c1}/units`)).body, { items: [{ unitId: a, from: NOW, until: '2026-06-18T04:00:00.000Z' }, { unitId: ab, from: '2026-06-18T04:00:00.000Z', until: null }] })

  const mapAt = async (at: string) => (await h.call('GET', `/v1/unit-map?at=${at}`)).body.items.map(({ unitId, parentId }) => [unitId, parentId])
  t.same(await mapAt('2026-06-18T03:30:00Z'), [[district, null], [a, district], [b, district], [hamlet, a]])
  t.same(await mapAt('2026-06-18T04:00:00Z'), [[district, null], [ab, district], [hamlet, ab]])
  t.equal((await h.call('GET', '/v1/unit-map?at=yesterday')).status, 400)

  t.test('nothing new can be given to a unit that has ended', async (t) => {
    const source = (await h.call('POST', '/v1/sources', { kind: 'tone', name: 'Còi', frequencyHz: 1500 })).body.id
    const ended = { status: 409, body: { code: 'LOA_ERR_UNIT_ENDED', detail: new RegExp(ab) } }
    t.match(await h.call('POST', '/v1/orders', { class: 'normal', title: 'a', sourceId: source, targets: { units: [district, b] }, durationMs: 1000 }), { ...ended, body: { ...ended.body, errors: [{ path: 'targets.units' }] } })
    t.match(await h.call('POST', '/v1/orders', { class: 'normal', title: 'a', sourceId: source, targets: { units: [district] }, issuer: a, durationMs: 1000 }), ended)
    t.match(await h.call('POST', '/v1/commands', { type: 'reboot', targets: { units: [a] } }), ended)
    t.match(await h.call('POST', '/v1/clusters', { unitId: a, code: 'C9', name: 'C9' }), ended)
    t.match(await h.call('PATCH', `/v1/clusters/${c1}`, { unitId: a }), ended)
    t.match(await h.call('PATCH', `/v1/units/${a}`, { name: 'x' }), ended)
    t.match(await h.call('POST', '/v1/units', { code: 'Z', name: 'Z', parentId: a }), ended)
    t.match(await h.call('POST', '/v1/unit-changes', { steps: [{ kind: 'rename', unitId: a, name: 'x' }] }), ended)
    t.match(await h.call('DELETE', `/v1/units/${a}`), { status: 409, body: { code: 'LOA_ERR_IN_USE', detail: /history/ } })
  })
})

t.test('many merge in one operation, all or none, and one may take in the others', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const communes = await Promise.all(Array.from({ length: 6 }, (_, n) => unit(h, `X${String(n)}`)))
  const clusters = await Promise.all(communes.map((id, n) => cluster(h, `C${String(n)}`, id)))
  const [x0, x1, x2, x3, x4, x5] = communes as [string, string, string, string, string, string]
  const before = h.store.units.all()
  const refused = await h.call('POST', '/v1/unit-changes', { steps: [{ kind: 'merge', unitIds: [x0, x1], into: { code: 'N1', name: 'Mới' } }, { kind: 'merge', unitIds: [x2, 'nobody'], into: x2 }] })
  t.match(refused, { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'steps[1].unitIds[0]' }] } })
  t.match(await h.call('POST', '/v1/unit-changes', { steps: [{ kind: 'merge', unitIds: [x0, x1], into: { code: 'X5', name: 'Mới' } }] }), { status: 409, body: { code: 'LOA_ERR_CODE_TAKEN' } })
  t.same(h.store.units.all(), before)
  t.same(clusters.map((id) => unitOf(h, id)), communes)

  const done = await h.call('POST', '/v1/unit-changes', { steps: [{ kind: 'merge', unitIds: [x0, x1], into: { code: 'N1', name: 'Mới' } }, { kind: 'merge', unitIds: [x2, x3, x4], into: x2 }, { kind: 'rename', unitId: x2, name: 'Xã Hai mở rộng' }, { kind: 'move', unitId: x5, parentId: x2 }] })
  t.equal(done.status, 201)
  const [n1] = result(done).createdIds as [string]
  t.same(clusters.map((id) => unitOf(h, id)), [n1, n1, x2, x2, x2, x5])
  t.same(result(done), { createdIds: [n1], endedIds: [x0, x1, x3, x4], clustersMoved: 4 })
  t.match(h.store.units.get(x2), { name: 'Xã Hai mở rộng', endedAtMs: null })
  t.match(h.store.units.get(x5), { parentId: x2, level: 1 })
})

t.test('a unit is split: what is named goes, and nothing may be left without a place', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const x = await unit(h, 'X')
  const other = await unit(h, 'O')
  const hamlet = await unit(h, 'X-1', x)
  const [c1, c2, c3] = [await cluster(h, 'C1', x), await cluster(h, 'C2', x), await cluster(h, 'C3', other)]
  const split = (parts: object[], remains = false) => h.call('POST', '/v1/unit-changes', { steps: [{ kind: 'split', unitId: x, remains, parts }] })
  t.match(await split([{ into: other, clusterIds: [c1, c3, c1], unitIds: [] }]), { status: 422, body: { errors: [{ path: 'steps[0].parts[0].clusterIds[1]' }, { path: 'steps[0].parts[0].clusterIds[2]' }, { path: 'steps[0].parts', message: new RegExp(`1 of clusterIds.*${c2}`) }, { path: 'steps[0].parts', message: new RegExp(hamlet) }] } })
  t.match(await split([{ into: hamlet, clusterIds: [c1, c2], unitIds: [hamlet] }]), { status: 422, body: { code: 'LOA_ERR_CYCLE' } })
  t.match(await split([{ into: { code: 'X', name: 'Con', parentId: x }, clusterIds: [c1, c2], unitIds: [hamlet] }]), { status: 409, body: { code: 'LOA_ERR_UNIT_ENDED' } })

  const part = await split([{ into: { code: 'Y', name: 'Y' }, clusterIds: [c1], unitIds: [] }], true)
  const [y] = result(part).createdIds as [string]
  t.same([unitOf(h, c1), unitOf(h, c2)], [y, x])
  t.match(h.store.units.get(x), { endedAtMs: null })
  h.clock.advance(1000)
  const whole = await split([{ into: { code: 'X', name: 'X mới' }, clusterIds: [c2], unitIds: [] }, { into: other, clusterIds: [], unitIds: [hamlet] }])
  t.equal(whole.status, 201)
  const [x2] = result(whole).createdIds as [string]
  t.match(h.store.units.get(x), { endedAtMs: START_MS + 1000, successorIds: [x2, other] })
  t.equal(h.store.units.get(hamlet)?.parentId, other)
})

t.test('circles, empty steps and units that hold something are refused', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const top = await unit(h, 'T')
  const below = await unit(h, 'B', top)
  const c1 = await cluster(h, 'C1', below)
  const change = (...steps: object[]) => h.call('POST', '/v1/unit-changes', { steps })
  t.match(await change({ kind: 'move', unitId: top, parentId: below }), { status: 422, body: { code: 'LOA_ERR_CYCLE', errors: [{ path: 'steps[0].parentId' }] } })
  t.match(await change({ kind: 'merge', unitIds: [top], into: below }), { status: 422, body: { code: 'LOA_ERR_CYCLE' } })
  t.match(await change({ kind: 'merge', unitIds: [top], into: top }), { status: 422, body: { code: 'LOA_ERR_INVALID' } })
  t.match(await change({ kind: 'rename', unitId: top }), { status: 422 })
  t.match(await change({ kind: 'rename', unitId: top, name: ' ' }), { status: 422, body: { errors: [{ path: 'steps[0].name' }] } })
  t.match(await change({ kind: 'end', unitId: below }), { status: 422, body: { errors: [{ path: 'steps[0].unitId', message: /1 clusters/ }] } })
  t.match(await change({ kind: 'explode', unitId: below }), { status: 422, body: { code: 'LOA_ERR_INVALID' } })
  t.match(await change({ kind: 'merge', unitIds: [below], into: top }), { status: 201 }, 'a unit goes up into the one above it')
  t.equal(unitOf(h, c1), top)
  t.match(await h.call('POST', '/v1/unit-changes', { steps: [{ kind: 'end', unitId: top }] }, { as: 'operator' }), { status: 403 })
})

t.test('a change of yesterday corrects the map as far as it goes; nothing reaches back further', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const x = (await h.call('POST', '/v1/units', { code: 'X', name: 'X', validFrom: '2020-01-01T00:00:00+07:00' })).body.id
  const y = await unit(h, 'Y')
  const at = '2026-06-17T00:00:00+07:00'
  t.match(await h.call('POST', '/v1/unit-changes', { at, steps: [{ kind: 'rename', unitId: x, name: 'X mới' }] }), { status: 201, body: { state: 'done' } })
  t.match((await h.call('GET', '/v1/unit-map?at=2026-06-16T00:00:00Z')).body.items, [{ unitId: x, name: 'X' }])
  t.match((await h.call('GET', '/v1/unit-map?at=2026-06-17T00:00:00Z')).body.items, [{ unitId: x, name: 'X mới' }])
  t.match(await h.call('POST', '/v1/unit-changes', { at, steps: [{ kind: 'rename', unitId: y, name: 'Y mới' }] }), { status: 422, body: { code: 'LOA_ERR_UNIT_DATE', errors: [{ path: 'steps[0].unitId' }] } })
  await cluster(h, 'C1', x)
  t.match(await h.call('POST', '/v1/unit-changes', { at: '2026-06-17T12:00:00Z', steps: [{ kind: 'merge', unitIds: [x], into: { code: 'Z', name: 'Z' } }] }), { status: 422, body: { code: 'LOA_ERR_UNIT_DATE' } }, 'the cluster came later')
  t.match(await h.call('POST', '/v1/units', { code: 'F', name: 'F', validFrom: '2030-01-01T00:00:00Z' }), { status: 422, body: { errors: [{ path: 'validFrom' }] } })
})

t.test('a change of next month is tried now and done then', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const [a, b] = [await unit(h, 'A'), await unit(h, 'B')]
  const c1 = await cluster(h, 'C1', a)
  const at = '2026-08-01T00:00:00+07:00'
  const plan = (steps: object[], when = at) => h.call('POST', '/v1/unit-changes', { at: when, steps })
  t.match(await plan([{ kind: 'merge', unitIds: [a], into: 'nobody' }]), { status: 422 })
  const planned = await plan([{ kind: 'merge', unitIds: [a], into: b }])
  t.match(planned, { status: 201, body: { state: 'planned', result: null } })
  t.equal(unitOf(h, c1), a)
  const cancelled = await plan([{ kind: 'rename', unitId: b, name: 'Khác' }])
  t.match(await h.call('POST', `/v1/unit-changes/${cancelled.body.id}/cancel`), { status: 200, body: { state: 'cancelled' } })
  t.match(await h.call('POST', `/v1/unit-changes/${cancelled.body.id}/cancel`), { status: 200, body: { state: 'cancelled' } })
  const doomed = await plan([{ kind: 'rename', unitId: a, name: 'Khác' }], '2026-09-01T00:00:00+07:00')

  h.broadcast.calls.length = 0
  h.clock.advance(Date.parse(at) - START_MS - 1)
  t.equal(unitOf(h, c1), a)
  h.clock.advance(1)
  t.equal(unitOf(h, c1), b)
  t.same(h.broadcast.calls, ['registry'])
  t.match((await h.call('GET', `/v1/unit-changes/${planned.body.id}`)).body, { state: 'done', result: { endedIds: [a], clustersMoved: 1 } })
  t.match((await h.call('GET', `/v1/unit-changes/${cancelled.body.id}`)).body, { state: 'cancelled' })
  t.equal((await h.call('POST', `/v1/unit-changes/${planned.body.id}/cancel`)).status, 409)
  t.match(h.store.units.get(b), { name: 'Xã B' })

  h.clock.advance(32 * 24 * HOUR_MS)
  t.match((await h.call('GET', `/v1/unit-changes/${doomed.body.id}`)).body, { state: 'failed', result: null, problem: { detail: /ended/, detailVi: /kết thúc/ } })
  t.same((await h.call('GET', '/v1/unit-changes?state=planned')).body.items, [])
  const audit = (await h.call('GET', '/v1/audit-log?limit=1000')).body.items.filter(({ method }) => method === 'DUE')
  t.match(audit, [{ targetIds: [planned.body.id], status: 200, tokenName: 'admin' }, { targetIds: [doomed.body.id], status: 409, code: 'LOA_ERR_UNIT_ENDED' }])
})

t.test('what came due while the server was off is done when it starts', async (t) => {
  const h = await buildControl()
  const { unitId } = await seed(h)
  await h.call('POST', '/v1/unit-changes', { at: '2026-06-18T05:00:00Z', steps: [{ kind: 'rename', unitId, name: 'Sau' }] })
  await h.app.close()
  h.alerts.close()
  h.store.close()
  h.clock.advance(24 * HOUR_MS)
  t.equal(h.clock.pendingTimers, 0)
  const again = await buildControl({ dataDir: h.dataDir, clock: h.clock })
  t.teardown(() => again.close())
  t.match(again.store.units.get(unitId), { name: 'Sau' })
  t.match(again.store.units.versions(unitId), [{ name: 'Xã Một' }, { name: 'Sau', fromMs: Date.parse('2026-06-18T05:00:00Z') }], 'from its date on')
})

t.test('search takes no notice of accents', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const id = (await h.call('POST', '/v1/units', { code: 'X1', name: 'Xã Đồng Tiến' })).body.id
  for (const search of ['dong tien', 'ĐỒNG', 'Dong', 'tie\u0302\u0301n']) t.same((await h.call('GET', `/v1/units?search=${encodeURIComponent(search)}`)).body.items.map((each) => each.id), [id], search)
  t.same((await h.call('GET', '/v1/units?search=tan')).body.items, [])
})

t.test('figures of the past stay with the old unit, or are counted for its successor', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const [a, b] = [await unit(h, 'A'), await unit(h, 'B')]
  const run = (unitId: string, fromMs: number) => ({ atMs: fromMs, orderId: 'o', class: 'normal' as const, title: 't', unitId, issuerUnitId: a, sourceId: 's', clipIds: null, clusterIds: ['c'], plannedFromMs: fromMs, plannedUntilMs: fromMs + 60_000, fromMs, untilMs: fromMs + 60_000, plannedMs: 60_000, airMs: 60_000, sentMs: 60_000, end: 'over' as const, field: null, soundedMs: 0 })
  h.store.airLog.write({ ended: [run(a, START_MS), run(b, START_MS)], open: [], closed: [] })
  const merge = { steps: [{ kind: 'merge', unitIds: [a], into: b }] }
  t.same((await h.call('POST', '/v1/unit-changes/check', merge)).body, { created: 0, endedIds: [a], clustersMoved: 0 })
  t.match((await h.call('GET', `/v1/units/${a}`)).body, { endedAt: null }, 'nothing of it was kept')
  await h.call('POST', '/v1/unit-changes', merge)
  const figures = async (map: string) => (await h.call('GET', `/v1/figures?by=unit&from=2026-06-18T00:00:00Z&to=2026-06-19T00:00:00Z&map=${map}`)).body.items.map(({ key, airMinutes }) => [key, airMinutes])
  t.same(await figures('then'), [[a, 1], [b, 1]].sort())
  t.same(await figures('now'), [[b, 2]])
})

t.test('a change of the map is made only of the map that was seen, and cancelled only as it was seen', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const a = (await h.call('POST', '/v1/units', { code: 'A', name: 'Xã A' })).body.id
  const seen = (await h.call('GET', '/v1/unit-map?at=2026-06-18T03:00:00Z')).headers.etag
  const rename = (name: string, etag: unknown) => h.call('POST', '/v1/unit-changes', { steps: [{ kind: 'rename', unitId: a, name }] }, { headers: { 'if-match': String(etag) } })
  t.equal((await rename('Xã B', seen)).status, 201)
  t.match(await rename('Xã C', seen), { status: 412, body: { code: 'LOA_ERR_CHANGED' } }, 'somebody was quicker')
  t.equal(h.store.units.get(a)?.name, 'Xã B')
  t.equal((await rename('Xã C', (await h.call('GET', '/v1/unit-map?at=2026-06-18T03:00:00Z')).headers.etag)).status, 201)

  const planned = await h.call('POST', '/v1/unit-changes', { at: '2026-07-01T00:00:00Z', steps: [{ kind: 'rename', unitId: a, name: 'Xã D' }] })
  const url = `/v1/unit-changes/${planned.body.id}`
  const { headers: { etag } } = await h.call('GET', url)
  t.match(await h.call('POST', `${url}/cancel`, undefined, { headers: { 'if-match': '"x"' } }), { status: 412 })
  t.match(await h.call('POST', `${url}/cancel`, undefined, { headers: { 'if-match': String(etag) } }), { status: 200, body: { state: 'cancelled' } })
})
