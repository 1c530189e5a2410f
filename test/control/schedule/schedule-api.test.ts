import t from 'tap'
import { buildControl, multipart, seed, type Harness } from '../../support/build-control.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** It is 18 June 2026, ten in the morning in Viet Nam, a Thursday. */
const daily = (unitId: string, sourceId: string, more: object = {}) => ({ title: 'Bản tin sáng', class: 'normal', sourceId, durationMs: 30 * MINUTE_MS, targets: { units: [unitId] }, time: '05:00', repeat: { kind: 'daily' }, ...more })

async function start(t: { teardown(fn: () => Promise<void>): void }): Promise<Harness & Awaited<ReturnType<typeof seed>>> {
  const h = await buildControl()
  t.teardown(() => h.close())
  return { ...h, ...(await seed(h)) }
}

const standing = (h: Harness) => h.store.orders.unfinished(h.clock.wallMs()).map(({ startsAtMs }) => new Date(startsAtMs).toISOString().slice(5, 16))

t.test('an item is kept in full, and its orders are given with it', async (t) => {
  const h = await start(t)
  const made = await h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId), { as: 'operator' })
  t.match(made, {
    status: 201,
    headers: { location: `/v1/schedule-items/${made.body.id}` },
    body: { version: 1, title: 'Bản tin sáng', class: 'normal', playMs: 30 * MINUTE_MS, issuer: h.unitId, zone: 'Asia/Ho_Chi_Minh', time: '05:00:00', firstDay: '2026-06-18', lastDay: null, repeat: { kind: 'daily', every: 1 }, rrule: 'FREQ=DAILY;INTERVAL=1', missed: 'join', enabled: true, createdBy: 't-operator' },
  })
  t.same(standing(h), ['06-18T22:00', '06-19T22:00'], 'of the coming sixty hours')
  t.same(h.broadcast.orders.map(({ issuerUnitId, createdBy, endsAtMs, startsAtMs }) => [issuerUnitId, createdBy, endsAtMs - startsAtMs]), Array(2).fill([h.unitId, 't-operator', 30 * MINUTE_MS]), 'told')
  const { body: log } = await h.call('GET', '/v1/audit-log?limit=10')
  t.match(log.items.at(-1), { method: 'POST', route: '/v1/schedule-items', status: 201, targetIds: [made.body.id] })
  t.match(await h.call('GET', `/v1/schedule-items/${made.body.id}/plays`), { status: 200, body: { plays: [
    { occurrence: '2026-06-19.1', from: '2026-06-18T22:00:00.000Z', until: '2026-06-18T22:30:00.000Z', state: 'scheduled', orderId: h.broadcast.orders[0]!.id },
    { occurrence: '2026-06-20.1', state: 'scheduled' }, { occurrence: '2026-06-21.1', state: 'planned', orderId: null }, {}, {}, {}, {},
  ] } })
})

t.test('a change counts for what has not begun; a lost update is refused', async (t) => {
  const h = await start(t)
  const made = () => h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId), { headers: { 'idempotency-key': 'made' } })
  const { body: { id }, headers: { etag: first } } = await made()
  const { headers: { etag } } = await h.call('GET', `/v1/schedule-items/${id}`)
  t.equal(first, etag, 'who has made it may take it back as it was made')
  t.match(await made(), { headers: { etag, 'idempotency-replayed': 'true' } })
  const changed = await h.call('PATCH', `/v1/schedule-items/${id}`, { time: '06:00', title: 'Bản tin' }, { headers: { 'if-match': String(etag) } })
  t.match(changed, { status: 200, body: { version: 2, time: '06:00:00', title: 'Bản tin', repeat: { kind: 'daily' } } })
  t.same(standing(h), ['06-18T23:00', '06-19T23:00'])
  t.equal(h.broadcast.orders.filter(({ stoppedAtMs }) => stoppedAtMs !== null).length, 2, 'the old ones are withdrawn')
  t.match(await h.call('PATCH', `/v1/schedule-items/${id}`, { time: '07:00' }, { headers: { 'if-match': String(etag) } }), { status: 412 })
  t.match(await h.call('DELETE', `/v1/schedule-items/${id}`, undefined, { headers: { 'if-match': String(first) } }), { status: 412 })
  t.match(await h.call('DELETE', `/v1/schedule-items/${id}`, undefined, { headers: { 'if-match': String(etag) } }), { status: 412 })

  const [, second] = h.store.orders.unfinished(h.clock.wallMs())
  await h.call('POST', `/v1/orders/${second!.id}/stop`)
  await h.call('PATCH', `/v1/schedule-items/${id}`, { title: 'Tin' })
  t.same(standing(h), ['06-18T23:00'], 'a play that a person has stopped does not come back')
  t.match((await h.call('GET', `/v1/schedule-items/${id}/plays`)).body['plays'], [{ state: 'scheduled' }, { state: 'stopped' }, { state: 'planned' }])

  await h.call('PATCH', `/v1/schedule-items/${id}`, { enabled: false })
  t.same(standing(h), [])
  await h.call('PATCH', `/v1/schedule-items/${id}`, { enabled: true })
  t.same(standing(h), ['06-18T23:00'])
  t.equal((await h.call('DELETE', `/v1/schedule-items/${id}`)).status, 204)
  t.same(standing(h), [])
  t.equal((await h.call('GET', `/v1/schedule-items/${id}`)).status, 404)
})

