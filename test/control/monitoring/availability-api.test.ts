import t, { type Test } from 'tap'
import { hashSecret } from '../../../control/ids.ts'
import { BUCKETS, noAmounts, type Amounts, type Bucket } from '../../../control/monitoring/availability.ts'
import { availabilityReport } from '../../../control/monitoring/availability-report.ts'
import { packTotals } from '../../../control/monitoring/packing.ts'
import { addDays, instantOf, type Day } from '../../../control/schedule/calendar.ts'
import { readXlsx } from '../../../control/spreadsheet/xlsx-read.ts'
import { NO_EQUIPMENT } from '../../../control/records.ts'
import { buildControl, type Harness } from '../../support/build-control.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const midnight = (day: Day): number => instantOf(day, '00:00:00', 'Asia/Ho_Chi_Minh')

const amounts = (of: Partial<Record<Bucket, number>>): Amounts => noAmounts().map((_, index) => of[BUCKETS[index]!] ?? 0)

/** Days as the desk keeps them: `hours` connected in each, the rest lost. */
function keepDays(h: Harness, from: Day, to: Day, hours: Readonly<Record<string, number>>): void {
  const numbers = new Map(h.store.monitoring.clusters().map(({ clusterId, number }) => [clusterId, number]))
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const totals = new Map(Object.entries(hours).map(([id, online]) => [numbers.get(id)!, amounts({ idle: online * HOUR_MS, lost: DAY_MS - online * HOUR_MS })]))
    h.store.monitoring.closeDay({ day, fromMs: midnight(day), untilMs: midnight(addDays(day, 1)), totals: packTotals(totals) })
  }
}

interface Merged {
  readonly h: Harness
  readonly units: Readonly<Record<'province' | 'a' | 'b' | 'merged', string>>
  readonly clusters: Readonly<Record<'a' | 'b', string>>
}

/** Two communes with a cluster each, merged into a third on 16 June; the clock stands on the 18th. */
async function merged(t: Test): Promise<Merged> {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { store, broadcast } = h
  const fromMs = midnight('2026-05-01')
  const unit = (id: string, parentId: string | null, atMs = fromMs): string => store.units.insert({ id, code: id, name: `Xã ${id}`, parentId, presentationDelayMs: null, createdAtMs: atMs }).id
  const units = { province: unit('t', null), a: unit('a', 't'), b: unit('b', 't'), merged: unit('m', 't', midnight('2026-06-16')) }
  const cluster = (id: string, unitId: string): string => store.clusters.insert({ id, unitId, code: `C-${id}`, name: `=Cụm ${id}`, tags: [], position: null, enabled: true, state: 'active', equipment: NO_EQUIPMENT, keyHash: id, keyChangedAtMs: 0, createdAtMs: fromMs }).id
  const clusters = { a: cluster('ca', 'a'), b: cluster('cb', 'b') }
  store.clusters.move(['ca', 'cb'], 'm', midnight('2026-06-16'))
  for (const id of ['a', 'b']) store.units.end(id, midnight('2026-06-16'), ['m'])
  broadcast.registryChanged()
  keepDays(h, '2026-05-31', '2026-06-17', { ca: 24, cb: 12 })
  return { h, units, clusters }
}

const rows = async (h: Harness, query: string): Promise<unknown[]> => (await h.call('GET', `/v1/availability?${query}`)).body.items.map((row) => [row['period'], row['unitId'] ?? row['clusterId'], row['clusters'], row['availability']])

