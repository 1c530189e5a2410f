import t, { type Test } from 'tap'
import { NO_EQUIPMENT, type SourceStatusInfo } from '../../../control/ports.ts'
import { LOOK_MS } from '../../../control/alarms/alarm-desk.ts'
import { buildControl, START_MS, type Harness } from '../../support/build-control.ts'
import { FakeAlarms } from '../../support/fake-alarms.ts'

const MINUTE_MS = 60_000

/** province ─┬─ hoa: c0 … c4
 *            └─ binh: d0 */
async function build(t: Test): Promise<Harness> {
  const h = await buildControl()
  t.teardown(() => h.close())
  const unit = (id: string, name: string, parentId: string | null): void => void h.store.units.insert({ id, code: id, name, parentId, presentationDelayMs: null, createdAtMs: START_MS })
  unit('province', 'Tỉnh', null)
  unit('hoa', 'Xã Hòa', 'province')
  unit('binh', 'Xã Bình', 'province')
  for (const id of ['c0', 'c1', 'c2', 'c3', 'c4', 'd0']) h.store.clusters.insert({ id, unitId: id.startsWith('c') ? 'hoa' : 'binh', code: id, name: `Cụm ${id}`, tags: [], position: null, enabled: true, state: 'active', equipment: NO_EQUIPMENT, keyHash: id, keyChangedAtMs: 0, createdAtMs: 0 })
  h.alarms.desk.start()
  h.alarms.outbox.start()
  return h
}

const tokenAt = async (h: Harness, role: string, unitId: string): Promise<Readonly<Record<string, string>>> =>
  ({ authorization: `Bearer ${String((await h.call('POST', '/v1/tokens', { name: 'x', roles: [{ role, unitId }] })).body['token'])}` })
const ids = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id)

t.test('a cluster that is lost is one alarm until it is back, with its words in both languages', async (t) => {
  const h = await build(t)
  h.alarms.lose('c0', START_MS)
  h.clock.advance(4 * MINUTE_MS)
  t.same((await h.call('GET', '/v1/alarms')).body.items, [])
  h.clock.advance(MINUTE_MS + LOOK_MS)
  const { items } = (await h.call('GET', '/v1/alarms')).body
  t.match(items, [{ rule: 'cluster-lost', severity: 'warning', subject: { kind: 'cluster', id: 'c0' }, unitId: 'hoa', detail: 'Cụm c0: no connection', detailVi: 'Cụm c0: mất kết nối', clearedAt: null, level: 0, clusters: null }])
  h.clock.advance(10 * MINUTE_MS)
  t.same(ids((await h.call('GET', '/v1/alarms')).body.items), ids(items), 'still the same')
  t.match((await h.call('GET', '/v1/alarms/counts')).body, { open: 1, unacknowledged: 1, bySeverity: { warning: 1, critical: 0 }, byRule: [{ rule: 'cluster-lost', open: 1 }] })
  t.match((await h.app.inject({ url: '/metrics', headers: {} })).body, 'loa_alarms_open{rule="cluster-lost",severity="warning"} 1')
  h.alarms.clusters.clear()
  h.clock.advance(MINUTE_MS)
  t.match((await h.call('GET', `/v1/alarms/${items[0]!.id}`)).body, { clearedAt: /^2026/ })
  t.same((await h.call('GET', '/v1/alarms?state=open')).body.items, [])
  t.same(ids((await h.call('GET', '/v1/alarms?state=cleared&rule=cluster-lost&unitId=province&severity=warning&subjectId=c0')).body.items), ids(items))
  t.same((await h.call('GET', '/v1/alarms?unitId=binh')).body.items, [])
  t.same(h.alarms.errors, [])
})

