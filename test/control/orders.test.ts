import t from 'tap'
import { Rights } from '../../control/rights.ts'
import type { CreateOrderBody } from '../../control/schemas/order.ts'
import { makeOrder } from '../../control/order-rules.ts'
import { buildControl, multipart, seed, START_MS, type Harness } from '../support/build-control.ts'
import { fc } from '../support/seed.ts'

async function upload(h: Harness, seconds: number): Promise<string> {
  const { payload, headers } = multipart(Buffer.alloc(96_000 * seconds, seconds))
  return (await h.call('POST', '/v1/clips', payload, { headers })).body.id
}

t.test('an order is durable, told at once, and answered in full', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId, sourceId } = await seed(h)
  h.broadcast.connect(clusterId)
  const made = await h.call('POST', '/v1/orders', { class: 'emergency', title: 'Lu\u0303', sourceId, targets: { units: [unitId, unitId], clusters: [], tags: [] }, durationMs: 60_000 }, { as: 'operator' })
  t.match(made, {
    status: 201,
    headers: { location: `/v1/orders/${made.body.id}` },
    body: {
      number: 1, class: 'emergency', title: 'Lũ', sourceId, clipIds: null, targets: { units: [unitId], clusters: [], tags: [] }, startsAt: '2026-06-18T03:00:00.000Z', endsAt: '2026-06-18T03:01:00.000Z',
      rank: 0, resume: 'continue', issuer: unitId, tone: true, state: 'on-air', stoppedAt: null, createdBy: 't-operator', clusters: { targeted: 1, online: 1 },
    },
  })
  t.same(h.broadcast.orders.map(({ id }) => id), [made.body.id])
  t.match(h.store.orders.get(made.body.id), { title: 'Lũ', issuerUnitId: unitId })

  t.test('its state follows the time', async (t) => {
    const state = async (): Promise<unknown> => (await h.call('GET', `/v1/orders/${made.body.id}`)).body['state']
    h.clock.advance(59_999)
    t.equal(await state(), 'on-air')
    h.clock.advance(1)
    t.equal(await state(), 'ended', 'over from the very ms of its end')
    t.equal(h.broadcast.orders.length, 1, 'time alone tells nobody anything')
    t.match(await h.call('POST', `/v1/orders/${made.body.id}/stop`), { status: 200, body: { state: 'ended', stoppedAt: null } })
    t.equal(h.broadcast.orders.length, 1)
  })

  t.test('it can be stopped, again and again', async (t) => {
    const order = await h.call('POST', '/v1/orders', { class: 'normal', title: 'Tin', sourceId, targets: { tags: ['ven-song'] }, startsAt: '2026-06-18T12:00:00+07:00', endsAt: '2026-06-18T12:30:00+07:00' })
    t.match(order.body, { state: 'scheduled', startsAt: '2026-06-18T05:00:00.000Z', endsAt: '2026-06-18T05:30:00.000Z' })
    const stop = () => h.call('POST', `/v1/orders/${order.body.id}/stop`, undefined, { headers: { 'content-type': 'application/json' } })
    t.match(await stop(), { status: 200, body: { state: 'stopped', stoppedAt: '2026-06-18T03:01:00.000Z' } })
    h.clock.advance(1000)
    t.match(await stop(), { status: 200, body: { state: 'stopped', stoppedAt: '2026-06-18T03:01:00.000Z' } })
    t.equal(h.broadcast.orders.length, 3, 'told once')
    t.match(h.broadcast.orders.at(-1), { id: order.body.id, stoppedAtMs: START_MS + 60_000 })
    t.equal((await h.call('POST', '/v1/orders/nobody/stop')).status, 404)
    t.equal((await h.call('GET', '/v1/orders/nobody')).status, 404)
  })
})