t.test('what is impossible is refused, naming the field', async (t) => {
  const h = await start(t)
  const cases: readonly (readonly [object, string, string])[] = [
    [{ durationMs: undefined }, 'LOA_ERR_SCHEDULE_TIME', 'durationMs'],
    [{ durationMs: 86_400_001 }, 'LOA_ERR_INVALID', 'durationMs'],
    [{ plays: 3, gapMs: 12 * HOUR_MS }, 'LOA_ERR_SCHEDULE_TIME', 'plays'],
    [{ zone: 'Hanoi' }, 'LOA_ERR_SCHEDULE_TIME', 'zone'],
    [{ time: '25:00' }, 'LOA_ERR_INVALID', 'time'],
    [{ firstDay: '2026-02-30' }, 'LOA_ERR_SCHEDULE_TIME', 'firstDay'],
    [{ firstDay: '2026-07-01', lastDay: '2026-06-30' }, 'LOA_ERR_SCHEDULE_TIME', 'lastDay'],
    [{ firstDay: '2026-06-01', lastDay: '2026-06-10' }, 'LOA_ERR_SCHEDULE_TIME', 'repeat'],
    [{ except: ['2026-06-19', 'x'.repeat(10)] }, 'LOA_ERR_SCHEDULE_TIME', 'except[1]'],
    [{ repeat: { kind: 'weekly' } }, 'LOA_ERR_SCHEDULE_TIME', 'repeat.weekdays'],
    [{ repeat: { kind: 'daily', days: [1] } }, 'LOA_ERR_SCHEDULE_TIME', 'repeat.days'],
    [{ repeat: { kind: 'monthly', days: [0] } }, 'LOA_ERR_SCHEDULE_TIME', 'repeat.days'],
    [{ repeat: { kind: 'lunar', days: [31] } }, 'LOA_ERR_SCHEDULE_TIME', 'repeat.days'],
    [{ repeat: { kind: 'rule', rrule: 'FREQ=HOURLY' } }, 'LOA_ERR_SCHEDULE_TIME', 'repeat.rrule'],
    [{ repeat: { kind: 'rule', rrule: 'FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2' } }, 'LOA_ERR_SCHEDULE_TIME', 'repeat'],
    [{ repeat: { kind: 'yearly' } }, 'LOA_ERR_INVALID', 'repeat.kind'],
    [{ class: 'emergency' }, 'LOA_ERR_INVALID', 'class'],
    [{ targets: {} }, 'LOA_ERR_INVALID', 'targets'],
    [{ clipIds: ['k'] }, 'LOA_ERR_ORDER_CONTENT', 'sourceId'],
    [{ issuer: 'nobody' }, 'LOA_ERR_UNKNOWN_ID', 'issuer'],
  ]
  for (const [more, code, path] of cases) {
    const answer = await h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId, more))
    t.match(answer, { status: 422, body: { code, errors: [{ path }] } }, JSON.stringify(more))
  }
  t.match(await h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId), { as: 'viewer' }), { status: 403 })
  t.same([h.store.schedule.all(), standing(h)], [[], []])
})

