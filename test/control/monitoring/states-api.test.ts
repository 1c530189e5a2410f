import t, { type Test } from 'tap'
import { hashSecret } from '../../../control/ids.ts'
import type { StateChange } from '../../../control/monitoring/state-board.ts'
import type { SpeakerInfo } from '../../../control/ports.ts'
import { buildControl, START_MS, type Answer, type Harness } from '../../support/build-control.ts'
import { speakerInfo } from '../../support/cluster-facts.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { waitUntil } from '../../support/wait-until.ts'

interface Tree {
  readonly h: Harness
  readonly units: { readonly province: string; readonly mine: string; readonly other: string }
  readonly clusters: { readonly one: string; readonly two: string; readonly other: string }
  /** Somebody with a role at one commune only. */
  readonly viewer: string
  readonly join: (clusterId: string, protocol?: 'http' | 'native') => void
  readonly leave: (clusterId: string, reason?: string) => void
  readonly say: (clusterId: string, said?: Partial<SpeakerInfo>) => void
}

async function tree(t: Test, h?: Harness): Promise<Tree> {
  const harness = h ?? await buildControl()
  t.teardown(() => harness.close())
  const { broadcast, clock, monitor } = harness
  const unit = async (code: string, parentId: string | null): Promise<string> => (await harness.call('POST', '/v1/units', { code, name: code, parentId })).body.id
  const province = await unit('T', null)
  const units = { province, mine: await unit('M', province), other: await unit('O', province) }
  const cluster = async (code: string, unitId: string, technology: string): Promise<string> => (await harness.call('POST', '/v1/clusters', { unitId, code, name: code, equipment: { technology } })).body.id
  const clusters = { one: await cluster('C1', units.mine, 'ip'), two: await cluster('C2', units.mine, 'fm'), other: await cluster('C3', units.other, 'ip') }
  harness.store.tokens.insert({ id: 't-viewer-mine', name: 'x', grants: [{ role: 'viewer', unitId: units.mine }], hash: hashSecret('secret-of-a-viewer'), createdAtMs: 0 })
  monitor.start()
  clock.advance(11_000)
  return {
    h: harness, units, clusters, viewer: 'secret-of-a-viewer',
    join: (clusterId, protocol) => { broadcast.emit({ type: 'join', connections: [{ ...broadcast.connect(clusterId, protocol), sinceMs: clock.wallMs() }] }) },
    leave: (clusterId, reason = 'closed') => {
      broadcast.connected = broadcast.connected.filter((connection) => connection.clusterId !== clusterId)
      broadcast.reports.delete(clusterId)
      broadcast.emit({ type: 'leave', connections: [{ clusterId, connectionId: 'x', reason }] })
    },
    say: (clusterId, said) => { broadcast.say(speakerInfo(clusterId, clock.wallMs(), said)) },
  }
}

const as = (secret: string) => ({ as: null, headers: { authorization: `Bearer ${secret}` } }) as const
const states = ({ body }: Answer): unknown[] => body.items.map((item) => [item['clusterId'], item['state']])