t.test('clips bring their own end, with time to catch up what an emergency cut', async (t) => {
  const h = await buildControl({ config: { maxOrderMs: 2_000_000 } })
  t.teardown(() => h.close())
  const { clusterId } = await seed(h)
  const [one, three] = [await upload(h, 1), await upload(h, 3)]
  const give = (body: object) => h.call('POST', '/v1/orders', { class: 'normal', title: 'Tin', targets: { clusters: [clusterId] }, ...body })
  t.match((await give({ clipIds: [one, three, one] })).body, { clipIds: [one, three, one], sourceId: null, endsAt: new Date(START_MS + 5000 + 900_000).toISOString() })
  t.match((await give({ clipIds: [one], durationMs: 500, resume: 'skip', rank: -3, tone: false })).body, { endsAt: new Date(START_MS + 500).toISOString(), resume: 'skip', rank: -3, tone: false })
  t.match(await give({ clipIds: [one, 'nope', three, 'nix'] }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'clipIds[1]' }, { path: 'clipIds[3]' }] } })
  t.match(await give({ clipIds: [] }), { status: 422, body: { errors: [{ path: 'clipIds' }] } })
  t.match(await give({ clipIds: Array.from({ length: 201 }, () => one) }), { status: 422, body: { errors: [{ path: 'clipIds' }] } })
})

t.test('clips longer than an order may be are refused; the time to catch up is cut to fit', async (t) => {
  const h = await buildControl({ config: { maxOrderMs: 60_000 } })
  t.teardown(() => h.close())
  const { clusterId } = await seed(h)
  const clip = await upload(h, 10)
  const give = (count: number) => h.call('POST', '/v1/orders', { class: 'normal', title: 'Tin', targets: { clusters: [clusterId] }, clipIds: Array.from({ length: count }, () => clip) })
  t.match((await give(6)).body, { endsAt: new Date(START_MS + 60_000).toISOString() })
  t.match(await give(7), { status: 422, body: { code: 'LOA_ERR_ORDER_TIME', errors: [{ path: 'clipIds', message: /70000 ms.*60000 ms/ }] } })
})