t.test('a unit that is lost as a whole is one alarm and one notification, seen by all below it', async (t) => {
  const h = await build(t)
  const below = await tokenAt(h, 'viewer', 'hoa')
  const beside = await tokenAt(h, 'viewer', 'binh')
  const { id: channelId } = (await h.call('POST', '/v1/notification-channels', { name: 'x', kind: 'file', file: 'x', unitId: 'hoa' })).body
  for (const id of ['c0', 'c1', 'c2', 'c3', 'c4']) h.alarms.lose(id, START_MS + 1000 * Number(id.slice(1)))
  h.clock.advance(6 * MINUTE_MS)
  const { items } = (await h.call('GET', '/v1/alarms')).body
  t.match(items, [{ subject: { kind: 'unit', id: 'hoa' }, unitId: 'hoa', clusters: 5, detail: 'Xã Hòa: 5 clusters at once' }])
  t.match(h.alarms.sent, [{ channelId, notifications: [{ kind: 'raised' }] }])
  t.match(JSON.parse(h.alarms.sent[0]!.notifications[0]!.payload), { type: 'alarm.raised', data: { id: items[0]!.id, unit: { name: 'Xã Hòa' } } })
  const seen = async (headers: Readonly<Record<string, string>>): Promise<number[]> => [(await h.call('GET', '/v1/alarms', undefined, { as: null, headers })).body.items.length, (await h.call('GET', `/v1/alarms/${items[0]!.id}`, undefined, { as: null, headers })).status]
  t.same(await seen(below), [1, 200])
  t.same(await seen(beside), [0, 404])

  h.alarms.lose('d0', START_MS)
  h.clock.advance(MINUTE_MS)
  t.same((await h.call('GET', '/v1/alarms', undefined, { as: null, headers: beside })).body.items.length, 1, 'one of his own')
  t.same((await h.call('GET', '/v1/alarms', undefined, { as: null, headers: below })).body.items.length, 1)
})

t.test('who watches gets alarms of his units and of those above, and of no other', async (t) => {
  const h = await build(t)
  const seen: { readonly to: string; readonly change: string; readonly unitId: string | null }[] = []
  const { Rights } = await import('../../../control/rights.ts')
  const { Sights } = await import('../../../control/sight.ts')
  const sights = new Sights({ store: h.store, broadcast: h.broadcast }, h.clock)
  h.alarms.desk.subscribe(({ kind, alarm }) => {
    for (const unitId of ['hoa', 'binh']) {
      const sight = sights.of(new Rights([{ role: 'viewer', unitId }], (id) => h.store.units.ancestors(id)))
      if (sight?.narrow('alarm', { change: kind, alarm }) != null) seen.push({ to: unitId, change: kind, unitId: alarm.unitId })
    }
  })
  for (const id of ['c0', 'c1', 'c2', 'c3', 'c4']) h.alarms.lose(id, START_MS)
  h.alarms.health = { ...h.alarms.health, disks: [{ name: '/data', freeBytes: 1, totalBytes: 100 }] }
  h.clock.advance(6 * MINUTE_MS)
  t.same(seen.sort((a, b) => `${a.to}${String(a.unitId)}`.localeCompare(`${b.to}${String(b.unitId)}`)), [
    { to: 'binh', change: 'raised', unitId: null },
    { to: 'hoa', change: 'raised', unitId: 'hoa' },
    { to: 'hoa', change: 'raised', unitId: null },
  ])
})