t.test('by unit and the map of the day: what two communes were counts for them until they were merged, and then for the third', async (t) => {
  const { h } = await merged(t)
  t.same(await rows(h, 'unit=t&by=unit&from=2026-06-14&to=2026-06-17'), [
    ['2026-06-14', 'a', 1, 1], ['2026-06-14', 'b', 1, 0.5], ['2026-06-15', 'a', 1, 1], ['2026-06-15', 'b', 1, 0.5], ['2026-06-16', 'm', 2, 0.75], ['2026-06-17', 'm', 2, 0.75],
  ])
  t.same(await rows(h, 'unit=b&period=month&from=2026-05-01&to=2026-06-17'), [['2026-05', 'b', 1, 0.5], ['2026-06', 'b', 1, 0.5]], 'one that has ended can still be asked for')
  t.same(await rows(h, 'unit=m&period=year&from=2026-01-01&to=2026-06-17'), [['2026', 'm', 2, 0.75]])
  t.match((await h.call('GET', '/v1/availability?unit=t&period=year')).body.items, [{ period: '2026', from: '2026-05-31', to: '2026-06-17', clusters: 2, onlineMs: 18 * 36 * HOUR_MS, lostMs: 18 * 12 * HOUR_MS, availability: 0.75, soundedShare: null, code: 't', name: 'Xã t' }], 'days that are not over count as far as they have been seen')
  t.same(await rows(h, 'by=cluster&period=month&from=2026-06-01&to=2026-06-17'), [['2026-06', 'ca', 1, 1], ['2026-06', 'cb', 1, 0.5]])
  t.same(await rows(h, 'cluster=cb&from=2026-06-15&to=2026-06-16'), [['2026-06-15', 'cb', 1, 0.5], ['2026-06-16', 'cb', 1, 0.5]], 'a cluster is itself wherever it stands')
  t.same(await rows(h, 'by=unit&period=month&to=2026-05-31&from=2026-05-31'), [['2026-05', 't', 2, 0.75]])
  t.same(await rows(h, 'from=2020-01-01&to=2020-02-01'), [])
})

t.test('when the map of the past is corrected, so are the figures', async (t) => {
  const { h } = await merged(t)
  h.store.units.insert({ id: 'x', code: 'x', name: 'x', parentId: null, presentationDelayMs: null, createdAtMs: midnight('2026-05-01') })
  h.store.clusters.move(['cb'], 'x', midnight('2026-06-17'))
  t.same(await rows(h, 'unit=m&from=2026-06-16&to=2026-06-17'), [['2026-06-16', 'm', 2, 0.75], ['2026-06-17', 'm', 1, 1]])
  t.same(await rows(h, 'unit=x&from=2026-06-16&to=2026-06-17'), [['2026-06-17', 'x', 1, 0.5]])
})

const PLAY_MS = 600_000

t.test('today, from what happened', async (t) => {
  const { h } = await merged(t)
  const { broadcast, clock, monitor } = h
  monitor.start()
  clock.advance(10_000)
  broadcast.emit({ type: 'join', connections: [broadcast.connect('ca')] })
  clock.advance(PLAY_MS)
  const onAir = { orderId: 'o', class: 'normal', title: 'x', sourceId: 's', clipIds: null, sinceMs: clock.wallMs(), untilMs: clock.wallMs() + PLAY_MS } as const
  broadcast.emit({ type: 'on-air', clusterIds: ['ca'], onAir })
  clock.advance(PLAY_MS / 2)
  broadcast.connected = []
  broadcast.emit({ type: 'leave', connections: [{ clusterId: 'ca', connectionId: 'x', reason: 'closed' }] })
  clock.advance(PLAY_MS / 2)
  broadcast.emit({ type: 'on-air', clusterIds: ['ca'], onAir: null })
  clock.advance(20_000)
  const [row] = (await h.call('GET', '/v1/availability?cluster=ca&from=2026-06-18')).body.items
  t.match(row, { period: '2026-06-18', onAirMs: PLAY_MS, soundedMs: PLAY_MS / 2, lostOnAirMs: PLAY_MS / 2, onlineMs: 1.5 * PLAY_MS, neverSeenMs: 10_000, unknownMs: 0, soundedShare: 0.5 })
  const { lostMs } = row as unknown as { readonly lostMs: number }
  t.ok(lostMs > PLAY_MS / 2 && lostMs <= PLAY_MS / 2 + 20_000)
  t.match((await h.call('GET', '/v1/availability?by=cluster')).body.items.at(-2), { period: '2026-06-18', clusterId: 'ca', code: 'C-ca' })
})