t.test('what is impossible is refused, naming the field', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId, sourceId } = await seed(h)
  const good = { class: 'normal', title: 'Tin', sourceId, targets: { units: [unitId] }, durationMs: 60_000 }
  const clip = await upload(h, 1)
  const cases: readonly (readonly [string, object, string, string])[] = [
    ['nothing to play', { sourceId: undefined }, 'LOA_ERR_ORDER_CONTENT', 'sourceId'],
    ['two things to play', { clipIds: [clip] }, 'LOA_ERR_ORDER_CONTENT', 'sourceId'],
    ['no target', { targets: {} }, 'LOA_ERR_INVALID', 'targets'],
    ['empty targets', { targets: { units: [], clusters: [], tags: [] } }, 'LOA_ERR_INVALID', 'targets'],
    ['unknown source', { sourceId: 'nix' }, 'LOA_ERR_UNKNOWN_ID', 'sourceId'],
    ['unknown cluster', { targets: { units: [unitId], clusters: [clusterId, 'nix'] } }, 'LOA_ERR_UNKNOWN_ID', 'targets.clusters[1]'],
    ['unknown unit', { targets: { units: ['nix'] } }, 'LOA_ERR_UNKNOWN_ID', 'targets.units[0]'],
    ['unknown issuer', { issuer: 'nix' }, 'LOA_ERR_UNKNOWN_ID', 'issuer'],
    ['no end', { durationMs: undefined }, 'LOA_ERR_ORDER_TIME', 'endsAt'],
    ['two ends', { endsAt: '2026-06-18T04:00:00Z' }, 'LOA_ERR_ORDER_TIME', 'durationMs'],
    ['no zone', { startsAt: '2026-06-18T04:00:00' }, 'LOA_ERR_ORDER_TIME', 'startsAt'],
    ['no such day', { durationMs: undefined, endsAt: '2026-06-31T04:00:00Z' }, 'LOA_ERR_ORDER_TIME', 'endsAt'],
    ['end before start', { durationMs: undefined, startsAt: '2026-06-18T05:00:00Z', endsAt: '2026-06-18T04:00:00Z' }, 'LOA_ERR_ORDER_TIME', 'endsAt'],
    ['end at start', { durationMs: undefined, startsAt: '2026-06-18T05:00:00Z', endsAt: '2026-06-18T05:00:00Z' }, 'LOA_ERR_ORDER_TIME', 'endsAt'],
    ['already over', { durationMs: undefined, startsAt: '2026-06-18T02:00:00Z', endsAt: '2026-06-18T03:00:00Z' }, 'LOA_ERR_ORDER_TIME', 'endsAt'],
    ['already over by its length', { startsAt: '2026-06-18T02:00:00Z' }, 'LOA_ERR_ORDER_TIME', 'durationMs'],
    ['too long', { durationMs: 24 * 3600 * 1000 + 1 }, 'LOA_ERR_ORDER_TIME', 'durationMs'],
    ['no length', { durationMs: 0 }, 'LOA_ERR_INVALID', 'durationMs'],
    ['a length in words', { durationMs: '60000' }, 'LOA_ERR_INVALID', 'durationMs'],
    ['after the calendar', { startsAt: '9999-12-31T23:59:59Z' }, 'LOA_ERR_ORDER_TIME', 'durationMs'],
    ['unknown class', { class: 'urgent' }, 'LOA_ERR_INVALID', 'class'],
    ['no title', { title: '' }, 'LOA_ERR_INVALID', 'title'],
    ['a title that would break headers', { title: 'a\r\nb' }, 'LOA_ERR_INVALID', 'title'],
    ['an unknown field', { priority: 1 }, 'LOA_ERR_INVALID', 'priority'],
  ]
  for (const [name, change, code, path] of cases) {
    const answer = await h.call('POST', '/v1/orders', { ...good, ...change })
    t.match(answer, { status: 422, body: { code, errors: [{ path, message: /./, messageVi: /./ }] } }, name)
  }
  t.match((await h.call('POST', '/v1/orders', { ...good, sourceId: 'nix', issuer: 'nix', targets: { units: ['a', unitId, 'b'], clusters: ['c'] } })).body, { errors: [{ path: 'sourceId' }, { path: 'targets.units[0]' }, { path: 'targets.units[2]' }, { path: 'targets.clusters[0]' }, { path: 'issuer' }] }, 'every unknown id at once')
  t.same(h.store.orders.list({ after: null, limit: 10 }, {}, START_MS).items, [], 'none of it was kept')
  t.same(h.broadcast.orders, [])
})

t.test('without any unit nobody can give an order', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { body: source } = await h.call('POST', '/v1/sources', { kind: 'tone', name: 'Còi', frequencyHz: 1500 })
  t.match(await h.call('POST', '/v1/orders', { class: 'normal', title: 'a', sourceId: source.id, targets: { tags: ['x'] }, durationMs: 1000 }), { status: 422, body: { errors: [{ path: 'issuer' }] } })
})

t.test('orders are listed newest first, by page and filter', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId, sourceId } = await seed(h)
  const other = await h.call('POST', '/v1/clusters', { unitId, code: 'C2', name: 'Cụm 2' })
  const give = async (body: object): Promise<string> => (await h.call('POST', '/v1/orders', { class: 'normal', title: 'Tin', sourceId, durationMs: 60_000, targets: { clusters: [clusterId] }, ...body })).body.id
  const ended = await give({ durationMs: 1000 })
  const byTag = await give({ targets: { tags: ['ven-song'] }, class: 'priority' })
  const byUnit = await give({ targets: { units: [unitId] }, class: 'emergency' })
  const elsewhere = await give({ targets: { clusters: [other.body.id] } })
  const scheduled = await give({ startsAt: '2026-06-19T00:00:00Z' })
  const stopped = await give({})
  await h.call('POST', `/v1/orders/${stopped}/stop`)
  h.clock.advance(1000)
  const list = async (query: string): Promise<string[]> => (await h.call('GET', `/v1/orders?${query}`)).body.items.map(({ id }) => id)
  t.same(await list(''), [stopped, scheduled, elsewhere, byUnit, byTag, ended])
  t.match((await h.call('GET', '/v1/orders?limit=1')).body.items, [{ id: stopped, state: 'stopped', targets: { clusters: [clusterId] } }])
  t.same(await list('state=on-air'), [elsewhere, byUnit, byTag])
  t.same(await list('state=scheduled'), [scheduled])
  t.same(await list('state=ended'), [ended])
  t.same(await list('state=stopped'), [stopped])
  t.same(await list('class=emergency'), [byUnit])
  t.same(await list(`clusterId=${clusterId}&state=on-air`), [byUnit, byTag])
  t.same(await list(`clusterId=${other.body.id}`), [elsewhere, byUnit])
  t.same(await list(`sourceId=${sourceId}&class=priority`), [byTag])
  const first = await h.call('GET', '/v1/orders?limit=4')
  t.same(await list(`limit=4&cursor=${String(first.body['nextCursor'])}`), [byTag, ended])
  t.equal((await h.call('GET', '/v1/orders?state=perhaps')).status, 400)
})