t.test('the state of a cluster, with what it plays and what is wrong', async (t) => {
  const { h, clusters, units, join, leave, say } = await tree(t)
  const state = async (): Promise<Answer['body']> => (await h.call('GET', `/v1/clusters/${clusters.one}/state`)).body
  t.match(await state(), { clusterId: clusters.one, unitId: units.mine, technology: 'ip', state: 'never-seen', titleVi: 'Chưa từng kết nối', online: false, lastOnline: null, onAir: null, sound: null, conditions: [] })
  join(clusters.one)
  say(clusters.one, { temperatureC: 78 })
  t.match(await state(), { state: 'idle', online: true, since: '2026-06-18T03:00:11.000Z', sound: 'silence', conditions: [{ code: 'hot', titleVi: 'Quá nóng', value: 78, unit: '°C' }] })
  const onAir = { orderId: 'o-1', class: 'normal', title: 'Bản tin', sourceId: 's', clipIds: null, sinceMs: h.clock.wallMs(), untilMs: h.clock.wallMs() + 600_000 } as const
  h.broadcast.playing.set(clusters.one, onAir)
  h.broadcast.emit({ type: 'on-air', clusterIds: [clusters.one], onAir })
  t.match(await state(), { state: 'playing', onAir: { orderId: 'o-1', title: 'Bản tin' } })
  h.clock.advance(2799)
  t.match(await state(), { state: 'playing' })
  h.clock.advance(250)
  t.match(await state(), { state: 'silent', titleVi: 'Đang trong giờ phát nhưng không có tiếng' })
  say(clusters.one, { playing: 'live', orderId: 'o-1', stage: 'played' })
  t.match(await state(), { state: 'playing', sound: 'live', conditions: [] })
  leave(clusters.one)
  t.match(await state(), { state: 'lost', online: false, lastOnline: new Date(h.clock.wallMs()).toISOString(), sound: null })
  t.equal((await h.call('GET', '/v1/clusters/c-none/state')).status, 404)
  await h.call('DELETE', `/v1/clusters/${clusters.one}`)
  t.equal((await h.call('GET', `/v1/clusters/${clusters.one}/state`)).status, 404)
})

t.test('counts and lists, as far as the caller may see', async (t) => {
  const { h, units, clusters, viewer, join, say } = await tree(t)
  join(clusters.one)
  say(clusters.one, { power: 'battery' })
  join(clusters.two, 'http')
  const unit = (await h.call('GET', `/v1/units/${units.province}/state`)).body
  t.match(unit, { unitId: units.province, total: 3, online: 2, onAir: 0, byState: { idle: 2, 'never-seen': 1, lost: 0 }, byCondition: { 'off-mains': 1, 'not-synchronised': 1, hot: 0 }, byTechnology: { ip: { idle: 1, 'never-seen': 1 }, fm: { idle: 1 } } })
  t.match(unit['children'], [{ unitId: units.mine, code: 'M', total: 2, online: 2, byState: { idle: 2 } }, { unitId: units.other, total: 1, online: 0, byState: { 'never-seen': 1 } }])
  t.match((await h.call('GET', '/v1/cluster-states/counts')).body, { total: 3 })
  t.match((await h.call('GET', '/v1/cluster-states/counts', undefined, as(viewer))).body, { total: 2, byState: { idle: 2 } })
  t.equal((await h.call('GET', `/v1/units/${units.other}/state`, undefined, as(viewer))).status, 404)

  const list = async (query: string, options = {}): Promise<unknown[]> => states(await h.call('GET', `/v1/cluster-states${query}`, undefined, options))
  t.same(await list(''), [[clusters.one, 'idle'], [clusters.two, 'idle'], [clusters.other, 'never-seen']])
  t.same(await list('', as(viewer)), [[clusters.one, 'idle'], [clusters.two, 'idle']])
  t.same(await list(`?unit=${units.province}`, as(viewer)), [[clusters.one, 'idle'], [clusters.two, 'idle']])
  t.same(await list(`?unit=${units.other}`, as(viewer)), [])
  t.same(await list('?state=never-seen'), [[clusters.other, 'never-seen']])
  t.same(await list('?condition=off-mains'), [[clusters.one, 'idle']])
  t.same(await list('?technology=fm'), [[clusters.two, 'idle']])
  const page = await h.call('GET', '/v1/cluster-states?limit=2')
  t.same(states(await h.call('GET', `/v1/cluster-states?limit=2&cursor=${String(page.body['nextCursor'])}`)), [[clusters.other, 'never-seen']])
  t.equal((await h.call('GET', '/v1/cluster-states?state=dead')).status, 400)

  await h.call('PATCH', `/v1/clusters/${clusters.two}`, { unitId: units.other, enabled: false })
  t.match((await h.call('GET', `/v1/units/${units.other}/state`)).body, { total: 2, byState: { 'out-of-use': 1, 'never-seen': 1 } })
})