t.test('what somebody sees', async (t) => {
  const { h } = await merged(t)
  h.store.tokens.insert({ id: 't-x', name: 'x', grants: [{ role: 'viewer', unitId: 'm' }], hash: hashSecret('secret-of-a-viewer'), createdAtMs: 0 })
  const as = { as: null, headers: { authorization: 'Bearer secret-of-a-viewer' } } as const
  t.match((await h.call('GET', '/v1/availability?period=month&from=2026-06-01', undefined, as)).body.items, [{ period: '2026-06', from: '2026-06-16', to: '2026-06-17', clusters: 2 }], 'what stood in his units when it did')
  t.equal((await h.call('GET', '/v1/availability?unit=t', undefined, as)).status, 404)
  t.equal((await h.call('GET', '/v1/availability?cluster=none', undefined, as)).status, 404)
  t.equal((await h.call('GET', '/v1/availability?cluster=ca', undefined, as)).status, 200)
})

t.test('what cannot be asked', async (t) => {
  const { h } = await merged(t)
  for (const query of ['unit=t&cluster=ca', 'from=2026-02-30', 'to=2026-99-99&period=year', 'from=2026-06-02&to=2026-06-01', 'from=2010-01-01&to=2026-01-01', 'by=cluster&from=2026-05-01&to=2026-06-17', 'period=week']) t.equal((await h.call('GET', `/v1/availability?${query}`)).status, 400, query)
})

t.test('pages, CSV and xlsx', async (t) => {
  const { h } = await merged(t)
  const first = await h.call('GET', '/v1/availability?unit=t&from=2026-06-14&to=2026-06-17&limit=3')
  t.equal(first.body.items.length, 3)
  const second = await h.call('GET', `/v1/availability?unit=t&from=2026-06-14&to=2026-06-17&limit=3&cursor=${String(first.body['nextCursor'])}`)
  t.match(second.body, { items: [{ period: '2026-06-17' }], nextCursor: null })
  const csv = await h.call('GET', '/v1/availability/export?format=csv&by=cluster&period=month&from=2026-06-01&to=2026-06-17')
  t.match(csv.headers, { 'content-disposition': 'attachment; filename="availability.csv"' })
  const lines = csv.text.split('\r\n')
  t.match(lines[0], /^\uFEFFKỳ,Từ ngày,Đến ngày,Mã,Tên,Số cụm loa,"Tỷ lệ sẵn sàng, %"/)
  t.equal(lines[2], "2026-06,2026-06-01,2026-06-17,C-cb,'=Cụm cb,1,50,,12240,12240,0,0,0,0,0,0,0,0,0")
  const xlsx = await h.app.inject({ method: 'GET', url: '/v1/availability/export?lang=en&unit=t&period=month&from=2026-06-01&to=2026-06-17', headers: { authorization: 'Bearer admin-token-for-tests-0123456789abcdef' } })
  t.same((await readXlsx(xlsx.rawPayload)).map(({ cells }) => cells.slice(0, 7)), [['Period', 'From', 'To', 'Code', 'Name', 'Clusters', 'Available, %'], ['2026-06', '2026-06-01', '2026-06-17', 't', 'Xã t', '2', '75']])
})

t.test('the figures of units are those of their clusters, whatever the breakdown', async (t) => {
  const { h } = await merged(t)
  const sum = async (by: 'total' | 'unit' | 'cluster'): Promise<number[]> => {
    const all = await availabilityReport(h.store, h.monitor.availability, { unitId: 't', clusterId: null, within: null, by, period: 'month', from: '2026-05-31', to: '2026-06-17' })
    return BUCKETS.map((_, index) => all.reduce((total, row) => total + row.amounts[index]!, 0))
  }
  t.same(await sum('unit'), await sum('total'))
  t.same(await sum('cluster'), await sum('total'))
})