t.test('clips bring their length; what an item needs cannot be removed', async (t) => {
  const h = await start(t)
  const { payload, headers } = multipart(Buffer.alloc(96_000 * 3, 1))
  const clip = (await h.call('POST', '/v1/clips', payload, { headers })).body.id
  const { body: item } = await h.call('POST', '/v1/schedule-items', { title: 'Tin', class: 'priority', clipIds: [clip, clip], targets: { clusters: [h.clusterId] }, time: '05:00', plays: 2, gapMs: 1000, firstDay: '2026-06-20' })
  t.match(item, { playMs: 6000, durationMs: null, repeat: { kind: 'once' }, rrule: null })
  t.same(h.broadcast.orders.map(({ startsAtMs }) => new Date(startsAtMs).toISOString().slice(11, 19)), ['22:00:00', '22:00:07'])
  t.equal(h.broadcast.orders[0]!.endsAtMs - h.broadcast.orders[0]!.startsAtMs, 6000 + 900_000, 'and the time to catch up that clips have')
  for (const order of h.store.orders.unfinished(h.clock.wallMs())) await h.call('POST', `/v1/orders/${order.id}/stop`)
  t.match(await h.call('DELETE', `/v1/clips/${clip}`), { status: 409, body: { code: 'LOA_ERR_IN_USE', detail: new RegExp(item.id) } })
  await h.call('PATCH', `/v1/schedule-items/${item.id}`, { sourceId: h.sourceId, durationMs: 1000 })
  t.equal((await h.call('DELETE', `/v1/clips/${clip}`)).status, 204)
  t.match(await h.call('DELETE', `/v1/sources/${h.sourceId}`), { status: 409, body: { code: 'LOA_ERR_IN_USE', detail: new RegExp(item.id) } })
})

t.test('collisions are found when typed, and nothing is lost without a word', async (t) => {
  const h = await start(t)
  const { body: first } = await h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId, { title: 'Đài huyện' }))
  const second = daily(h.unitId, h.sourceId, { title: 'Tin xã', time: '05:20' })
  const check = await h.call('POST', '/v1/schedule-items/check', second, { as: 'operator' })
  t.match(check, { status: 200, body: { collisions: [{
    itemId: first.id, title: 'Đài huyện', clusters: 1, count: 62, undecided: false,
    first: { this: { from: '2026-06-18T22:20:00.000Z', heardMs: 30 * MINUTE_MS }, other: { from: '2026-06-18T22:00:00.000Z', heardMs: 20 * MINUTE_MS } },
    cures: [{ cure: 'overwrite', itemId: first.id, mayChoose: h.unitId }, { cure: 'after', itemId: null, change: { time: '05:30:00' } }, { cure: 'trim', itemId: first.id, change: { durationMs: 20 * MINUTE_MS } }],
  }] } }, 'the later of two sources is heard')
  t.match(await h.call('POST', '/v1/schedule-items', second), { status: 409, body: { code: 'LOA_ERR_COLLISION', errors: [{ path: 'time', messageVi: /Đài huyện/ }] } })
  t.equal(h.store.schedule.all().length, 1)
  t.equal((await h.call('POST', '/v1/schedule-items', { ...second, time: '05:30' })).status, 201, 'the cure «after»')
  t.equal((await h.call('POST', '/v1/schedule-items', { ...second, acceptCollisions: true })).status, 201)
  t.match(await h.call('POST', '/v1/schedule-items/check', { itemId: first.id, time: '04:00' }), { status: 200, body: { collisions: [] } })
  t.match(await h.call('PATCH', `/v1/schedule-items/${first.id}`, { time: '05:10' }), { status: 409 })
  t.equal((await h.call('PATCH', `/v1/schedule-items/${first.id}`, { title: 'Đài' })).status, 200, 'a new title meets nobody')
  t.match(await h.call('POST', '/v1/schedule-items/check', { title: 'a' }), { status: 422, body: { errors: [{ path: 'class' }, { path: 'targets' }, { path: 'time' }] } })
})