t.test('a source that is down is the business of those who may see it, and where a channel leads of those who manage it', async (t) => {
  const h = await build(t)
  const tokens = new Map<string, Readonly<Record<string, string>>>()
  for (const unitId of ['province', 'hoa', 'binh']) tokens.set(unitId, await tokenAt(h, 'viewer', unitId))
  for (const unitId of ['province', 'hoa']) {
    h.store.sources.insert({ id: `s-${unitId}`, kind: 'tone', name: `Nguồn ${unitId}`, unitId, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', frequencyHz: 1000, levelDbfs: -12, createdAtMs: 0 })
    h.broadcast.sources.set(`s-${unitId}`, { sourceId: `s-${unitId}`, state: 'down', urlIndex: null, peakDbfs: 0, rmsDbfs: -3, clippedPercent: 0, fault: null, reason: 'HTTP 404', title: '' })
    h.broadcast.emit({ type: 'on-air', clusterIds: [unitId === 'hoa' ? 'c0' : 'd0'], onAir: { orderId: 'o', class: 'normal', title: 'x', sourceId: `s-${unitId}`, clipIds: null, sinceMs: START_MS, untilMs: START_MS + 3_600_000 } })
  }
  await h.call('POST', '/v1/notification-channels', { name: 'kênh', kind: 'webhook', url: 'https://secret.example.vn/', unitId: 'hoa' })
  h.alarms.send = () => ({ ok: true, certificateEndsAtMs: START_MS + 86_400_000 })
  await h.clock.advanceAsync(MINUTE_MS)
  const seen = async (unitId: string): Promise<readonly string[]> => {
    const { items } = (await h.call('GET', '/v1/alarms', undefined, { as: null, headers: tokens.get(unitId)! })).body
    t.notMatch(JSON.stringify(items), 'secret.example.vn')
    for (const { id } of items) t.equal((await h.call('GET', `/v1/alarms/${id}`, undefined, { as: null, headers: tokens.get(unitId)! })).status, 200)
    return items.map(({ detail }) => String(detail)).sort()
  }
  const [province, hoa, certificate] = ['Nguồn province: HTTP 404', 'Nguồn hoa: HTTP 404', 'kênh ends in 0 days']
  t.same([await seen('province'), await seen('hoa'), await seen('binh')], [[hoa, province, certificate], [hoa, province, certificate], [province]])
  const [{ id: ofHoa }] = (await h.call('GET', '/v1/alarms?subjectId=s-hoa')).body.items as [{ readonly id: string }]
  t.equal((await h.call('GET', `/v1/alarms/${ofHoa}`, undefined, { as: null, headers: tokens.get('binh')! })).status, 404)
  t.same(h.alarms.errors, [])
})

t.test('an alarm that nobody acknowledges goes to the next level; one that is acknowledged does not', async (t) => {
  const h = await build(t)
  const make = async (level: number): Promise<string> => (await h.call('POST', '/v1/notification-channels', { name: 'x', kind: 'file', file: `l${String(level)}`, level })).body.id
  const [first, second] = [await make(0), await make(1)]
  const told = (): string[] => h.alarms.sent.map(({ channelId, notifications }) => `${channelId === first ? 'first' : channelId === second ? 'second' : '?'} ${notifications[0]!.kind}`)
  h.alarms.lose('c0', START_MS)
  h.clock.advance(6 * MINUTE_MS)
  await h.clock.advanceAsync(15 * MINUTE_MS)
  t.same(told(), ['first raised', 'second escalated'])
  const [alarm] = (await h.call('GET', '/v1/alarms')).body.items
  t.equal(alarm!['level'], 1)
  t.match((await h.call('POST', `/v1/alarms/${alarm!.id}/acknowledge`, { note: 'Đã gọi điện lực' }, { as: 'operator' })).body, { acknowledged: { by: 't-operator', name: 'operator', note: 'Đã gọi điện lực' } })
  t.match((await h.call('POST', `/v1/alarms/${alarm!.id}/acknowledge`, { note: 'khác' })).body, { acknowledged: { name: 'operator' } }, 'the first stays')
  await h.clock.advanceAsync(50 * MINUTE_MS)
  h.alarms.clusters.clear()
  await h.clock.advanceAsync(2 * MINUTE_MS)
  t.same(told().sort(), ['first acknowledged', 'first cleared', 'first raised', 'second acknowledged', 'second cleared', 'second escalated'])
  t.match(await h.call('POST', `/v1/alarms/${alarm!.id}/acknowledge`, {}), { status: 409, body: { code: 'LOA_ERR_ALARM_OVER' } })
  t.match(await h.call('POST', '/v1/alarms/none/acknowledge', {}), { status: 404 })
})

t.test('rules are inherited from unit to unit, setting by setting', async (t) => {
  const h = await build(t)
  const rule = async (unitId?: string): Promise<unknown> => (await h.call('GET', `/v1/alarm-rules${unitId === undefined ? '' : `?unitId=${unitId}`}`)).body.items.find((one) => one['rule'] === 'cluster-lost')
  t.match(await rule(), { unitId: null, own: {}, effective: { holdMs: 300_000, severity: 'warning' } })
  t.match(await h.call('PATCH', '/v1/alarm-rules/cluster-lost', { holdMs: 60_000, severity: 'critical' }), { status: 200 })
  t.match(await h.call('PATCH', '/v1/alarm-rules/cluster-lost', { unitId: 'hoa', holdMs: 120_000 }), { status: 200 })
  t.match(await rule('hoa'), { own: { holdMs: 120_000 }, effective: { holdMs: 120_000, severity: 'critical' } })
  t.match(await rule('binh'), { own: {}, effective: { holdMs: 60_000, severity: 'critical' } })
  t.match((await h.call('PATCH', '/v1/alarm-rules/cluster-lost', { unitId: 'hoa', holdMs: null })).body, { own: {}, effective: { holdMs: 60_000 } }, 'and taken back')
  h.alarms.lose('c0', START_MS)
  h.clock.advance(MINUTE_MS + LOOK_MS)
  t.match((await h.call('GET', '/v1/alarms')).body.items, [{ severity: 'critical' }])
  t.match(await h.call('PATCH', '/v1/alarm-rules/disk', { unitId: 'hoa', threshold: 5 }), { status: 422, body: { errors: [{ path: 'unitId' }] } })
  t.match(await h.call('PATCH', '/v1/alarm-rules/cluster-lost', { threshold: 5 }), { status: 422, body: { errors: [{ path: 'threshold' }] } })
  t.match(await h.call('PATCH', '/v1/alarm-rules/cluster-lost', { escalateAfterMs: [5000, 5000] }), { status: 422, body: { errors: [{ path: 'escalateAfterMs' }] } })
  t.match(await h.call('PATCH', '/v1/alarm-rules/cluster-lost', { unitId: 'none', holdMs: 1 }), { status: 404 })
  t.match(await h.call('GET', '/v1/alarm-rules?unitId=none'), { status: 404 })
})

t.test('open alarms live on over a restart: not raised again, escalated in time, cleared when it is over', async (t) => {
  const h = await build(t)
  h.alarms.lose('c0', START_MS)
  h.clock.advance(3 * MINUTE_MS)
  for (const id of ['c1', 'c2', 'c3', 'c4']) h.alarms.lose(id, h.clock.wallMs())
  h.clock.advance(5 * MINUTE_MS + LOOK_MS)
  h.alarms.lose('d0', h.clock.wallMs())
  h.clock.advance(MINUTE_MS)
  const before = (await h.call('GET', '/v1/alarms')).body.items
  t.equal(before.length, 2)
  h.alarms.close()

  const again = new FakeAlarms(h.store, h.broadcast, h.clock)
  t.teardown(() => { again.close() })
  for (const [id, report] of h.alarms.clusters) again.clusters.set(id, { ...report, state: 'unknown' })
  again.desk.start()
  h.clock.advance(10_000)
  for (const [id, report] of h.alarms.clusters) again.clusters.set(id, report)
  h.clock.advance(MINUTE_MS)
  t.same((await h.call('GET', '/v1/alarms')).body.items, before)
  h.clock.advance(3 * MINUTE_MS)
  t.match((await h.call('GET', '/v1/alarms')).body.items, [{ subject: { id: 'd0' } }, { subject: { kind: 'unit' } }, { subject: { id: 'c0' } }], 'what was on its way comes in its time')
  h.clock.advance(11 * MINUTE_MS)
  t.match((await h.call('GET', '/v1/alarms')).body.items.slice(1), [{ level: 1 }, { level: 1 }])
  again.clusters.clear()
  h.clock.advance(2 * MINUTE_MS)
  t.same((await h.call('GET', '/v1/alarms?state=open')).body.items, [])
  t.same(again.errors, [])
})

t.test('a look that cannot be written is done again, and nothing is told that is not kept', async (t) => {
  let isFull = false
  const h = await buildControl()
  t.teardown(() => h.close())
  h.store.units.insert({ id: 'u', code: 'u', name: 'u', parentId: null, presentationDelayMs: null, createdAtMs: 0 })
  h.store.beforeCommit(() => {
    if (isFull) throw new Error('full')
  })
  const changes: string[] = []
  h.alarms.desk.subscribe(({ kind }) => changes.push(kind))
  h.alarms.health = { ...h.alarms.health, disks: [{ name: '/data', freeBytes: 1, totalBytes: 100 }] }
  isFull = true
  h.alarms.desk.look()
  h.clock.advance(MINUTE_MS)
  h.alarms.desk.look()
  t.equal(h.alarms.errors.length, 1)
  t.same([changes, h.store.alarms.open()], [[], []])
  isFull = false
  h.alarms.desk.look()
  t.same(changes, ['raised'])
})

t.test('every rule has a measurement that raises it', async (t) => {
  const h = await build(t)
  await h.call('POST', '/v1/notification-channels', { name: 'kênh', kind: 'file', file: 'x' })
  h.alarms.send = () => ({ ok: false, code: 'NOTIFY_ERR_FILE', message: 'the disk is full' })
  const source = (id: string, more: Partial<SourceStatusInfo>): void => {
    h.store.sources.insert({ id, kind: 'tone', name: id, unitId: null, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', frequencyHz: 1000, levelDbfs: -12, createdAtMs: 0 })
    h.broadcast.sources.set(id, { sourceId: id, state: 'live', urlIndex: null, peakDbfs: 0, rmsDbfs: -3, clippedPercent: 0, fault: null, reason: '', title: '', ...more })
  }
  source('down', { state: 'down', reason: 'HTTP 404' })
  source('silent', { state: 'silent', fault: 'silence' })
  source('stuck', { state: 'silent', fault: 'stuck', reason: 'the same sound over and over, every 1.00 s' })
  source('loud', { clippedPercent: 2.5, fault: 'clipping' })
  source('idle', { state: 'down' })
  const input = (sourceId: string, goodForMs: number) => ({ sourceId, state: 'live' as const, fault: null, goodForMs, peakDbfs: -6, rmsDbfs: -12, receivedBytes: null, reason: '' })
  source('alone', { standby: { inputSourceId: 'a', inputs: [input('a', 500), input('b', 0)] } })
  source('spare', { standby: { inputSourceId: 'a', inputs: [input('a', 500), input('b', 0), input('c', 20)] } })
  h.store.sourceAttempts.put({ id: 'a1', sourceId: 'idle', atMs: START_MS, lastAtMs: START_MS + 29 * MINUTE_MS, count: 30, protocol: 'icecast', accepted: false, reason: 'key-wrong', keyId: null, keyClass: null, remoteAddress: '192.0.2.1', userAgent: '' })
  const emergency = h.store.orders.insert({ id: 'o1', class: 'emergency', title: 'Bão', sourceId: 'loud', clipIds: null, targets: { units: ['province'], clusters: [], tags: [] }, startsAtMs: START_MS, endsAtMs: START_MS + 3_600_000, rank: 0, resume: 'skip', issuerUnitId: 'province', field: null, attentionTone: false, createdAtMs: START_MS, createdBy: 't' })
  const onAir = (sourceId: string, more = {}) => ({ orderId: 'o', class: 'normal' as const, title: 'x', sourceId, clipIds: null, sinceMs: START_MS, untilMs: START_MS + 3_600_000, ...more })
  h.broadcast.emit({ type: 'on-air', clusterIds: ['c0'], onAir: onAir('down') })
  h.broadcast.emit({ type: 'on-air', clusterIds: ['c1'], onAir: onAir('silent') })
  h.broadcast.emit({ type: 'on-air', clusterIds: ['c4'], onAir: onAir('stuck') })
  h.broadcast.emit({ type: 'on-air', clusterIds: ['c2', 'c3', 'd0'], onAir: onAir('loud', { orderId: emergency.id, class: 'emergency', title: 'Bão' }) })
  h.broadcast.emit({ type: 'on-air', clusterIds: ['c6'], onAir: onAir('alone') })
  h.broadcast.emit({ type: 'on-air', clusterIds: ['c5'], onAir: onAir('spare') })
  h.broadcast.connect('c2', 'http')
  h.broadcast.connect('c3')
  h.broadcast.reports.set('c3', { clusterId: 'c3', stage: 'played', orderId: 'o1' } as never)
  const report = (id: string, state: string, ...conditions: { readonly code: string; readonly value: number | string | null }[]): void => { h.alarms.report(id, { state, sinceMs: START_MS, conditions }) }
  report('c0', 'lost')
  report('c1', 'silent')
  report('c2', 'playing', { code: 'out-of-step', value: 41.52 })
  report('c3', 'playing', { code: 'off-mains', value: 'battery' })
  report('c4', 'idle', { code: 'hot', value: 81 }, { code: 'weak-signal', value: -110 })
  report('d0', 'out-of-use', { code: 'off-mains', value: 'battery' })
  for (let n = 0; n < 3; n++) h.broadcast.emit({ type: 'fault', code: 'LOA_FAULT_ENGINE_GONE', message: 'engine 0 is gone', role: 'engine' })
  h.broadcast.emit({ type: 'fault', code: 'LOA_FAULT_WALL_CLOCK_STEP', message: '90.0 s ahead', role: 'control' })
  h.alarms.health = {
    disks: [{ name: '/data', freeBytes: 9, totalBytes: 100 }],
    certificates: [{ name: 'loa.pem', endsAtMs: START_MS + 20 * 86_400_000 }, { name: 'good.pem', endsAtMs: START_MS + 60 * 86_400_000 }],
    integrity: { atMs: START_MS, problems: ['entry 3 of the audit log is not what was written'] },
    backup: { lastAtMs: START_MS - 8 * 86_400_000, lastFile: null, dataSinceMs: 0 },
  }
  h.broadcast.recorder.status = { fault: { kind: 'full', message: '3 MiB are free on the disk of recordings' } }
  await h.clock.advanceAsync(30 * MINUTE_MS)
  const { items } = (await h.call('GET', '/v1/alarms?limit=100')).body
  const details = Object.fromEntries(items.map((alarm) => [alarm['rule'] as string, alarm['detail']]))
  t.same(details, {
    'cluster-lost': 'Cụm c0: no connection',
    'cluster-silent': 'Cụm c1: on the air, but no sound leaves it',
    'cluster-out-of-step': 'Cụm c2: 41.5 ms off',
    'cluster-power': 'Cụm c3: runs on battery',
    'cluster-equipment': 'Cụm c4: too hot (81)',
    'source-down': 'down: HTTP 404',
    'source-silent': 'silent: Digital silence',
    'source-faulty': 'stuck: the same sound over and over, every 1.00 s',
    'source-clipping': 'loud: 2.50 % of its samples are cut off',
    'source-last-input': 'alone: 1 of 2 inputs are good',
    'source-wrong-keys': 'idle: 30 wrong keys in 10 min',
    'emergency-unproved': '«Bão»: proved by 1 of 2 clusters',
    'process-restarts': 'engine: 3 restarts in 10 min',
    'clock-step': '90.0 s ahead',
    disk: '/data: 0.0 GiB (9.0 %) free',
    integrity: 'entry 3 of the audit log is not what was written',
    certificate: 'loa.pem ends in 19 days',
    'backup-old': 'the last backup is 192 h old',
    'notifications-stuck': 'kênh: waiting for 15 min',
    'recording': 'full: 3 MiB are free on the disk of recordings',
  })
  t.equal(items.length, 20, 'and nothing else')
  h.broadcast.recorder.status = { fault: null }
  h.alarms.health = { ...h.alarms.health, disks: [{ name: '/data', freeBytes: 11, totalBytes: 100 }] }
  await h.clock.advanceAsync(5 * MINUTE_MS)
  t.equal((await h.call('GET', '/v1/alarms?state=open&rule=disk')).body.items.length, 1, 'a little more room is not enough')
  h.alarms.health = { ...h.alarms.health, disks: [{ name: '/data', freeBytes: 13, totalBytes: 100 }] }
  await h.clock.advanceAsync(5 * MINUTE_MS)
  t.equal((await h.call('GET', '/v1/alarms?state=open&rule=disk')).body.items.length, 0)
  t.equal((await h.call('GET', '/v1/alarms?state=open&rule=clock-step')).body.items.length, 0)
  t.equal((await h.call('GET', '/v1/alarms?state=open&rule=recording')).body.items.length, 0, 'it goes on by itself')
})