t.test('the board of all clusters: where they stand, how they work and what is on the air', async (t) => {
  const { h, units, clusters, viewer, join } = await tree(t)
  await h.call('PATCH', `/v1/clusters/${clusters.one}`, { position: { lat: 21.02, lon: 105.85 } })
  join(clusters.one)
  const onAir = { orderId: 'o-1', class: 'priority', title: 'Bản tin', sourceId: 's', clipIds: null, sinceMs: h.clock.wallMs(), untilMs: h.clock.wallMs() + 600_000 } as const
  for (const id of [clusters.one, clusters.other]) h.broadcast.playing.set(id, onAir)
  h.broadcast.emit({ type: 'on-air', clusterIds: [clusters.one, clusters.other], onAir })
  const board = async (query = '', options = {}): Promise<Answer['body']> => (await h.call('GET', `/v1/cluster-board${query}`, undefined, options)).body
  const all = await board()
  t.match(all.items, [
    { id: clusters.one, unitId: units.mine, code: 'C1', name: 'C1', lat: 21.02, lon: 105.85, state: 'playing', online: true, conditions: [], orderId: 'o-1' },
    { id: clusters.two, lat: null, lon: null, state: 'never-seen', online: false, orderId: null },
    { id: clusters.other, orderId: 'o-1' },
  ])
  t.match(all['orders'], [{ orderId: 'o-1', class: 'priority', title: 'Bản tin' }])
  t.equal((all['orders'] as unknown[]).length, 1, 'each order once')
  t.same((await board('', as(viewer))).items.map(({ id }) => id), [clusters.one, clusters.two], 'as far as the caller may see')
  t.same((await board(`?unit=${units.other}`)).items.map(({ id }) => id), [clusters.other])
  const first = await board('?limit=2')
  t.same((await board(`?limit=2&cursor=${String(first['nextCursor'])}`)).items.map(({ id }) => id), [clusters.other])
})