t.test('two priority items at one time must be ordered, by the users of the lowest unit that holds the clusters', async (t) => {
  const h = await start(t)
  const commune = (await h.call('POST', '/v1/units', { code: 'X2', name: 'Xã Hai', parentId: h.unitId })).body.id
  await h.call('POST', '/v1/clusters', { unitId: commune, code: 'C9', name: 'Cụm 9' })
  const item = (targets: object, more: object = {}) => daily(h.unitId, h.sourceId, { class: 'priority', targets, ...more })
  const { body: first } = await h.call('POST', '/v1/schedule-items', item({ units: [h.unitId] }))
  const second = item({ units: [commune] })
  t.match(await h.call('POST', '/v1/schedule-items', { ...second, acceptCollisions: true }), { status: 409, body: { code: 'LOA_ERR_COLLISION', errors: [{ path: 'rank' }] } }, 'cannot be accepted as it is')
  const { body } = await h.call('POST', '/v1/schedule-items/check', second)
  t.match(body['collisions'], [{ itemId: first.id, undecided: true, cures: [{ cure: 'overwrite', itemId: null, change: { rank: -1 }, mayChoose: commune }, { cure: 'after' }] }])
  t.equal((await h.call('POST', '/v1/schedule-items', { ...second, rank: -1, acceptCollisions: true })).status, 201)
})

t.test('the preview of a day is what the arbiter would do', async (t) => {
  const h = await start(t)
  const { body: item } = await h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId))
  await h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId, { title: 'Ưu tiên', class: 'priority', time: '05:10', durationMs: 5 * MINUTE_MS, repeat: { kind: 'dates', dates: ['2026-06-30'] }, acceptCollisions: true }))
  const far = await h.call('GET', `/v1/clusters/${h.clusterId}/schedule?day=2026-06-30`)
  t.match(far, { status: 200, body: { day: '2026-06-30', zone: 'Asia/Ho_Chi_Minh', segments: [
    { from: '2026-06-29T22:00:00.000Z', until: '2026-06-29T22:10:00.000Z', orderId: null, itemId: item.id, class: 'normal' },
    { until: '2026-06-29T22:15:00.000Z', class: 'priority', title: 'Ưu tiên' },
    { until: '2026-06-29T22:30:00.000Z', itemId: item.id },
  ], plays: [{ itemId: item.id, heardMs: 25 * MINUTE_MS }, { heardMs: 5 * MINUTE_MS }] } })

  const tomorrow = () => h.call('GET', `/v1/clusters/${h.clusterId}/schedule?day=2026-06-19`)
  const [given] = h.broadcast.orders
  t.match((await tomorrow()).body, { segments: [{ orderId: given!.id, itemId: item.id }], plays: [{ orderId: given!.id, heardMs: 30 * MINUTE_MS }] })
  await h.call('POST', '/v1/orders', { class: 'emergency', title: 'Lũ', sourceId: h.sourceId, targets: { clusters: [h.clusterId] }, startsAt: '2026-06-19T05:05:00+07:00', durationMs: 60_000, tone: false })
  t.match((await tomorrow()).body, { segments: [{ class: 'normal' }, { class: 'emergency', itemId: null }, { class: 'normal' }], plays: [{ heardMs: 29 * MINUTE_MS }] })
  await h.call('POST', `/v1/orders/${given!.id}/stop`)
  t.match((await tomorrow()).body, { segments: [{ class: 'emergency' }], plays: [] }, 'a play that was stopped is not planned again')
  t.equal((await h.call('GET', `/v1/clusters/${h.clusterId}/schedule?day=2026-06-31`)).status, 400)
  t.equal((await h.call('GET', `/v1/clusters/${h.clusterId}/schedule?day=2026-06-16`)).status, 400, 'the air log tells of that')
  t.equal((await h.call('GET', `/v1/clusters/${h.clusterId}/schedule?zone=x`)).status, 400)
  t.equal((await h.call('GET', '/v1/clusters/nobody/schedule')).status, 404)
  t.match((await h.call('GET', `/v1/clusters/${h.clusterId}/schedule`)).body, { day: '2026-06-18', segments: [] })
})