t.test('every accepted order ends after it starts, after now, and within the longest', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, sourceId } = await seed(h)
  const nowMs = START_MS
  const config = { maxOrderMs: 3_600_000, clipResumeSlackMs: 0 }
  const around = fc.integer({ min: -7_200_000, max: 7_200_000 }).map((offset) => new Date(nowMs + offset).toISOString())
  let accepted = 0
  fc.assert(fc.property(fc.option(around, { nil: undefined }), fc.oneof(fc.record({ endsAt: around }), fc.record({ durationMs: fc.integer({ min: 1, max: 7_200_000 }) })), (startsAt, end) => {
    const body: CreateOrderBody = { class: 'normal', title: 'a', sourceId, targets: { units: [unitId] }, ...(startsAt === undefined ? {} : { startsAt }), ...end }
    try {
      const order = makeOrder(body, { id: 'o', nowMs, createdBy: 't', rights: new Rights([{ role: 'operator', unitId: null }], () => []), store: h.store, config })
      accepted++
      return order.endsAtMs > order.startsAtMs && order.endsAtMs > nowMs && order.endsAtMs - order.startsAtMs <= config.maxOrderMs && (startsAt === undefined ? order.startsAtMs === nowMs : order.startsAtMs === Date.parse(startsAt))
    } catch (error) {
      return (error as { code?: string }).code === 'LOA_ERR_ORDER_TIME'
    }
  }), { numRuns: 500 })
  t.ok(accepted > 20, `${String(accepted)} of 500 were accepted, so both sides were tried`)
})

t.test('clips that fade into one another, with jingles, last as long as they do together', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { clusterId } = await seed(h)
  const [jingle, one, three] = [await upload(h, 2), await upload(h, 1), await upload(h, 3)]
  const give = (body: object) => h.call('POST', '/v1/orders', { class: 'normal', title: 'Tin', targets: { clusters: [clusterId] }, ...body })
  const mixing = { introClipId: jingle, outroClipId: jingle, crossfadeMs: 800 }
  // 2 + 1 + 3 + 2 s, less 0.5 twice (half of one) and 0.8.
  t.match((await give({ clipIds: [one, three], mixing })).body, { mixing: { ...mixing, over: null }, handOvers: [], endsAt: new Date(START_MS + 8000 - 500 - 500 - 800 + 900_000).toISOString() })
  t.match((await give({ clipIds: [one], mixing: { over: {} } })).body.mixing, { over: { duckDb: 12, attackMs: 300, releaseMs: 1000 }, introClipId: null, outroClipId: null, crossfadeMs: 0 })
  t.equal((await give({ clipIds: [one], mixing: { crossfadeMs: 0 } })).body.mixing, null, 'nothing is mixed')
  t.match(await give({ clipIds: [one], mixing: { introClipId: 'nix', outroClipId: 'nox' } }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'mixing.introClipId' }, { path: 'mixing.outroClipId' }] } })
  t.match(await give({ clipIds: [one], mixing: { over: { duckDb: 61 } } }), { status: 422, body: { errors: [{ path: 'mixing.over.duckDb' }] } })
  t.match(await give({ class: 'emergency', clipIds: [one], mixing: { over: {} } }), { status: 422, body: { code: 'LOA_ERR_INVALID', errors: [{ path: 'mixing' }] } }, 'an emergency is heard alone')
  t.match(await h.call('DELETE', `/v1/clips/${jingle}`), { status: 409, body: { code: 'LOA_ERR_IN_USE' } }, 'a jingle is in use')
})