t.test('changes are told together, and only to whom they concern', async (t) => {
  const { h, units, clusters, viewer, join, leave } = await tree(t)
  await h.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = h.app.server.address() as { readonly port: number }
  const watch = async (secret: string): Promise<() => { readonly clusterIds: readonly string[]; readonly state: string }[]> => {
    const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/v1/events?types=state&access_token=${secret}`)
    t.teardown(() => { socket.close() })
    const heard: string[] = []
    socket.addEventListener('message', ({ data }) => { heard.push(String(data)) })
    await new Promise((resolve) => { socket.addEventListener('open', resolve) })
    return () => heard.map((text) => (JSON.parse(text) as { readonly data: { readonly clusterIds: readonly string[]; readonly state: string } }).data)
  }
  const [all, mine] = [await watch('admin-token-for-tests-0123456789abcdef'), await watch(viewer)]
  const told: (readonly StateChange[])[] = []
  h.monitor.subscribe((changes) => { told.push(changes) })
  for (const id of Object.values(clusters)) join(id)
  h.clock.advance(250)
  leave(clusters.one, 'process-gone')
  h.clock.advance(250)
  t.match((await h.call('GET', `/v1/clusters/${clusters.one}/state`)).body, { state: 'unknown', lastOnline: new Date(h.clock.wallMs() - 250).toISOString() })
  h.clock.advance(9750)
  await waitUntil('both have heard of the loss', () => all().at(-1)?.state === 'lost' && mine().at(-1)?.state === 'lost')
  t.match(all(), [{ clusterIds: [clusters.one, clusters.two, clusters.other], state: 'idle', titleVi: 'Sẵn sàng, không phát', online: true, onAir: false, conditions: [] }, { clusterIds: [clusters.one], state: 'unknown' }, { clusterIds: [clusters.one], state: 'lost' }])
  t.match(mine(), [{ clusterIds: [clusters.one, clusters.two], state: 'idle' }, { state: 'unknown' }, { state: 'lost' }])
  t.match(told.map((changes) => changes.length), [3, 1, 1])
  t.match(told[2], [{ clusterId: clusters.one, before: { state: 'unknown' }, after: { state: 'lost', unitId: units.mine, sinceMs: h.clock.wallMs() - 10_000 } }])
})

t.test('after a restart of control it is not known at first, and then lost since it was last known', async (t) => {
  const clock = new FakeClock({ wallMs: START_MS })
  const before = await buildControl({ clock })
  const { clusters, join, leave } = await tree(t, before)
  join(clusters.one)
  join(clusters.two)
  leave(clusters.two)
  clock.advance(60_000)
  before.monitor.close()
  const downMs = clock.wallMs()
  clock.advance(3_600_000)
  const after = await buildControl({ clock, dataDir: before.dataDir })
  t.teardown(() => after.close())
  after.monitor.start()
  t.same(states(await after.call('GET', '/v1/cluster-states')), [[clusters.one, 'unknown'], [clusters.two, 'unknown'], [clusters.other, 'never-seen']])
  clock.advance(10_000)
  t.match((await after.call('GET', '/v1/cluster-states')).body.items, [{ state: 'lost', since: new Date(downMs).toISOString() }, { state: 'lost', since: new Date(downMs - 60_000).toISOString() }, { state: 'never-seen' }])
})

t.test('a cluster that hears RTP is there while a receiver says so', async (t) => {
  const { h, clusters } = await tree(t)
  const output = h.store.rtpOutputs.insert({ id: 'r', name: 'x', clusterId: clusters.one, mode: 'multicast', address: '239.1.1.1', port: 5004, codec: 'opus', ptimeMs: 20, ttl: 1, dscp: 46, interface: null, sap: false, createdAtMs: 0 })
  const status = { state: 'sending', reason: '', ssrc: 1, fanOut: 0, packetsTotal: 0, bytesTotal: 0, sendErrorsTotal: 0, emptiedFramesTotal: 0, reportsTotal: 1, receivers: 1, worstLossPercent: 0, worstJitterMs: 0, worstRoundTripMs: 0, provenUntilMs: null } as const
  h.broadcast.rtpStatus.set(output.id, status)
  h.clock.advance(1000)
  t.match((await h.call('GET', `/v1/clusters/${clusters.one}/state`)).body, { state: 'idle', online: true, conditions: [{ code: 'not-synchronised' }] })
  h.broadcast.rtpStatus.set(output.id, { ...status, receivers: 0 })
  h.clock.advance(1000)
  t.match((await h.call('GET', `/v1/clusters/${clusters.one}/state`)).body, { state: 'lost' })
})

t.test('how far a command has come is told to whom it concerns', async (t) => {
  const { h, clusters, viewer } = await tree(t)
  await h.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = h.app.server.address() as { readonly port: number }
  const heard: string[] = []
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/v1/events?types=command&access_token=${viewer}`)
  t.teardown(() => { socket.close() })
  socket.addEventListener('message', ({ data }) => { heard.push(String(data)) })
  await new Promise((resolve) => { socket.addEventListener('open', resolve) })
  const give = async (clusterId: string): Promise<void> => {
    await h.call('POST', `/v1/clusters/${clusterId}/commands`, { type: 'volume', percent: 40 })
    const { command } = h.broadcast.commands.at(-1)!
    h.broadcast.emit({ type: 'command', command, counts: { targeted: 1, delivered: 1, done: 0, refused: 0, failed: 0, open: 1 }, isOver: true })
  }
  await give(clusters.other)
  await give(clusters.one)
  await waitUntil('his own command is told', () => heard.length > 0)
  t.match(heard.map((text) => (JSON.parse(text) as { readonly data: unknown }).data), [{ type: 'volume', targets: { clusters: [clusters.one] }, clusters: { targeted: 1, delivered: 1, done: 0, waiting: 0, expired: 1 }, isOver: true }])
  t.equal((await h.call('GET', '/v1/commands', undefined, as(viewer))).body.items.length, 1)
})

