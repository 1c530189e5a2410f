import t from 'tap'
import { colourByDistance, distanceM, offsetsTowards, type Placed } from '../../control/acoustics.ts'
import { syncReport } from '../../control/sync-report.ts'
import type { SpeakerInfo } from '../../control/ports.ts'
import { buildControl, multipart, seed, START_MS, type Harness } from '../support/build-control.ts'
import { fc } from '../support/seed.ts'

const HANOI = { lat: 21.0285, lon: 105.8542 }
/** A point so many metres north and east of Hà Nội. */
const place = (northM: number, eastM: number) => ({ lat: HANOI.lat + northM / 111_195, lon: HANOI.lon + eastM / (111_195 * Math.cos((HANOI.lat * Math.PI) / 180)) })

t.test('distances are those of the map', (t) => {
  t.ok(Math.abs(distanceM(HANOI, { lat: 10.7769, lon: 106.7009 }) - 1_143_000) < 3000, 'Hà Nội to Sài Gòn, about 1 143 km')
  t.ok(Math.abs(distanceM(HANOI, place(300, 400)) - 500) < 0.5)
  t.equal(distanceM(HANOI, HANOI), 0)
  t.end()
})

t.test('all sound is at the point together: 1 ms for 0.35 m', (t) => {
  const offsets = offsetsTowards(HANOI, [{ id: 'far', position: place(0, 350) }, { id: 'near', position: place(35, 0) }, { id: 'middle', position: place(-175, 0) }])
  t.same(offsets.map(({ clusterId, offsetMs }) => [clusterId, offsetMs]), [['near', 900], ['middle', 500], ['far', 0]])
  for (const { distanceM: metres, offsetMs } of offsets) t.ok(Math.abs(metres / 0.35 + offsetMs - 1000) <= 1)
  t.same(offsetsTowards(HANOI, []), [])
  t.end()
})

const someClusters = fc.uniqueArray(fc.record({ id: fc.string({ minLength: 1 }), north: fc.integer({ min: -5000, max: 5000 }), east: fc.integer({ min: -5000, max: 5000 }) }), { selector: ({ id }) => id, minLength: 1, maxLength: 60 })
  .map((list): Placed[] => list.map(({ id, north, east }) => ({ id, position: place(north, east) })))

t.test('neighbours are never in one group, everybody is in one, and there are no more groups than neighbours ask for', (t) => {
  fc.assert(fc.property(someClusters, fc.integer({ min: 1, max: 4000 }), (clusters, radiusM) => {
    const groupOf = colourByDistance(clusters, radiusM)
    let mostNeighbours = 0
    for (const a of clusters) {
      if (!groupOf.has(a.id)) throw new Error(`${a.id} has no group`)
      const near = clusters.filter((b) => b !== a && distanceM(a.position, b.position) <= radiusM)
      mostNeighbours = Math.max(mostNeighbours, near.length)
      for (const b of near) if (groupOf.get(a.id) === groupOf.get(b.id)) throw new Error(`${a.id} and ${b.id} speak at once`)
    }
    const groups = new Set(groupOf.values()).size
    if (groups > Math.max(3, mostNeighbours + 1)) throw new Error(`${String(groups)} groups`)
    if (groups < Math.min(3, clusters.length)) throw new Error(`only ${String(groups)} groups`)
  }))
  t.end()
})

t.test('a district is coloured in no time', (t) => {
  const clusters = Array.from({ length: 10_000 }, (_, index) => ({ id: `c${String(index)}`, position: place((index % 100) * 400, Math.floor(index / 100) * 400) }))
  const groups = new Set(colourByDistance(clusters, 900).values()).size
  t.ok(groups >= 3 && groups <= 22, `${String(groups)} groups for a grid of 400 m and a radius of 900 m`)
  t.end()
})

const speaker = (clusterId: string, syncErrorMs: number | null, over: Partial<SpeakerInfo> = {}): SpeakerInfo => ({
  clusterId, atMs: START_MS, stage: 'played', orderId: 'o1', playing: 'live', syncErrorUs: syncErrorMs === null ? null : syncErrorMs * 1000, clockErrorUs: 200, wallErrorMs: 3, driftPpm: 12, roundTripUs: 900, cardPpm: -40, correctionPpm: 40,
  bufferMs: 700, targetMs: 800, lateFrames: 0, lostFrames: 0, concealedFrames: 0, unverifiedFrames: 0, volumePercent: 80, hoursPercent: 100, muted: false, amplifier: null, power: null, temperatureC: null, signalDbm: null, storageFault: null, version: '0.1', identity: 'key', ...over,
})

t.test('the report counts who tells, and nobody else', (t) => {
  const unitOf = (id: string): string | undefined => ({ a: 'u1', b: 'u1', c: 'u2', d: 'u2', old: 'u2' })[id]
  const report = syncReport([speaker('a', -0.25), speaker('b', 4), speaker('c', -60, { orderId: null }), speaker('d', null), speaker('old', 3, { atMs: START_MS - 20_001 }), speaker('unknown', 1)], unitOf, START_MS)
  t.same(report.all, { clusters: 3, p50Ms: 4, p95Ms: 60, p99Ms: 60, maxMs: 60 })
  t.same(report.byUnit.map(({ unitId, clusters, maxMs }) => [unitId, clusters, maxMs]), [['u1', 2, 4], ['u2', 1, 60]])
  t.same(report.byOrder.map(({ orderId, clusters }) => [orderId, clusters]), [['o1', 2]])
  t.same(report.worst.map(({ clusterId, errorMs }) => [clusterId, errorMs]), [['c', -60], ['b', 4], ['a', -0.25]])
  t.same(report.histogram.filter(({ clusters }) => clusters > 0), [{ belowMs: 0.5, clusters: 1 }, { belowMs: 5, clusters: 1 }, { belowMs: 100, clusters: 1 }])
  t.same(syncReport([], unitOf, START_MS).all, null)
  t.end()
})