t.test('lists and the calendar', async (t) => {
  const h = await start(t)
  await h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId, { title: 'Bản tin; sáng, của xã «Một» rất là dài để phải xuống dòng trong tệp lịch', repeat: { kind: 'weekly', weekdays: ['MO', 'TH'] }, lastDay: '2026-12-31', except: ['2026-06-22'], holidays: 'skip' }))
  await h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId, { title: 'Rằm', time: '17:00', plays: 2, gapMs: HOUR_MS, repeat: { kind: 'lunar', days: [15] }, lastDay: '2026-08-31', enabled: false }))
  const list = async (query: string): Promise<unknown[]> => (await h.call('GET', `/v1/schedule-items?${query}`)).body.items.map(({ title }) => String(title).slice(0, 4))
  t.same(await list(''), ['Bản ', 'Rằm'])
  t.same([await list('enabled=true'), await list('search=RẰM'), await list(`unitId=${h.unitId}&limit=1`), await list('unitId=x')], [['Bản '], ['Rằm'], ['Bản '], []])
  const { text, headers } = await h.call('GET', '/v1/schedule-items/export')
  t.match(headers['content-type'], /text\/calendar/)
  t.ok(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75), 'no line is longer than 75 bytes')
  const lines = text.replaceAll('\r\n ', '').split('\r\n')
  for (const line of [
    'BEGIN:VTIMEZONE', 'TZOFFSETTO:+0700', 'SUMMARY:Bản tin\\; sáng\\, của xã «Một» rất là dài để phải xuống dòng trong tệp lịch', 'DTSTART;TZID=Asia/Ho_Chi_Minh:20260618T050000', 'DURATION:PT1800S',
    'RRULE:FREQ=WEEKLY;INTERVAL=1;WKST=MO;BYDAY=MO,TH;UNTIL=20261230T220000Z', 'EXDATE;TZID=Asia/Ho_Chi_Minh:20260622T050000',
    'DTSTART;TZID=Asia/Ho_Chi_Minh:20260629T170000', 'DTSTART;TZID=Asia/Ho_Chi_Minh:20260629T183000', 'RDATE;TZID=Asia/Ho_Chi_Minh:20260728T170000,20260827T170000', 'STATUS:CANCELLED',
  ]) t.ok(lines.includes(line), line)
  t.equal(lines.filter((line) => line === 'BEGIN:VEVENT').length, 3)
})

t.test('an item means clusters as orders do: by groups, not while in repair, and for units that have ended', async (t) => {
  const h = await start(t)
  await h.call('PATCH', `/v1/clusters/${h.clusterId}`, { tags: ['ven-song'] })
  const { body: group } = await h.call('POST', '/v1/groups', { name: 'Ven sông', tags: ['ven-song'] })
  const { body: item } = await h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId, { targets: { groups: [group.id] } }))
  t.same(item.targets, { units: [], clusters: [], tags: [], groups: [group.id] })
  const plays = async () => (await h.call('GET', `/v1/clusters/${h.clusterId}/schedule?day=2026-06-30`)).body.plays
  t.match(await plays(), [{ itemId: item.id, heardMs: 30 * MINUTE_MS }])
  t.match((await h.call('POST', '/v1/schedule-items/check', daily(h.unitId, h.sourceId))).body.collisions, [{ itemId: item.id, clusters: 1 }])
  t.match(await h.call('DELETE', `/v1/groups/${group.id}`), { status: 409, body: { code: 'LOA_ERR_IN_USE', detail: new RegExp(item.id) } })
  t.match((await h.call('PATCH', `/v1/schedule-items/${item.id}`, { title: 'Tin' })).body, { targets: { groups: [group.id] } })

  await h.call('PATCH', `/v1/clusters/${h.clusterId}`, { state: 'repair' })
  t.same(await plays(), [])
  await h.call('PATCH', `/v1/clusters/${h.clusterId}`, { state: 'active' })

  const { body: commune } = await h.call('POST', '/v1/units', { code: 'X2', name: 'Xã Hai', parentId: h.unitId })
  await h.call('PATCH', `/v1/clusters/${h.clusterId}`, { unitId: commune.id })
  const { body: other } = await h.call('POST', '/v1/schedule-items', daily(commune.id, h.sourceId, { time: '17:00' }))
  t.match(await h.call('POST', '/v1/unit-changes', { steps: [{ kind: 'merge', unitIds: [commune.id], into: { code: 'X3', name: 'Xã Ba' } }] }), { status: 201 })
  t.match(await plays(), [{ itemId: item.id }, { itemId: other.id, heardMs: 30 * MINUTE_MS }])
  // It can still be changed, to what it means now or otherwise; another item cannot be given to the unit.
  t.match(await h.call('PATCH', `/v1/schedule-items/${other.id}`, { time: '18:00' }), { status: 200, body: { time: '18:00:00', targets: { units: [commune.id] }, issuer: other.issuer } })
  t.match(await h.call('PATCH', `/v1/schedule-items/${other.id}`, { targets: { units: [commune.id, h.unitId] }, acceptCollisions: true }), { status: 200 })
  t.match(await h.call('PATCH', `/v1/schedule-items/${item.id}`, { targets: { units: [commune.id] } }), { status: 409, body: { code: 'LOA_ERR_UNIT_ENDED' } })
})