t.test('how a cluster has worked, from the log', async (t) => {
  const { h, clusters, viewer, join, leave } = await tree(t)
  const startMs = h.clock.wallMs()
  join(clusters.one)
  h.clock.advance(60_000)
  leave(clusters.one)
  h.clock.advance(60_000)
  const { status, body } = await h.call('GET', `/v1/clusters/${clusters.one}/state-history`, undefined, as(viewer))
  t.equal(status, 200)
  const items = body.items.map(({ state, onAir, from, to }) => [state, onAir, Date.parse(String(from)) - startMs, Date.parse(String(to)) - startMs]).slice(-2)
  t.match(items, [['idle', false, 0, 60_000], ['lost', false, 60_000]])
  t.ok(Number(items.at(-1)![3]) >= 110_000, 'up to a few seconds ago')
  t.equal((await h.call('GET', `/v1/clusters/${clusters.other}/state-history`, undefined, as(viewer))).status, 404)
  t.match(await h.call('GET', `/v1/clusters/${clusters.one}/state-history?from=2026-06-18T00:00:00Z&to=2026-06-17T00:00:00Z`), { status: 400, body: { errors: [{ path: 'from' }] } })
  t.match(await h.call('GET', `/v1/clusters/${clusters.one}/state-history?from=2026-01-01T00:00:00Z`), { status: 400, body: { errors: [{ path: 'from', messageEn: 'at most 31 days' }] } })
})

t.test('what the device of a cluster has measured', async (t) => {
  const { h, clusters, viewer, join, say } = await tree(t)
  join(clusters.one)
  h.clock.advance(600_000)
  const startMs = h.clock.wallMs()
  say(clusters.one, { signalDbm: -80, volumePercent: 60, hoursPercent: 50, temperatureC: null })
  say(clusters.one, { signalDbm: -90, volumePercent: 60, hoursPercent: 50, temperatureC: null, syncErrorUs: null })
  const url = `/v1/clusters/${clusters.one}/measurements`
  const first = await h.call('GET', url, undefined, as(viewer))
  t.equal(first.status, 200)
  const item = { at: new Date(Math.floor(startMs / 300_000) * 300_000).toISOString(), reports: 2, syncErrorMs: { min: 0.1, mean: 0.1, max: 0.1 }, signalDbm: { min: -90, mean: -85, max: -80 }, volumePercent: { min: 60, mean: 60, max: 60 }, playedPercent: { min: 30, mean: 30, max: 30 }, temperatureC: null }
  t.same(first.body, { clusterId: clusters.one, from: new Date(startMs - 86_400_000).toISOString(), to: new Date(startMs).toISOString(), stepMs: 300_000, items: [item] }, 'what is not written yet is told too')
  h.clock.advance(900_000)
  say(clusters.one)
  t.match((await h.call('GET', url)).body.items, [item, { reports: 1 }], 'without a report there is no item between')
  t.equal(h.store.measurements.rows(300_000, 0, 0, h.clock.wallMs(), 9).length, 1, 'written once it was over')
  const [headings, ...rows] = (await h.call('GET', `${url}/export?format=csv&lang=vi`, undefined, as(viewer))).text.trim().split('\r\n')
  t.match(headings, /^Từ lúc,Số lần báo,"Phát lệch, ms, thấp nhất"/)
  t.match(rows, [`${item.at},2,0.1,0.1,0.1,-90,-85,-80,60,60,60,30,30,30,,,`, /,1,/])
  t.equal((await h.call('GET', `/v1/clusters/${clusters.other}/measurements/export`, undefined, as(viewer))).status, 404)
  h.monitor.close()
  t.equal(h.store.measurements.rows(300_000, 0, 0, h.clock.wallMs(), 9).length, 2, 'and what is not over when control ends')
  t.match((await h.call('GET', `${url}?stepMs=86400000`)).body, { stepMs: 86_400_000, items: [{ at: '2026-06-17T17:00:00.000Z', reports: 3 }] }, 'days begin at midnight in Viet Nam')
  t.same((await h.call('GET', `/v1/clusters/${clusters.two}/measurements`)).body.items, [])
  t.equal((await h.call('GET', `/v1/clusters/${clusters.other}/measurements`, undefined, as(viewer))).status, 404)
  t.match(await h.call('GET', `${url}?from=2020-01-01T00:00:00Z`), { status: 400, body: { errors: [{ path: 'from', messageEn: 'at most 600 days' }] } })
  t.equal((await h.call('GET', `${url}?stepMs=1`)).status, 400)
})