t.test('the API tells who is in step, and does not guess about plain HTTP', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId } = await seed(h)
  h.broadcast.connect(clusterId)
  h.broadcast.connect('another', 'http')
  t.match(await h.call('GET', `/v1/clusters/${clusterId}/speaker`), { status: 404, body: { code: 'LOA_ERR_NOT_FOUND' } })
  h.broadcast.reports.set(clusterId, speaker(clusterId, 1.5))
  t.match(await h.call('GET', '/v1/sync', undefined, { as: 'viewer' }), { status: 200, body: { boundMs: 30, synchronised: 1, notSynchronised: 1, all: { clusters: 1, p95Ms: 1.5 }, byUnit: [{ unitId }], worst: [{ clusterId, errorMs: 1.5, clockErrorMs: 0.2 }] } })
  t.match(await h.call('GET', `/v1/clusters/${clusterId}/speaker`), { status: 200, body: { clusterId, stage: 'played', syncErrorUs: 1500, temperatureC: null } })
  t.equal((await h.call('GET', '/v1/clusters/nobody/speaker')).status, 404)
})

/** Away from the cluster that `seed` makes. */
const FAR_M = 20_000

async function row(h: Harness, unitId: string, count: number, apartM: number): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < count; index += 1) ids.push((await h.call('POST', '/v1/clusters', { unitId, code: `R${String(index)}`, name: `Cụm ${String(index)}`, position: place(FAR_M + index * apartM, 0) })).body.id)
  return ids
}

t.test('offsets towards a point', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId } = await seed(h)
  const ids = await row(h, unitId, 4, 350)
  const { status, body } = await h.call('GET', `/v1/acoustics/offsets?lat=${String(place(FAR_M, 0).lat)}&lon=${String(HANOI.lon)}&unitId=${unitId}`)
  t.equal(status, 200)
  t.match(body, { offsets: [{ clusterId: ids[0], offsetMs: 2000 }, { clusterId: ids[1], offsetMs: 1000 }, { clusterId: ids[2], offsetMs: 0 }] })
  t.equal((body['offsets'] as readonly unknown[]).length, 3, 'the fourth is too far to be heard there')
  t.equal((await h.call('GET', '/v1/acoustics/offsets?lat=21&lon=105&unitId=nobody')).status, 404)
  t.equal((await h.call('GET', '/v1/acoustics/offsets?lat=91&lon=105')).status, 400)
})

t.test('neighbours speak in turn: one order for each group, one after the other, all or none', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId } = await seed(h)
  const ids = await row(h, unitId, 6, 500)
  const nowhere = (await h.call('POST', '/v1/clusters', { unitId, code: 'N', name: 'Cụm không rõ vị trí' })).body.id
  const { payload, headers } = multipart(Buffer.alloc(96_000 * 4, 1))
  const clipId = (await h.call('POST', '/v1/clips', payload, { headers })).body.id
  const made = await h.call('POST', '/v1/staggered-orders', { title: 'Lũ', clipIds: [clipId], targets: { units: [unitId] }, radiusM: 600 }, { as: 'operator' })
  t.equal(made.status, 201)
  const groups = made.body['groups'] as readonly { readonly orderId: string; readonly startsAt: string; readonly clusters: number }[]
  t.equal(groups.length, 4)
  t.match(made.body, { withoutPosition: 1 })
  t.same(groups.map(({ startsAt }) => Date.parse(startsAt) - START_MS), groups.map((_, index) => index * 8000), 'tone 3 s, clip 4 s, pause 1 s')
  t.same(Date.parse(made.body['finishedAt'] as string) - START_MS, groups.length * 8000 - 1000)
  const given = groups.map(({ orderId }) => h.store.orders.get(orderId)!)
  t.ok(given.every(({ class: orderClass }) => orderClass === 'emergency'))
  t.same(given.flatMap(({ targets }) => targets.clusters).sort(), [...ids, clusterId, nowhere].sort(), 'everybody once')
  t.same(given.at(-1)!.targets.clusters, [nowhere], 'who stands nowhere known speaks last, alone')
  for (const { targets } of given) for (const [index, id] of ids.entries()) t.notOk(targets.clusters.includes(id) && targets.clusters.includes(ids[index + 1] ?? ''), 'no neighbours together')
  t.same(h.broadcast.orders.map(({ id }) => id), groups.map(({ orderId }) => orderId), 'told, in their order')

  const before = h.store.orders.count(START_MS)
  t.match(await h.call('POST', '/v1/staggered-orders', { title: 'Lũ', clipIds: ['nobody'], targets: { units: [unitId] } }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID' } })
  t.match(await h.call('POST', '/v1/staggered-orders', { title: 'Lũ', clipIds: [clipId], targets: { tags: ['nothing'] } }), { status: 422, body: { code: 'LOA_ERR_INVALID' } })
  t.equal((await h.call('POST', '/v1/staggered-orders', { title: 'Lũ', clipIds: [clipId], targets: { units: [unitId] } }, { as: 'viewer' })).status, 403)
  t.same(h.store.orders.count(START_MS), before)
})