t.test('a calendar of all items: what is seen, what may be changed, what is not enabled', async (t) => {
  const h = await start(t)
  const week = 'from=2026-06-18T00:00:00%2B07:00&to=2026-06-25T00:00:00%2B07:00'
  const { body: own } = await h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId))
  const { body: off } = await h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId, { title: 'Chưa bật', time: '09:00', firstDay: '2026-06-20', repeat: { kind: 'once' }, enabled: false }))
  const { body: other } = await h.call('POST', '/v1/units', { code: 'KHAC', name: 'Xã khác' })
  const { body: far } = await h.call('POST', '/v1/schedule-items', daily(other.id, h.sourceId, { title: 'Nơi khác', time: '12:00', issuer: other.id }))
  await h.call('POST', '/v1/schedule-items', daily(h.unitId, h.sourceId, { title: 'Tháng sau', firstDay: '2026-07-18', time: '11:00', repeat: { kind: 'once' } }))

  const { body: all } = await h.call('GET', `/v1/schedule-plays?${week}`)
  t.same((all.items as unknown as { item: { id: string }; plays: { state: string }[] }[]).map(({ item, plays }) => [item.id, plays.map(({ state }) => state)]), [
    [own.id, ['scheduled', 'scheduled', 'planned', 'planned', 'planned', 'planned']], [off.id, ['off']], [far.id, ['scheduled', 'scheduled', 'scheduled', 'planned', 'planned', 'planned', 'planned']],
  ])
  t.match(all.items[0], { item: { title: 'Bản tin sáng', version: 1 }, mayPlan: true, plays: [{ occurrence: '2026-06-19.1', from: '2026-06-18T22:00:00.000Z', until: '2026-06-18T22:30:00.000Z' }] })
  const ids = async (query: string) => (await h.call('GET', `/v1/schedule-plays?${week}&${query}`)).body.items.map((shown) => (shown['item'] as { id: string }).id)
  t.same(await ids(`unitId=${h.unitId}&enabled=true`), [own.id])
  t.same(await ids(`unitId=${other.id}`), [far.id])
  const { body: cluster } = await h.call('POST', '/v1/clusters', { unitId: other.id, code: 'C9', name: 'Cụm khác' })
  t.same(await ids(`clusterId=${cluster.id}`), [far.id])
  t.same(await ids('limit=1'), [own.id], 'by pages')

  t.match(await h.call('GET', `/v1/schedule-plays?${week}`, undefined, { as: 'viewer' }), { status: 200, body: { items: [{ mayPlan: false }, { mayPlan: false }, { mayPlan: false }] } })
  t.equal((await h.call('GET', '/v1/schedule-plays?unitId=nobody')).status, 404)
  t.equal((await h.call('GET', '/v1/schedule-plays?clusterId=nobody')).status, 404)
  t.match(await h.call('GET', '/v1/schedule-plays?from=2026-06-18T00:00:00Z&to=2027-06-18T00:00:00Z'), { status: 400, body: { code: 'LOA_ERR_BAD_REQUEST' } })
})