t.test('a running order is handed over to another source', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { clusterId, sourceId } = await seed(h)
  const newTone = async (): Promise<string> => (await h.call('POST', '/v1/sources', { kind: 'tone', name: 'Âm thử', frequencyHz: 440, levelDbfs: -20 })).body.id
  const newStudio = async (mount: string): Promise<string> => (await h.call('POST', '/v1/sources', { kind: 'icecast', name: mount, mount })).body.id
  const [other, studio] = [await newTone(), await newStudio('/xa-a')]
  const give = (body: object) => h.call('POST', '/v1/orders', { class: 'normal', title: 'Tin', targets: { clusters: [clusterId] }, sourceId, durationMs: 600_000, ...body })
  const { id } = (await give({})).body
  const handOver = (body: object, options: object = {}, order = id) => h.call('POST', `/v1/orders/${order}/hand-over`, body, options)

  h.clock.advance(5000)
  const key = { headers: { 'idempotency-key': 'hand-over-1' } }
  const done = await handOver({ sourceId: other, crossfadeMs: 2000 }, key)
  t.match(done, { status: 200, body: { id, sourceId, handOvers: [{ sourceId: other, at: new Date(START_MS + 5000).toISOString(), crossfadeMs: 2000, by: 't-admin' }] } })
  t.match(await handOver({ sourceId: other, crossfadeMs: 2000 }, key), { status: 200, headers: { 'idempotency-replayed': 'true' }, body: done.body }, 'repeated, it is done once')
  t.equal(h.broadcast.orders.length, 2, 'told once')
  t.match(h.broadcast.orders.at(-1), { id, handOvers: [{ sourceId: other }] })

  t.match(await handOver({ sourceId: other }), { status: 409, body: { code: 'LOA_ERR_HAND_OVER' } }, 'has it already')
  t.match(await handOver({ sourceId: studio }), { status: 409, body: { code: 'LOA_ERR_HAND_OVER', detailEn: /force/ } }, 'nobody speaks there')
  h.broadcast.sources.set(studio, { sourceId: studio, state: 'live', urlIndex: null, peakDbfs: -10, rmsDbfs: -20, clippedPercent: 0, fault: null, reason: '', title: '' })
  t.match((await handOver({ sourceId: studio })).body.handOvers, [{ sourceId: other }, { sourceId: studio, crossfadeMs: 1000 }])
  t.match((await handOver({ sourceId })).body, { handOvers: { length: 3 } }, 'and back to where it began')
  t.match(await h.call('DELETE', `/v1/sources/${studio}`), { status: 409, body: { code: 'LOA_ERR_IN_USE' } })
  t.match((await h.call('GET', `/v1/orders?sourceId=${studio}`)).body.items, [{ id }])

  t.match(await handOver({ sourceId: 'nix' }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID', errors: [{ path: 'sourceId' }] } })
  t.equal((await handOver({ sourceId: other }, {}, 'nobody')).status, 404)
  const clips = (await give({ sourceId: undefined, durationMs: undefined, clipIds: [await upload(h, 1)] })).body.id
  t.match(await handOver({ sourceId: other }, {}, clips), { status: 409, body: { code: 'LOA_ERR_HAND_OVER' } }, 'clips have no speaker')
  const later = (await give({ startsAt: new Date(START_MS + 60_000).toISOString() })).body.id
  t.match(await handOver({ sourceId: other }, {}, later), { status: 409, body: { code: 'LOA_ERR_HAND_OVER' } }, 'not begun')
  await h.call('POST', `/v1/orders/${id}/stop`)
  t.match(await handOver({ sourceId: other }), { status: 409, body: { code: 'LOA_ERR_HAND_OVER' } }, 'stopped')
})
